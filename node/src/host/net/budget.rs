//! The bytes that peers may make this node hold at one time, over all connections together.
//!
//! Limits for each request alone would multiply: streams times connections times size. A stream
//! therefore takes a [`Lease`] before it makes room, and returns it when the bytes are gone.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::Relaxed},
};

/// Bytes that are left to be taken; clones share them.
#[derive(Debug, Clone)]
pub(super) struct Budget {
    left: Arc<AtomicUsize>,
}

/// Bytes taken from a [`Budget`], given back when dropped.
#[derive(Debug)]
pub(super) struct Lease {
    budget: Budget,
    taken: usize,
}

impl Budget {
    /// Returns a budget of `total` bytes.
    pub(super) fn new(total: usize) -> Self {
        Self { left: Arc::new(AtomicUsize::new(total)) }
    }

    /// Returns a lease of nothing, which can grow.
    pub(super) fn lease(&self) -> Lease {
        Lease { budget: self.clone(), taken: 0 }
    }

    /// Returns the bytes that nobody holds.
    #[cfg(test)]
    pub(super) fn left(&self) -> usize {
        self.left.load(Relaxed)
    }
}

impl Lease {
    /// Takes `more` bytes and says whether they were there; if not, nothing changes.
    pub(super) fn grow(&mut self, more: usize) -> bool {
        let taken = self.budget.left.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(more));
        if taken.is_ok() {
            self.taken += more;
        }
        taken.is_ok()
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.budget.left.fetch_add(self.taken, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_takes_what_is_there_and_gives_it_back() {
        let budget = Budget::new(10);
        let mut first = budget.lease();
        assert!(first.grow(7));
        let mut second = budget.lease();
        assert!(!second.grow(4));
        assert!(second.grow(3));
        assert_eq!(budget.left(), 0);
        drop(first);
        assert_eq!(budget.left(), 7);
        drop(second);
        assert_eq!(budget.left(), 10);
    }
}
