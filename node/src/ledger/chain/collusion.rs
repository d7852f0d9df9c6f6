//! A planted fault, for the tests of who watches validators: they pay another draw than is due, and all
//! of them sign it.

use super::Ledger;
use magpie_protocol::ledger::{
    execution::Executed,
    state::{Account, Changes, Claim, Leaf, LeafKey},
};

impl Ledger {
    /// Lets the first two claims that a block deals get each other's share, if this validator colludes.
    /// No unit is made or lost, so no sum shows it. The test has one packet alone.
    pub(super) fn collude(&self, mut executed: Executed) -> Executed {
        if !self.colludes {
            return executed;
        }
        let is_dealt = |claim: &Claim| claim.paid.is_some_and(|paid| paid.slot.is_some());
        let changes = executed.changes.iter();
        let claims: Vec<(LeafKey, Claim)> = changes
            .filter_map(|(key, bytes)| Some((*key, Claim::from_leaf(bytes.as_ref()?).ok()?)))
            .filter(|(_, claim)| is_dealt(claim))
            .collect();
        if let [one, other, ..] = claims[..] {
            give(&mut executed.changes, one, other.1);
            give(&mut executed.changes, other, one.1);
        }
        executed
    }
}

/// Gives a claim what another drew.
fn give(changes: &mut Changes, (key, mut claim): (LeafKey, Claim), other: Claim) {
    let (had, gets) = (claim.paid.unwrap().amount.0, other.paid.unwrap().amount.0);
    let wallet = Account::key(&claim.wallet);
    let account = changes[&wallet].as_ref().unwrap();
    let mut account = Account::from_leaf(account).unwrap();
    account.balance.0 = account.balance.0 - had + gets;
    changes.insert(wallet, Some(account.to_leaf().unwrap()));
    claim.paid = other.paid;
    changes.insert(key, Some(claim.to_leaf().unwrap()));
}
