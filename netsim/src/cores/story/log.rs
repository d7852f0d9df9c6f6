//! What was done, as the checkers compare it with what nodes say.

use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// A packet of which nothing is left.
const EMPTY: u16 = 21_002;
/// A packet of which one has a share.
const OPENED: u16 = 21_003;
/// A packet whose time is over.
const EXPIRED: u16 = 21_004;

/// A conversation, by the numbers of people and groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Room {
    /// Two people, the lower number first.
    Direct(usize, usize),
    /// A group.
    Group(usize),
}

impl Room {
    /// Returns the conversation of two people.
    pub fn of(a: usize, b: usize) -> Self {
        Self::Direct(a.min(b), a.max(b))
    }
}

/// What became of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It was made and not answered yet.
    Asked,
    /// It was answered 200: it happened, and may never be forgotten.
    Done,
    /// It was refused with this code: it did not happen.
    Refused(u16),
    /// The node fell before it answered: it happened or it did not, but not twice.
    Unanswered,
}

/// One message that somebody wrote.
#[derive(Debug, Clone)]
pub struct Message {
    /// Who wrote it, by number of person.
    pub from: usize,
    /// Where.
    pub room: Room,
    /// When it was written, milliseconds since the beginning.
    pub at_ms: u64,
    /// What became of the call.
    pub standing: Standing,
    /// Its id, once it was told.
    pub id: Option<String>,
    /// Messages of the conversation that its author had seen.
    pub after: BTreeSet<usize>,
    /// People whose removal the author's node had seen.
    pub without: BTreeSet<usize>,
    /// When listeners of each other person were told of it, milliseconds since the beginning.
    pub heard: BTreeMap<usize, u64>,
}

/// One group.
#[derive(Debug, Clone, Default)]
pub struct GroupLog {
    /// Its id.
    pub id: String,
    /// Who made it.
    pub owner: usize,
    /// Those who were in it from the beginning and whom nobody began to remove.
    pub staying: BTreeSet<usize>,
    /// Those whom somebody began to remove.
    pub removed: BTreeSet<usize>,
    /// Those whom somebody began to add later.
    pub added: BTreeSet<usize>,
    /// Those of them who may still be added.
    pub candidates: Vec<usize>,
}

/// One transfer.
#[derive(Debug, Clone)]
pub struct Payment {
    /// Who pays.
    pub from: usize,
    /// Who is to get it.
    pub to: usize,
    /// The amount, in units; no other payment has the same.
    pub amount: u64,
    /// What became of the call.
    pub standing: Standing,
    /// Its uid, once it was told.
    pub uid: Option<String>,
    /// What became of its acceptance.
    pub accepted: Standing,
}

/// One red packet.
#[derive(Debug, Clone)]
pub struct Packet {
    /// Who made it.
    pub from: usize,
    /// For which group.
    pub group: usize,
    /// The amount, in units; no other packet has the same.
    pub amount: u64,
    /// In how many shares.
    pub shares: u64,
    /// What became of the call.
    pub standing: Standing,
    /// Its uid, once it was told.
    pub uid: Option<String>,
    /// Whether its card was sent.
    pub is_shown: bool,
    /// What became of each person's claim.
    pub claims: BTreeMap<usize, Claim>,
}

/// One person's claim from a packet.
#[derive(Debug, Clone, Copy)]
pub struct Claim {
    /// When it was called first, milliseconds since the beginning.
    pub called_ms: Option<u64>,
    /// When the person was told that they have a share, milliseconds since the beginning.
    pub settled_ms: Option<u64>,
    /// What became of the last call.
    pub standing: Standing,
    /// How many calls there were.
    pub tries: u32,
}

impl Default for Claim {
    fn default() -> Self {
        Self { called_ms: None, settled_ms: None, standing: Standing::Asked, tries: 0 }
    }
}

impl Claim {
    /// Tells whether the person was told that they have a share.
    pub const fn is_settled(&self) -> bool {
        matches!(self.standing, Standing::Done | Standing::Refused(OPENED))
    }

    /// Tells whether another call would change nothing.
    pub const fn is_over(&self) -> bool {
        self.is_settled() || matches!(self.standing, Standing::Refused(EMPTY | EXPIRED))
    }
}

/// One line of what happened, for people to read.
#[derive(Debug, Clone, Serialize)]
pub struct Event {
    /// When, milliseconds since the beginning.
    pub at_ms: u64,
    /// At which node.
    pub node: String,
    /// What.
    pub what: String,
}

/// Everything that people did.
#[derive(Debug, Default)]
pub struct Log {
    /// Messages, by number.
    pub messages: Vec<Message>,
    /// Groups, by number.
    pub groups: Vec<GroupLog>,
    /// Transfers, by number.
    pub payments: Vec<Payment>,
    /// Red packets, by number.
    pub packets: Vec<Packet>,
    /// What was minted, in units.
    pub minted: u64,
    /// What happened, in order.
    pub events: Vec<Event>,
}
