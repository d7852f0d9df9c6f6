//! The rows of people.

use magpie_protocol::{
    address::Address,
    codec::Format,
    limits::{GREETING_CHARS, RECORD, REMARK_CHARS},
    record::Card,
};
use magpie_storage::personal::PersonalTable;
use serde::{Deserialize, Serialize};

/// Friends of one account, at most.
pub(crate) const FRIENDS_MAX: u32 = 5_000;
/// Requests that wait or were answered, at most; the oldest gives way to a new one.
pub(crate) const REQUESTS_MAX: u32 = 1_000;
/// People on the blacklist, at most.
pub(crate) const BLOCKED_MAX: u32 = 5_000;
/// People of whom anything is remembered, at most.
pub(crate) const PEOPLE_MAX: u32 = 20_000;
/// How often one's request reaches the same person, and theirs counts here: once in this time.
pub(crate) const ASK_EVERY_MS: u64 = 60_000;

/// What this account asked a person, until they answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Asked {
    /// When the request was last posted, milliseconds since the Unix epoch.
    pub(crate) posted_ms: u64,
}

/// What became of a person's request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Answered {
    /// Nothing yet.
    Waiting,
    /// It was accepted.
    Accepted,
}

/// What a person asked this account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Request {
    /// What they said, last.
    pub(crate) greeting: String,
    /// How often they asked again.
    pub(crate) again: u32,
    /// When the first one came, milliseconds since the Unix epoch.
    pub(crate) since_ms: u64,
    /// When the last one counted, milliseconds since the Unix epoch.
    pub(crate) at_ms: u64,
    /// What became of it.
    pub(crate) state: Answered,
    /// Whether the person here has looked at it.
    pub(crate) seen: bool,
}

/// Everything about another account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Person {
    /// How they show themselves, once known.
    pub(crate) card: Option<Card>,
    /// How often their card was another one.
    pub(crate) version: u64,
    /// The remark on them.
    pub(crate) remark: String,
    /// Since when they are a friend, milliseconds since the Unix epoch.
    pub(crate) friend_ms: Option<u64>,
    /// Whether they are or were one.
    pub(crate) was_friend: bool,
    /// One's own request, while it waits.
    pub(crate) asked: Option<Asked>,
    /// Their request, until it is deleted.
    pub(crate) request: Option<Request>,
    /// The time that the last statement to them named: the next one names a later one, whatever the
    /// clock says.
    pub(crate) said_ms: u64,
    /// When they last asked, by their clock: an older request is one that was heard already.
    pub(crate) their_ask_ms: u64,
    /// When that was heard, milliseconds since the Unix epoch.
    pub(crate) heard_ask_ms: u64,
    /// Since when they are blocked, milliseconds since the Unix epoch.
    pub(crate) blocked_ms: Option<u64>,
    /// Whether they blocked this account, as they last said.
    pub(crate) blocked_by: bool,
    /// When they said so, by their clock.
    pub(crate) blocked_by_ms: u64,
    /// When the row last changed, milliseconds since the Unix epoch.
    pub(crate) updated_ms: u64,
}

impl Person {
    /// Returns whether they are a friend.
    pub(crate) const fn is_friend(&self) -> bool {
        self.friend_ms.is_some()
    }

    /// Returns whether a row of them stands in the store.
    pub(crate) const fn is_known(&self) -> bool {
        self.updated_ms != 0
    }

    /// Returns whether a request of theirs waits for an answer.
    pub(crate) fn is_waiting(&self) -> bool {
        self.request.as_ref().is_some_and(|request| request.state == Answered::Waiting)
    }

    /// Returns whether nothing of them is worth keeping.
    pub(crate) const fn is_forgettable(&self) -> bool {
        !self.was_friend
            && self.asked.is_none()
            && self.request.is_none()
            && self.blocked_ms.is_none()
            && !self.blocked_by
    }

    /// Returns the time that the next statement to them names.
    pub(crate) fn say_at(&mut self, now: u64) -> u64 {
        self.said_ms = now.max(self.said_ms.saturating_add(1));
        self.said_ms
    }

    /// Takes a card in; the version counts those that differ.
    pub(crate) fn take_card(&mut self, card: Card) {
        if self.card.as_ref() != Some(&card) {
            self.card = Some(card);
            self.version = self.version.saturating_add(1);
        }
    }

    /// Makes them a friend, which answers whatever either side asked.
    pub(crate) fn befriend(&mut self, now: u64) {
        self.friend_ms = Some(now);
        self.was_friend = true;
        self.asked = None;
        if let Some(request) = &mut self.request {
            request.state = Answered::Accepted;
            request.seen = true;
        }
    }

    /// Ends the friendship; what was asked is over, too.
    pub(crate) fn part(&mut self) {
        self.friend_ms = None;
        self.asked = None;
        self.request = None;
    }

    /// Returns whether this account blocked them.
    pub(crate) const fn is_blocked(&self) -> bool {
        self.blocked_ms.is_some()
    }
}

impl Format for Person {
    const NAME: &'static str = "person row";
    const VERSION: u8 = 1;
    const LIMIT: usize = RECORD + 4 * (GREETING_CHARS + REMARK_CHARS) + 256;
}

/// A row that says something by being there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Mark;

impl Format for Mark {
    const NAME: &'static str = "mark";
    const VERSION: u8 = 1;
    const LIMIT: usize = 1;
}

/// How many of each there are, and how often they changed; one row.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Counts {
    /// People of whom anything is remembered.
    pub(crate) people: u32,
    /// Friends.
    pub(crate) friends: u32,
    /// Requests, answered ones among them.
    pub(crate) requests: u32,
    /// Requests that wait and were not looked at.
    pub(crate) unseen: u32,
    /// People on the blacklist.
    pub(crate) blocked: u32,
    /// Changes of friends.
    pub(crate) contact_version: u64,
    /// Changes of the blacklist.
    pub(crate) blocked_version: u64,
}

impl Format for Counts {
    const NAME: &'static str = "people counts row";
    const VERSION: u8 = 1;
    const LIMIT: usize = 64;
}

/// People, by address.
pub(crate) const PEOPLE: PersonalTable<(), Address, Person> = PersonalTable::new("people");
/// Who is a friend.
pub(crate) const FRIENDS: PersonalTable<(), Address, Mark> = PersonalTable::new("friends");
/// Whose request is kept, by when it last counted.
pub(crate) const REQUESTS: PersonalTable<(), (u64, Address), Mark> =
    PersonalTable::new("friend requests");
/// Who is blocked, by since when.
pub(crate) const BLOCKED: PersonalTable<(), (u64, Address), Mark> =
    PersonalTable::new("blocked people");
/// The counts; one row.
pub(crate) const PEOPLE_COUNTS: PersonalTable<(), (), Counts> = PersonalTable::new("people counts");
