//! Conversations in memory, and which of them are not written yet: a group of steps may change one many
//! times, and only what it has become is written, once, before the group is made durable.

use super::rows::{Conversation, Counts, Room};
use std::collections::{BTreeMap, BTreeSet};

/// Conversations kept in memory between groups of steps, at most.
const ROOMS: usize = 64;

/// A conversation as the steps so far left it.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    pub(crate) now: Conversation,
    /// By when it is listed in the store; nothing if its row is not there.
    pub(super) listed_ms: Option<u64>,
}

/// What of the chat's rows is in memory.
#[derive(Debug, Default)]
pub(crate) struct KeptChat {
    pub(super) rooms: BTreeMap<Room, Kept>,
    pub(super) counts: Option<Counts>,
    /// Whether a message may be named that has not come, as a parent or as taken back; unknown until it was
    /// looked for.
    pub(super) awaits: Option<bool>,
    pub(super) recalls: BTreeMap<Room, bool>,
    /// Those whose rows are older than what is kept here.
    pub(super) unwritten: BTreeSet<Room>,
    /// Those that listeners have not heard of since they changed.
    pub(super) untold: BTreeSet<Room>,
}

/// What of it a step changed, as it was before: a refusal changes nothing.
#[derive(Debug, Default)]
pub(crate) struct ChatBefore {
    counts: Option<Option<Counts>>,
    rooms: BTreeMap<Room, RoomBefore>,
}

#[derive(Debug)]
struct RoomBefore {
    kept: Option<Kept>,
    was_unwritten: bool,
    was_untold: bool,
}

impl ChatBefore {
    /// Notes a conversation that is about to change, and the counts with it.
    pub(super) fn note(&mut self, chat: &KeptChat, room: Room) {
        self.counts.get_or_insert(chat.counts);
        self.rooms.entry(room).or_insert_with(|| RoomBefore {
            kept: chat.rooms.get(&room).cloned(),
            was_unwritten: chat.unwritten.contains(&room),
            was_untold: chat.untold.contains(&room),
        });
    }
}

impl KeptChat {
    /// Brings back what a step changed.
    pub(crate) fn restore(&mut self, before: ChatBefore) {
        if let Some(counts) = before.counts {
            self.counts = counts;
        }
        for (room, was) in before.rooms {
            match was.kept {
                Some(kept) => drop(self.rooms.insert(room, kept)),
                None => drop(self.rooms.remove(&room)),
            }
            set(&mut self.unwritten, room, was.was_unwritten);
            set(&mut self.untold, room, was.was_untold);
        }
    }

    /// Forgets conversations if there are too many; all are written.
    pub(super) fn trim(&mut self) {
        if self.rooms.len() > ROOMS {
            self.rooms.clear();
            self.recalls.clear();
        }
    }
}

fn set(rooms: &mut BTreeSet<Room>, room: Room, is_in: bool) {
    if is_in {
        rooms.insert(room);
    } else {
        rooms.remove(&room);
    }
}
