//! Letters: how a payload gets from this account to another, whatever is connected.
//!
//! In: a [`Payload`](magpie_protocol::content::Payload) for an account, from a rule; envelopes, from
//! a peer or a mailbox. Out: sealed envelopes in the outbox, each with its finished ciphertext;
//! payloads whose sender is proven.
//!
//! 1. [`post`] keeps the payload as a plain row and plans the sealing.
//! 2. [`lookup`] asks the directory about the account; [`correspondents`] is what is known of it.
//! 3. [`seal`] encrypts it once for each device, with that device's [`sessions`], into the outbox.
//! 4. [`carry`] hands the envelopes to a connected device, or [`deposit`] leaves them at the super
//!    nodes, until one said it has them.
//! 5. At the other end [`collect`] fetches mail, [`open`] opens envelopes and hands on payloads.
//!
//! What a device cannot read it names ([`unread`]), and what it names is sent again ([`kept`]).
//!
//! [`publish`] and [`tokens`] keep one's own entry in the directory and whose mail is welcome.

pub(crate) mod carry;
pub(crate) mod collect;
pub(crate) mod correspondents;
pub(crate) mod deposit;
pub(crate) mod kept;
pub(crate) mod lookup;
pub(crate) mod open;
pub(crate) mod post;
pub(crate) mod progress;
pub(crate) mod publish;
pub(crate) mod rows;
pub(crate) mod seal;
pub(crate) mod sender;
pub(crate) mod sessions;
mod start;
#[cfg(test)]
mod tests;
pub(crate) mod tokens;
pub(crate) mod unread;

use crate::core::input::CallId;
use magpie_protocol::{
    address::{Address, NodeId},
    ids::DeviceId,
    stamp::Mint,
};
use std::collections::{BTreeMap, BTreeSet};

/// What letters keep in memory while a vault is open: a cache of rows, and what is under way.
#[derive(Debug, Default)]
pub(crate) struct Letters {
    /// What is known of other accounts.
    pub(crate) correspondents: BTreeMap<Address, correspondents::Correspondent>,
    /// The ratchets with other devices.
    pub(crate) sessions: BTreeMap<DeviceId, sessions::Sessions>,
    /// This vault's Olm identity.
    pub(crate) identity: Option<sessions::OwnIdentity>,
    /// The next number of a waiting payload or an envelope.
    pub(crate) next: u64,
    /// Payloads that wait and envelopes in the outbox.
    pub(crate) on_way: usize,
    /// How many payloads are kept for each device, as far as it was counted.
    pub(crate) kept: BTreeMap<NodeId, usize>,
    /// What was told of envelopes that could not be read.
    pub(crate) notices: unread::Notices,
    /// Devices that did not take what was handed to them, and until when their mailboxes get it.
    pub(crate) by_mail: BTreeMap<NodeId, u64>,
    /// Look-ups under way.
    pub(crate) lookups: BTreeMap<Address, lookup::LookUp>,
    /// Calls that wait for a look-up.
    pub(crate) asking: Vec<(Address, CallId)>,
    /// The super nodes that have this account's records as they are now.
    pub(crate) published: BTreeSet<NodeId>,
    /// The super nodes that have the hash of a token that is not registered yet.
    pub(crate) token_holders: BTreeMap<Address, BTreeSet<NodeId>>,
    /// Work on stamps for mailboxes, by device and number in the outbox.
    pub(crate) mints: BTreeMap<(NodeId, u64), Mint>,
    /// Work on the stamp of this account's first record, and the stamp.
    pub(crate) own_stamp: publish::OwnStamp,
}
