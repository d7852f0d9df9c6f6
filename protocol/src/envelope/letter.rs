//! What is inside an envelope: who sends, and one Olm message.

use crate::{
    address::Address,
    bounded::Blob,
    codec::Format,
    ids::{DeviceId, EntryHash},
    keys::OlmSessionKey,
    limits::{ENVELOPE_BUCKET, OLM_MESSAGE},
    record::{
        DeviceList, KeyBundle, ListVersion, OneTimeKey, RecordError, Succession,
        VerifiedDeviceList, VerifiedKeyBundle,
    },
};
use serde::{Deserialize, Serialize};

/// The two kinds of Olm messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum OlmKind {
    /// It opens a session (Olm's type 0).
    PreKey,
    /// It continues one (Olm's type 1).
    Normal,
}

/// An Olm message as the session made it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OlmMessage {
    /// Its kind.
    pub kind: OlmKind,
    /// Its bytes.
    pub body: Blob<OLM_MESSAGE>,
}

/// What a first message brings, so that it can be checked and answered without asking anybody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intro {
    /// The sender's device list.
    pub list: DeviceList,
    /// The sending device's keys.
    pub bundle: KeyBundle,
    /// The key with which the answer opens the session that replaces the first.
    pub one_time_key: OneTimeKey,
}

/// The content of an envelope, unverified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// Who says to have sent it.
    pub account: Address,
    /// From which device.
    pub device: DeviceId,
    /// The sender's device list entry.
    pub entry: EntryHash,
    /// The place of that entry.
    pub list: ListVersion,
    /// What a first message brings.
    pub intro: Option<Box<Intro>>,
    /// The message.
    pub olm: OlmMessage,
}

impl Format for Letter {
    const NAME: &'static str = "letter";
    const VERSION: u8 = 1;
    // The length before it takes four bytes of the bucket.
    const LIMIT: usize = ENVELOPE_BUCKET - 4;
}

/// Why a letter is not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LetterError {
    /// Nobody's device list is known and the letter brings none: fetch it.
    #[error("letter from {0}: no device list is known")]
    NoList(Address),
    /// The letter names another entry at the place of the known one: an alarm for the owner.
    #[error("letter from {account}: two device lists claim {at}")]
    Fork {
        /// The sender.
        account: Address,
        /// The place claimed twice.
        at: ListVersion,
    },
    /// The list, the bundle or the one-time key is refused.
    #[error(transparent)]
    Record(#[from] RecordError),
}

impl Letter {
    /// Checks that the sender's device stands in their list, the newest of the known one and the
    /// one that the letter brings.
    ///
    /// That the *Olm message* is that device's is shown by decrypting it in a session with the
    /// identity key of the bundle. A letter that names an older list is believed while its device
    /// is still listed: it may not have heard of the newer one.
    pub fn verify(self, known: Option<&VerifiedDeviceList>) -> Result<VerifiedLetter, LetterError> {
        let Self { account, device, entry, list: named, intro, olm } = self;
        let mut list = known.cloned();
        let mut brought = None;
        if let Some(intro) = intro {
            let Intro { list: theirs, bundle, one_time_key } = *intro;
            let theirs = theirs.verify()?;
            match list.as_ref().map(|known| known.succession(&theirs)).transpose()? {
                None | Some(Succession::Newer) => list = Some(theirs),
                Some(Succession::Same | Succession::Older) => (),
                Some(Succession::Fork) => {
                    return Err(LetterError::Fork { account, at: theirs.at() });
                }
            }
            brought = Some((bundle, one_time_key));
        }
        let list = list.ok_or(LetterError::NoList(account))?;
        if list.account() != account {
            return Err(RecordError::Account { expected: list.account(), found: account }.into());
        }
        if named > list.at() {
            return Err(RecordError::ListTooOld { account, known: list.at(), named }.into());
        }
        if named == list.at() && entry != list.entry_hash() {
            return Err(LetterError::Fork { account, at: named });
        }
        if list.device(device).is_none() {
            return Err(RecordError::NotListed { account, device }.into());
        }
        let mut bundle = None;
        let mut one_time_key = None;
        if let Some((theirs, key)) = brought {
            let theirs = theirs.verify(&list)?;
            if theirs.body().device != device {
                let device = theirs.body().device;
                return Err(RecordError::NotListed { account, device }.into());
            }
            bundle = Some(theirs);
            one_time_key = Some(key.verify(account, device)?);
        }
        Ok(VerifiedLetter { account, device, list, bundle, one_time_key, olm })
    }
}

/// A letter whose sender's device stands in the sender's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedLetter {
    /// The sender.
    pub account: Address,
    /// The sending device.
    pub device: DeviceId,
    /// The newest list now known of the sender; keep it if it is newer than the one at hand.
    pub list: VerifiedDeviceList,
    /// The sending device's keys, if the letter brought them.
    pub bundle: Option<VerifiedKeyBundle>,
    /// The key to answer with, if the letter brought one.
    pub one_time_key: Option<OlmSessionKey>,
    /// The message, still encrypted.
    pub olm: OlmMessage,
}
