//! The chain: where it begins, what waits for it, and what the order asks of it.

use super::{ChainError, Genesis, outcomes::Outcomes};
use crate::ledger::{
    mempool::{Admission, Mempool, NotAdmitted, Terms},
    order::{Chain, Draft, Halt, Head, Verdict},
    store::{self, StoreError, StoredNodes},
};
use magpie_protocol::{
    beacon::Beacon,
    consensus::DecidedBlock,
    ids::NetworkId,
    ledger::{
        Block, Entry, Header, Pace, Rules, ValidatorSet, Validators,
        execution::{Fault, pending},
        state::{Leaf, Leaves, Progress},
        tree::{Snapshot, apply},
    },
};
use magpie_storage::overlay::{Tx, View};

/// The chain of one network, over a store that it is handed with each question.
#[derive(Debug)]
pub struct Ledger {
    pub(super) chain: NetworkId,
    pub(super) rules: Rules,
    pub(super) pool: Mempool,
    pub(super) outcomes: Outcomes,
    /// Executions of blocks that were begun: each block's should be one.
    #[cfg(test)]
    pub(super) executions: u64,
    /// Whether it pays another draw than is due, as all validators that conspire do.
    #[cfg(test)]
    pub(crate) colludes: bool,
}

impl Ledger {
    /// Opens the chain in a store; in a fresh one it writes the genesis, which is to be committed
    /// before anything else happens.
    ///
    /// Checks that the state is the one that the tip names. Errors: [`ChainError`].
    pub fn open(genesis: &Genesis, tx: &mut Tx<'_>) -> Result<Self, ChainError> {
        let Genesis { tip, rules, changes } = genesis;
        match store::check(tx)? {
            None => {
                let (root, batch) = apply(&StoredNodes::new(tx), 0, changes)?;
                store::put_genesis(tx, tip, root, &batch)?;
            }
            Some(kept) if kept.tip().chain != tip.chain => {
                return Err(ChainError::Network { expected: tip.chain, found: kept.tip().chain });
            }
            Some(kept) if kept.tip().height == 0 && kept.tip() != *tip => {
                return Err(ChainError::Genesis);
            }
            Some(_) => {}
        }
        let (pool, outcomes) = (Mempool::default(), Outcomes::default());
        Ok(Self {
            chain: tip.chain,
            rules: rules.clone(),
            pool,
            outcomes,
            #[cfg(test)]
            executions: 0,
            #[cfg(test)]
            colludes: false,
        })
    }

    /// Lets an entry wait for a block; `now_ms` is the clock's. Inner errors: [`NotAdmitted`].
    pub fn submit(
        &mut self,
        store: &dyn View,
        now_ms: u64,
        entry: Entry,
    ) -> Result<Result<Admission, NotAdmitted>, ChainError> {
        let nodes = StoredNodes::new(store);
        let leaves = newest(&nodes, store)?;
        let terms = Terms { chain: self.chain, rules: &self.rules, now_ms };
        Ok(self.pool.admit(&terms, &leaves, entry)?)
    }

    /// Returns what waits.
    pub const fn pool(&self) -> &Mempool {
        &self.pool
    }

    /// Returns the rules.
    pub const fn rules(&self) -> &Rules {
        &self.rules
    }
}

/// Returns the leaves after the last block.
pub(super) fn newest<'a>(
    nodes: &'a StoredNodes<'a>,
    store: &dyn View,
) -> Result<Snapshot<'a, StoredNodes<'a>>, ChainError> {
    let kept = store::tip(store)?.ok_or(StoreError::NoGenesis)?;
    Ok(Snapshot::open(nodes, kept.tip().height)?)
}

/// Returns a leaf that every state has.
fn always<L: Leaves, T: Leaf<Id = ()>>(leaves: &L) -> Result<T, ChainError>
where
    ChainError: From<Fault<L::Error>>,
{
    let bytes = leaves.leaf(&T::key(&())).map_err(Fault::Leaves)?;
    let bytes = bytes.ok_or(Fault::Missing(T::NAME))?;
    Ok(T::from_leaf(&bytes)?)
}

/// Returns the last block's tip with its beacon and who votes next, which its state knows.
pub(super) fn head(store: &dyn View) -> Result<Head, ChainError> {
    let tip = store::tip(store)?.ok_or(StoreError::NoGenesis)?.tip();
    let nodes = StoredNodes::new(store);
    let leaves = Snapshot::open(&nodes, tip.height)?;
    let progress: Progress = always(&leaves)?;
    let validators = always::<_, Validators>(&leaves)?.verify()?;
    if progress.height != tip.height || validators.hash() != tip.next_validators {
        return Err(ChainError::Apart(tip.height));
    }
    Ok(Head { tip, beacon: progress.beacon, validators })
}

impl Chain for Ledger {
    fn pace(&self) -> &Pace {
        &self.rules.pace
    }

    fn head(&self, store: &dyn View) -> Result<Head, Halt> {
        Ok(head(store)?)
    }

    fn decided(&self, store: &dyn View, height: u64) -> Result<Option<DecidedBlock>, Halt> {
        Ok(store::decided(store, height).map_err(ChainError::from)?)
    }

    fn waits(&self, _store: &dyn View) -> Result<bool, Halt> {
        Ok(!self.pool.is_empty())
    }

    fn is_due(&self, store: &dyn View, time_ms: u64) -> Result<bool, Halt> {
        let nodes = StoredNodes::new(store);
        let pending = pending(&newest(&nodes, store)?).map_err(ChainError::from)?;
        Ok(pending.draws || pending.expiry_ms.is_some_and(|expiry_ms| expiry_ms <= time_ms))
    }

    fn fill(&mut self, store: &dyn View, header: &Header) -> Result<Draft, Halt> {
        Ok(self.fill_block(store, header)?)
    }

    fn check(&mut self, store: &dyn View, block: &Block) -> Result<Verdict, Halt> {
        Ok(match self.judge(store, block)? {
            Ok(()) => Verdict::Valid,
            Err(_) => Verdict::Invalid,
        })
    }

    fn decide(
        &mut self,
        tx: &mut Tx<'_>,
        decided: &DecidedBlock,
        beacon: &Beacon,
    ) -> Result<ValidatorSet, Halt> {
        Ok(self.decide_block(tx, decided, beacon)?)
    }
}
