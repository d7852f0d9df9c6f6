//! The rows a user's node keeps, and the tables they stand in.
//!
//! Public rows can be read before login and say nothing of the person. Personal rows are named and
//! sealed under the login key (what all vaults share) or a vault's key (page 1, storage).

use ed25519_dalek::SigningKey;
use magpie_protocol::{
    address::Address,
    api::event::StoredEvent,
    codec::Format,
    limits::RECORD,
    record::{DeviceList, SignedKeyPart},
};
use magpie_storage::{personal::PersonalTable, table::Table, tag};
use magpie_wallet::{device::DeviceKey, mnemonic::Entropy};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

macro_rules! format {
    ($row:ty, $name:literal, $version:literal, $limit:expr) => {
        impl Format for $row {
            const NAME: &'static str = $name;
            const VERSION: u8 = $version;
            const LIMIT: usize = $limit;
        }
    };
}

/// Says that this node has an account: written by the batch that completes a registration.
///
/// The key slots file is written before the store, so a crash between the two leaves a file
/// without this row, and the registration is begun anew.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Registered {
    /// When, milliseconds since the Unix epoch.
    pub(crate) at_ms: u64,
}
format!(Registered, "registered row", 1, 32);

/// What every vault of the account shares, under the login key.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Account {
    /// The account's address.
    pub(crate) address: Address,
    /// This device's key.
    pub(crate) device_key: DeviceKey,
    /// The account's X25519 public key (`pubCurve`).
    pub(crate) curve: [u8; 32],
    /// The first wallet's public key.
    pub(crate) wallet: Address,
    /// The receive key of the device list's term.
    pub(crate) receive: ReceiveSecret,
    /// What others need of the account's keys, signed by the account key for this term.
    pub(crate) key_part: SignedKeyPart,
    /// The account's devices, as this one last knew them.
    pub(crate) device_list: DeviceList,
    /// The mnemonic's entropy, for an anonymous account alone: others keep it behind the wallet lock.
    pub(crate) entropy: Option<SealedEntropy>,
    /// When the account came to this device, milliseconds since the Unix epoch.
    pub(crate) created_ms: u64,
}
format!(Account, "account row", 1, RECORD + 1_024);

/// Entropy inside a sealed row.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub(crate) struct SealedEntropy([u8; 16]);

impl SealedEntropy {
    /// Returns the entropy to put into a row.
    pub(crate) const fn new(entropy: &Entropy) -> Self {
        Self(*entropy.as_bytes())
    }

    /// Returns the entropy out of a row.
    pub(crate) const fn entropy(&self) -> Entropy {
        Entropy::from_bytes(self.0)
    }
}

impl std::fmt::Debug for SealedEntropy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SealedEntropy(..)")
    }
}

/// The key that claims, accepts and declines in one term, inside a sealed row.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub(crate) struct ReceiveSecret([u8; 32]);

impl ReceiveSecret {
    /// Returns the key to put into a row.
    pub(crate) fn new(key: &SigningKey) -> Self {
        Self(key.to_bytes())
    }

    /// Returns the key, for one signature.
    pub(crate) fn key(&self) -> SigningKey {
        SigningKey::from_bytes(&self.0)
    }
}

impl std::fmt::Debug for ReceiveSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ReceiveSecret(..)")
    }
}

/// How the open vault presents its person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Profile {
    /// Nickname.
    pub(crate) nickname: String,
    /// Number of a built-in avatar.
    pub(crate) pfp_id: i64,
    /// URL of an avatar.
    pub(crate) pfp_url: String,
    /// Whether the person asked for backups.
    pub(crate) back_up: bool,
    /// Counts the changes.
    pub(crate) version: u64,
    /// When it last changed, milliseconds since the Unix epoch.
    pub(crate) updated_ms: u64,
}
format!(Profile, "profile row", 1, 8 << 10);

/// Where the event log begins and ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct EventLog {
    /// The oldest sequence number still kept; equal to `next` when none is.
    pub(crate) oldest: u64,
    /// The next sequence number to give out; the first is 1.
    pub(crate) next: u64,
}

impl Default for EventLog {
    fn default() -> Self {
        Self { oldest: 1, next: 1 }
    }
}
format!(EventLog, "event log row", 1, 32);

/// The identifiers under which callers registered for one class of events.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Registrations(pub(crate) Vec<String>);
format!(Registrations, "event registrations row", 1, 16 << 10);

/// Whether an account is registered; one row.
pub(crate) const REGISTERED: Table<(), Registered> = Table::new("registered", tag::PUBLIC);
/// The account; one row, under the login key.
pub(crate) const ACCOUNT: PersonalTable<(), (), Account> = PersonalTable::new("account");
/// The open vault's profile; one row.
pub(crate) const PROFILE: PersonalTable<(), (), Profile> = PersonalTable::new("profile");
/// The events kept, by sequence number.
pub(crate) const EVENTS: PersonalTable<(), u64, StoredEvent> = PersonalTable::new("events");
/// Where the event log begins and ends; one row.
pub(crate) const EVENT_LOG: PersonalTable<(), (), EventLog> = PersonalTable::new("event log");
/// The identifiers registered, by class of events.
pub(crate) const REGISTRATIONS: PersonalTable<(), u8, Registrations> =
    PersonalTable::new("event registrations");
