//! The key bundle: what another device needs to write to a device that is away (page 2).

use super::{ListVersion, RecordError, VerifiedDeviceList};
use crate::{
    address::Address,
    codec::{EncodeError, Format, encode},
    domain::{KEY_BUNDLE, ONE_TIME_KEY},
    ids::DeviceId,
    keys::{OlmIdentityKey, OlmSessionKey, OlmSigningKey, SealKey},
    sign::{Signature, sign, verify},
};
use ed25519_dalek::SigningKey;
use serde::{Deserialize, Serialize};

/// The key to which a first message goes while no one-time key is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FallbackKey {
    /// Rises with each rotation of the device.
    pub id: u64,
    /// The key.
    pub key: OlmSessionKey,
}

/// The keys of one device, unsigned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BundleBody {
    /// The account.
    pub account: Address,
    /// The device, whose key signs this.
    pub device: DeviceId,
    /// The Olm account's identity.
    pub identity: OlmIdentityKey,
    /// The Olm account's fingerprint.
    pub signing: OlmSigningKey,
    /// Where mail for the device is sealed to.
    pub seal: SealKey,
    /// Where its first messages go.
    pub fallback: FallbackKey,
    /// The device list that was newest when this was made.
    pub list: ListVersion,
    /// When this was made, in milliseconds; the later of two bundles wins.
    pub made_ms: u64,
}

impl Format for BundleBody {
    const NAME: &'static str = "key bundle";
    const VERSION: u8 = 1;
    const LIMIT: usize = 512;
}

impl BundleBody {
    /// Signs the bundle with the key of its device.
    pub fn sign(self, device: &SigningKey) -> Result<KeyBundle, EncodeError> {
        let signature = sign(KEY_BUNDLE, device, &encode(&self)?);
        Ok(KeyBundle { body: self, signature })
    }
}

/// A key bundle as it travels, unverified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyBundle {
    /// What is signed.
    pub body: BundleBody,
    /// By the device key.
    pub signature: Signature,
}

impl KeyBundle {
    /// Checks that a device of `list` signed this.
    pub fn verify(self, list: &VerifiedDeviceList) -> Result<VerifiedKeyBundle, RecordError> {
        let BundleBody { account, device, list: named, .. } = self.body;
        check_device(list, account, device, named)?;
        verify(KEY_BUNDLE, device.as_bytes(), &encode(&self.body)?, &self.signature)
            .map_err(|_| RecordError::Signature { account, part: "key bundle" })?;
        Ok(VerifiedKeyBundle(self))
    }
}

/// Checks, before any signature, that `list` is the account's, new enough, and has the device.
pub(super) fn check_device(
    list: &VerifiedDeviceList,
    account: Address,
    device: DeviceId,
    named: ListVersion,
) -> Result<(), RecordError> {
    if list.account() != account {
        return Err(RecordError::Account { expected: list.account(), found: account });
    }
    if named > list.at() {
        return Err(RecordError::ListTooOld { account, known: list.at(), named });
    }
    if list.device(device).is_none() {
        return Err(RecordError::NotListed { account, device });
    }
    Ok(())
}

/// A key bundle that a listed device signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedKeyBundle(KeyBundle);

impl VerifiedKeyBundle {
    /// Returns the keys.
    pub const fn body(&self) -> &BundleBody {
        &self.0.body
    }

    /// Returns the bundle as it travels.
    pub const fn bundle(&self) -> &KeyBundle {
        &self.0
    }
}

/// A one-time key of a device's Olm account, signed, for the one peer to whom it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OneTimeKey {
    /// The key.
    pub key: OlmSessionKey,
    /// By the device that will accept it.
    pub signature: Signature,
}

impl OneTimeKey {
    /// Signs a one-time key with the key of its device.
    pub fn sign(key: OlmSessionKey, device: &SigningKey) -> Self {
        Self { key, signature: sign(ONE_TIME_KEY, device, key.as_bytes()) }
    }

    /// Returns the key if `device` of `account` signed it.
    pub fn verify(&self, account: Address, device: DeviceId) -> Result<OlmSessionKey, RecordError> {
        verify(ONE_TIME_KEY, device.as_bytes(), self.key.as_bytes(), &self.signature)
            .map_err(|_| RecordError::Signature { account, part: "one-time key" })?;
        Ok(self.key)
    }
}
