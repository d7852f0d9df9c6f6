//! The state while a block is executed: leaves as they were, and what changed since.
//!
//! What one entry changes is staged, and kept only if the entry holds. Whatever puts a leaf with
//! money in it moves the books' sum of such leaves by the difference, so a rule that gives without
//! taking leaves books that do not balance.

use super::error::Fault;
use crate::ledger::{
    Amount,
    state::{Books, Changes, Leaf, LeafKey, Leaves, Progress},
};

/// Leaves, and changes that are not theirs yet.
#[derive(Debug)]
pub(super) struct Overlay<'a, L> {
    leaves: &'a L,
    kept: Changes,
    staged: Changes,
    books_kept: Books,
    progress_kept: Progress,
    /// Where the money is.
    pub(super) books: Books,
    /// Where the chain stands.
    pub(super) progress: Progress,
}

fn read<L: Leaves, T: Leaf>(leaves: &L, key: &LeafKey) -> Result<Option<T>, Fault<L::Error>> {
    let bytes = leaves.leaf(key).map_err(Fault::Leaves)?;
    Ok(bytes.map(|bytes| T::from_leaf(&bytes)).transpose()?)
}

/// Reads a leaf that a state always has.
pub(super) fn always<L: Leaves, T: Leaf<Id = ()>>(leaves: &L) -> Result<T, Fault<L::Error>> {
    read(leaves, &T::key(&()))?.ok_or(Fault::Missing(T::NAME))
}

impl<'a, L: Leaves> Overlay<'a, L> {
    /// Starts from leaves.
    pub(super) fn new(leaves: &'a L) -> Result<Self, Fault<L::Error>> {
        let (books, progress) = (always(leaves)?, always(leaves)?);
        let (kept, staged) = (Changes::new(), Changes::new());
        Ok(Self {
            leaves,
            kept,
            staged,
            books_kept: books,
            progress_kept: progress,
            books,
            progress,
        })
    }

    /// Returns a leaf as it is now.
    pub(super) fn get<T: Leaf>(&self, id: &T::Id) -> Result<Option<T>, Fault<L::Error>> {
        let key = T::key(id);
        match self.staged.get(&key).or_else(|| self.kept.get(&key)) {
            Some(None) => Ok(None),
            Some(Some(bytes)) => Ok(Some(T::from_leaf(bytes)?)),
            None => read(self.leaves, &key),
        }
    }

    /// Returns a leaf that is there, because another names it.
    pub(super) fn need<T: Leaf>(&self, id: &T::Id) -> Result<T, Fault<L::Error>> {
        self.get(id)?.ok_or(Fault::Missing(T::NAME))
    }

    /// Puts a leaf.
    pub(super) fn put<T: Leaf>(&mut self, id: &T::Id, leaf: &T) -> Result<(), Fault<L::Error>> {
        self.count::<T>(id, leaf.held())?;
        self.staged.insert(T::key(id), Some(leaf.to_leaf()?));
        Ok(())
    }

    /// Takes a leaf away.
    pub(super) fn remove<T: Leaf>(&mut self, id: &T::Id) -> Result<(), Fault<L::Error>> {
        self.count::<T>(id, Amount::ZERO)?;
        self.staged.insert(T::key(id), None);
        Ok(())
    }

    /// Moves the sum that counts such leaves by what this one holds more or less.
    fn count<T: Leaf>(&mut self, id: &T::Id, now: Amount) -> Result<(), Fault<L::Error>> {
        let Some(pot) = T::POT else { return Ok(()) };
        let before = self.get::<T>(id)?.map_or(Amount::ZERO, |leaf| leaf.held());
        let sum = self.books.pot(pot);
        let others = sum.checked_sub(before).ok_or(Fault::Amount(T::NAME))?;
        *sum = others.checked_add(now).ok_or(Fault::Amount(T::NAME))?;
        Ok(())
    }

    /// Keeps what was staged.
    pub(super) fn keep(&mut self) {
        self.kept.append(&mut self.staged);
        (self.books_kept, self.progress_kept) = (self.books, self.progress);
    }

    /// Forgets what was staged.
    pub(super) fn forget(&mut self) {
        self.staged.clear();
        (self.books, self.progress) = (self.books_kept, self.progress_kept);
    }

    /// Returns all changes, books and progress among them, if the money adds up.
    pub(super) fn finish(mut self) -> Result<Changes, Fault<L::Error>> {
        if !self.books.balance() {
            return Err(Fault::Conservation(Box::new(self.books)));
        }
        let (books, progress) = (self.books, self.progress);
        self.put(&(), &books)?;
        self.put(&(), &progress)?;
        self.keep();
        let mut changes = self.kept;
        // A leaf that came and went within the block was never there for who keeps the tree.
        let mut gone = Vec::new();
        for (key, _) in changes.iter().filter(|(_, leaf)| leaf.is_none()) {
            if self.leaves.leaf(key).map_err(Fault::Leaves)?.is_none() {
                gone.push(*key);
            }
        }
        for key in gone {
            changes.remove(&key);
        }
        Ok(changes)
    }
}
