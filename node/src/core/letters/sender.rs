//! Who a payload came from, and what they are told about it.

use magpie_protocol::{address::Address, ids::DeviceId, record::ListVersion};

/// Who sent a payload, as the session and the device list prove it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sender {
    /// The account.
    pub(crate) account: Address,
    /// Its device.
    pub(crate) device: DeviceId,
    /// The device list under which the device speaks for the account.
    pub(crate) list_version: ListVersion,
}

/// What became of a payload, as its sender's device is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taken {
    /// It did what it says, now or before; nothing is to be sent again.
    Kept,
    /// It did nothing, and never will.
    Refused(Refusal),
}

/// Why a payload is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It is for friends alone, and the sender is none.
    NotFriend,
    /// The sender is blocked.
    Blocked,
    /// It says what the sender may not say, or what cannot be.
    Malformed,
    /// There is no more room for what it brings.
    Full,
    /// It is of a kind that this build does not serve.
    Unserved,
}
