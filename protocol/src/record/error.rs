//! Why a public record is refused. Always the fault of whoever made it.

use super::ListVersion;
use crate::{
    address::{Address, NodeId},
    codec::{DecodeError, EncodeError},
    ids::DeviceId,
};

/// Why a public record is not to be believed or kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// The bytes are no record.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The value is too large for its format.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// A rule of the record's own shape is broken.
    #[error("record of {account}: {rule}")]
    Shape {
        /// The account.
        account: Address,
        /// The rule.
        rule: &'static str,
    },
    /// A signature does not verify.
    #[error("record of {account}: the signature under its {part} does not verify")]
    Signature {
        /// The account.
        account: Address,
        /// What was to be signed.
        part: &'static str,
    },
    /// The record is of another account than the device list or sender it came with.
    #[error("record of {found}, expected one of {expected}")]
    Account {
        /// The account expected.
        expected: Address,
        /// The account found.
        found: Address,
    },
    /// The device is not in the account's list.
    #[error("{device} is no device of {account}")]
    NotListed {
        /// The account.
        account: Address,
        /// The device.
        device: DeviceId,
    },
    /// The node is none of a device in the account's list.
    #[error("{node} is no node of {account}")]
    NodeNotListed {
        /// The account.
        account: Address,
        /// The node.
        node: NodeId,
    },
    /// The record names a newer device list than the one at hand: fetch that first.
    #[error("record of {account} names device list {named}, known is {known}")]
    ListTooOld {
        /// The account.
        account: Address,
        /// The list at hand.
        known: ListVersion,
        /// The list named.
        named: ListVersion,
    },
    /// The key part belongs to another term than the device list: its receive key is not in use.
    #[error("key part of {account} is of term {found}, the device list is of term {term}")]
    KeyTerm {
        /// The account.
        account: Address,
        /// The term of the list.
        term: u32,
        /// The term of the key part.
        found: u32,
    },
    /// No device list was at hand to check the record against.
    #[error("record of {account} cannot be checked without its device list")]
    NoList {
        /// The account.
        account: Address,
    },
}
