//! What a node remembers of the ledger between steps.

use super::{
    errand::{Errand, ErrandId},
    rows::{BREACH, Breach, LIGHT},
    silence::{SILENT_MS, Silence},
};
use crate::core::state::{Config, Role};
use magpie_protocol::ledger::{
    EntryId,
    exchange::DecidedHeader,
    state::{Leaf, LeafError, LeafKey},
};
use magpie_storage::{overlay::View, table::TableError};
use magpie_wallet::light::Light;
use std::{
    collections::{BTreeMap, VecDeque},
    ops::Bound,
};

/// Errands under way, at most.
pub(crate) const ERRANDS: usize = 512;
/// Leaves that are remembered, at most; those shown longest ago go first.
pub(super) const LEAVES: usize = 4_096;
/// Entries of which it is remembered that a super node let them wait, at most.
const WAITED: usize = 512;
/// Requests for leaves that are under way at once, at most: one, while super nodes answer in time.
const ASKED_AT_ONCE: usize = 3;
/// Headers that are remembered, at most.
const HEADERS: usize = 2_048;
/// Leaves that may wait to be asked for, at most.
pub(super) const WANTED: usize = 8_192;

/// Entries that are handed to super nodes in [`HANDED_MS`], at most.
pub(super) const HANDED: usize = 16;
/// How long they are counted, milliseconds.
const HANDED_MS: u64 = 1_000;

/// A leaf as it was under a believed header.
#[derive(Debug, Clone)]
pub(super) struct Shown {
    /// The header's height.
    pub(super) height: u64,
    /// Its time, in milliseconds.
    pub(super) time_ms: u64,
    /// The leaf, if there was one.
    pub(super) bytes: Option<Vec<u8>>,
}

/// A leaf that was shown, read.
#[derive(Debug, Clone)]
pub(super) struct Seen<T> {
    /// The height of the header under which it was proven.
    pub(super) height: u64,
    /// The header's time, in milliseconds.
    pub(super) time_ms: u64,
    /// The leaf, if there was one.
    pub(super) leaf: Option<T>,
}

/// How far the asking for a header is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct HeaderAsked {
    /// When it was asked for last, milliseconds since the Unix epoch, if that is not over.
    pub(super) asked_ms: Option<u64>,
    /// Super nodes that did not show it.
    pub(super) tries: usize,
}

/// The memory of what a person's node believes and does; empty in a super node, which has the ledger
/// itself, and in a node without a network.
#[derive(Debug, Default)]
pub(crate) struct Money {
    /// The headers that are followed.
    pub(super) light: Option<Light>,
    /// Where the ledger broke its own rules: then nothing of it is believed any more.
    pub(super) breach: Option<Breach>,
    shown: BTreeMap<LeafKey, Shown>,
    /// Leaves to be asked for, each under a header of at least this height.
    wanted: BTreeMap<LeafKey, u64>,
    /// A header of at least this height is to be asked for.
    pub(super) header_wanted: u64,
    /// Requests for leaves that are under way.
    pub(super) asking: usize,
    /// When the last of them was made, milliseconds since the Unix epoch.
    pub(super) asked_ms: u64,
    /// Super nodes that do not answer.
    pub(super) silence: Silence,
    /// Counts requests, so that they go to one super node after the other.
    pub(super) asked: usize,
    pub(super) errands: BTreeMap<ErrandId, Errand>,
    pub(super) last: u64,
    /// Since when entries are counted that were handed to super nodes, how many those are, and the
    /// last of them.
    handed: (u64, usize, ErrandId),
    /// The entries that super nodes let wait for a block, the newest last.
    waited: VecDeque<EntryId>,
    /// Believed headers, the newest and those that were asked for.
    headers: BTreeMap<u64, DecidedHeader>,
    /// Heights whose headers are to be asked for; the number says of how many super nodes they were.
    pub(super) headers_wanted: BTreeMap<u64, HeaderAsked>,
}

impl HeaderAsked {
    /// Tells whether a super node was asked that has still time to answer.
    pub(super) fn is_under_way(&self, now: u64) -> bool {
        self.asked_ms.is_some_and(|at| now < at.saturating_add(SILENT_MS))
    }
}

impl Money {
    /// Returns the memory of a node that starts with this store.
    pub(crate) fn new(config: &Config, store: &dyn View) -> Result<Self, TableError> {
        let (Some(membership), Role::User) = (&config.network, &config.role) else {
            return Ok(Self::default());
        };
        let network = &membership.network;
        let light = match LIGHT.get(store, &())? {
            // Without what was followed nothing is believed: to begin anew might be to go back.
            Some(kept) => Light::from_bytes(&kept.0).ok(),
            None => {
                let created_ms = network.genesis().created_ms;
                let validators = network.validators().clone();
                Some(Light::from_genesis(network.id(), created_ms, validators))
            }
        };
        Ok(Self { light, breach: BREACH.get(store, &())?, ..Self::default() })
    }

    /// Tells whether nothing is believed any more: two certified headers contradict each other, or the
    /// ledger its own rules.
    pub(super) fn is_stopped(&self) -> bool {
        self.breach.is_some() || self.light.as_ref().is_some_and(|light| light.fork().is_some())
    }

    /// Tells whether a request for leaves may be made: none is under way, or the last has had its
    /// time; else when to look again, if at all.
    pub(super) fn may_ask(&self, now: u64) -> Result<(), Option<u64>> {
        let silent_at = self.asked_ms.saturating_add(SILENT_MS);
        match self.asking {
            0 => Ok(()),
            ASKED_AT_ONCE.. => Err(None),
            _ if now < silent_at => Err(Some(silent_at)),
            _ => Ok(()),
        }
    }

    /// Remembers that a super node let an entry wait for a block.
    pub(super) fn note_waited(&mut self, id: EntryId) {
        if !self.waited.contains(&id) {
            self.waited.push_back(id);
        }
        if self.waited.len() > WAITED {
            self.waited.pop_front();
        }
    }

    /// Tells whether a super node is known to have let an entry wait for a block.
    pub(super) fn has_waited(&self, id: EntryId) -> bool {
        self.waited.contains(&id)
    }

    /// Forgets the headers that are remembered.
    #[cfg(test)]
    pub(super) fn forget_headers(&mut self) {
        self.headers.clear();
    }

    /// Remembers a believed header.
    pub(super) fn note_header(&mut self, decided: DecidedHeader) {
        let height = decided.header.height;
        self.headers_wanted.remove(&height);
        self.headers.insert(height, decided);
        if self.headers.len() > HEADERS {
            // What was asked for is needed now, whatever its height.
            let oldest = self.headers.keys().find(|it| **it != height).copied();
            oldest.map(|oldest| self.headers.remove(&oldest));
        }
    }

    /// Returns the believed header of a height, if it is remembered.
    pub(super) fn header(&self, height: u64) -> Option<&DecidedHeader> {
        self.headers.get(&height)
    }

    /// Counts an entry that is to be handed to super nodes, or tells when there is room for it: who
    /// hands them too many is taken for one who floods them.
    pub(super) fn may_hand(&mut self, id: ErrandId, now: u64) -> Result<(), u64> {
        let (since, count, _) = self.handed;
        let (since, count) = match now.checked_sub(since) {
            Some(passed) if passed < HANDED_MS => (since, count),
            _ => (now, 0),
        };
        if count >= HANDED {
            return Err(since.saturating_add(HANDED_MS));
        }
        self.handed = (since, count.saturating_add(1), id);
        Ok(())
    }

    /// Returns the errands under way, those first that were not handed on for longest.
    pub(super) fn in_turn(&self) -> Vec<ErrandId> {
        let (.., last) = self.handed;
        let after = self.errands.range((Bound::Excluded(last), Bound::Unbounded));
        after.chain(self.errands.range(..=last)).map(|(id, _)| *id).collect()
    }

    /// Notes that the header of a height is to be asked for, unless too many are.
    pub(super) fn want_header(&mut self, height: u64) {
        if self.headers_wanted.len() < HEADERS / 2 {
            self.headers_wanted.entry(height).or_default();
        }
    }

    /// Returns when the block of a height was made, in milliseconds; 0 if that is not known.
    pub(super) fn time_of(&self, height: u64) -> u64 {
        self.headers.get(&height).map_or(0, |decided| decided.header.time_ms)
    }

    /// Returns the height of the newest believed header.
    pub(super) fn height(&self) -> u64 {
        self.light.as_ref().map_or(0, |light| light.tip().height)
    }

    /// Returns a leaf as it was shown under a header of at least this height.
    pub(super) fn leaf<T: Leaf>(&self, id: &T::Id, least: u64) -> Option<Seen<T>> {
        let shown = self.shown.get(&T::key(id)).filter(|shown| shown.height >= least)?;
        // What validators put into the state reads back, or is of a newer Magpie.
        let leaf: Result<Option<T>, LeafError> =
            shown.bytes.as_deref().map(T::from_leaf).transpose();
        let leaf = leaf.ok()?;
        Some(Seen { height: shown.height, time_ms: shown.time_ms, leaf })
    }

    /// Tells whether a leaf was shown under a header of at least this height.
    pub(super) fn is_shown(&self, key: &LeafKey, least: u64) -> bool {
        self.shown.get(key).is_some_and(|shown| shown.height >= least)
    }

    /// Remembers what a leaf was under a believed header.
    pub(super) fn show(&mut self, key: LeafKey, shown: Shown) {
        if self.wanted.get(&key).is_some_and(|least| *least <= shown.height) {
            self.wanted.remove(&key);
        }
        // A super node may be behind: what was is not what is.
        if self.shown.get(&key).is_some_and(|known| known.height > shown.height) {
            return;
        }
        if self.shown.len() >= LEAVES && !self.shown.contains_key(&key) {
            let oldest = self.shown.iter().min_by_key(|(_, shown)| shown.height);
            if let Some(oldest) = oldest.map(|(key, _)| *key) {
                self.shown.remove(&oldest);
            }
        }
        self.shown.insert(key, shown);
    }

    /// Notes that a leaf is to be asked for, unless too many are.
    pub(super) fn want(&mut self, key: LeafKey, least: u64) {
        if self.wanted.len() < WANTED || self.wanted.contains_key(&key) {
            let wanted = self.wanted.entry(key).or_insert(least);
            *wanted = least.max(*wanted);
        }
    }

    /// Returns the leaves to ask for next.
    pub(super) fn next_wanted(&self, most: usize) -> Vec<LeafKey> {
        self.wanted.keys().take(most).copied().collect()
    }

    /// Tells whether anything is to be asked for.
    pub(super) fn is_wanting(&self) -> bool {
        !self.wanted.is_empty() || self.header_wanted > self.height()
    }

    /// Forgets what the account was about: it signed out.
    pub(crate) fn forget_account(&mut self) {
        self.errands.retain(|_, errand| !errand.is_personal());
        self.wanted.clear();
        self.headers_wanted.clear();
    }
}
