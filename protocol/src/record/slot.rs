//! Any public record, the place it is kept at, and which of two at one place is newer.

use super::{
    Addresses, DeviceList, KeyBundle, Profile, RecordError, VerifiedAddresses, VerifiedDeviceList,
    VerifiedKeyBundle, VerifiedProfile,
};
use crate::{
    address::Address,
    codec::{Format, decode},
    digest::digest_of,
    domain::RECORD_HASH,
    ids::RecordHash,
    limits::RECORD,
};
use serde::{Deserialize, Serialize};

/// The kinds of public records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum RecordKind {
    /// One per account.
    DeviceList,
    /// One per device.
    KeyBundle,
    /// One per account.
    Profile,
    /// One per node.
    Addresses,
}

/// Where a record is kept: at most one stands at each place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordKey {
    /// The account.
    pub account: Address,
    /// The kind.
    pub kind: RecordKind,
    /// The device or node key; zeros for what the account has one of.
    pub part: [u8; 32],
}

/// How new a record is among those of one place: the greater wins.
///
/// The hash decides between two that claim one place, so that replicas agree whatever came first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordOrder {
    /// Term of the device list, where the record names one.
    pub term: u32,
    /// Version of the device list, where the record names one.
    pub version: u32,
    /// The record's own counter or time.
    pub counter: u64,
    /// The record's hash.
    pub hash: RecordHash,
}

/// A public record as it travels, unverified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Record {
    /// Which devices speak for the account.
    DeviceList(Box<DeviceList>),
    /// How to write to a device.
    KeyBundle(Box<KeyBundle>),
    /// How the person is shown.
    Profile(Box<Profile>),
    /// Where a node is.
    Addresses(Box<Addresses>),
}

impl Format for Record {
    const NAME: &'static str = "record";
    const VERSION: u8 = 1;
    const LIMIT: usize = RECORD;
}

impl Record {
    /// Returns the account the record says it is of.
    pub fn account(&self) -> Address {
        match self {
            Self::DeviceList(list) => list.opening.entry.account,
            Self::KeyBundle(bundle) => bundle.body.account,
            Self::Profile(profile) => profile.body.account,
            Self::Addresses(addresses) => addresses.body.account,
        }
    }

    /// Returns the place the record says it belongs to.
    pub fn key(&self) -> RecordKey {
        let (kind, part) = match self {
            Self::DeviceList(_) => (RecordKind::DeviceList, [0; 32]),
            Self::KeyBundle(bundle) => (RecordKind::KeyBundle, bundle.body.device.0),
            Self::Profile(_) => (RecordKind::Profile, [0; 32]),
            Self::Addresses(addresses) => (RecordKind::Addresses, addresses.body.node.0),
        };
        RecordKey { account: self.account(), kind, part }
    }

    /// Checks the record against the account's newest known device list; a device list needs none.
    ///
    /// Without a list the others fail with [`RecordError::NoList`], with an older one than they
    /// name with [`RecordError::ListTooOld`]: both mean "fetch the list, then try again".
    pub fn verify(self, list: Option<&VerifiedDeviceList>) -> Result<VerifiedRecord, RecordError> {
        let key = self.key();
        let hash = RecordHash(digest_of(RECORD_HASH, &self)?);
        let known = list.ok_or(RecordError::NoList { account: key.account });
        let (body, term, version, counter) = match self {
            Self::DeviceList(list) => {
                let list = list.verify()?;
                let at = list.at();
                (VerifiedRecordBody::DeviceList(list), at.term, at.version, 0)
            }
            Self::KeyBundle(bundle) => {
                let bundle = bundle.verify(known?)?;
                let (at, made) = (bundle.body().list, bundle.body().made_ms);
                (VerifiedRecordBody::KeyBundle(bundle), at.term, at.version, made)
            }
            Self::Profile(profile) => {
                let profile = profile.verify(known?)?;
                let (at, counter) = (profile.body().list, profile.body().counter);
                (VerifiedRecordBody::Profile(profile), at.term, at.version, counter)
            }
            Self::Addresses(addresses) => {
                let addresses = addresses.verify(known?)?;
                let sequence = addresses.body().sequence;
                (VerifiedRecordBody::Addresses(addresses), 0, 0, sequence)
            }
        };
        let order = RecordOrder { term, version, counter, hash };
        Ok(VerifiedRecord { key, order, body })
    }

    /// Decodes and verifies in one step.
    pub fn verify_bytes(
        bytes: &[u8],
        list: Option<&VerifiedDeviceList>,
    ) -> Result<VerifiedRecord, RecordError> {
        decode::<Self>(bytes)?.verify(list)
    }
}

/// A record whose signatures were checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedRecord {
    key: RecordKey,
    order: RecordOrder,
    body: VerifiedRecordBody,
}

/// The verified record by kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VerifiedRecordBody {
    /// Which devices speak for the account.
    DeviceList(VerifiedDeviceList),
    /// How to write to a device.
    KeyBundle(VerifiedKeyBundle),
    /// How the person is shown.
    Profile(VerifiedProfile),
    /// Where a node is.
    Addresses(VerifiedAddresses),
}

impl VerifiedRecord {
    /// Returns where the record is kept.
    pub const fn key(&self) -> RecordKey {
        self.key
    }

    /// Returns how new the record is among those at its place.
    pub const fn order(&self) -> RecordOrder {
        self.order
    }

    /// Returns the hash of the record's bytes.
    pub const fn hash(&self) -> RecordHash {
        self.order.hash
    }

    /// Returns the verified record.
    pub const fn body(&self) -> &VerifiedRecordBody {
        &self.body
    }

    /// Returns the verified record.
    pub fn into_body(self) -> VerifiedRecordBody {
        self.body
    }

    /// Whether this record takes the place of `kept`, which stands at the same key.
    pub fn replaces(&self, kept: &RecordOrder) -> bool {
        self.order > *kept
    }
}
