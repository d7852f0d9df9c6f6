//! Everything that travels inside a session, messages among it.
//!
//! A payload is a number and a body with a version of its own, so that a device can tell "newer
//! than I am" from "malformed".

use super::{GroupOperations, GroupSecrets, GroupSession, GroupWanted, Message, Messages};
use crate::{
    bounded::{Blob, List, Text, TooMany},
    codec::{DecodeError, EncodeError, Format, decode, encode},
    ids::{EnvelopeId, MessageId},
    limits::{GREETING_CHARS, NAMED_ENVELOPES, NAMED_MESSAGES, PAYLOAD, RECORD},
    record::{Card, DeviceList, OneTimeKey},
    token::Token,
};
use serde::{Deserialize, Serialize};

/// Which messages arrived at a device, and which were read by the person.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryReceipt {
    /// Decrypted and stored.
    pub delivered: List<MessageId, NAMED_MESSAGES>,
    /// Read.
    pub read: List<MessageId, NAMED_MESSAGES>,
}

/// "May I write to you?"
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FriendRequest {
    /// What the asker says.
    pub greeting: Text<GREETING_CHARS>,
    /// Who asks.
    pub card: Card,
    /// Lets the answer into the asker's mailboxes.
    pub token: Token,
    /// When it was asked, in milliseconds by the asker's clock; two requests that cross are one.
    pub asked_ms: u64,
}

/// The answer to a friend request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum FriendAnswer {
    /// Yes.
    Accepted {
        /// Who answers.
        card: Box<Card>,
        /// Lets the asker's mail in.
        token: Token,
    },
    /// No. Nobody has to say it.
    Declined,
}

/// "You are no longer among my contacts": the token given with the friendship is withdrawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deleted {
    /// When, in milliseconds by the sender's clock.
    pub at_ms: u64,
}

/// Whether the sender has blocked the receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blocked {
    /// Whether, or no longer.
    pub on: bool,
    /// When, in milliseconds by the sender's clock; the later one counts.
    pub at_ms: u64,
}

/// Whether the sender is typing; not stored, and over by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Typing {
    /// Whether, or no longer.
    pub on: bool,
}

/// Which envelopes of the receiver's device no session of the sender's device decrypts: what they
/// brought is to be sent again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnreadEnvelopes {
    /// Their ids; the sender of this does not name one twice.
    pub ids: List<EnvelopeId, NAMED_ENVELOPES>,
}

macro_rules! payloads {
    ($( $(#[$doc:meta])* $number:literal $name:ident($body:ty); )*) => {
        /// What a session carried, unverified.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Payload {
            $( $(#[$doc])* $name(Box<$body>), )*
            /// What a newer Magpie reads: another number, or a newer version of one.
            Unknown {
                /// The number.
                number: u16,
                /// The body as it came.
                body: Vec<u8>,
            },
        }

        impl Payload {
            fn number_and_body(&self) -> Result<(u16, Vec<u8>), EncodeError> {
                Ok(match self {
                    $( Self::$name(body) => ($number, encode(&**body)?), )*
                    Self::Unknown { number, body } => (*number, body.clone()),
                })
            }

            fn read(number: u16, body: &[u8]) -> Option<Result<Self, DecodeError>> {
                Some(match number {
                    $( $number => decode(body).map(|body| Self::$name(Box::new(body))), )*
                    _ => return None,
                })
            }
        }
    };
}

macro_rules! formats {
    ($( $body:ty: up to $limit:expr, $text:literal; )*) => {$(
        impl Format for $body {
            const NAME: &'static str = $text;
            const VERSION: u8 = 1;
            const LIMIT: usize = $limit;
        }
    )*};
}

formats! {
    DeliveryReceipt: up to PAYLOAD - 16, "delivery receipt";
    FriendRequest: up to RECORD, "friend request";
    FriendAnswer: up to RECORD, "friend answer";
    Card: up to RECORD, "card";
    OneTimeKey: up to 128, "one-time key";
    DeviceList: up to RECORD, "device list notice";
    Deleted: up to 16, "deletion notice";
    Blocked: up to 16, "block notice";
    Typing: up to 8, "typing notice";
    GroupOperations: up to PAYLOAD - 16, "group operations";
    GroupSecrets: up to 512, "group secrets";
    GroupSession: up to 512, "group session";
    GroupWanted: up to 2_048, "group keys wanted";
    UnreadEnvelopes: up to 32 * NAMED_ENVELOPES + 16, "unread notice";
    Messages: up to PAYLOAD - 16, "messages";
}

payloads! {
    /// A message of a conversation.
    1 Message(Message);
    /// What arrived and what was read.
    2 Receipt(DeliveryReceipt);
    /// A wish to be a contact.
    3 FriendRequest(FriendRequest);
    /// Its answer.
    4 FriendAnswer(FriendAnswer);
    /// The sender's card has changed; to contacts of those who show themselves to no others.
    5 Card(Card);
    /// A key with which the receiver opens the session that replaces this one.
    6 OneTimeKey(OneTimeKey);
    /// The sender's device list has changed.
    7 DeviceListNotice(DeviceList);
    /// The receiver is no contact any more.
    8 Deleted(Deleted);
    /// The receiver is blocked, or no longer.
    9 Blocked(Blocked);
    /// The sender is typing.
    10 Typing(Typing);
    /// Operations of a group that the receiver is taken into.
    11 GroupOperations(GroupOperations);
    /// Secrets of a group's epochs.
    12 GroupSecrets(GroupSecrets);
    /// The sender's Megolm session in a group.
    13 GroupSession(GroupSession);
    /// The sender lacks keys of a group.
    14 GroupWanted(GroupWanted);
    /// Envelopes of the receiver's device could not be read.
    15 Unread(UnreadEnvelopes);
    /// Messages of a conversation that waited for each other: one envelope for all.
    16 Messages(Messages);
}

#[derive(Debug, Serialize, Deserialize)]
struct Wire {
    number: u16,
    body: Blob<PAYLOAD>,
}

impl Format for Wire {
    const NAME: &'static str = "payload";
    const VERSION: u8 = 1;
    const LIMIT: usize = PAYLOAD;
}

/// Why a payload cannot be read or written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PayloadError {
    /// The bytes, or the body in them, are malformed.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// It does not fit its format.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// It does not fit its format.
    #[error(transparent)]
    TooMany(#[from] TooMany),
}

impl Payload {
    /// Returns the bytes to encrypt in a session.
    pub fn to_bytes(&self) -> Result<Vec<u8>, PayloadError> {
        let (number, body) = self.number_and_body()?;
        Ok(encode(&Wire { number, body: Blob::new(body)? })?)
    }

    /// Reads what a session decrypted.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, PayloadError> {
        let Wire { number, body } = decode(bytes)?;
        match Self::read(number, &body) {
            Some(Ok(payload)) => Ok(payload),
            None | Some(Err(DecodeError::Version { .. })) => {
                Ok(Self::Unknown { number, body: body.into_vec() })
            }
            Some(Err(error)) => Err(error.into()),
        }
    }
}
