//! The device list: which devices speak for an account (page 2).
//!
//! In: the entry that opened a term, signed by the account key, and the latest one, signed by the
//! primary that the opening names. Out: a [`VerifiedDeviceList`].

use super::RecordError;
use crate::{
    address::{Address, NodeId},
    bounded::List,
    codec::{EncodeError, Format, encode},
    digest::{digest, digest_of},
    domain::{DEVICE_LIST_ENTRY, DEVICE_LIST_HASH, DEVICE_LIST_OPENING, Domain},
    ids::{DeviceId, EntryHash},
    limits::{DEVICE_LIST_TERM_MAX, DEVICES},
    sign::{Signature, sign, verify},
};
use ed25519_dalek::SigningKey;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The place of an entry: a higher term wins, inside a term a higher version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ListVersion {
    /// The term, opened by the account key.
    pub term: u32,
    /// The version inside the term; 0 opens it.
    pub version: u32,
}

impl fmt::Display for ListVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.term, self.version)
    }
}

/// One device of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// Its device key.
    pub device: DeviceId,
    /// Its place in the transport.
    pub node: NodeId,
    /// When it was added, in milliseconds by the primary's clock; shown, never decided by.
    pub added_ms: u64,
}

/// A full snapshot of an account's devices, unsigned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The account.
    pub account: Address,
    /// The entry's place.
    pub at: ListVersion,
    /// The hash of the entry before; nothing in an account's very first.
    pub previous: Option<EntryHash>,
    /// The device that signs the later entries of this term.
    pub primary: DeviceId,
    /// All devices, the primary among them, ascending by device key.
    pub devices: List<Device, DEVICES>,
}

impl Format for Entry {
    const NAME: &'static str = "device list entry";
    const VERSION: u8 = 1;
    const LIMIT: usize = 4_000;
}

impl Entry {
    /// Returns the hash by which later entries and envelopes name this one.
    pub fn hash(&self) -> Result<EntryHash, EncodeError> {
        Ok(EntryHash(digest_of(DEVICE_LIST_HASH, self)?))
    }

    /// Signs the entry that opens a term, with the account key.
    pub fn sign_opening(self, account: &SigningKey) -> Result<SignedEntry, EncodeError> {
        self.signed(DEVICE_LIST_OPENING, account)
    }

    /// Signs a later entry, with the primary's device key.
    pub fn sign_later(self, primary: &SigningKey) -> Result<SignedEntry, EncodeError> {
        self.signed(DEVICE_LIST_ENTRY, primary)
    }

    fn signed(self, domain: Domain, key: &SigningKey) -> Result<SignedEntry, EncodeError> {
        let signature = sign(domain, key, &encode(&self)?);
        Ok(SignedEntry { entry: self, signature })
    }

    /// Checks what needs no other entry.
    fn check_shape(&self) -> Result<(), RecordError> {
        let broken = |rule| Err(RecordError::Shape { account: self.account, rule });
        if self.at.term > DEVICE_LIST_TERM_MAX {
            return broken("its term is past the last one");
        }
        if !self.devices.windows(2).all(|pair| matches!(pair, [a, b] if a.device < b.device)) {
            return broken("devices ascend and differ");
        }
        let mut nodes: Vec<_> = self.devices.iter().map(|device| device.node).collect();
        nodes.sort_unstable();
        nodes.dedup();
        if nodes.len() != self.devices.len() {
            return broken("two devices share a node");
        }
        if !self.devices.iter().any(|device| device.device == self.primary) {
            return broken("the primary is among the devices");
        }
        Ok(())
    }
}

/// An entry and a signature that nobody has checked yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedEntry {
    /// What is signed.
    pub entry: Entry,
    /// By the account key in version 0, by the primary after it.
    pub signature: Signature,
}

impl SignedEntry {
    /// Checks the signature and returns the entry's hash.
    fn verify(&self, domain: Domain, signer: &[u8; 32]) -> Result<EntryHash, RecordError> {
        self.entry.check_shape()?;
        let bytes = encode(&self.entry)?;
        verify(domain, signer, &bytes, &self.signature).map_err(|_| RecordError::Signature {
            account: self.entry.account,
            part: "device list",
        })?;
        Ok(EntryHash(digest(DEVICE_LIST_HASH, &bytes)))
    }
}

/// A device list as it travels, unverified: a term's opening, and its latest entry if that is
/// another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceList {
    /// Version 0 of the term.
    pub opening: SignedEntry,
    /// The latest version, unless it is the opening.
    pub later: Option<SignedEntry>,
}

impl DeviceList {
    /// Returns the latest entry, unverified.
    pub fn latest(&self) -> &Entry {
        &self.later.as_ref().unwrap_or(&self.opening).entry
    }

    /// Checks both signatures and that the later entry belongs to the term.
    ///
    /// Costs at most two signature checks; entries between the two are vouched for by the primary.
    pub fn verify(self) -> Result<VerifiedDeviceList, RecordError> {
        let opening = &self.opening.entry;
        let account = opening.account;
        let broken = |rule| Err(RecordError::Shape { account, rule });
        if opening.at.version != 0 {
            return broken("a term opens with version 0");
        }
        // What costs nothing is checked before what costs a signature check.
        if let Some(SignedEntry { entry, .. }) = &self.later {
            if entry.account != account {
                return Err(RecordError::Account { expected: account, found: entry.account });
            }
            if entry.at.term != opening.at.term || entry.at.version == 0 {
                return broken("the latest entry is a later version of the same term");
            }
            if entry.primary != opening.primary {
                return broken("a term keeps its primary");
            }
            if entry.previous.is_none() {
                return broken("a later entry names the one before");
            }
        }
        let opened = self.opening.verify(DEVICE_LIST_OPENING, account.as_bytes())?;
        let hash = match &self.later {
            None => opened,
            Some(later) => {
                if later.entry.at.version == 1 && later.entry.previous != Some(opened) {
                    return broken("version 1 follows the opening");
                }
                later.verify(DEVICE_LIST_ENTRY, opening.primary.as_bytes())?
            }
        };
        Ok(VerifiedDeviceList { list: self, opened, hash })
    }
}

/// What one verified list is to another of the same account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Succession {
    /// It is the same entry.
    Same,
    /// It is older: refuse it.
    Older,
    /// It is newer: keep it.
    Newer,
    /// Two entries claim one place, or one that follows ours directly follows another: an alarm.
    Fork,
}

/// A device list whose signatures were checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedDeviceList {
    list: DeviceList,
    opened: EntryHash,
    hash: EntryHash,
}

impl VerifiedDeviceList {
    /// Returns the account.
    pub fn account(&self) -> Address {
        self.list.opening.entry.account
    }

    /// Returns the place of the latest entry.
    pub fn at(&self) -> ListVersion {
        self.list.latest().at
    }

    /// Returns the hash of the latest entry.
    pub const fn entry_hash(&self) -> EntryHash {
        self.hash
    }

    /// Returns the primary.
    pub fn primary(&self) -> DeviceId {
        self.list.opening.entry.primary
    }

    /// Returns the devices, ascending by device key.
    pub fn devices(&self) -> &[Device] {
        &self.list.latest().devices
    }

    /// Returns the device of this key, or nothing if the account has none such.
    pub fn device(&self, device: DeviceId) -> Option<&Device> {
        self.devices().iter().find(|listed| listed.device == device)
    }

    /// Returns the device at this node, or nothing if the account has none there.
    pub fn device_at(&self, node: NodeId) -> Option<&Device> {
        self.devices().iter().find(|listed| listed.node == node)
    }

    /// Returns the list as it travels.
    pub const fn list(&self) -> &DeviceList {
        &self.list
    }

    /// Returns what `other`, a list of the same account, is to this one.
    ///
    /// Fails with [`RecordError::Account`] if it is of another account.
    pub fn succession(&self, other: &Self) -> Result<Succession, RecordError> {
        if other.account() != self.account() {
            let (expected, found) = (self.account(), other.account());
            return Err(RecordError::Account { expected, found });
        }
        let (ours, theirs) = (self.at(), other.at());
        if ours.term == theirs.term && self.opened != other.opened {
            return Ok(Succession::Fork);
        }
        Ok(match theirs.cmp(&ours) {
            std::cmp::Ordering::Equal if other.hash == self.hash => Succession::Same,
            std::cmp::Ordering::Equal => Succession::Fork,
            std::cmp::Ordering::Less if self.follows(other) == Some(false) => Succession::Fork,
            std::cmp::Ordering::Less => Succession::Older,
            std::cmp::Ordering::Greater if other.follows(self) == Some(false) => Succession::Fork,
            std::cmp::Ordering::Greater => Succession::Newer,
        })
    }

    /// Whether this entry names `before` as the one before, where it would have to: nothing if
    /// others lie between.
    fn follows(&self, before: &Self) -> Option<bool> {
        let direct = self.at().term == before.at().term
            && before.at().version.checked_add(1) == Some(self.at().version);
        direct.then(|| self.list.latest().previous == Some(before.hash))
    }
}
