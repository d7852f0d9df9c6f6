//! `/magpie/group/1`: two members' devices compare what they have of a group, and pull the rest.
//!
//! In: a [`Request`] from a device of a member, as its connection proves. Out: one [`Answer`]. Only
//! members' devices are answered. Operations go by heads; messages by ranges of clocks: equal
//! fingerprints end it, unequal ones split until a range is small enough to be listed.

use super::{id::OperationId, parcel::Said};
use crate::{
    bounded::{Blob, List},
    codec::Format,
    digest::digest,
    domain::GROUP_RANGE,
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

/// Messages that are listed rather than compared closer.
const LISTED: usize = 64;
/// Parts that a range splits into.
const PARTS: usize = 16;

impl Range {
    /// Returns the range of what one side has between two clocks, in order.
    pub fn of(from: u64, to: u64, messages: &[(u64, MessageId)]) -> Self {
        let mut bytes = Vec::with_capacity(messages.len() * 32);
        messages.iter().for_each(|(_, id)| bytes.extend_from_slice(&id.0));
        let count = u32::try_from(messages.len()).unwrap_or(u32::MAX);
        Self { from, to, count, fingerprint: digest(GROUP_RANGE, &bytes) }
    }

    /// Compares this range of the other side with what is here in it, in order.
    pub fn compare(&self, ours: &[(u64, MessageId)]) -> Compared {
        if Self::of(self.from, self.to, ours) == *self {
            return Compared::Same;
        }
        let listed = || ours.iter().map(|(_, id)| *id).collect();
        if let Ok(ids) = List::new(listed())
            && ours.len() <= LISTED
        {
            return Compared::Listed(ids);
        }
        let parts = Self::split(self.from, self.to, ours);
        // All at one clock: it cannot split, so as many are listed as an answer holds.
        if parts.len() == 1 {
            let some = ours.iter().map(|(_, id)| *id).take(MESSAGES_WANTED).collect();
            return Compared::Listed(List::new(some).unwrap_or_default());
        }
        Compared::Split(List::new(parts).unwrap_or_default())
    }

    /// Splits what is here into parts of about as many messages each, without gaps between them.
    fn split(from: u64, to: u64, ours: &[(u64, MessageId)]) -> Vec<Self> {
        let size = ours.len().div_ceil(PARTS).max(1);
        let mut starts = vec![from];
        for chunk in ours.chunks(size).skip(1) {
            let at = chunk.first().map_or(from, |(clock, _)| *clock);
            if starts.last().is_some_and(|last| *last < at) {
                starts.push(at);
            }
        }
        let ends = starts.iter().skip(1).map(|next| next - 1).chain([to]);
        starts
            .iter()
            .zip(ends)
            .map(|(from, to)| {
                let inside: Vec<_> = ours
                    .iter()
                    .filter(|(clock, _)| (*from..=to).contains(clock))
                    .copied()
                    .collect();
                Self::of(*from, to, &inside)
            })
            .collect()
    }
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
    Split(List<Range, PARTS>),
}

impl Compared {
    /// Returns the bytes that this takes in an answer, at most.
    pub fn size(&self) -> usize {
        match self {
            Self::Same => 1,
            Self::Listed(ids) => 8 + 32 * ids.len(),
            Self::Split(ranges) => 8 + 56 * ranges.len(),
        }
    }
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
