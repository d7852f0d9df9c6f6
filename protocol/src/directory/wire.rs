//! The requests and answers themselves.

use crate::{
    address::Address,
    bounded::{Blob, List},
    codec::Format,
    limits::{RECORD, RECORD_FRAME, RECORD_PUTS, RECORD_QUERIES, RECORDS_PER_ACCOUNT},
    receipt::StorageReceipt,
    record::{RecordError, RecordKind},
    stamp::Stamp,
    version::VersionRange,
};
use serde::{Deserialize, Serialize};

/// A record to be kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PutRecord {
    /// An encoded [`Record`](crate::record::Record).
    pub record: Blob<RECORD>,
    /// Work, if the address is new to the directory; its first record is a device list.
    pub stamp: Option<Stamp>,
}

/// Asks for the records of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Query {
    /// The account.
    pub account: Address,
    /// The kinds wanted.
    pub kinds: List<RecordKind, 4>,
}

/// One request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Request {
    /// "These are the versions I speak."
    Hello(VersionRange),
    /// Puts records; each is judged by itself, in order.
    Put(List<PutRecord, RECORD_PUTS>),
    /// Gets records.
    Get(List<Query, RECORD_QUERIES>),
}

impl Format for Request {
    const NAME: &'static str = "record request";
    const VERSION: u8 = 1;
    const LIMIT: usize = RECORD_FRAME;
}

/// Why a record or a request was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Refusal {
    /// The record is malformed, or its signature or signer is wrong.
    #[error("the record does not verify")]
    Invalid,
    /// The record names a device list that is not known here: put that first.
    #[error("the account's device list is wanted first")]
    ListWanted,
    /// The address is new: a stamp of this effort is asked for.
    #[error("a stamp of effort {effort} is asked for")]
    StampWanted {
        /// Leading zero bits.
        effort: u8,
    },
    /// The account is placed elsewhere.
    #[error("the account is not placed here")]
    NotHere,
    /// The super node's disk is at its limit.
    #[error("the super node is full")]
    Full,
    /// Too many requests: come back later.
    #[error("too many requests, wait {seconds} s")]
    Wait {
        /// How long to wait, in seconds.
        seconds: u16,
    },
}

impl From<&RecordError> for Refusal {
    fn from(error: &RecordError) -> Self {
        match error {
            RecordError::ListTooOld { .. } | RecordError::NoList { .. } => Self::ListWanted,
            _ => Self::Invalid,
        }
    }
}

/// What became of one record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum PutAnswer {
    /// It is on disk, here is the super node's word.
    Stored(Box<StorageReceipt>),
    /// A newer one stands in its place; here it is.
    Newer(Blob<RECORD>),
    /// It is refused.
    Refused(Refusal),
}

/// What was found for one query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Found {
    /// All records of the kinds wanted, encoded, a device list first; none if there are none.
    Records(List<Blob<RECORD>, RECORDS_PER_ACCOUNT>),
    /// The answer had no room left: ask again for this account.
    AskAgain,
    /// Nothing can be said.
    Refused(Refusal),
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    /// "These are the versions I speak."
    Hello(VersionRange),
    /// One for each record put, in order.
    Put(List<PutAnswer, RECORD_PUTS>),
    /// One for each query, in order.
    Found(List<Found, RECORD_QUERIES>),
    /// The request as a whole is refused.
    Refused(Refusal),
}

impl Format for Answer {
    const NAME: &'static str = "record answer";
    const VERSION: u8 = 1;
    const LIMIT: usize = RECORD_FRAME;
}
