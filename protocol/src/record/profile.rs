//! The profile: how a person is shown, and the account's keys that others need (page 5).
//!
//! A [`Card`] is what is shown. The directory has it only if the person is public; to contacts it
//! goes inside the session, where the same account signature makes it worth the same.

use super::{ListVersion, RecordError, VerifiedDeviceList, bundle::check_device};
use crate::{
    address::Address,
    bounded::Text,
    codec::{EncodeError, Format, encode},
    domain::{KEY_PART, PROFILE},
    ids::{BlobHash, DeviceId},
    keys::{CurveKey, ReceiveKey},
    limits::{AVATAR_URL_CHARS, NICKNAME_CHARS, RECORD, REVERSE_NAME_CHARS},
    sign::{Signature, sign, verify},
};
use ed25519_dalek::SigningKey;
use serde::{Deserialize, Serialize};

/// An avatar: one of the built-in ones, or a picture.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Avatar {
    /// Number of the built-in one (`pfp_id`); negative with a picture of one's own.
    pub id: i32,
    /// Where a picture is, or empty (`pfp_url`).
    pub url: Text<AVATAR_URL_CHARS>,
    /// The picture's hash, if it is a blob.
    pub hash: Option<BlobHash>,
}

/// The account's keys that others need, unsigned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyPart {
    /// The account.
    pub account: Address,
    /// The term whose receive key this is.
    pub term: u32,
    /// The account's X25519 key (`pubCurve`).
    pub curve: CurveKey,
    /// The key that accepts and declines.
    pub receive: ReceiveKey,
    /// Where the account is paid.
    pub wallet: Address,
}

impl Format for KeyPart {
    const NAME: &'static str = "key part";
    const VERSION: u8 = 1;
    const LIMIT: usize = 256;
}

impl KeyPart {
    /// Signs the key part with the account key.
    pub fn sign(self, account: &SigningKey) -> Result<SignedKeyPart, EncodeError> {
        let signature = sign(KEY_PART, account, &encode(&self)?);
        Ok(SignedKeyPart { keys: self, signature })
    }
}

/// A key part and a signature that nobody has checked yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedKeyPart {
    /// What is signed.
    pub keys: KeyPart,
    /// By the account key.
    pub signature: Signature,
}

/// How a person is shown, unverified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// The name they gave themselves.
    pub nickname: Text<NICKNAME_CHARS>,
    /// Their picture.
    pub avatar: Avatar,
    /// The registered name that leads to them, if they chose one; to be looked up, not believed.
    pub reverse_name: Option<Text<REVERSE_NAME_CHARS>>,
    /// Their keys.
    pub keys: SignedKeyPart,
}

impl Card {
    /// Checks that the key part is of `list`'s account and term, and signed by the account key.
    pub fn verify(self, list: &VerifiedDeviceList) -> Result<VerifiedCard, RecordError> {
        self.verify_in_term(list.account(), list.at().term)
    }

    /// Checks what [`verify`](Self::verify) does for who knows the newest term of the account from
    /// elsewhere, as from the session that brought the card.
    pub fn verify_in_term(self, account: Address, term: u32) -> Result<VerifiedCard, RecordError> {
        let KeyPart { account: named, term: found, .. } = self.keys.keys;
        if named != account {
            return Err(RecordError::Account { expected: account, found: named });
        }
        if found != term {
            return Err(RecordError::KeyTerm { account, term, found });
        }
        verify(KEY_PART, account.as_bytes(), &encode(&self.keys.keys)?, &self.keys.signature)
            .map_err(|_| RecordError::Signature { account, part: "key part" })?;
        Ok(VerifiedCard(self))
    }
}

/// A card whose key part the account key signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedCard(Card);

impl VerifiedCard {
    /// Returns the card.
    pub const fn card(&self) -> &Card {
        &self.0
    }

    /// Returns the account's keys.
    pub const fn keys(&self) -> &KeyPart {
        &self.0.keys.keys
    }
}

/// A profile, unsigned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileBody {
    /// The account.
    pub account: Address,
    /// The device that signs this.
    pub device: DeviceId,
    /// The device list that was newest when this was made; of two profiles the newer list wins, so
    /// that a removed device cannot outbid those that stay.
    pub list: ListVersion,
    /// Rises with each change under one list.
    pub counter: u64,
    /// What is shown to everybody; nothing if the person is shown to contacts only.
    pub card: Option<Card>,
}

impl Format for ProfileBody {
    const NAME: &'static str = "profile";
    const VERSION: u8 = 1;
    const LIMIT: usize = RECORD - 128;
}

impl ProfileBody {
    /// Signs the profile with a device key.
    pub fn sign(self, device: &SigningKey) -> Result<Profile, EncodeError> {
        let signature = sign(PROFILE, device, &encode(&self)?);
        Ok(Profile { body: self, signature })
    }
}

/// A profile as it travels, unverified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// What is signed.
    pub body: ProfileBody,
    /// By the device key.
    pub signature: Signature,
}

impl Profile {
    /// Checks that a device of `list` signed this and, if a card is shown, the card.
    pub fn verify(self, list: &VerifiedDeviceList) -> Result<VerifiedProfile, RecordError> {
        let ProfileBody { account, device, list: named, .. } = self.body;
        check_device(list, account, device, named)?;
        verify(PROFILE, device.as_bytes(), &encode(&self.body)?, &self.signature)
            .map_err(|_| RecordError::Signature { account, part: "profile" })?;
        if let Some(card) = &self.body.card {
            card.clone().verify(list)?;
        }
        Ok(VerifiedProfile(self))
    }
}

/// A profile that a listed device signed, its card checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedProfile(Profile);

impl VerifiedProfile {
    /// Returns the profile's content.
    pub const fn body(&self) -> &ProfileBody {
        &self.0.body
    }

    /// Returns the card, or nothing if the person is shown to contacts only.
    pub fn card(&self) -> Option<VerifiedCard> {
        self.0.body.card.clone().map(VerifiedCard)
    }

    /// Returns the profile as it travels.
    pub const fn profile(&self) -> &Profile {
        &self.0
    }
}
