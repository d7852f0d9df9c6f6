//! `/magpie/group/1`: two members' devices compare what they have of a group, and pull the rest.
//!
//! In: a [`Request`] from a device of a member, as its connection proves. Out: one [`Answer`]. Only
//! members' devices are answered. Operations go by heads; messages by ranges of clocks: equal
//! fingerprints end it, unequal ones split until a range is small enough to be listed.

use super::{id::OperationId, parcel::Said};
use crate::{
    bounded::{Blob, List},
    codec::Format,
    ids::{GroupId, MessageId},
    limits::{
        GROUP_ANSWER, GROUP_REQUEST, MESSAGES_WANTED, OPERATION, OPERATION_PARENTS,
        OPERATIONS_SENT, RANGES_COMPARED,
    },
};
use serde::{Deserialize, Serialize};

/// Messages of a range of clocks, as one side has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Range {
    /// The least clock.
    pub from: u64,
    /// The greatest clock; not less than `from`.
    pub to: u64,
    /// How many messages.
    pub count: u32,
    /// The hash of their ids, ascending by clock and id.
    pub fingerprint: [u8; 32],
}

/// One request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Request {
    /// Asks for operations: those wanted, and those that these heads do not have behind them.
    Operations {
        /// The group.
        group: GroupId,
        /// The asker's heads.
        heads: List<OperationId, OPERATION_PARENTS>,
        /// Operations that the asker knows by id alone.
        wanted: List<OperationId, OPERATIONS_SENT>,
    },
    /// Compares messages.
    Compare {
        /// The group.
        group: GroupId,
        /// What the asker has.
        ranges: List<Range, RANGES_COMPARED>,
    },
    /// Asks for messages.
    Messages {
        /// The group.
        group: GroupId,
        /// Which.
        wanted: List<MessageId, MESSAGES_WANTED>,
    },
}

impl Format for Request {
    const NAME: &'static str = "group request";
    const VERSION: u8 = 1;
    const LIMIT: usize = GROUP_REQUEST;
}

/// How a range stands at the side that was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Compared {
    /// Both have the same.
    Same,
    /// These are there: few enough to be listed.
    Listed(List<MessageId, MESSAGES_WANTED>),
    /// This is there, in smaller ranges to compare.
    Split(List<Range, 16>),
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    /// Signed operations, parents first.
    Operations {
        /// As they travel.
        operations: List<Blob<OPERATION>, OPERATIONS_SENT>,
        /// Whether more are there.
        more: bool,
    },
    /// One for each range, in order; those beyond the answer's room are left out at the end.
    Compared(List<Compared, RANGES_COMPARED>),
    /// What the asker wanted and this side has.
    Messages(List<Said, MESSAGES_WANTED>),
    /// The asker is no member as far as is known here, or there is no such group.
    Refused,
}

impl Format for Answer {
    const NAME: &'static str = "group answer";
    const VERSION: u8 = 1;
    const LIMIT: usize = GROUP_ANSWER;
}
