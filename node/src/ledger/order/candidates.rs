//! Blocks and proposals of the height that is being decided.

use magpie_protocol::{
    beacon::Beacon,
    consensus::SignedProposal,
    ledger::{Block, BlockHash},
};
use std::collections::{BTreeMap, BTreeSet};

/// Blocks that are held before old ones without a polka are dropped.
const BLOCKS: usize = 16;
/// Verdicts on blocks that are remembered.
const INVALID: usize = 1_024;
/// Proposals of one round that are held: two show that a proposer contradicts itself.
const PROPOSALS_OF_A_ROUND: usize = 2;
/// Proposals held in all; those of the oldest rounds go first.
const PROPOSALS: usize = 256;

/// A block that may be voted for, but perhaps for its time.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub(super) block: Block,
    pub(super) beacon: Beacon,
    /// Malachite was told that it is valid; until then only the clock is against it.
    pub(super) told: bool,
}

/// A proposal whose signature holds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Proposed {
    pub(super) signed: SignedProposal,
    /// Malachite has it.
    pub(super) fed: bool,
}

/// Where a proposal stands: its round, its block, and the round of its polka.
pub(super) type Place = (u32, BlockHash, Option<u32>);

/// The blocks and proposals of one height.
#[derive(Debug, Default)]
pub(super) struct Candidates {
    blocks: BTreeMap<BlockHash, Candidate>,
    invalid: BTreeSet<BlockHash>,
    proposals: BTreeMap<Place, Proposed>,
}

/// Returns the place of a proposal.
pub(super) const fn place(signed: &SignedProposal) -> Place {
    (signed.proposal.round, signed.proposal.block, signed.proposal.polka_round)
}

impl Candidates {
    /// Returns the block with this hash.
    pub(super) fn block(&self, hash: BlockHash) -> Option<&Candidate> {
        self.blocks.get(&hash)
    }

    /// Takes the block with this hash.
    pub(super) fn take(&mut self, hash: BlockHash) -> Option<Candidate> {
        self.blocks.remove(&hash)
    }

    /// Notes that malachite was told that the block is valid.
    pub(super) fn tell(&mut self, hash: BlockHash) {
        if let Some(candidate) = self.blocks.get_mut(&hash) {
            candidate.told = true;
        }
    }

    /// Returns the blocks that malachite takes for invalid because of the clock alone.
    pub(super) fn untold(&self) -> impl Iterator<Item = BlockHash> {
        self.blocks.iter().filter(|(_, candidate)| !candidate.told).map(|(hash, _)| *hash)
    }

    /// Holds a block.
    pub(super) fn hold(&mut self, hash: BlockHash, candidate: Candidate) {
        self.blocks.insert(hash, candidate);
    }

    /// Returns the blocks to drop so that few are left: those of the oldest rounds that `keep`
    /// does not want. A block that is decided all the same comes back from a peer.
    pub(super) fn superfluous(&self, keep: impl Fn(BlockHash) -> bool) -> Vec<BlockHash> {
        let over = self.blocks.len().saturating_sub(BLOCKS);
        if over == 0 {
            return Vec::new();
        }
        let mut old: Vec<_> = self.blocks.iter().filter(|(hash, _)| !keep(**hash)).collect();
        old.sort_by_key(|(hash, candidate)| (candidate.block.header.round, **hash));
        old.into_iter().take(over).map(|(hash, _)| *hash).collect()
    }

    /// Tells whether this block was found invalid.
    pub(super) fn is_invalid(&self, hash: BlockHash) -> bool {
        self.invalid.contains(&hash)
    }

    /// Remembers that this block is invalid.
    pub(super) fn refuse(&mut self, hash: BlockHash) {
        if self.invalid.len() >= INVALID {
            self.invalid.pop_first();
        }
        self.invalid.insert(hash);
    }

    /// Returns the proposal at this place.
    pub(super) fn proposal(&self, place: Place) -> Option<&Proposed> {
        self.proposals.get(&place)
    }

    /// Returns a proposal of this round and block.
    pub(super) fn proposal_of(&self, round: u32, hash: BlockHash) -> Option<&Proposed> {
        self.of(round, hash).next()
    }

    /// Returns all proposals.
    pub(super) fn signed(&self) -> impl Iterator<Item = SignedProposal> {
        self.proposals.values().map(|proposed| proposed.signed)
    }

    /// Tells whether a proposal of this round is here with its block, or the block is invalid.
    pub(super) fn has(&self, round: u32, hash: BlockHash) -> bool {
        self.is_invalid(hash)
            || self.blocks.contains_key(&hash) && self.proposal_of(round, hash).is_some()
    }

    /// Returns the places of the proposals that wait for this block.
    pub(super) fn waiting_for(&self, hash: BlockHash) -> Vec<Place> {
        let waits = |(place, proposed): (&Place, &Proposed)| {
            (place.1 == hash && !proposed.fed).then_some(*place)
        };
        self.proposals.iter().filter_map(waits).collect()
    }

    /// Returns the places of the proposals whose block is there, but that malachite has not.
    pub(super) fn waiting(&self) -> impl Iterator<Item = Place> {
        let waits = |(place, proposed): (&Place, &Proposed)| {
            (!proposed.fed && self.blocks.contains_key(&place.1)).then_some(*place)
        };
        self.proposals.iter().filter_map(waits)
    }

    /// Tells whether so many proposals of this round are held that another tells nothing new.
    pub(super) fn is_full(&self, round: u32) -> bool {
        let start = (round, BlockHash([0; 32]), None);
        let of_round = self.proposals.range(start..).take_while(|((of, ..), _)| *of == round);
        of_round.count() >= PROPOSALS_OF_A_ROUND
    }

    /// Holds a proposal whose signature holds.
    pub(super) fn propose(&mut self, signed: SignedProposal, fed: bool) {
        if self.proposals.len() >= PROPOSALS {
            self.proposals.pop_first();
        }
        self.proposals.insert(place(&signed), Proposed { signed, fed });
    }

    /// Notes that malachite has the proposal.
    pub(super) fn feed(&mut self, place: Place) {
        if let Some(proposed) = self.proposals.get_mut(&place) {
            proposed.fed = true;
        }
    }

    fn of(&self, round: u32, hash: BlockHash) -> impl Iterator<Item = &Proposed> {
        self.proposals.range((round, hash, None)..).map_while(move |(place, proposed)| {
            (place.0 == round && place.1 == hash).then_some(proposed)
        })
    }
}
