//! All operations of one group, whatever order they came in.
//!
//! In: verified operations. Out: which are known, which parents are missing, and the heads that
//! the next operation names. An operation stands in the graph when all its parents do; before, it
//! waits in a bounded room.

use super::{
    action::Action,
    id::OperationId,
    operation::{Operation, VerifiedOperation},
};
use crate::{
    address::Address,
    ids::GroupId,
    limits::{GROUP_OPERATIONS, GROUP_WAITING, GROUP_WAITING_BYTES, OPERATION_PARENTS},
};
use std::collections::{BTreeMap, BTreeSet};

/// Why an operation does not stand in a graph. The peer's fault, but for [`GraphError::Full`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GraphError {
    /// It is of another group.
    #[error("operation {id} is of group {found}, expected {expected}")]
    Group {
        /// The operation.
        id: OperationId,
        /// The graph's group.
        expected: GroupId,
        /// The operation's.
        found: GroupId,
    },
    /// The first operation of a graph is a creation.
    #[error("operation {0} makes no group")]
    NotFirst(OperationId),
    /// The depth is not one more than the greatest of the parents.
    #[error("operation {id} has depth {found}, its parents give {expected}")]
    Depth {
        /// The operation.
        id: OperationId,
        /// What the parents give.
        expected: u32,
        /// What it says.
        found: u32,
    },
    /// The author's previous operation is another's, or none of its ancestors.
    #[error("operation {id} names {previous} as its author's previous one")]
    Previous {
        /// The operation.
        id: OperationId,
        /// What it names.
        previous: OperationId,
    },
    /// As many operations are kept, or wait, as may.
    #[error("no room for operation {0}")]
    Full(OperationId),
}

/// What became of an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inserted {
    /// It stands in the graph, and so do these that waited for it, in this order.
    Added(Vec<OperationId>),
    /// It waits for these parents.
    Waiting(Vec<OperationId>),
    /// It was there.
    Known,
}

#[derive(Debug, Clone)]
struct Waiting {
    operation: VerifiedOperation,
    bytes: usize,
}

/// The operations of one group.
#[derive(Debug, Clone)]
pub struct Graph {
    group: GroupId,
    root: OperationId,
    operations: BTreeMap<OperationId, VerifiedOperation>,
    heads: BTreeSet<OperationId>,
    waiting: BTreeMap<OperationId, Waiting>,
    /// A missing parent, and who waits for it.
    missing: BTreeMap<OperationId, BTreeSet<OperationId>>,
    waiting_bytes: usize,
}

impl Graph {
    /// Returns the graph of the group that `first` makes.
    pub fn new(first: VerifiedOperation) -> Result<Self, GraphError> {
        let (group, root) = (first.group(), first.id());
        if !matches!(first.action(), Action::Create(_)) {
            return Err(GraphError::NotFirst(root));
        }
        Ok(Self {
            group,
            root,
            operations: BTreeMap::from([(root, first)]),
            heads: BTreeSet::from([root]),
            waiting: BTreeMap::new(),
            missing: BTreeMap::new(),
            waiting_bytes: 0,
        })
    }

    /// Adds an operation, and all that waited for it.
    ///
    /// One that waited and turns out to break a rule is forgotten. Errors leave the graph as it
    /// was; [`GraphError::Full`] while the parents are missing is no fault of the operation.
    pub fn insert(&mut self, operation: VerifiedOperation) -> Result<Inserted, GraphError> {
        let id = operation.id();
        if self.operations.contains_key(&id) || self.waiting.contains_key(&id) {
            return Ok(Inserted::Known);
        }
        if operation.group() != self.group {
            let (expected, found) = (self.group, operation.group());
            return Err(GraphError::Group { id, expected, found });
        }
        let absent = self.absent(&operation);
        if !absent.is_empty() {
            return self.wait(operation, absent);
        }
        self.add(operation)?;
        let mut added = vec![id];
        let mut next = 0;
        while let Some(parent) = added.get(next).copied() {
            next += 1;
            for child in self.missing.remove(&parent).unwrap_or_default() {
                let still = self.waiting.get(&child).map(|it| self.absent(&it.operation));
                if still.is_some_and(|absent| absent.is_empty())
                    && let Some(Waiting { operation, bytes }) = self.waiting.remove(&child)
                {
                    self.waiting_bytes = self.waiting_bytes.saturating_sub(bytes);
                    if self.add(operation).is_ok() {
                        added.push(child);
                    }
                }
            }
        }
        Ok(Inserted::Added(added))
    }

    fn absent(&self, operation: &VerifiedOperation) -> Vec<OperationId> {
        let parents = operation.operation().parents.iter().copied();
        parents.filter(|parent| !self.operations.contains_key(parent)).collect()
    }

    fn wait(
        &mut self,
        operation: VerifiedOperation,
        absent: Vec<OperationId>,
    ) -> Result<Inserted, GraphError> {
        let id = operation.id();
        let bytes = operation.operation().body.len() + 256;
        if self.waiting.len() >= GROUP_WAITING || self.waiting_bytes + bytes > GROUP_WAITING_BYTES {
            return Err(GraphError::Full(id));
        }
        for parent in &absent {
            self.missing.entry(*parent).or_default().insert(id);
        }
        self.waiting_bytes += bytes;
        self.waiting.insert(id, Waiting { operation, bytes });
        Ok(Inserted::Waiting(absent))
    }

    /// Adds an operation whose parents are all there.
    fn add(&mut self, operation: VerifiedOperation) -> Result<(), GraphError> {
        let id = operation.id();
        let Operation { parents, depth, previous, author, .. } = operation.operation();
        let parents_of = |id: &OperationId| self.operations.get(id);
        let deepest = parents.iter().filter_map(parents_of).map(|it| it.operation().depth).max();
        let expected = deepest.map_or(0, |deepest| deepest.saturating_add(1));
        if *depth != expected {
            return Err(GraphError::Depth { id, expected, found: *depth });
        }
        if let Some(previous) = *previous
            && !self.is_own_ancestor(parents, previous, *author)
        {
            return Err(GraphError::Previous { id, previous });
        }
        if self.operations.len() >= GROUP_OPERATIONS {
            return Err(GraphError::Full(id));
        }
        for parent in parents.iter() {
            self.heads.remove(parent);
        }
        self.heads.insert(id);
        self.operations.insert(id, operation);
        Ok(())
    }

    /// Whether `previous` is of `author` and is, or is an ancestor of, one of `parents`.
    fn is_own_ancestor(
        &self,
        parents: &[OperationId],
        previous: OperationId,
        author: Address,
    ) -> bool {
        self.operations.get(&previous).is_some_and(|it| it.operation().author == author)
            && parents.iter().any(|parent| *parent == previous || self.is_before(previous, *parent))
    }

    /// Whether `early` is an ancestor of `late`.
    pub fn is_before(&self, early: OperationId, late: OperationId) -> bool {
        let Some(floor) = self.operations.get(&early).map(|it| it.operation().depth) else {
            return false;
        };
        let mut seen = BTreeSet::new();
        let mut open = vec![late];
        while let Some(at) = open.pop() {
            let Some(operation) = self.operations.get(&at).map(VerifiedOperation::operation) else {
                continue;
            };
            for parent in operation.parents.iter() {
                if *parent == early {
                    return true;
                }
                let deep = self.operations.get(parent).map(|it| it.operation().depth);
                if deep.is_some_and(|depth| depth > floor) && seen.insert(*parent) {
                    open.push(*parent);
                }
            }
        }
        false
    }

    /// Returns the group.
    pub const fn group(&self) -> GroupId {
        self.group
    }

    /// Returns the first operation.
    pub const fn root(&self) -> OperationId {
        self.root
    }

    /// Returns the operation of this id, if it stands in the graph.
    pub fn get(&self, id: OperationId) -> Option<&VerifiedOperation> {
        self.operations.get(&id)
    }

    /// Returns all operations, ascending by id.
    pub fn operations(&self) -> impl ExactSizeIterator<Item = &VerifiedOperation> {
        self.operations.values()
    }

    /// Returns the operations that no other names as parent, ascending.
    pub const fn heads(&self) -> &BTreeSet<OperationId> {
        &self.heads
    }

    /// Returns the parents that are to be asked for, ascending; none of them waits itself.
    pub fn missing(&self) -> impl Iterator<Item = OperationId> {
        self.missing.keys().copied().filter(|id| !self.waiting.contains_key(id))
    }

    /// Forgets everything that waits, for when nobody has what it waits for.
    pub fn forget_waiting(&mut self) {
        self.waiting.clear();
        self.missing.clear();
        self.waiting_bytes = 0;
    }

    /// Returns the parents and the depth of the next operation made here: the deepest heads, as
    /// many as an operation names.
    pub fn next(&self) -> (Vec<OperationId>, u32) {
        let depth = |id: &OperationId| self.operations.get(id).map_or(0, |it| it.operation().depth);
        let mut heads: Vec<_> = self.heads.iter().copied().collect();
        heads.sort_by_key(|id| (std::cmp::Reverse(depth(id)), *id));
        heads.truncate(OPERATION_PARENTS);
        let deepest = heads.first().map_or(0, depth);
        heads.sort_unstable();
        (heads, deepest.saturating_add(1))
    }
}
