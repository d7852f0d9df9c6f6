//! What an entry leaves in the state for good, once it stands in a block.

use magpie_protocol::ledger::{
    EntryId, Instruction, VerifiedEntry,
    state::{Leaf, LeafKey, Packet, Transfer},
};

/// Where an entry's leaf stands once it happened, and until when it may happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trace {
    key: LeafKey,
    valid_until_ms: u64,
}

impl Trace {
    /// Returns the trace of a transfer that is valid until then, in milliseconds, exclusive.
    pub fn of_transfer(id: EntryId, valid_until_ms: u64) -> Self {
        Self { key: Transfer::key(&id), valid_until_ms }
    }

    /// Returns the trace of a packet's creation that is valid until then, in milliseconds,
    /// exclusive.
    pub fn of_packet(id: EntryId, valid_until_ms: u64) -> Self {
        Self { key: Packet::key(&id), valid_until_ms }
    }

    /// Returns the trace of an entry, or nothing if it is of a kind that leaves none, or has no
    /// end.
    pub fn of(entry: &VerifiedEntry) -> Option<Self> {
        match entry.instruction() {
            Instruction::Transfer(body) => {
                Some(Self::of_transfer(entry.id(), body.payment.valid_until_ms))
            }
            Instruction::CreatePacket(body) => {
                Some(Self::of_packet(entry.id(), body.payment.valid_until_ms))
            }
            _ => None,
        }
    }

    /// Returns the place of the leaf, for which to ask a proof.
    pub const fn key(&self) -> &LeafKey {
        &self.key
    }

    /// Returns until when the entry may stand in a block, in milliseconds by header time,
    /// exclusive.
    pub const fn valid_until_ms(&self) -> u64 {
        self.valid_until_ms
    }
}
