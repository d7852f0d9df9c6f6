//! The rows of messages and conversations.

use magpie_protocol::{
    address::Address,
    api::field::OneOrGroup12,
    bounded::{Blob, List},
    codec::Format,
    content::{Kind, OrderKey},
    ids::{GroupId, MessageId},
    limits::{CLOCK_AHEAD_MS, MESSAGE},
};
use magpie_storage::{key::RowKey, personal::PersonalTable};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Latest messages of a conversation that no other names as a parent, remembered at most.
pub(crate) const HEADS: usize = 8;
/// How far a message's clock may be ahead of the time it shows: two clocks, each as far ahead of the
/// other as a message may be without waiting.
pub(crate) const CLOCK_SLACK_MS: u64 = 2 * CLOCK_AHEAD_MS;
/// Messages of one conversation that may wait because they are ahead of their time.
pub(crate) const AHEAD_MAX: u32 = 64;
/// Messages placed in one step, once they are due.
pub(crate) const DUE_PER_STEP: usize = 16;

/// A conversation, by its other side. Stored by position: append only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Room {
    /// With one account.
    Direct(Address),
    /// In a group.
    Group(GroupId),
}

impl Room {
    /// Returns whether the other side is one person or a group.
    pub(crate) const fn kind(self) -> OneOrGroup12 {
        match self {
            Self::Direct(_) => OneOrGroup12::One,
            Self::Group(_) => OneOrGroup12::Group,
        }
    }
}

impl fmt::Display for Room {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Direct(peer) => peer.fmt(f),
            Self::Group(group) => group.fmt(f),
        }
    }
}

/// What stands before an account's address in a key.
const DIRECT: u8 = 0;
/// What stands before a group's id in a key.
const GROUP: u8 = 1;

impl RowKey for Room {
    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Direct(peer) => (DIRECT, *peer).write(out),
            Self::Group(group) => (GROUP, *group).write(out),
        }
    }

    fn read(input: &mut &[u8]) -> Option<Self> {
        match u8::read(input)? {
            DIRECT => RowKey::read(input).map(Self::Direct),
            GROUP => RowKey::read(input).map(Self::Group),
            _ => None,
        }
    }
}

/// A message's place in its conversation, as it sorts.
pub(crate) type Order = (u64, MessageId);

/// Returns the place that a row's key says.
pub(crate) const fn order_key((lamport, id): Order) -> OrderKey {
    OrderKey { lamport, id }
}

/// How far a message has come with who it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Reach {
    /// It is not known to have arrived; with a message of others, it is unread.
    Unread,
    /// It arrived.
    Delivered,
    /// It was read.
    Read,
}

/// How far a message has come from here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Sent {
    /// It is on its way.
    Sending,
    /// Super nodes keep it, or a device has it.
    Done {
        /// How many super nodes signed for it, of how many; nothing if it went directly.
        stored: Option<(u8, u8)>,
    },
    /// It was given up, for this reason.
    Failed(String),
}

/// A message as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stored {
    /// Who wrote it.
    pub(crate) author: Address,
    /// When, as it is shown, milliseconds since the Unix epoch.
    pub(crate) time_ms: u64,
    /// What it is: its own kind, or a recall once it was taken back.
    pub(crate) kind: Kind,
    /// Its number in the conversation, as this node counts.
    pub(crate) number: u64,
    /// How far it has come with who it is for.
    pub(crate) reach: Reach,
    /// How far it has come from here.
    pub(crate) sent: Sent,
    /// When the row last changed, milliseconds since the Unix epoch.
    pub(crate) updated_ms: u64,
    /// Its canonical content, of which its id is the hash; nothing once it was taken back.
    pub(crate) canonical: Blob<MESSAGE>,
}

impl Format for Stored {
    const NAME: &'static str = "message row";
    const VERSION: u8 = 1;
    const LIMIT: usize = MESSAGE + 1_024;
}

/// What a message that is known is to its conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Role {
    /// It is listed.
    Listed,
    /// It says something about another one and is not listed.
    Hidden,
    /// It is ahead of its time and waits.
    Ahead,
}

/// Where a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Place {
    /// In which conversation.
    pub(crate) room: Room,
    /// Its clock.
    pub(crate) lamport: u64,
    /// What it is to the conversation.
    pub(crate) role: Role,
}

impl Format for Place {
    const NAME: &'static str = "message place row";
    const VERSION: u8 = 1;
    const LIMIT: usize = 64;
}

/// A conversation as it is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Conversation {
    /// When it was made, milliseconds since the Unix epoch.
    pub(crate) created_ms: u64,
    /// When it last changed, milliseconds since the Unix epoch.
    pub(crate) updated_ms: u64,
    /// When it got its last message, or was made: newer ones are listed first.
    pub(crate) ranked_ms: u64,
    /// The newest message.
    pub(crate) newest: Option<Order>,
    /// Messages listed so far.
    pub(crate) count: u64,
    /// Unread messages among them.
    pub(crate) unread: u64,
    /// Messages up to this number were read at once.
    pub(crate) read_to: u64,
    /// Whether the person marked it as unread.
    pub(crate) marked: bool,
    /// The latest messages that no other names as a parent, ascending.
    pub(crate) heads: List<Order, HEADS>,
}

impl Conversation {
    /// Returns whether a message of others is among the unread.
    pub(crate) fn counts_unread(&self, row: &Stored) -> bool {
        row.reach != Reach::Read && row.number > self.read_to
    }
}

impl Format for Conversation {
    const NAME: &'static str = "conversation row";
    const VERSION: u8 = 1;
    const LIMIT: usize = 1_024;
}

/// A message that is ahead of its time: its canonical content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ahead {
    /// In which conversation.
    pub(crate) room: Room,
    /// The content.
    pub(crate) canonical: Blob<MESSAGE>,
}

impl Format for Ahead {
    const NAME: &'static str = "early message row";
    const VERSION: u8 = 1;
    const LIMIT: usize = MESSAGE + 64;
}

/// A number of something.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Number(pub(crate) u32);

impl Format for Number {
    const NAME: &'static str = "number row";
    const VERSION: u8 = 1;
    const LIMIT: usize = 8;
}

/// Counts over all conversations; one row.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Counts {
    /// Unread messages.
    pub(crate) unread: u64,
    /// Changes of messages between two.
    pub(crate) version: u64,
}

impl Format for Counts {
    const NAME: &'static str = "chat counts row";
    const VERSION: u8 = 1;
    const LIMIT: usize = 32;
}

/// How often messages in groups were changed; one row.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct GroupChanges(pub(crate) u64);

impl Format for GroupChanges {
    const NAME: &'static str = "group message changes row";
    const VERSION: u8 = 1;
    const LIMIT: usize = 16;
}

pub(crate) use crate::core::people::rows::Mark;

/// Messages, by conversation, in its order.
pub(crate) const MESSAGES: PersonalTable<Room, Order, Stored> = PersonalTable::new("messages");
/// Where each message is.
pub(crate) const PLACES: PersonalTable<(), MessageId, Place> = PersonalTable::new("message places");
/// Messages that others name as a parent and that have not come.
pub(crate) const AWAITED: PersonalTable<(), MessageId, Mark> =
    PersonalTable::new("awaited messages");
/// Messages that their author took back before they came.
pub(crate) const RECALLS: PersonalTable<Room, (MessageId, Address), Mark> =
    PersonalTable::new("early recalls");
/// Messages ahead of their time, by when they are due.
pub(crate) const AHEAD: PersonalTable<(), Order, Ahead> = PersonalTable::new("early messages");
/// How many of a conversation's messages are.
pub(crate) const AHEAD_COUNTS: PersonalTable<(), Room, Number> =
    PersonalTable::new("early message counts");
/// Conversations.
pub(crate) const CONVERSATIONS: PersonalTable<(), Room, Conversation> =
    PersonalTable::new("conversations");
/// Conversations, by when they got their last message.
pub(crate) const RECENT: PersonalTable<(), (u64, Room), Mark> =
    PersonalTable::new("recent conversations");
/// The counts; one row.
pub(crate) const CHAT_COUNTS: PersonalTable<(), (), Counts> = PersonalTable::new("chat counts");
/// How often messages in groups were changed; one row.
pub(crate) const GROUP_CHANGES: PersonalTable<(), (), GroupChanges> =
    PersonalTable::new("group message changes");
