//! A set of operations laid out for folding: parents first, ancestors as bits.
//!
//! In: a [`Graph`], whole or what some heads have behind them. Out: [`History`], in which an
//! operation is a number: its place by (depth, id).

use super::{graph::Graph, id::OperationId, operation::VerifiedOperation};
use std::collections::{BTreeMap, BTreeSet};

/// A set of operations of one history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bits(Vec<u64>);

impl Bits {
    pub(super) fn none(len: usize) -> Self {
        Self(vec![0; len.div_ceil(64)])
    }

    pub(super) fn all(len: usize) -> Self {
        let mut bits = Self::none(len);
        (0..len).for_each(|at| bits.insert(at));
        bits
    }

    pub(super) fn insert(&mut self, at: usize) {
        if let Some(word) = self.0.get_mut(at / 64) {
            *word |= 1 << (at % 64);
        }
    }

    pub(super) fn remove(&mut self, at: usize) {
        if let Some(word) = self.0.get_mut(at / 64) {
            *word &= !(1 << (at % 64));
        }
    }

    pub(super) fn has(&self, at: usize) -> bool {
        self.0.get(at / 64).is_some_and(|word| word >> (at % 64) & 1 == 1)
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(word, more)| *word |= more);
    }

    pub(super) fn keep(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(word, kept)| *word &= kept);
    }

    pub(super) fn without(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(word, gone)| *word &= !gone);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    pub(super) fn len(&self) -> u32 {
        self.0.iter().map(|word| word.count_ones()).sum()
    }

    /// Returns the least place that is in both sets.
    pub(super) fn first_in(&self, other: &Self) -> Option<usize> {
        let words = self.0.iter().zip(&other.0).enumerate();
        words
            .map(|(at, (a, b))| (at, a & b))
            .find(|(_, word)| *word != 0)
            .and_then(|(at, word)| Some(at * 64 + usize::try_from(word.trailing_zeros()).ok()?))
    }
}

/// Operations by place, each with the set of its ancestors.
#[derive(Debug, Clone)]
pub(super) struct History<'g> {
    pub(super) graph: &'g Graph,
    operations: Vec<&'g VerifiedOperation>,
    places: BTreeMap<OperationId, usize>,
    before: Vec<Bits>,
}

impl<'g> History<'g> {
    /// Lays out all operations.
    pub(super) fn whole(graph: &'g Graph) -> Self {
        Self::of(graph, graph.operations().collect())
    }

    /// Lays out these operations and all before them; unknown ones are passed over.
    pub(super) fn up_to(graph: &'g Graph, heads: &[OperationId]) -> Self {
        let mut seen = BTreeSet::new();
        let mut open: Vec<_> = heads.to_vec();
        let mut operations = Vec::new();
        while let Some(id) = open.pop() {
            if let Some(operation) = graph.get(id)
                && seen.insert(id)
            {
                operations.push(operation);
                open.extend(operation.operation().parents.iter());
            }
        }
        Self::of(graph, operations)
    }

    fn of(graph: &'g Graph, mut operations: Vec<&'g VerifiedOperation>) -> Self {
        operations.sort_by_key(|it| (it.operation().depth, it.id()));
        let places: BTreeMap<_, _> =
            operations.iter().enumerate().map(|(place, it)| (it.id(), place)).collect();
        let mut before: Vec<Bits> = Vec::with_capacity(operations.len());
        for operation in &operations {
            let mut bits = Bits::none(operations.len());
            for place in operation.operation().parents.iter().filter_map(|id| places.get(id)) {
                // Parents are less deep, so they come first.
                if let Some(more) = before.get(*place) {
                    bits.add(more);
                }
                bits.insert(*place);
            }
            before.push(bits);
        }
        Self { graph, operations, places, before }
    }

    pub(super) const fn len(&self) -> usize {
        self.operations.len()
    }

    pub(super) fn get(&self, place: usize) -> Option<&'g VerifiedOperation> {
        self.operations.get(place).copied()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, &'g VerifiedOperation)> {
        self.operations.iter().copied().enumerate()
    }

    pub(super) fn place(&self, id: OperationId) -> Option<usize> {
        self.places.get(&id).copied()
    }

    pub(super) fn before(&self) -> &[Bits] {
        &self.before
    }

    /// Whether the operation at `early` is an ancestor of the one at `late`.
    pub(super) fn is_before(&self, early: usize, late: usize) -> bool {
        self.before.get(late).is_some_and(|bits| bits.has(early))
    }

    /// Whether neither is an ancestor of the other, and they differ.
    pub(super) fn concurrent(&self, a: usize, b: usize) -> bool {
        a != b && !self.is_before(a, b) && !self.is_before(b, a)
    }
}
