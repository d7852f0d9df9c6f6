//! The topics that a super node listens to, so that members need no direct connection (page 5).
//!
//! It joins those of the epochs it keeps frames of, and those a member asked it about. Not on disk:
//! after a start the epochs with frames are joined again, and members ask once more.

use super::{
    super::bounds::{EPOCHS_PER_READ, TOPIC_IDLE_MS, TOPICS_JOINED},
    rows::EPOCHS,
};
use crate::core::{net::NetCommand, turn::Turn};
use magpie_protocol::{
    address::NodeId,
    group::{EpochKey, Topic},
};
use magpie_storage::{
    engine::Order,
    table::{Keys, TableError},
};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Clone, Copy)]
struct Joined {
    /// When a frame came or a member asked last, milliseconds since the Unix epoch.
    used_ms: u64,
    /// Whether frames of the epoch are kept.
    held: bool,
}

impl Joined {
    const fn is_idle(&self, now: u64) -> bool {
        now.abs_diff(self.used_ms) >= TOPIC_IDLE_MS
    }
}

/// The topics that are joined.
#[derive(Debug, Default)]
pub(in super::super) struct Topics {
    joined: BTreeMap<Topic, Joined>,
    /// When a topic may have to be left next; no later than that.
    leave_at: Option<u64>,
}

impl Topics {
    /// Says whether a topic is joined.
    pub(super) fn is_joined(&self, topic: &Topic) -> bool {
        self.joined.contains_key(topic)
    }

    /// Notes that a topic is in use; says whether it is joined.
    pub(super) fn note(&mut self, topic: &Topic, now: u64) -> bool {
        let joined = self.joined.get_mut(topic);
        joined.map(|joined| joined.used_ms = now.max(joined.used_ms)).is_some()
    }

    /// Joins a topic, or notes that it is in use. With as many as may be, one that was idle for long
    /// gives way, one without frames first; if none is idle the newcomer stays out.
    fn join(&mut self, topic: Topic, held: bool, now: u64) -> Vec<NetCommand> {
        if let Some(joined) = self.joined.get_mut(&topic) {
            joined.used_ms = now.max(joined.used_ms);
            joined.held |= held;
            return vec![];
        }
        let mut commands = vec![];
        if self.joined.len() >= TOPICS_JOINED {
            let idle = self.joined.iter().filter(|(_, joined)| joined.is_idle(now));
            let idle = idle.min_by_key(|(_, joined)| (joined.held, joined.used_ms));
            let Some(idle) = idle.map(|(topic, _)| *topic) else { return commands };
            self.joined.remove(&idle);
            commands.push(NetCommand::Unsubscribe { topic: idle });
        }
        self.joined.insert(topic, Joined { used_ms: now, held });
        if !held {
            self.leave_not_after(now.saturating_add(TOPIC_IDLE_MS));
        }
        commands.push(NetCommand::Subscribe { topic });
        commands
    }

    /// Notes that no frames of a topic's epoch are kept any more.
    pub(super) fn release(&mut self, topic: &Topic) {
        if let Some(joined) = self.joined.get_mut(topic) {
            joined.held = false;
            let at = joined.used_ms.saturating_add(TOPIC_IDLE_MS);
            self.leave_not_after(at);
        }
    }

    /// Returns when a topic may have to be left next.
    pub(in super::super) const fn leave_at(&self) -> Option<u64> {
        self.leave_at
    }

    /// Takes out the topics of which no frames are kept and that nobody asked for lately.
    fn take_idle(&mut self, now: u64) -> Vec<Topic> {
        let mut idle = Vec::new();
        self.joined.retain(|topic, joined| {
            let stays = joined.held || !joined.is_idle(now);
            if !stays {
                idle.push(*topic);
            }
            stays
        });
        let loose = self.joined.values().filter(|joined| !joined.held);
        self.leave_at = loose.map(|joined| joined.used_ms.saturating_add(TOPIC_IDLE_MS)).min();
        idle
    }

    fn leave_not_after(&mut self, at: u64) {
        self.leave_at = Some(self.leave_at.map_or(at, |known| known.min(at)));
    }
}

impl Turn<'_> {
    /// Joins the topics of the epochs with frames after a start, the newest if there are too many.
    pub(crate) fn rejoin_topics(&mut self) {
        if self.core.mesh.office.is_some() {
            let newest = self.newest_epochs();
            // A store that failed ends the node after this step.
            for (last, at) in self.stored(newest).unwrap_or_default() {
                for command in self.core.mesh.topics.join(EpochKey(at).topic(), true, last) {
                    self.command(command);
                }
            }
        }
    }

    /// Returns the epochs with frames, each with about the time of the last; those of the latest.
    fn newest_epochs(&self) -> Result<BTreeSet<(u64, [u8; 32])>, TableError> {
        let mut newest = BTreeSet::new();
        let mut keys = Keys::all();
        loop {
            let rows = EPOCHS.scan(&self.tx, &keys, Order::Ascending, EPOCHS_PER_READ)?;
            let Some((last, _)) = rows.last() else { return Ok(newest) };
            keys = Keys::all().above(last);
            for (at, row) in rows {
                newest.insert((row.last, at));
                if newest.len() > TOPICS_JOINED {
                    newest.pop_first();
                }
            }
        }
    }

    /// Joins a topic, or notes that it is in use.
    pub(super) fn join_topic(&mut self, topic: Topic, held: bool) {
        for command in self.core.mesh.topics.join(topic, held, self.now) {
            self.command(command);
        }
    }

    /// Listens to a topic that a member asked about. One of which nothing is kept takes from what
    /// the peer may bring; without that it is answered and not listened to.
    pub(super) fn listen_for(&mut self, from: NodeId, topic: Topic, held: bool) {
        let mesh = &mut self.core.mesh;
        if held || mesh.topics.note(&topic, self.now) {
            self.join_topic(topic, held);
        } else if mesh.rates.epoch_wait(&from, self.now).is_none() {
            mesh.rates.take_epoch(&from);
            self.join_topic(topic, false);
        }
    }

    /// Leaves the topics that nobody needs any more.
    pub(in super::super) fn leave_topics(&mut self) {
        if self.core.mesh.topics.leave_at().is_some_and(|at| at <= self.now) {
            for topic in self.core.mesh.topics.take_idle(self.now) {
                self.command(NetCommand::Unsubscribe { topic });
            }
        }
    }
}
