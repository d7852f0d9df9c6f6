//! What the nodes say in the end became of everything: the story's last line.

use super::{
    packet,
    posted::Counts,
    room::{ALICE, BOB, CAROL},
    tale::Tale,
    transfer,
};
use crate::{
    amount::coins_of,
    error::Error,
    rows::{list, number, text},
};
use serde_json::{Value, json};

/// What became of everything; null where the story did not come to it, or nobody can answer.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub(super) counts: Counts,
    pub(super) packet: Value,
    pub(super) transfer: Value,
    pub(super) ledger: Value,
}

impl Told {
    /// Asks the nodes.
    pub(super) fn of(tale: &Tale) -> Self {
        Self {
            counts: tale.counts(),
            packet: tale.packet.as_deref().map_or(Value::Null, |uid| packet_told(tale, uid)),
            transfer: tale.transfer.as_deref().map_or(Value::Null, |uid| transfer_told(tale, uid)),
            ledger: tale.ledger.clone(),
        }
    }

    /// Returns all of it for programs.
    pub(super) fn data(&self, ok: bool) -> Value {
        let Counts { sent, delivered, read } = self.counts;
        json!({"ok": ok, "messages": {"sent": sent, "delivered": delivered, "read": read},
            "packet": self.packet, "transfer": self.transfer, "ledger": self.ledger})
    }

    /// Returns all of it for people, in lines.
    pub(super) fn lines(&self) -> Vec<String> {
        let Counts { sent, delivered, read } = self.counts;
        let mut lines = vec![format!("{sent} messages sent, {delivered} delivered, {read} read")];
        if !self.packet.is_null() {
            let shares = list(&self.packet["shares"]).iter().map(|it| coins_of(it, "amount"));
            let shares = shares.collect::<Vec<_>>().join(" + ");
            lines.push(format!("a red packet of {} = {shares}", coins_of(&self.packet, "total")));
        }
        if !self.transfer.is_null() {
            lines.push(format!("a transfer, {}", text(&self.transfer, "state")));
        }
        if !self.ledger.is_null() {
            let of = |key: &str| number(&self.ledger, key);
            let (height, by, all) = (of("height"), of("verified_by"), of("validators"));
            lines.push(format!("a ledger at height {height}, signed by {by} of {all} super nodes"));
        }
        lines
    }
}

fn packet_told(tale: &Tale, uid: &str) -> Value {
    let details = [ALICE, BOB, CAROL].map(|on| packet::detail(tale, on, uid).ok().flatten());
    let [Some(first), ..] = &details else { return Value::Null };
    let share = |user: &Value| json!({"address": user["userId"], "amount": user["price"]});
    let shares: Vec<Value> = list(&first["users"]).iter().map(share).collect();
    json!({"id": uid, "total": first["total_price"], "shares": shares,
        "draw_recomputed": recomputed(&details)})
}

/// Says whether every node has recomputed the draw; null if none says whether it did.
fn recomputed(details: &[Option<Value>]) -> Value {
    let said: Vec<Option<bool>> =
        details.iter().map(|it| it.as_ref()?.get("recomputed")?.as_bool()).collect();
    match said.iter().any(Option::is_some) {
        true => said.iter().all(|said| *said == Some(true)).into(),
        false => Value::Null,
    }
}

fn transfer_told(tale: &Tale, uid: &str) -> Value {
    let Ok(Some(row)) = transfer::record(tale, BOB, uid) else { return Value::Null };
    let state = match number(&row, "status") {
        1 => "pending",
        2 => "accepted",
        3 => "declined",
        _ => "returned",
    };
    json!({"id": uid, "state": state})
}

/// Waits until the people's nodes believe one ledger at one height, and tells it. Error: they believe
/// different things there, never come to one height, or do not all come to the draw by themselves.
pub(super) fn agree(tale: &mut Tale) -> Result<(), Error> {
    tale.narrator.chapter("ledger", "Three nodes, one ledger, which each of them has verified")?;
    let status = |who: usize| tale.people[who].call("ledger", "status", &json!({}));
    let what = || "three nodes are at one height of the ledger".to_owned();
    let ledger = tale.ending.until(what, || {
        let seen = [status(ALICE)?, status(BOB)?, status(CAROL)?];
        let is_one = |key: &str| seen.iter().all(|it| it[key] == seen[0][key]);
        if !is_one("height") {
            return Ok(None);
        }
        if !is_one("state_root") || seen.iter().any(|it| it["verified"] != true) {
            return Err(Error::Failed(format!("the nodes believe different states: {seen:?}")));
        }
        let [it, ..] = &seen;
        Ok(Some(json!({"height": it["height"], "validators": it["validators"],
            "verified_by": it["verified_by"], "state_root": it["state_root"]})))
    })?;
    let says =
        format!("at height {} the state is {}", ledger["height"], text(&ledger, "state_root"));
    tale.step("agree", &says, &ledger)?;
    tale.ledger = ledger;
    let Some(uid) = tale.packet.as_deref() else { return Ok(()) };
    // Who was away may have to ask for the beacons again.
    let what = || "every node has made the draw of the packet again".to_owned();
    tale.ending.until(what, || {
        let is_open = packet_told(tale, uid)["draw_recomputed"] == false;
        Ok((!is_open).then_some(()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draw_is_recomputed_if_every_node_says_so() {
        let says = |what: Value| Some(json!({"recomputed": what}));
        let (yes, no, unsaid) = (says(true.into()), says(false.into()), Some(json!({})));
        assert_eq!(recomputed(&[yes.clone(), yes.clone(), yes.clone()]), true);
        assert_eq!(recomputed(&[yes.clone(), no, yes.clone()]), false);
        assert_eq!(recomputed(&[yes.clone(), unsaid.clone(), yes.clone()]), false);
        assert_eq!(recomputed(&[yes, None]), false);
        assert_eq!(recomputed(&[unsaid, None]), Value::Null);
    }
}
