//! What a frame of a group carries: a number and a body with a version of its own, so that an older
//! build passes over what a newer one says.

use super::{frame::FRAME_PAYLOAD, id::OperationId, operation::SignedOperation, state::State};
use crate::{
    address::Address,
    bounded::{Blob, List, TooMany},
    codec::{DecodeError, EncodeError, Format, decode, encode},
    content::Message,
    digest::digest,
    domain::GROUP_AUDIENCE,
    ids::{DeviceId, MegolmSession},
    limits::{FRAME_LETTERS, MESSAGE, MESSAGE_HEADS},
};
use serde::{Deserialize, Serialize};

/// Something said by a device, under its Megolm session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// By whom; believed when the session is known to be theirs.
    pub account: Address,
    /// On which device.
    pub device: DeviceId,
    /// The session.
    pub session: MegolmSession,
    /// The Megolm message, whose plaintext is a [`Spoken`].
    pub message: Blob<{ FRAME_PAYLOAD - 128 }>,
}

/// Envelopes for devices of members, each for the one that its header names. Together they are one
/// padded blob, so that nobody outside learns how many there are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letters {
    /// Sealed envelopes.
    pub envelopes: List<Blob<{ FRAME_PAYLOAD - 64 }>, FRAME_LETTERS>,
}

/// What a Megolm message says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Spoken {
    /// A message of the group.
    Message {
        /// The heads of the operations that its author saw, the deepest if there are more.
        heads: List<OperationId, MESSAGE_HEADS>,
        /// The members and devices it was made for ([`audience`]).
        audience: [u8; 32],
        /// The message.
        message: Box<Message>,
    },
    /// The sender is typing, or no longer; not stored.
    Typing {
        /// Whether.
        on: bool,
    },
}

impl Format for Spoken {
    const NAME: &'static str = "group utterance";
    const VERSION: u8 = 1;
    const LIMIT: usize = MESSAGE + 32 * MESSAGE_HEADS + 64;
}

/// Returns the hash of a group's members and their devices, in the order of their keys.
pub fn audience(state: &State) -> [u8; 32] {
    let mut bytes = Vec::new();
    for (account, member) in &state.members {
        let mut devices: Vec<_> = member.devices.devices().iter().map(|it| it.device).collect();
        devices.sort_unstable();
        bytes.extend_from_slice(account.as_bytes());
        // A device list has at most 32 devices.
        bytes.push(u8::try_from(devices.len()).unwrap_or(u8::MAX));
        devices.iter().for_each(|device| bytes.extend_from_slice(device.as_bytes()));
    }
    digest(GROUP_AUDIENCE, &bytes)
}

macro_rules! parcels {
    ($( $(#[$doc:meta])* $number:literal $name:ident($body:ty); )*) => {
        /// What a frame carried, unverified.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Parcel {
            $( $(#[$doc])* $name(Box<$body>), )*
            /// What a newer Magpie reads: another number, or a newer version of one.
            Unknown {
                /// The number.
                number: u16,
                /// The body as it came.
                body: Vec<u8>,
            },
        }

        impl Parcel {
            fn number_and_body(&self) -> Result<(u16, Vec<u8>), EncodeError> {
                Ok(match self {
                    $( Self::$name(body) => ($number, encode(&**body)?), )*
                    Self::Unknown { number, body } => (*number, body.clone()),
                })
            }

            fn read(number: u16, body: &[u8]) -> Option<Result<Self, DecodeError>> {
                Some(match number {
                    $( $number => decode(body).map(|body| Self::$name(Box::new(body))), )*
                    _ => return None,
                })
            }
        }
    };
}

impl Format for Said {
    const NAME: &'static str = "said in a group";
    const VERSION: u8 = 1;
    const LIMIT: usize = FRAME_PAYLOAD - 8;
}

impl Format for Letters {
    const NAME: &'static str = "letters in a group";
    const VERSION: u8 = 1;
    const LIMIT: usize = FRAME_PAYLOAD - 8;
}

parcels! {
    /// An operation.
    1 Operation(SignedOperation);
    /// Something said.
    2 Said(Said);
    /// Envelopes.
    3 Letters(Letters);
}

#[derive(Serialize, Deserialize)]
struct Wire {
    number: u16,
    body: Blob<FRAME_PAYLOAD>,
}

impl Format for Wire {
    const NAME: &'static str = "parcel";
    const VERSION: u8 = 1;
    const LIMIT: usize = FRAME_PAYLOAD;
}

/// Why a parcel cannot be read or written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ParcelError {
    /// The bytes, or the body in them, are malformed.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// It does not fit its format.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// It does not fit its format.
    #[error(transparent)]
    TooMany(#[from] TooMany),
}

impl Parcel {
    /// Returns the bytes to seal in a frame.
    pub fn to_bytes(&self) -> Result<Vec<u8>, ParcelError> {
        let (number, body) = self.number_and_body()?;
        Ok(encode(&Wire { number, body: Blob::new(body)? })?)
    }

    /// Reads what a frame carried.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ParcelError> {
        let Wire { number, body } = decode(bytes)?;
        match Self::read(number, &body) {
            Some(Ok(parcel)) => Ok(parcel),
            None | Some(Err(DecodeError::Version { .. })) => {
                Ok(Self::Unknown { number, body: body.into_vec() })
            }
            Some(Err(error)) => Err(error.into()),
        }
    }
}
