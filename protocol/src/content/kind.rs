//! The kinds of messages, by the documents' numbers (`msg_type`), and the contents of those that
//! this build reads.

use super::{Message, PacketMessage, TransferMessage, money::MoneyError};
use crate::{
    address::Address,
    bounded::Text,
    codec::{DecodeError, EncodeError, Format, decode, encode},
    ids::MessageId,
    limits::{MESSAGE_BODY, MESSAGE_TEXT_CHARS},
};
use serde::{Deserialize, Serialize};

/// A message's kind: the documents' `msg_type`. Numbers that are not here are kept, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Kind(pub u16);

impl Kind {
    /// Text.
    pub const TEXT: Self = Self(1);
    /// A notice of the conversation itself.
    pub const SYSTEM: Self = Self(2);
    /// Voice.
    pub const VOICE: Self = Self(3);
    /// Video.
    pub const VIDEO: Self = Self(4);
    /// File.
    pub const FILE: Self = Self(5);
    /// Image.
    pub const IMAGE: Self = Self(6);
    /// A person's card.
    pub const CARD: Self = Self(10);
    /// Forwarded messages.
    pub const FORWARD: Self = Self(11);
    /// An answer that quotes.
    pub const QUOTE: Self = Self(12);
    /// A notice of a group.
    pub const GROUP_SYSTEM: Self = Self(13);
    /// Call signalling.
    pub const CALL: Self = Self(14);
    /// A notice that somebody is blocked.
    pub const BLOCK: Self = Self(15);
    /// A recall.
    pub const RECALL: Self = Self(16);
    /// A red packet.
    pub const RED_PACKET: Self = Self(17);
    /// A transfer.
    pub const TRANSFER: Self = Self(18);
}

/// The content of a text message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageText {
    /// What it says.
    pub text: Text<MESSAGE_TEXT_CHARS>,
}

impl Format for MessageText {
    const NAME: &'static str = "text content";
    const VERSION: u8 = 1;
    const LIMIT: usize = MESSAGE_BODY;
}

/// The content of a recall: takes back a message of the same author in the same conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recall {
    /// The message to take back.
    pub target: MessageId,
}

impl Format for Recall {
    const NAME: &'static str = "recall content";
    const VERSION: u8 = 1;
    const LIMIT: usize = 64;
}

/// What a notice of a conversation between two says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SystemEvent {
    /// They became friends (the documents' type 0).
    Friends,
}

/// The content of a system message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct System {
    /// What happened.
    pub event: SystemEvent,
    /// Whom it is about.
    pub account: Address,
}

impl Format for System {
    const NAME: &'static str = "system content";
    const VERSION: u8 = 1;
    const LIMIT: usize = 128;
}

/// A message's content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Text.
    Text(MessageText),
    /// A recall.
    Recall(Recall),
    /// A notice.
    System(System),
    /// A red packet.
    RedPacket(PacketMessage),
    /// A transfer.
    Transfer(TransferMessage),
    /// What a newer Magpie reads: another kind, or a newer version of one.
    Unknown {
        /// The kind.
        kind: Kind,
        /// The body as it came.
        body: Vec<u8>,
    },
}

/// Why a content is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ContentError {
    /// The body is malformed for its kind.
    #[error("message of kind {kind}: {error}")]
    Body {
        /// The kind.
        kind: u16,
        /// What is wrong.
        error: DecodeError,
    },
    /// The body is too large.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// A text says nothing.
    #[error("a text message is not empty")]
    EmptyText,
    /// A card of money is not one that anybody can act on.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

impl Content {
    /// Returns kind and body as they stand in a message.
    pub fn to_parts(&self) -> Result<(Kind, Vec<u8>), ContentError> {
        Ok(match self {
            Self::Text(text) if text.text.is_empty() => return Err(ContentError::EmptyText),
            Self::Text(text) => (Kind::TEXT, encode(text)?),
            Self::Recall(recall) => (Kind::RECALL, encode(recall)?),
            Self::System(system) => (Kind::SYSTEM, encode(system)?),
            Self::RedPacket(packet) => {
                packet.check()?;
                (Kind::RED_PACKET, encode(packet)?)
            }
            Self::Transfer(transfer) => {
                transfer.check()?;
                (Kind::TRANSFER, encode(transfer)?)
            }
            Self::Unknown { kind, body } => (*kind, body.clone()),
        })
    }

    /// Reads a message's content; a kind or a version that this build does not know is kept.
    pub fn of(message: &Message) -> Result<Self, ContentError> {
        let (kind, body) = (message.kind, &*message.body);
        let read = match kind {
            Kind::TEXT => decode(body).map(Self::Text),
            Kind::RECALL => decode(body).map(Self::Recall),
            Kind::SYSTEM => decode(body).map(Self::System),
            Kind::RED_PACKET => decode(body).map(Self::RedPacket),
            Kind::TRANSFER => decode(body).map(Self::Transfer),
            _ => return Ok(Self::Unknown { kind, body: body.to_vec() }),
        };
        match read {
            Ok(Self::Text(text)) if text.text.is_empty() => Err(ContentError::EmptyText),
            Ok(content) => {
                match &content {
                    Self::RedPacket(packet) => packet.check()?,
                    Self::Transfer(transfer) => transfer.check()?,
                    _ => {}
                }
                Ok(content)
            }
            Err(DecodeError::Version { .. }) => Ok(Self::Unknown { kind, body: body.to_vec() }),
            Err(error) => Err(ContentError::Body { kind: kind.0, error }),
        }
    }
}
