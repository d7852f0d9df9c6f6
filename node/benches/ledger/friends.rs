//! Two friends with nodes and accounts of their own, of whom one pays the other again and again: the
//! node signs each payment with the next number of its wallet, and does not wait for those before.

use crate::world::{Failed, latency::Latencies, person::Person};
use futures::future::try_join_all;
use magpie_node::{
    core::Scopes,
    host::{NodeConfig, mailbox::CODE_OK},
};
use magpie_protocol::address::Address;
use serde_json::json;
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// Between two calls: more passwords at once count as guesses.
const PAUSE: Duration = Duration::from_millis(10);
/// The code of a call that came with too many others.
const TOO_MANY: u16 = 20011;
/// The code of a call that the ledger has not decided in time.
const PENDING: u16 = 21009;
/// The wallet's password.
const PASSWORD: &str = "bench-1111111111";
/// A hundredth of a coin, in units.
const AMOUNT: u64 = 1_000_000;
/// More than the fee.
const GAS: u64 = 100_000;

/// The two.
pub(crate) struct Friends {
    payer: Person,
    payee: Person,
    /// The wallet of the one who pays.
    pub(crate) wallet: Address,
}

impl Friends {
    /// Starts both nodes and makes them friends.
    pub(crate) async fn meet(payer: NodeConfig, payee: NodeConfig) -> Result<Self, Failed> {
        let (payer, payee) = (Person::start(payer).await?, Person::start(payee).await?);
        payer.ask(&payee.address).await?;
        payee.accept(&payer.address).await?;
        payer.befriended(&payee.address).await?;
        let info = payer.call("wallet", "info", json!({})).await?;
        let wallet = info["address"].as_str().ok_or("no wallet")?.parse()?;
        Ok(Self { payer, payee, wallet })
    }

    /// Pays so many times in a row; returns of each how long it took until the payer's node had
    /// verified it.
    pub(crate) async fn pay(&self, payments: usize) -> Result<Latencies, Failed> {
        let calls = (0_u32..).take(payments).map(|number| self.pay_after(PAUSE * number));
        let mut latencies = Latencies::default();
        try_join_all(calls).await?.into_iter().for_each(|time| latencies.add(time));
        Ok(latencies)
    }

    async fn pay_after(&self, wait: Duration) -> Result<Duration, Failed> {
        sleep(wait).await;
        let begun = Instant::now();
        let params = json!({
            "cnd": self.payee.address, "gas": GAS, "amount": AMOUNT, "password": PASSWORD,
            "srcAddress": self.wallet, "senderNickname": "", "senderNodeAddress": "",
            "remark": "bench",
        });
        let key = format!("payment {}", wait.as_millis());
        loop {
            let (module, method) = ("chat".to_owned(), "insertTransfer".to_owned());
            let handle = self.payer.node.handle();
            let answer =
                handle.call(module, method, params.clone(), Scopes::ALL, Some(key.clone())).await;
            match answer.code {
                CODE_OK => return Ok(begun.elapsed()),
                // The same key pays once.
                TOO_MANY | PENDING => sleep(5 * PAUSE).await,
                code => return Err(format!("insertTransfer: {code} {}", answer.message).into()),
            }
        }
    }

    /// Ends both nodes.
    pub(crate) async fn part(self) -> Result<(), Failed> {
        self.payer.node.stop().await?;
        self.payee.node.stop().await?;
        Ok(())
    }
}
