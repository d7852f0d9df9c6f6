//! What a node remembers of the ledger between steps.

use super::{
    confirming::Confirming,
    errand::{Errand, ErrandId},
    rows::{BREACH, Breach, CHECKED, Checked, LIGHT},
    silence::{SILENT_MS, Silence},
};
use crate::core::state::{Config, Role};
use magpie_protocol::{
    ledger::{
        EntryId,
        exchange::DecidedHeader,
        state::{Leaf, LeafError, LeafKey},
    },
    network::Checkpoint,
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

/// Entries that are handed to super nodes at once, at most: as many as may wait after an absence. A
/// super node lets a peer spend 1,024 units at once, and an entry costs three.
pub(super) const HANDED_AT_ONCE: u64 = 256;
/// Entries a second that are handed to one super node in the long run: a super node lets a peer spend
/// 64 units a second.
pub(super) const HANDED_A_SECOND: u64 = 16;

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
    /// Not asked again before this time, milliseconds since the Unix epoch.
    pub(super) again_ms: u64,
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
    /// What has to be found out before the ledger is believed.
    pub(super) confirming: Confirming,
    pub(super) shown: BTreeMap<LeafKey, Shown>,
    /// Leaves to be asked for, each under a header of at least this height.
    wanted: BTreeMap<LeafKey, u64>,
    /// Nobody is asked for leaves before this time, milliseconds since the Unix epoch: who was asked last
    /// is behind, and nothing else was wished for since.
    pub(super) ask_from_ms: u64,
    /// A header of at least this height is to be asked for.
    pub(super) header_wanted: u64,
    /// Requests for leaves that are under way.
    pub(super) asking: usize,
    /// When the last of them was made, milliseconds since the Unix epoch.
    pub(super) asked_ms: u64,
    /// Super nodes that do not answer.
    pub(in crate::core::money) silence: Silence,
    /// Counts requests, so that they go to one super node after the other.
    pub(super) asked: usize,
    pub(crate) errands: BTreeMap<ErrandId, Errand>,
    pub(super) last: u64,
    /// What may be handed to super nodes.
    handed: Allowance,
    /// Whether errands are to be tried that wait for news.
    pub(super) has_news: bool,
    /// The entries that super nodes let wait for a block, the newest last.
    waited: VecDeque<EntryId>,
    /// Believed headers, the newest and those that were asked for.
    headers: BTreeMap<u64, DecidedHeader>,
    /// Heights whose headers are to be asked for; the number says of how many super nodes they were.
    pub(super) headers_wanted: BTreeMap<u64, HeaderAsked>,
    /// By which header time something of this account may have come back, in milliseconds.
    pub(super) next_back_ms: u64,
    /// How often an errand was tried.
    #[cfg(test)]
    pub(super) tries: usize,
}

/// How many entries may be handed to super nodes, and the last errand that did.
#[derive(Debug)]
struct Allowance {
    /// In thousandths of an entry.
    left: u64,
    /// Up to when it was given, milliseconds since the Unix epoch.
    at_ms: u64,
    last: ErrandId,
}

impl Default for Allowance {
    fn default() -> Self {
        Self { left: HANDED_AT_ONCE * 1_000, at_ms: 0, last: ErrandId::default() }
    }
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
        let checked = CHECKED.get(store, &())?;
        let is_new = |of: &Checkpoint| {
            checked.is_none_or(|Checked { height, hash }| (height, hash) != (of.height, of.hash))
        };
        let checkpoint = network.checkpoint().filter(is_new);
        let confirming = Confirming::of(checkpoint);
        Ok(Self { light, breach: BREACH.get(store, &())?, confirming, ..Self::default() })
    }

    /// Tells whether nothing is believed any more: two certified headers contradict each other, one the
    /// checkpoint of the network file, or the ledger its own rules.
    pub(super) fn is_stopped(&self) -> bool {
        self.breach.is_some()
            || self.confirming.contradiction.is_some()
            || self.light.as_ref().is_some_and(|light| light.fork().is_some())
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

    /// Counts an entry that is to be handed to super nodes, `a_second` in the long run, or tells when
    /// there is room for it: who hands them too many is taken for one who floods them.
    pub(super) fn may_hand(&mut self, id: ErrandId, now: u64, a_second: u64) -> Result<(), u64> {
        let Allowance { left, at_ms, last } = &mut self.handed;
        // A clock that was set back gives nothing.
        let gained = now.saturating_sub(*at_ms).saturating_mul(a_second);
        (*left, *at_ms) = (left.saturating_add(gained).min(HANDED_AT_ONCE * 1_000), now);
        let Some(rest) = left.checked_sub(1_000) else {
            let missing = 1_000_u64.saturating_sub(*left);
            return Err(now.saturating_add(missing.div_ceil(a_second.max(1))).max(now + 1));
        };
        (*left, *last) = (rest, id);
        Ok(())
    }

    /// Returns the errands of which something is so, those first that were not handed on for longest.
    pub(super) fn in_turn(&self, is_so: impl Fn(&Errand) -> bool) -> Vec<ErrandId> {
        let last = self.handed.last;
        let after = self.errands.range((Bound::Excluded(last), Bound::Unbounded));
        let all = after.chain(self.errands.range(..=last));
        all.filter(|(_, errand)| is_so(errand)).map(|(id, _)| *id).collect()
    }

    /// Notes that the header of a height is to be asked for, unless too many are; tells whether it is.
    pub(super) fn want_header(&mut self, height: u64) -> bool {
        if self.headers_wanted.len() < HEADERS / 2 {
            self.headers_wanted.entry(height).or_default();
        }
        self.headers_wanted.contains_key(&height)
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

    /// Notes that a leaf is to be asked for, unless too many are; tells whether it is.
    pub(super) fn want(&mut self, key: LeafKey, least: u64) -> bool {
        let has_room = self.wanted.len() < WANTED || self.wanted.contains_key(&key);
        if has_room {
            let before = self.wanted.insert(key, least);
            let wished = before.map_or(least, |before| before.max(least));
            self.wanted.insert(key, wished);
            if before != Some(wished) {
                // Nobody was asked for that yet.
                self.ask_from_ms = 0;
            }
        }
        has_room
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
        // The next account's, or this one's once more, are looked for in its rows.
        self.next_back_ms = 0;
    }
}
