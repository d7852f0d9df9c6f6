//! The entries that wait, and the ways to find them.

use super::{Key, Lane, Place};
use magpie_protocol::ledger::{EntryId, VerifiedEntry};
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound,
};

/// Entries that wait, in all.
pub const POOL_ENTRIES: usize = 16_384;
/// Their bytes.
pub const POOL_BYTES: usize = 16 << 20;
/// Entries of one wallet, issuer or receive key.
pub const LANE_ENTRIES: usize = 64;

/// An entry that waits.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// The entry.
    pub entry: VerifiedEntry,
    /// Its bytes.
    pub len: usize,
    /// From when on it is dropped, in milliseconds.
    pub until_ms: u64,
    pub(super) turn: u64,
}

/// Entries that wait for a block. Always sound: the entries of a wallet or issuer begin at its next
/// sequence number and have no gap, in the order in which they came.
#[derive(Debug, Default)]
pub struct Mempool {
    entries: BTreeMap<Key, Waiting>,
    ids: BTreeMap<EntryId, Key>,
    turns: BTreeMap<u64, Key>,
    ends: BTreeSet<(u64, Key)>,
    targets: BTreeMap<EntryId, BTreeSet<Key>>,
    bytes: usize,
    turn: u64,
}

impl Mempool {
    /// Tells whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Returns how many wait.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Returns their bytes.
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Returns the entry with this id, whose signatures held.
    pub fn verified(&self, id: EntryId) -> Option<&VerifiedEntry> {
        Some(&self.entries.get(self.ids.get(&id)?)?.entry)
    }

    /// Returns the first `most` in the order in which they came.
    pub fn first(&self, most: usize) -> impl Iterator<Item = (Key, &Waiting)> {
        let keys = self.turns.values().take(most);
        keys.filter_map(|key| Some((*key, self.entries.get(key)?)))
    }

    /// Drops an entry that does not hold, and what came after it from the same wallet or issuer.
    pub fn refuse(&mut self, key: Key) {
        self.remove(key);
        if let Place::Sequence(_) = key.place {
            for later in self.after(key) {
                self.remove(later);
            }
        }
    }

    /// Drops what is over at this time, in milliseconds.
    pub fn expire(&mut self, time_ms: u64) {
        while let Some((until_ms, key)) = self.ends.first().copied() {
            if until_ms > time_ms {
                break;
            }
            self.refuse(key);
        }
    }

    pub(super) fn get(&self, key: Key) -> Option<&Waiting> {
        self.entries.get(&key)
    }

    /// Returns the keys of a lane in order.
    pub(super) fn lane(&self, lane: Lane) -> Vec<Key> {
        let start = Key { lane, place: Place::Sequence(0) };
        let keys = self.entries.range(start..).take_while(|(key, _)| key.lane == lane);
        keys.map(|(key, _)| *key).collect()
    }

    /// Returns the keys that are about a transfer or packet.
    pub(super) fn about(&self, target: EntryId) -> Vec<Key> {
        self.targets.get(&target).into_iter().flatten().copied().collect()
    }

    /// Tells whether there is room for one more of so many bytes.
    pub(super) fn has_room(&self, len: usize) -> bool {
        self.entries.len() < POOL_ENTRIES && self.bytes.saturating_add(len) <= POOL_BYTES
    }

    pub(super) fn insert(&mut self, key: Key, entry: VerifiedEntry, len: usize, until_ms: u64) {
        self.remove(key);
        // Counted once for each entry admitted: 64 bits last.
        self.turn = self.turn.saturating_add(1);
        let turn = self.turn;
        self.ids.insert(entry.id(), key);
        self.turns.insert(turn, key);
        self.ends.insert((until_ms, key));
        if let Some(target) = key.target() {
            self.targets.entry(target).or_default().insert(key);
        }
        self.bytes = self.bytes.saturating_add(len);
        self.entries.insert(key, Waiting { entry, len, until_ms, turn });
    }

    pub(super) fn remove(&mut self, key: Key) {
        let Some(waiting) = self.entries.remove(&key) else { return };
        self.ids.remove(&waiting.entry.id());
        self.turns.remove(&waiting.turn);
        self.ends.remove(&(waiting.until_ms, key));
        if let Some(target) = key.target()
            && let Some(keys) = self.targets.get_mut(&target)
        {
            keys.remove(&key);
            if keys.is_empty() {
                self.targets.remove(&target);
            }
        }
        self.bytes = self.bytes.saturating_sub(waiting.len);
    }

    fn after(&self, key: Key) -> Vec<Key> {
        let later = self.entries.range((Bound::Excluded(key), Bound::Unbounded));
        later.map(|(later, _)| *later).take_while(|later| later.lane == key.lane).collect()
    }
}
