//! What the order remembers: a cache of its rows, and what peers said that needs no row.

use super::{
    Chain, Halt, Head, ahead::Ahead, candidates::Candidates, evidence::Kept, machine::Machine,
    past::Past, peers::Peers, rows::Shares, timers::Timers, wants::Wants,
};
use ed25519_dalek::SigningKey;
use magpie_protocol::{
    beacon::{Beacon, Proof, SecretKey},
    keys::ConsensusKey,
    ledger::{BlockHash, Certificate},
};
use magpie_storage::overlay::View;
use std::{collections::BTreeSet, fmt, sync::Arc};

/// A validator's keys.
pub struct Keys {
    consensus: SigningKey,
    beacon: SecretKey,
    #[cfg(test)]
    pub(super) sabotage: Sabotage,
}

/// A planted fault, for the tests of the checkers.
#[cfg(test)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sabotage {
    /// None.
    None,
    /// Proposes before the log is replayed, and whatever the log holds.
    EarlyProposal,
    /// Says again what the log makes happen again.
    PublishOnReplay,
    /// Takes votes of over a third for votes of over two thirds.
    SmallQuorum,
    /// Leaves its own votes out of the log.
    NoLog,
    /// Logs whatever a validator says, however often.
    NoShares,
}

/// The fault of every validator in this process, which is one of a test's own.
#[cfg(test)]
static PLANTED: std::sync::OnceLock<Sabotage> = std::sync::OnceLock::new();

/// Lets every validator that starts in this process leave its own votes out of its log.
#[cfg(test)]
pub(crate) fn plant_forgetting() {
    PLANTED.set(Sabotage::NoLog).unwrap();
}

impl Keys {
    /// Returns the keys with which a validator signs and proves its beacons.
    pub const fn new(consensus: SigningKey, beacon: SecretKey) -> Self {
        Self {
            consensus,
            beacon,
            #[cfg(test)]
            sabotage: Sabotage::None,
        }
    }

    /// Returns the key by which the others know this validator.
    pub fn consensus(&self) -> ConsensusKey {
        ConsensusKey(self.consensus.verifying_key().to_bytes())
    }

    pub(super) const fn signing(&self) -> &SigningKey {
        &self.consensus
    }

    pub(super) const fn beacon(&self) -> &SecretKey {
        &self.beacon
    }
}

/// What a planted fault changes; without a test, nothing.
#[cfg(not(test))]
#[expect(clippy::unused_self, reason = "the tests' keys have a say here")]
impl Keys {
    pub(super) const fn forgets(&self) -> bool {
        false
    }

    pub(super) const fn repeats(&self) -> bool {
        false
    }

    pub(super) const fn crowds(&self) -> bool {
        false
    }
}

#[cfg(test)]
impl Keys {
    /// Returns the same keys with the fault that is planted in this process, if one is.
    pub(crate) fn planted(mut self) -> Self {
        self.sabotage = PLANTED.get().copied().unwrap_or(Sabotage::None);
        self
    }

    /// Tells whether it proposes whatever the log holds.
    pub(super) fn forgets(&self) -> bool {
        self.sabotage == Sabotage::EarlyProposal
    }

    /// Tells whether it publishes what is replayed.
    pub(super) fn repeats(&self) -> bool {
        self.sabotage == Sabotage::PublishOnReplay
    }

    /// Tells whether it gives validators no shares of the log.
    pub(super) fn crowds(&self) -> bool {
        self.sabotage == Sabotage::NoShares
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").field("consensus", &self.consensus()).finish_non_exhaustive()
    }
}

/// The height that is being decided.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) machine: Machine,
    /// Entries of the log so far.
    pub(super) logged: u32,
    /// Whose they are.
    pub(super) shares: Shares,
    /// Rounds in which we made a block, proposed or voted.
    pub(super) spoken: BTreeSet<u32>,
    /// The round for which malachite waits for our block.
    pub(super) asked: Option<u32>,
    /// The round for which a draft came out empty before an empty block was due.
    pub(super) drafted: Option<u32>,
    /// Our proven beacon: it is the same in all rounds.
    pub(super) beacon: Option<(Beacon, Proof)>,
    /// What malachite decided, until its block is executed.
    pub(super) decided: Option<Certificate>,
    pub(super) candidates: Candidates,
    /// The blocks that are written down.
    pub(super) stored: BTreeSet<BlockHash>,
    pub(super) wants: Wants,
}

/// Orders the ledger on one super node; it votes if its key is among the validators.
#[derive(Debug)]
pub struct Order {
    pub(super) keys: Arc<Keys>,
    pub(super) head: Head,
    /// When the head was decided here, by the clock.
    pub(super) since_ms: u64,
    pub(super) running: Option<Running>,
    pub(super) ahead: Ahead,
    pub(super) past: Past,
    /// Evidence that no block holds yet.
    pub(super) kept: Kept,
    pub(super) peers: Peers,
    pub(super) timers: Timers,
    pub(super) woken: Option<u64>,
}

impl Order {
    /// Opens the order where its chain stands. Errors: [`Halt`].
    pub fn open(keys: Keys, chain: &dyn Chain, store: &dyn View) -> Result<Self, Halt> {
        let head = chain.head(store)?;
        let past = Past::read(chain, store, head.tip.chain, head.tip.height)?;
        Ok(Self {
            keys: Arc::new(keys),
            head,
            since_ms: 0,
            running: None,
            ahead: Ahead::default(),
            past,
            kept: Kept::read(store)?,
            peers: Peers::default(),
            timers: Timers::default(),
            woken: None,
        })
    }

    /// Returns what the next block has to follow.
    pub const fn head(&self) -> &Head {
        &self.head
    }

    /// Returns the height that is being decided, or is next.
    pub(super) const fn height(&self) -> Result<u64, Halt> {
        let height = self.head.tip.height;
        match height.checked_add(1) {
            Some(next) => Ok(next),
            None => Err(Halt::LastHeight(height)),
        }
    }
}
