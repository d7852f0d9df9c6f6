//! Entries that somebody wants in a block.

use super::lines::Cargo;
use crate::{
    core::{
        Role,
        net::{Fault, NetCommand},
        turn::Turn,
    },
    ledger::{
        mempool::{Admission, Key, NotAdmitted},
        order::{Halt, Input},
    },
};
use magpie_protocol::{
    address::NodeId,
    codec::encode,
    ledger::{
        Entry, EntryError, Evidence, Instruction,
        exchange::{Answer, Refusal, Request},
    },
};

impl Turn<'_> {
    /// Lets an entry wait for a block, of a peer or of this node itself.
    ///
    /// One that is new goes to the other super nodes, unless one of them sent it. An entry is in no
    /// row before it is decided: who sent it looks for what came of it, and sends it again.
    pub(crate) fn take_entry(
        &mut self,
        from: Option<NodeId>,
        entry: Entry,
    ) -> Result<Answer, Halt> {
        let Some(orderer) = &mut self.core.orderer else {
            return Ok(Answer::Refused(Refusal::NotYours));
        };
        let is_of_other = from.is_some_and(|from| orderer.is_other(&from));
        let handed = if is_of_other { None } else { Some(entry.clone()) };
        let refusal = match orderer.ledger.submit(&self.tx, self.now, entry)? {
            Ok(Admission::New(id)) => {
                let waiting = orderer.ledger.pool().verified(id);
                let key = waiting.and_then(|entry| Key::of(entry.instruction()));
                if let (Some(key), Some(entry)) = (key, handed) {
                    let bytes = encode(&Request::Submit(Box::new(entry)))?;
                    self.hand_all(Cargo::Entry(key.lane), bytes);
                }
                self.order(Input::Waiting);
                return Ok(Answer::Waits(id));
            }
            Ok(Admission::Known(id)) => return Ok(Answer::Waits(id)),
            Ok(Admission::Full) | Err(NotAdmitted::Lane) => Refusal::Full,
            Err(NotAdmitted::Occupied(id)) => Refusal::Occupied(id),
            Err(NotAdmitted::Entry(EntryError::Signature { .. })) => {
                if let Some(peer) = from {
                    self.command(NetCommand::Misbehaved { peer, fault: Fault::Forged });
                }
                Refusal::Entry
            }
            Err(NotAdmitted::Entry(_) | NotAdmitted::Unknown(_) | NotAdmitted::Refused(_)) => {
                Refusal::Entry
            }
        };
        Ok(Answer::Refused(refusal))
    }

    /// Returns the entry that shows a validator's fault; nothing while no block takes such entries.
    pub(super) fn evidence_entry(&self, evidence: Evidence) -> Option<Entry> {
        let Role::Super { secrets } = &self.core.config.role else { return None };
        let chain = self.core.config.network.as_ref()?.network.id();
        let instruction = Instruction::from(evidence);
        Key::of(&instruction)?;
        instruction.sign(chain, &secrets.consensus()).ok()
    }
}
