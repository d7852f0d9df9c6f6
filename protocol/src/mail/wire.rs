//! The requests and answers themselves.

use super::{FetchFrames, Frames, Put, PutFrame};
use crate::{
    address::Address,
    bounded::{Blob, List},
    codec::Format,
    ids::{EnvelopeId, TokenHash},
    limits::{ENVELOPE, MAIL_ACKS, MAIL_ENVELOPES, MAIL_FRAME, TOKENS_PER_REQUEST},
    receipt::StorageReceipt,
    token::Quota,
    version::VersionRange,
};
use serde::{Deserialize, Serialize};

/// Asks for waiting mail, oldest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fetch {
    /// The account whose device asks.
    pub account: Address,
    /// Where to go on: [`Fetched::next`] of the last answer, 0 to start.
    pub after: u64,
    /// Envelopes wanted, at most; the answer's size is bounded besides.
    pub limit: u16,
}

/// Says what a device has safely, so that its mailbox may forget it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ack {
    /// The account whose device this is.
    pub account: Address,
    /// Whether the envelopes are only held, by a locked device, and not yet decrypted.
    pub held: bool,
    /// The envelopes.
    pub ids: List<EnvelopeId, MAIL_ACKS>,
}

/// A token that is good from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// The token's hash.
    pub hash: TokenHash,
    /// How much of its mail may wait; [`Quota::capped`] by the super node.
    pub quota: Quota,
}

/// Sets and withdraws tokens, for the mailboxes of all devices of the account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tokens {
    /// The account.
    pub account: Address,
    /// Tokens that are good from now on.
    pub set: List<Grant, TOKENS_PER_REQUEST>,
    /// Tokens that no longer are.
    pub withdraw: List<TokenHash, TOKENS_PER_REQUEST>,
}

/// One request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Request {
    /// "These are the versions I speak."
    Hello(VersionRange),
    /// Leaves mail.
    Put(List<Put, MAIL_ENVELOPES>),
    /// Asks for mail.
    Fetch(Fetch),
    /// Lets mail be forgotten.
    Ack(Ack),
    /// Says whose mail is welcome.
    Tokens(Tokens),
    /// From a super node to a connected device: mail waits.
    Notice {
        /// How many envelopes, as far as the super node counts.
        waiting: u32,
    },
    /// Leaves frames of groups.
    PutFrames(List<PutFrame, MAIL_ENVELOPES>),
    /// Asks for frames of an epoch.
    FetchFrames(FetchFrames),
}

impl Format for Request {
    const NAME: &'static str = "mail request";
    const VERSION: u8 = 1;
    const LIMIT: usize = MAIL_FRAME;
}

/// Why one thing asked for was not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Refusal {
    /// No such token is good here; it may have been withdrawn, or not have arrived yet.
    #[error("the delivery token is not known")]
    UnknownToken,
    /// Too much mail of this token waits.
    #[error("the delivery token's quota is used up")]
    OverQuota,
    /// A stranger has to show a stamp of this effort.
    #[error("a stamp of effort {effort} is asked for")]
    StampWanted {
        /// Leading zero bits.
        effort: u8,
    },
    /// The envelope is larger than this sender's may be.
    #[error("the envelope is too large")]
    TooLarge,
    /// The envelope has expired, or wants to stay too long.
    #[error("the envelope's expiry is out of range")]
    Expiry,
    /// The super node's disk is at its limit.
    #[error("the super node is full")]
    Full,
    /// The account's mailboxes are placed elsewhere.
    #[error("the account is not placed here")]
    NotHere,
    /// No device list is known in which this mailbox, or the asker, stands.
    #[error("the device is not in the account's list")]
    UnknownDevice,
    /// The request is malformed.
    #[error("malformed")]
    Malformed,
    /// Too many requests: come back later.
    #[error("too many requests, wait {seconds} s")]
    Wait {
        /// How long to wait, in seconds.
        seconds: u16,
    },
}

/// What became of one put.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum PutAnswer {
    /// It is on disk, here is the super node's word; the same for an envelope it had already.
    Stored(Box<StorageReceipt>),
    /// It is not.
    Refused(Refusal),
}

/// Mail that waited.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fetched {
    /// Envelopes, oldest first.
    pub envelopes: List<Blob<ENVELOPE>, MAIL_ENVELOPES>,
    /// Where the next fetch goes on.
    pub next: u64,
    /// Whether more waits after that.
    pub more: bool,
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    /// "These are the versions I speak."
    Hello(VersionRange),
    /// One for each envelope or frame put, in order.
    Put(List<PutAnswer, MAIL_ENVELOPES>),
    /// Mail.
    Fetched(Fetched),
    /// It is done, and on disk.
    Done,
    /// The request as a whole is refused.
    Refused(Refusal),
    /// Frames of an epoch.
    Frames(Frames),
}

impl Format for Answer {
    const NAME: &'static str = "mail answer";
    const VERSION: u8 = 1;
    const LIMIT: usize = MAIL_FRAME;
}
