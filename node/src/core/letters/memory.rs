//! What letters keep in memory while a vault is open.

use super::{
    correspondents::Correspondent,
    lookup::LookUp,
    publish::OwnStamp,
    sessions::{OwnIdentity, Sessions},
    unread::Notices,
};
use crate::core::input::CallId;
use magpie_protocol::{
    address::{Address, NodeId},
    ids::DeviceId,
    stamp::Mint,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// What letters keep in memory while a vault is open: a cache of rows, and what is under way.
#[derive(Debug, Default)]
pub(crate) struct Letters {
    /// What is known of other accounts.
    pub(crate) correspondents: BTreeMap<Address, Arc<Correspondent>>,
    /// The ratchets with other devices.
    pub(crate) sessions: BTreeMap<DeviceId, Sessions>,
    /// This vault's Olm identity.
    pub(crate) identity: Option<OwnIdentity>,
    /// The next number of a waiting payload or an envelope.
    pub(crate) next: u64,
    /// Payloads that wait, and those in the envelopes of the outbox.
    pub(crate) on_way: usize,
    /// How many payloads are kept for each device, as far as it was counted.
    pub(crate) kept: BTreeMap<NodeId, usize>,
    /// When outdated ones among them were last looked for, milliseconds since the Unix epoch.
    pub(crate) kept_looked: BTreeMap<NodeId, u64>,
    /// What was told of envelopes that could not be read.
    pub(crate) notices: Notices,
    /// Devices that did not take what was handed to them, and until when their mailboxes get it.
    pub(crate) by_mail: BTreeMap<NodeId, u64>,
    /// Look-ups under way.
    pub(crate) lookups: BTreeMap<Address, LookUp>,
    /// Calls that wait for a look-up.
    pub(crate) asking: Vec<(Address, CallId)>,
    /// The super nodes that have this account's records as they are now.
    pub(crate) published: BTreeSet<NodeId>,
    /// The super nodes that have the hash of a token that is not registered yet.
    pub(crate) token_holders: BTreeMap<Address, BTreeSet<NodeId>>,
    /// Work on stamps for mailboxes, by device and number in the outbox.
    pub(crate) mints: BTreeMap<(NodeId, u64), Mint>,
    /// Work on the stamp of this account's first record, and the stamp.
    pub(crate) own_stamp: OwnStamp,
}
