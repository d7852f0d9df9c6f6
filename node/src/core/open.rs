//! The open vault: its keys, and what of its rows is kept in memory.

use crate::core::{
    chat::KeptChat,
    events::Events,
    groups::kept::Groups,
    letters::Letters,
    people::rows::Person,
    rows::{Account, Profile},
};
use magpie_protocol::{
    address::Address, api::event::EventClass, ids::DeviceId, record::VerifiedDeviceList,
};
use magpie_storage::personal::RowKeys;
use std::{collections::BTreeMap, sync::Arc};

/// One vault, opened by a login.
///
/// Everything but the keys is a cache of rows: the step that changes one writes the row too, or, for rows
/// that many steps in a row change, the end of the group of steps does, which is made durable as one.
pub(crate) struct Open {
    /// Names and seals this vault's rows.
    pub(crate) rows: Arc<RowKeys>,
    pub(crate) account: Account,
    /// This device, by its key in the account.
    pub(crate) device: DeviceId,
    pub(crate) profile: Profile,
    pub(crate) events: Events,
    pub(crate) registrations: BTreeMap<EventClass, Vec<String>>,
    /// When the first message that is ahead of its time may be placed, milliseconds since the Unix
    /// epoch.
    pub(crate) due: Option<u64>,
    /// The device list that this account's letters name.
    pub(crate) list: VerifiedDeviceList,
    pub(crate) chat: KeptChat,
    /// People who were looked at and not changed since.
    pub(crate) people: BTreeMap<Address, Arc<Person>>,
    pub(crate) letters: Letters,
    pub(crate) groups: Groups,
}

impl std::fmt::Debug for Open {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Open").finish_non_exhaustive()
    }
}
