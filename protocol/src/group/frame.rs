//! The gossip frame of a group's epoch: relays tell it from junk without learning who sent it.
//!
//! In: an [`EpochSecret`], the time and a payload. Out: a [`Frame`] for the topic of the epoch's
//! key. Back: bytes to a [`Frame`], then [`Frame::verify`] (any relay can), then
//! [`EpochKeys::open`] (members alone).
//!
//! HKDF-SHA256 over the secret, without salt, gives by its info strings the seed of the Ed25519
//! signing key and the AES-256-GCM key. AAD is the epoch's key and the time (8 bytes, little
//! endian). The plaintext is the payload's length (4 bytes, little endian), the payload, and zeros
//! up to one of five sizes. The signature covers all the rest.

use super::id::{EpochKey, Topic};
use crate::{
    bounded::Blob,
    codec::{DecodeError, EncodeError, Format, decode, encode},
    digest::digest,
    domain::{
        Domain, EPOCH_CIPHER, EPOCH_PSEUDONYM, EPOCH_SIGNING, EPOCH_TOPIC, FRAME_ID, GROUP_FRAME,
    },
    ids::{DeviceId, FrameId},
    limits::{FRAME, FRAME_AHEAD_MS, FRAME_BUCKET, FRAME_COARSE_MS, FRAME_OLD_MS},
    sign::{Signature, sign, verify},
};
use aes_gcm::{
    Aes256Gcm, KeyInit, Nonce,
    aead::{Aead, Payload},
};
use ed25519_dalek::SigningKey;
use hkdf::Hkdf;
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::fmt;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

const TAG: usize = 16;
const LENGTH: usize = 4;
const SIZES: [usize; 5] = [256, 1 << 10, 4 << 10, 16 << 10, FRAME_BUCKET];

/// The most bytes that one frame carries; what is larger is announced by hash and fetched.
pub const FRAME_PAYLOAD: usize = FRAME_BUCKET - LENGTH;

/// Why a frame cannot be made, believed or opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// The bytes are no frame.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The payload is too large for a frame: announce its hash.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// The ciphertext has a length that no sender makes.
    #[error("frame of {epoch}: {len} bytes of ciphertext are none of the sizes")]
    Size {
        /// The epoch.
        epoch: EpochKey,
        /// Bytes of ciphertext.
        len: usize,
    },
    /// The time is finer than frames tell it.
    #[error("frame of {epoch}: time {time_ms} is not coarse")]
    Fine {
        /// The epoch.
        epoch: EpochKey,
        /// The time.
        time_ms: u64,
    },
    /// A wish for the epoch's frames was made too long ago, or is ahead of its time.
    #[error("fetch of {epoch}: time {time_ms} is too far off")]
    Time {
        /// The epoch.
        epoch: EpochKey,
        /// The time.
        time_ms: u64,
    },
    /// Not signed by the epoch's key: forged.
    #[error("frame of {0}: the signature does not hold")]
    Signature(EpochKey),
    /// The frame is of another epoch than the secret.
    #[error("frame of {found}, the secret is of {expected}")]
    Epoch {
        /// The secret's epoch.
        expected: EpochKey,
        /// The frame's.
        found: EpochKey,
    },
    /// The ciphertext or its padding is not as a member makes it.
    #[error("frame of {0}: does not open")]
    Sealed(EpochKey),
}

/// The secret of an epoch: who has it reads and signs the epoch's frames.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub struct EpochSecret([u8; 32]);

impl fmt::Debug for EpochSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EpochSecret(..)")
    }
}

impl EpochSecret {
    /// Returns a fresh secret.
    pub fn generate(rng: &mut (impl CryptoRng + ?Sized)) -> Self {
        let mut secret = Self([0; 32]);
        rng.fill_bytes(&mut secret.0);
        secret
    }

    /// Returns the secret of these bytes, as a member was sent them.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Returns the bytes, to be sent inside a session or stored encrypted.
    pub const fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// Returns what the secret gives.
    pub fn keys(&self) -> EpochKeys {
        let seed = self.derive(EPOCH_SIGNING, &[]);
        let signing = SigningKey::from_bytes(&seed);
        let key = EpochKey(signing.verifying_key().to_bytes());
        EpochKeys { signing, cipher: self.derive(EPOCH_CIPHER, &[]), key }
    }

    /// Returns what a super node may call a sending device of this epoch, for its quota (page 5).
    pub fn pseudonym(&self, device: DeviceId) -> [u8; 32] {
        *self.derive(EPOCH_PSEUDONYM, device.as_bytes())
    }

    fn derive(&self, domain: Domain, more: &[u8]) -> Zeroizing<[u8; 32]> {
        let mut out = Zeroizing::new([0; 32]);
        Hkdf::<Sha256>::new(None, &self.0)
            .expand_multi_info(&[domain.as_str().as_bytes(), &[0], more], &mut *out)
            .expect("32 bytes are less than the 8,160 that HKDF-SHA256 gives");
        out
    }
}

/// The keys of an epoch: its signing key, zeroized when dropped, and its cipher key.
pub struct EpochKeys {
    signing: SigningKey,
    cipher: Zeroizing<[u8; 32]>,
    key: EpochKey,
}

impl fmt::Debug for EpochKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EpochKeys({})", self.key)
    }
}

impl EpochKeys {
    /// Returns the epoch.
    pub const fn key(&self) -> EpochKey {
        self.key
    }

    /// Signs `message` for `domain` with the epoch's key.
    pub fn sign(&self, domain: Domain, message: &[u8]) -> Signature {
        sign(domain, &self.signing, message)
    }

    /// Seals at most [`FRAME_PAYLOAD`] bytes; `now_ms` goes into the frame coarsely.
    pub fn seal(
        &self,
        rng: &mut (impl CryptoRng + ?Sized),
        now_ms: u64,
        payload: &[u8],
    ) -> Result<Frame, FrameError> {
        let too_long =
            EncodeError::TooLong { name: Frame::NAME, len: payload.len(), limit: FRAME_PAYLOAD };
        let size = SIZES.into_iter().find(|size| payload.len() <= size - LENGTH).ok_or(too_long)?;
        let length = u32::try_from(payload.len()).map_err(|_| too_long)?;
        let mut plain = Zeroizing::new(Vec::with_capacity(size));
        plain.extend_from_slice(&length.to_le_bytes());
        plain.extend_from_slice(payload);
        plain.resize(size, 0);

        let time_ms = now_ms - now_ms % FRAME_COARSE_MS;
        let mut nonce = [0; 12];
        rng.fill_bytes(&mut nonce);
        let aad = aad(self.key, time_ms);
        let ciphertext = self
            .cipher()
            .encrypt(&Nonce::from(nonce), Payload { msg: &plain, aad: &aad })
            .map_err(|_| too_long)?;
        let ciphertext = Blob::new(ciphertext).map_err(|_| too_long)?;
        let body = FrameBody { key: self.key, time_ms, nonce, ciphertext };
        let signature = self.sign(GROUP_FRAME, &encode(&body)?);
        Ok(Frame { body, signature })
    }

    /// Opens a frame of this epoch and returns its payload.
    pub fn open(&self, frame: &VerifiedFrame) -> Result<Zeroizing<Vec<u8>>, FrameError> {
        let FrameBody { key, time_ms, nonce, ciphertext } = &frame.0.body;
        if *key != self.key {
            return Err(FrameError::Epoch { expected: self.key, found: *key });
        }
        let sealed = FrameError::Sealed(*key);
        let aad = aad(*key, *time_ms);
        let mut plain = self
            .cipher()
            .decrypt(&Nonce::from(*nonce), Payload { msg: ciphertext, aad: &aad })
            .map(Zeroizing::new)
            .map_err(|_| sealed)?;
        let (length, rest) = plain.split_first_chunk::<LENGTH>().ok_or(sealed)?;
        let length = usize::try_from(u32::from_le_bytes(*length)).map_err(|_| sealed)?;
        let padding = rest.get(length..).ok_or(sealed)?;
        if padding.iter().any(|byte| *byte != 0) {
            return Err(sealed);
        }
        plain.drain(..LENGTH);
        plain.truncate(length);
        Ok(plain)
    }

    fn cipher(&self) -> Aes256Gcm {
        Aes256Gcm::new(&(*self.cipher).into())
    }
}

fn aad(key: EpochKey, time_ms: u64) -> [u8; 40] {
    let mut aad = [0; 40];
    aad[..32].copy_from_slice(key.as_bytes());
    aad[32..].copy_from_slice(&time_ms.to_le_bytes());
    aad
}

impl Frame {
    /// Returns the id of a frame by its bytes as they travel.
    pub fn id_of(bytes: &[u8]) -> FrameId {
        FrameId(digest(FRAME_ID, bytes))
    }
}

impl EpochKey {
    /// Returns where the epoch's frames are gossiped.
    pub fn topic(&self) -> Topic {
        Topic(digest(EPOCH_TOPIC, self.as_bytes()))
    }
}

/// What the epoch's key signs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrameBody {
    /// The epoch.
    pub key: EpochKey,
    /// When it was made, rounded down to [`FRAME_COARSE_MS`].
    pub time_ms: u64,
    /// Random, of AES-GCM.
    pub nonce: [u8; 12],
    /// The padded payload and its tag.
    pub ciphertext: Blob<{ FRAME_BUCKET + TAG }>,
}

impl Format for FrameBody {
    const NAME: &'static str = "frame body";
    const VERSION: u8 = Frame::VERSION;
    const LIMIT: usize = FRAME - 64;
}

/// A frame as it travels, unverified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    /// What is signed.
    pub body: FrameBody,
    /// By the epoch's key.
    pub signature: Signature,
}

impl Format for Frame {
    const NAME: &'static str = "group frame";
    const VERSION: u8 = 1;
    const LIMIT: usize = FRAME;
}

/// What a frame's time says of it; neither staleness is the forwarder's fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// Forward it.
    Fresh,
    /// Made over 2 minutes ago: drop it.
    Old,
    /// Over 1 minute ahead: drop it.
    Ahead,
}

/// Returns whether a frame of this time is to be forwarded at `now_ms`.
pub const fn freshness(time_ms: u64, now_ms: u64) -> Freshness {
    if time_ms > now_ms.saturating_add(FRAME_AHEAD_MS) {
        Freshness::Ahead
    } else if time_ms.saturating_add(FRAME_OLD_MS) < now_ms {
        Freshness::Old
    } else {
        Freshness::Fresh
    }
}

impl Frame {
    /// Reads a frame; it is still unverified.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FrameError> {
        Ok(decode(bytes)?)
    }

    /// Checks the shape and the signature: what any relay can say of a frame.
    pub fn verify(self) -> Result<VerifiedFrame, FrameError> {
        let FrameBody { key, time_ms, ciphertext, .. } = &self.body;
        if !SIZES.iter().any(|size| size + TAG == ciphertext.len()) {
            return Err(FrameError::Size { epoch: *key, len: ciphertext.len() });
        }
        if time_ms % FRAME_COARSE_MS != 0 {
            return Err(FrameError::Fine { epoch: *key, time_ms: *time_ms });
        }
        verify(GROUP_FRAME, key.as_bytes(), &encode(&self.body)?, &self.signature)
            .map_err(|_| FrameError::Signature(*key))?;
        Ok(VerifiedFrame(self))
    }
}

/// A frame that a member of its epoch signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedFrame(Frame);

impl VerifiedFrame {
    /// Returns the frame as it travels.
    pub const fn frame(&self) -> &Frame {
        &self.0
    }

    /// Returns the epoch.
    pub const fn epoch(&self) -> EpochKey {
        self.0.body.key
    }

    /// Returns whether the frame is to be forwarded at `now_ms`.
    pub const fn freshness(&self, now_ms: u64) -> Freshness {
        freshness(self.0.body.time_ms, now_ms)
    }
}
