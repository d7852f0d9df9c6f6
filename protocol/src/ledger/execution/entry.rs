//! One entry: what holds for every kind, then the rules of its own.

use super::{
    accept, burn, claim, create, decline,
    deed::Deed,
    error::{Refusal, Stop},
    mint, open,
    overlay::Overlay,
    transfer,
};
use crate::{
    ids::NetworkId,
    ledger::{Instruction, Rules, VerifiedEntry, state::Leaves},
};

/// Under what an entry is executed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terms<'a> {
    /// The rules of money.
    pub(super) rules: &'a Rules,
    /// The chain.
    pub(super) chain: NetworkId,
    /// The block's height.
    pub(super) height: u64,
    /// The block's time, in milliseconds.
    pub(super) time_ms: u64,
}

/// Executes an entry on the overlay, which stages what it changes.
pub(super) fn apply<L: Leaves>(
    state: &mut Overlay<'_, L>,
    terms: &Terms<'_>,
    entry: &VerifiedEntry,
) -> Result<Deed, Stop<L::Error>> {
    // It may have been verified under the rules of another height, or for another chain.
    entry.check_rules(terms.chain, terms.rules).map_err(Refusal::from)?;
    entry.check_time(terms.time_ms, terms.rules).map_err(Refusal::from)?;
    entry.check_height(terms.height, terms.rules).map_err(Refusal::from)?;
    let id = entry.id();
    match entry.instruction() {
        Instruction::Transfer(body) => transfer::apply(state, terms, id, body),
        Instruction::Accept(body) => accept::apply(state, terms, body),
        Instruction::Decline(body) => decline::apply(state, terms, body),
        Instruction::CreatePacket(body) => create::apply(state, terms, id, body),
        Instruction::OpenPacket(body) => open::apply(state, terms, body),
        Instruction::ClaimPacket(body) => claim::apply(state, terms, body),
        Instruction::Mint(body) => mint::apply(state, terms, body),
        Instruction::Burn(body) => burn::apply(state, terms, body),
        other @ (Instruction::CommitName(_)
        | Instruction::RegisterName(_)
        | Instruction::RenewName(_)
        | Instruction::TransferName(_)
        | Instruction::Notarize(_)
        | Instruction::UpdateValidators(_)
        | Instruction::Evidence(_)
        | Instruction::Unknown { .. }) => Err(Refusal::NotExecuted(other.name()).into()),
    }
}
