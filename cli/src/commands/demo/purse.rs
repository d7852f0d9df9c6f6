//! What the story asks somebody's node about money: the balance, payments that are made once, and
//! what became of them.

use super::{
    ending::Ending,
    person::{PASSWORD, Person},
};
use crate::{
    error::Error,
    payment::{is_pending, new_key},
    rows::{list, text},
};
use magpie_protocol::{address::Address, api::wallet::WalletInfo, ledger::Amount};
use serde_json::{Value, json};

/// The most that anybody pays as a fee here, in units.
const GAS: u64 = 200_000;

/// Somebody's wallet, as their node has verified it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Purse {
    pub(super) address: Address,
    pub(super) balance: Amount,
}

impl Person {
    /// Asks for something of the ledger; nothing while the node has not seen enough of it.
    pub(super) fn look(
        &self,
        module: &str,
        method: &str,
        body: &Value,
    ) -> Result<Option<Value>, Error> {
        match self.call(module, method, body) {
            Err(Error::Client(error)) if is_pending(&error) => Ok(None),
            answer => answer.map(Some),
        }
    }

    /// Returns the wallet; nothing while the node has not seen the ledger.
    pub(super) fn purse(&self) -> Result<Option<Purse>, Error> {
        let Some(data) = self.look("wallet", "info", &json!({}))? else { return Ok(None) };
        let WalletInfo { address, balance, .. } = crate::client::Client::read(&data)?;
        Ok(Some(Purse { address, balance }))
    }

    /// Pays for `what`, once however often it has to be asked; returns the node's data of it.
    pub(super) fn pay(
        &self,
        ending: &Ending,
        (module, method): (&str, &str),
        what: &Value,
    ) -> Result<Value, Error> {
        let mine = || format!("{}'s node has seen the ledger", self.name);
        let purse = ending.until(mine, || self.purse())?;
        let mut body = what.clone();
        body["gas"] = GAS.into();
        body["password"] = PASSWORD.into();
        body["srcAddress"] = json!(purse.address);
        body["__IDEMPOTENCY_KEY"] = new_key()?.into();
        let what = || format!("{}'s payment is final", self.name);
        ending.until(what, || self.look(module, method, &body))
    }

    /// Makes a call that decides something once; `done` is the code for who asks again.
    pub(super) fn decide(
        &self,
        ending: &Ending,
        (module, method): (&str, &str),
        body: &Value,
        done: i64,
    ) -> Result<(), Error> {
        let mut asked_before = false;
        let what = || format!("{}'s {method} is final", self.name);
        ending.until(what, || match self.look(module, method, body) {
            Err(Error::Client(error)) if asked_before && error.is_code(done) => Ok(Some(())),
            answer => {
                asked_before = true;
                Ok(answer?.map(drop))
            }
        })
    }

    /// Returns the message with the card of a packet or transfer, once it is here.
    pub(super) fn card(&self, conversation: &str, uid: &str) -> Result<Option<Value>, Error> {
        let body = json!({"conversationId": conversation, "startTime": -1, "pageSize": 100,
            "orderBy": "DESC"});
        let rows = self.call("chat", "getMessagesByConversationId", &body)?;
        let is_it = |row: &&Value| {
            let content = crate::conversation::content_of(row);
            text(&content, "uid") == uid
        };
        Ok(list(&rows).iter().find(is_it).cloned())
    }
}
