//! What follows once an entry stands in a block: records, answers, the next entry.

use super::{
    errand::{Frame, Step, Work},
    look::Look,
    rows::{Change, RECORDS, Record},
    settle::Then,
    sign::Signing,
};
use crate::core::turn::Turn;
use magpie_protocol::{
    api::ApiResult,
    ledger::{EntryId, Instruction, state::Transfer},
};
use magpie_storage::{engine::Order, table::Keys};
use serde_json::json;

impl Turn<'_> {
    /// Goes on after an entry stands in a block of at most this height.
    pub(super) fn after(
        &mut self,
        id: EntryId,
        instruction: &Instruction,
        then: Then,
        height: u64,
        frame: Frame,
    ) -> ApiResult<Step> {
        if then != Then::Submitted {
            self.record_entry(id, instruction, height)?;
        }
        Ok(match then {
            Then::Open => frame.becomes(Work::Sign(Signing::Open { packet: id }, None)),
            Then::Packet(packet) => Step::Ends(self.packet_answer(packet)),
            Then::Transfer(transfer) => Step::Ends(self.transfer_answer(transfer)),
            Then::Remittance(transfer) => Step::Ends(self.remittance_answer(transfer)),
            Then::Share(packet) => {
                if let Some(call) = frame.call {
                    let answer = self.packet_answer(packet);
                    self.answer(call, answer);
                }
                let next = frame.becomes(Work::Look(Look::Share { packet, claim: id }));
                match next {
                    Step::Becomes(mut errand) => {
                        errand.call = None;
                        Step::Becomes(errand)
                    }
                    other => other,
                }
            }
            Then::Submitted => {
                let state = "final";
                let told = json!({ "uid": id.to_string(), "state": state, "height": height });
                Step::Ends(Ok(told.into()))
            }
        })
    }

    /// Notes what an entry did to the balance, with the reason.
    fn record_entry(
        &mut self,
        id: EntryId,
        instruction: &Instruction,
        height: u64,
    ) -> ApiResult<()> {
        let fee = instruction.fee(&self.rules()?);
        let (change, amount, uid) = match instruction {
            Instruction::Transfer(body) => (Change::Transferred, body.amount, id),
            Instruction::CreatePacket(body) => (Change::Packet, body.amount, id),
            Instruction::Accept(body) => {
                let leaf = self.core.money.leaf::<Transfer>(&body.transfer, 0);
                let Some(leaf) = leaf.and_then(|seen| seen.leaf) else { return Ok(()) };
                (Change::Received, leaf.amount, body.transfer)
            }
            _ => return Ok(()),
        };
        let remark = match change {
            Change::Packet => self.packet_row(uid)?.card.remark.to_string(),
            _ => self.transfer_row(uid)?.card.remark.to_string(),
        };
        if matches!(change, Change::Transferred | Change::Packet) {
            self.note_returning(uid)?;
        }
        self.record(Record { change, amount, fee, height, remark, uid, at_ms: self.now })
    }

    /// Notes a change of the balance.
    pub(super) fn record(&mut self, record: Record) -> ApiResult<()> {
        let rows = self.rows()?;
        let last = RECORDS.scan(&self.tx, &rows, &(), &Keys::all(), Order::Descending, 1);
        let number = self.stored(last)?.first().map_or(0, |(last, _)| last.saturating_add(1));
        self.write(&RECORDS, &(), &number, &record)
    }
}
