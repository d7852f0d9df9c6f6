//! A message: the row of a conversation that every device of both sides holds alike.

use super::{ClockError, Content, ContentError, Kind, OrderKey};
use crate::{
    address::Address,
    bounded::{Blob, List, TooMany},
    codec::{DecodeError, EncodeError, Format, decode, encode},
    digest::digest,
    domain::MESSAGE_ID,
    ids::{DeviceId, GroupId, MessageId},
    limits::{CLOCK_MAX, MESSAGE, MESSAGE_BODY, MESSAGES_TOGETHER},
};
use serde::{Deserialize, Serialize};

/// Where a message belongs, as its author names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Conversation {
    /// Between the author and this account.
    Direct(Address),
    /// In a group.
    Group(GroupId),
}

/// A message's canonical content, unverified: its hash is its id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Where it belongs.
    pub conversation: Conversation,
    /// Who wrote it.
    pub author: Address,
    /// On which device.
    pub device: DeviceId,
    /// Its clock ([`next_clock`](super::next_clock)).
    pub lamport: u64,
    /// The latest messages the author had seen, ascending.
    pub parents: List<MessageId, 2>,
    /// The time to show, in milliseconds by the author's clock; orders nothing.
    pub time_ms: u64,
    /// For how long it is kept once read, in milliseconds; 0 is for good.
    pub burn_ms: u64,
    /// What kind of content it has.
    pub kind: Kind,
    /// The content, encoded by its kind.
    pub body: Blob<MESSAGE_BODY>,
}

impl Format for Message {
    const NAME: &'static str = "message";
    const VERSION: u8 = 1;
    const LIMIT: usize = MESSAGE;
}

/// Messages that travel together, in the order they were written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Messages {
    /// The messages; each is judged by itself.
    pub messages: List<Message, MESSAGES_TOGETHER>,
}

/// Why a message is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    /// The bytes are no message.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// It does not fit its format.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// It does not fit its format.
    #[error(transparent)]
    TooMany(#[from] TooMany),
    /// It claims another author than the session it came through.
    #[error("message by {claimed} came from a session with {sender}")]
    Author {
        /// Who is said to have written it.
        claimed: Address,
        /// Who sent it.
        sender: Address,
    },
    /// It claims another device than the session it came through.
    #[error("message on {claimed} came from a session with {sender}")]
    Device {
        /// Where it is said to be written.
        claimed: DeviceId,
        /// Where it was sent.
        sender: DeviceId,
    },
    /// Parents repeat or are not ascending.
    #[error("a message's parents ascend and differ")]
    Parents,
    /// The clock is malformed.
    #[error(transparent)]
    Clock(#[from] ClockError),
    /// The content is malformed.
    #[error(transparent)]
    Content(#[from] ContentError),
}

impl Message {
    /// Checks that who wrote this is who sent it, and that it is well-formed.
    ///
    /// Whether it may be placed yet is [`check_clock`](super::check_clock)'s to say; whether this
    /// conversation is one of the receiver's, the receiver's.
    pub fn verify(
        self,
        sender: Address,
        device: DeviceId,
    ) -> Result<VerifiedMessage, MessageError> {
        if self.author != sender {
            return Err(MessageError::Author { claimed: self.author, sender });
        }
        if self.device != device {
            return Err(MessageError::Device { claimed: self.device, sender: device });
        }
        if !self.parents.windows(2).all(|pair| matches!(pair, [a, b] if a < b)) {
            return Err(MessageError::Parents);
        }
        if !(1..=CLOCK_MAX).contains(&self.lamport) {
            return Err(ClockError::Range(self.lamport).into());
        }
        let content = Content::of(&self)?;
        let bytes = encode(&self)?;
        let id = MessageId(digest(MESSAGE_ID, &bytes));
        Ok(VerifiedMessage { message: self, id, content, bytes })
    }

    /// Sets kind and body from a content, as an author does before [`verify`](Self::verify).
    pub fn with_content(mut self, content: &Content) -> Result<Self, MessageError> {
        let (kind, body) = content.to_parts()?;
        self.kind = kind;
        self.body = Blob::new(body)?;
        Ok(self)
    }
}

/// A well-formed message of a known author, with its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedMessage {
    message: Message,
    id: MessageId,
    content: Content,
    bytes: Vec<u8>,
}

impl VerifiedMessage {
    /// Returns the message's id.
    pub const fn id(&self) -> MessageId {
        self.id
    }

    /// Returns where the message stands in its conversation.
    pub const fn order(&self) -> OrderKey {
        OrderKey { lamport: self.message.lamport, id: self.id }
    }

    /// Returns the message.
    pub const fn message(&self) -> &Message {
        &self.message
    }

    /// Returns what it says.
    pub const fn content(&self) -> &Content {
        &self.content
    }

    /// Returns its canonical bytes, to be stored.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Reads a message back from the store, where only verified ones are kept.
    ///
    /// Author and device are taken as they stand there; everything else is checked again.
    pub fn from_store(bytes: &[u8]) -> Result<Self, MessageError> {
        let message: Message = decode(bytes)?;
        let (author, device) = (message.author, message.device);
        message.verify(author, device)
    }

    /// Returns the other side of a conversation between two as `me` sees it: the author, or the one
    /// it is addressed to if `me` wrote it; nothing if `me` is neither, or it is a group's.
    pub fn peer_of(&self, me: Address) -> Option<Address> {
        match self.message.conversation {
            Conversation::Direct(to) if self.message.author == me => Some(to),
            Conversation::Direct(to) if to == me => Some(self.message.author),
            Conversation::Direct(_) | Conversation::Group(_) => None,
        }
    }
}
