//! The chain that is ordered, as far as the order knows it.

use super::Halt;
use magpie_protocol::{
    beacon::Beacon,
    bounded::List,
    consensus::DecidedBlock,
    ledger::{Block, Entry, Header, Pace, StateRoot, Tip, ValidatorSet, ValidatorsHash},
    limits::BLOCK_ENTRIES,
};
use magpie_storage::overlay::{Tx, View};

/// What the next block has to follow, and who votes on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The last decided block, or the genesis.
    pub tip: Tip,
    /// Its beacon; [`Beacon::GENESIS`] before the first block.
    pub beacon: Beacon,
    /// Who votes on the next block.
    pub validators: ValidatorSet,
}

/// What a block is filled with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The entries, in the order in which they are executed.
    pub entries: List<Entry, BLOCK_ENTRIES>,
    /// The root of the state after them.
    pub state: StateRoot,
    /// Who votes on the block after it.
    pub next_validators: ValidatorsHash,
}

/// Whether a block does what its header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It does.
    Valid,
    /// It does not: an entry is invalid, or a root or a set of validators is another.
    Invalid,
}

/// Makes, checks, executes and keeps blocks.
///
/// The order has checked the header, so far as it can, before it asks: that it follows the head,
/// its proposer, its beacon, its time, and that the entries are the header's. All but
/// [`waits`](Self::waits) must say the same on every validator that has decided the same blocks.
pub trait Chain {
    /// Returns how blocks follow each other, from the genesis.
    fn pace(&self) -> &Pace;

    /// Returns the last decided block, or the genesis, and who votes next.
    fn head(&self, store: &dyn View) -> Result<Head, Halt>;

    /// Returns the decided block of a height; there is none at the genesis, nor past the head.
    fn decided(&self, store: &dyn View, height: u64) -> Result<Option<DecidedBlock>, Halt>;

    /// Tells whether entries wait for a block.
    fn waits(&self, store: &dyn View) -> Result<bool, Halt>;

    /// Tells whether a block of this time has something to do without entries: something expires
    /// or a draw is pending.
    fn is_due(&self, store: &dyn View, time_ms: u64) -> Result<bool, Halt>;

    /// Fills a block. Entries, state and next validators of `header` are those of no block; all
    /// else is as it will be, the proven beacon too.
    fn fill(&mut self, store: &dyn View, header: &Header) -> Result<Draft, Halt>;

    /// Executes a block on the head without keeping anything, and tells whether its state and next
    /// validators are the header's and every entry is valid.
    fn check(&mut self, store: &dyn View, block: &Block) -> Result<Verdict, Halt>;

    /// Executes a decided block in the transaction of its decision, keeps it there as the head with
    /// its certificate, and returns who votes next.
    fn decide(
        &mut self,
        tx: &mut Tx<'_>,
        decided: &DecidedBlock,
        beacon: &Beacon,
    ) -> Result<ValidatorSet, Halt>;
}
