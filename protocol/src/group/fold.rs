//! The fold of a group: what everybody who has the same operations agrees on.
//!
//! In: a [`Graph`], and the transfers that the ledger decided for. Out: a [`Fold`]. Start at
//! [`Fold::of`].

use super::{
    checkpoint::settle,
    graph::Graph,
    history::History,
    id::{OperationId, StateHash},
    linearize::{Fork, Run, Verdict},
    operation::VerifiedOperation,
    permission::Void,
    state::State,
};
use crate::{
    address::Address,
    limits::{CHECKPOINT_MS, CHECKPOINT_OPERATIONS},
};
use std::collections::{BTreeMap, BTreeSet};

/// Why a graph folds to nothing: its first operation breaks a rule, so there is no group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("operation {first} makes no group: {void}")]
pub struct NoGroup {
    /// The first operation.
    pub first: OperationId,
    /// What is wrong with it.
    pub void: Void,
}

/// A graph's order, the verdict on each operation, and the state.
#[derive(Debug, Clone)]
pub struct Fold {
    state: State,
    order: Vec<OperationId>,
    verdicts: BTreeMap<OperationId, Verdict>,
    forks: Vec<Fork>,
    settled: Vec<OperationId>,
    /// The last operation of each account on the branch that counts.
    latest: BTreeMap<Address, OperationId>,
    /// Operations since the last checkpoint that settled, and its time.
    since: (usize, u64),
}

impl Fold {
    /// Folds a whole graph. `notarized` are the transfers that the ledger decided for, where two
    /// from one fork were accepted.
    pub fn of(graph: &Graph, notarized: &BTreeSet<OperationId>) -> Result<Self, NoGroup> {
        Self::new(&History::whole(graph), notarized)
    }

    /// Folds the part of a graph that `heads` have behind them, themselves included.
    pub fn up_to(
        graph: &Graph,
        heads: &[OperationId],
        notarized: &BTreeSet<OperationId>,
    ) -> Result<Self, NoGroup> {
        Self::new(&History::up_to(graph, heads), notarized)
    }

    fn new(history: &History<'_>, notarized: &BTreeSet<OperationId>) -> Result<Self, NoGroup> {
        let first = history.graph.root();
        let (choices, run) = settle(history, notarized).map_err(|void| NoGroup { first, void })?;
        let id = |place: &usize| history.get(*place).map(VerifiedOperation::id);
        let Run { order, verdicts, state, mut forks, .. } = run;
        let mut latest = BTreeMap::new();
        for place in &order {
            let branch =
                !matches!(verdicts.get(*place), Some(Verdict::Void(Void::Fork | Void::Settled(_))));
            if let Some(operation) = history.get(*place)
                && branch
            {
                latest.insert(operation.operation().author, operation.id());
            }
        }
        let last = choices.settled.iter().copied().max();
        let start = last.unwrap_or(0);
        let since = (0..history.len()).filter(|at| *at != start && !history.is_before(*at, start));
        let time = history.get(start).map_or(0, |it| it.operation().time_ms);
        forks.sort_unstable();
        let mut settled: Vec<_> = choices.settled.clone();
        settled.sort_unstable();
        Ok(Self {
            since: (since.count(), time),
            settled: settled.iter().filter_map(id).collect(),
            verdicts: order
                .iter()
                .filter_map(|place| Some((id(place)?, *verdicts.get(*place)?)))
                .collect(),
            order: order.iter().filter_map(id).collect(),
            state,
            forks,
            latest,
        })
    }

    /// Returns the state.
    pub const fn state(&self) -> &State {
        &self.state
    }

    /// Returns the operations in their order, void ones among them.
    pub fn order(&self) -> &[OperationId] {
        &self.order
    }

    /// Returns what became of an operation.
    pub fn verdict(&self, id: OperationId) -> Option<Verdict> {
        self.verdicts.get(&id).copied()
    }

    /// Returns the forks, to be shown.
    pub fn forks(&self) -> &[Fork] {
        &self.forks
    }

    /// Returns the checkpoints that settle, the last one last.
    pub fn settled(&self) -> &[OperationId] {
        &self.settled
    }

    /// Returns what the next operation of `author` names as previous.
    pub fn previous(&self, author: Address) -> Option<OperationId> {
        self.latest.get(&author).copied()
    }

    /// Returns the operations that a checkpoint passed over, in their order: their authors offer
    /// them again, or somebody entitled adopts them.
    pub fn passed_over(&self) -> impl Iterator<Item = OperationId> {
        let passed = |id: &OperationId| {
            matches!(self.verdicts.get(id), Some(Verdict::Void(Void::Settled(_))))
        };
        self.order.iter().copied().filter(passed)
    }

    /// Whether owner or an admin is to sign a checkpoint at `now_ms`: after 100 operations, or a
    /// week with at least one.
    pub const fn checkpoint_due(&self, now_ms: u64) -> bool {
        let (operations, last_ms) = self.since;
        operations >= CHECKPOINT_OPERATIONS
            || (operations > 0 && now_ms >= last_ms.saturating_add(CHECKPOINT_MS))
    }
}

/// Returns what a checkpoint over `heads` is to sign.
pub fn state_at(
    graph: &Graph,
    heads: &[OperationId],
    notarized: &BTreeSet<OperationId>,
) -> Result<StateHash, NoGroup> {
    Ok(Fold::up_to(graph, heads, notarized)?.state().hash())
}
