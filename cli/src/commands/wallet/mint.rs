//! Recharges: an issuer's entry is signed here and handed to a node, which waits until it is final.

use crate::{
    amount::{amount, coins},
    client::Client,
    context::Context,
    error::Error,
    lookup,
    payment::until_decided,
};
use magpie_node::host::read_issuer;
use magpie_protocol::{
    address::Address,
    api::{
        field::SignedEntry,
        ledger::{IssuerRow, LedgerStatus, OneIssuer, SubmitEntry, Submitted},
    },
    ledger::{self, Amount, Instruction},
};
use magpie_wallet::super_keys::IssuerSecret;
use serde_json::json;
use std::{fmt::Write, path::PathBuf};

/// How long a recharge may stand in a block after the newest verified header, in milliseconds.
const VALID_MS: u64 = 5 * 60 * 1_000;

#[derive(Debug, clap::Args)]
pub(crate) struct Mint {
    /// The wallet's address
    #[arg(value_name = "ADDRESS", value_parser = lookup::address)]
    to: Address,
    /// How much: units, or coins such as 1.5coin
    #[arg(value_name = "UNITS", value_parser = amount)]
    amount: Amount,
    /// The issuer's key
    #[arg(long, value_name = "FILE")]
    issuer_key: PathBuf,
}

impl Mint {
    pub(super) fn run(self, at: &Context) -> Result<(), Error> {
        let issuer =
            read_issuer(&self.issuer_key).map_err(|error| Error::Failed(error.to_string()))?;
        let made = mint(&at.client()?, &issuer, self.to, self.amount)?;
        let data = json!({"uid": made.uid, "state": made.state, "height": made.height});
        at.output.answer(&data, |out| {
            writeln!(
                out,
                "made {} in {}, as of height {}",
                coins(self.amount),
                self.to,
                made.height
            )
        })
    }
}

/// Makes an amount in a wallet and waits until that is final. The same entry is handed on as often
/// as it takes, so it makes the amount once.
pub(crate) fn mint(
    client: &Client,
    issuer: &IssuerSecret,
    wallet: Address,
    amount: Amount,
) -> Result<Submitted, Error> {
    let LedgerStatus { chain, .. } = client.ask("ledger", "status", &json!({}))?;
    let key = issuer.public();
    let row = || client.ask::<IssuerRow>("ledger", "issuer", &OneIssuer { key });
    let IssuerRow { sequence, time } = until_decided(row)?;
    let mut reference = [0; 32];
    getrandom::fill(&mut reference)
        .map_err(|error| Error::Failed(format!("no randomness: {error}")))?;
    let valid_until_ms = time.saturating_add(VALID_MS);
    let instruction: Instruction =
        ledger::Mint { issuer: key, sequence, valid_until_ms, wallet, amount, reference }.into();
    let entry = instruction
        .sign(chain, &issuer.signing())
        .map_err(|error| Error::Failed(format!("the recharge cannot be signed: {error}")))?;
    let body = SubmitEntry { entry: SignedEntry(entry) };
    Ok(until_decided(|| client.ask("ledger", "submit", &body))?)
}
