//! The outer layer: HPKE to one device's seal key, padded to a bucket.
//!
//! RFC 9180 base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM. info is the domain
//! string, AAD the encoded [`Header`]. The plaintext is the letter's length (4 bytes, little
//! endian), the letter, and zeros up to the bucket.

use super::Letter;
use crate::{
    address::NodeId,
    bounded::Blob,
    codec::{DecodeError, EncodeError, Format, decode, encode},
    digest::digest,
    domain::{ENVELOPE_ID, ENVELOPE_SEAL},
    ids::EnvelopeId,
    keys::SealKey,
    limits::{ENVELOPE, ENVELOPE_BUCKET},
};
use hpke::{
    Deserializable, OpModeR, OpModeS, Serializable, aead::AesGcm256, kdf::HkdfSha256,
    kem::X25519HkdfSha256, single_shot_open, single_shot_seal_with_rng,
};
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use x25519_dalek::StaticSecret;
use zeroize::Zeroizing;

type Kem = X25519HkdfSha256;

const TAG: usize = 16;

/// The sizes that envelopes come in; what is larger is a blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Bucket {
    /// 1 KiB.
    K1,
    /// 4 KiB.
    K4,
    /// 16 KiB.
    K16,
    /// 64 KiB.
    K64,
}

impl Bucket {
    /// All of them, ascending.
    pub const ALL: [Self; 4] = [Self::K1, Self::K4, Self::K16, Self::K64];

    /// Returns the bytes of padded plaintext.
    pub const fn size(self) -> usize {
        match self {
            Self::K1 => 1 << 10,
            Self::K4 => 4 << 10,
            Self::K16 => 16 << 10,
            Self::K64 => ENVELOPE_BUCKET,
        }
    }

    /// Returns the smallest bucket for `len` bytes of plaintext, or nothing if none is large enough.
    fn of(len: usize) -> Option<Self> {
        Self::ALL.into_iter().find(|bucket| bucket.size() >= len)
    }
}

/// What a super node can read of an envelope; bound to the ciphertext.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// The device whose mailbox it goes to.
    pub mailbox: NodeId,
    /// When it may be forgotten, in milliseconds.
    pub expiry_ms: u64,
    /// Its size.
    pub bucket: Bucket,
}

impl Format for Header {
    const NAME: &'static str = "envelope header";
    const VERSION: u8 = Wire::VERSION;
    const LIMIT: usize = 64;
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Wire {
    header: Header,
    encapsulated: [u8; 32],
    ciphertext: Blob<{ ENVELOPE_BUCKET + TAG }>,
}

impl Format for Wire {
    const NAME: &'static str = "envelope";
    const VERSION: u8 = 1;
    const LIMIT: usize = ENVELOPE;
}

/// Why an envelope cannot be sealed, read or opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    /// The bytes are no envelope.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The letter is too large for any bucket: send a blob.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// The ciphertext is not as long as the bucket says.
    #[error("envelope: {len} bytes in a bucket of {bucket}")]
    Size {
        /// Bytes of ciphertext.
        len: usize,
        /// Bytes of the bucket.
        bucket: usize,
    },
    /// The recipient's seal key is none.
    #[error("envelope: the seal key is no X25519 key")]
    SealKey,
    /// It was sealed to another key, or altered.
    #[error("envelope: does not open with this key")]
    Sealed,
    /// It opens, but the padding is not as a sender makes it.
    #[error("envelope: the padding is not zeros up to the bucket")]
    Padding,
}

/// A finished envelope: the bytes to send, to store and to send again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// BLAKE3 of the bytes.
    pub id: EnvelopeId,
    /// The envelope.
    pub bytes: Vec<u8>,
}

/// Seals `letter` to the device whose seal key is `to`, for its mailbox, until `expiry_ms`.
pub fn seal(
    rng: &mut (impl CryptoRng + ?Sized),
    to: &SealKey,
    mailbox: NodeId,
    expiry_ms: u64,
    letter: &Letter,
) -> Result<Sealed, EnvelopeError> {
    let letter = Zeroizing::new(encode(letter)?);
    let too_long =
        EncodeError::TooLong { name: Letter::NAME, len: letter.len(), limit: Letter::LIMIT };
    let bucket = Bucket::of(letter.len() + 4).ok_or(too_long)?;
    let length = u32::try_from(letter.len()).map_err(|_| too_long)?;
    let mut plain = Zeroizing::new(Vec::with_capacity(bucket.size()));
    plain.extend_from_slice(&length.to_le_bytes());
    plain.extend_from_slice(&letter);
    plain.resize(bucket.size(), 0);

    let header = Header { mailbox, expiry_ms, bucket };
    let to = <Kem as hpke::Kem>::PublicKey::from_bytes(to.as_bytes())
        .map_err(|_| EnvelopeError::SealKey)?;
    // hpke takes a sized generator; a reference to any generator is one.
    let mut rng = rng;
    let (encapsulated, ciphertext) = single_shot_seal_with_rng::<AesGcm256, HkdfSha256, Kem>(
        &OpModeS::Base,
        &to,
        ENVELOPE_SEAL.as_str().as_bytes(),
        &plain,
        &encode(&header)?,
        &mut rng,
    )
    .map_err(|_| EnvelopeError::SealKey)?;
    let wire = Wire {
        header,
        encapsulated: encapsulated.to_bytes().into(),
        ciphertext: Blob::new(ciphertext).map_err(|_| too_long)?,
    };
    let bytes = encode(&wire)?;
    Ok(Sealed { id: EnvelopeId(digest(ENVELOPE_ID, &bytes)), bytes })
}

/// An envelope as anybody sees it: well-formed, and closed.
#[derive(Debug, Clone)]
pub struct Envelope {
    id: EnvelopeId,
    wire: Wire,
}

impl Envelope {
    /// Reads an envelope without opening it; costs a copy and a hash.
    pub fn parse(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        let wire: Wire = decode(bytes)?;
        let (len, bucket) = (wire.ciphertext.len(), wire.header.bucket.size());
        if len != bucket + TAG {
            return Err(EnvelopeError::Size { len, bucket });
        }
        Ok(Self { id: EnvelopeId(digest(ENVELOPE_ID, bytes)), wire })
    }

    /// Returns the envelope's id.
    pub const fn id(&self) -> EnvelopeId {
        self.id
    }

    /// Returns what is readable without the key.
    pub const fn header(&self) -> &Header {
        &self.wire.header
    }

    /// Opens the envelope with a seal key's secret; what comes out is not verified yet.
    ///
    /// Fails with [`EnvelopeError::Sealed`] for another key: try the one before, then drop it.
    pub fn open(&self, secret: &StaticSecret) -> Result<Letter, EnvelopeError> {
        let secret = Zeroizing::new(secret.to_bytes());
        let secret = <Kem as hpke::Kem>::PrivateKey::from_bytes(&*secret)
            .map_err(|_| EnvelopeError::Sealed)?;
        let encapsulated = <Kem as hpke::Kem>::EncappedKey::from_bytes(&self.wire.encapsulated)
            .map_err(|_| EnvelopeError::Sealed)?;
        let plain = single_shot_open::<AesGcm256, HkdfSha256, Kem>(
            &OpModeR::Base,
            &secret,
            &encapsulated,
            ENVELOPE_SEAL.as_str().as_bytes(),
            &self.wire.ciphertext,
            &encode(&self.wire.header)?,
        )
        .map_err(|_| EnvelopeError::Sealed)?;
        let plain = Zeroizing::new(plain);
        let (length, rest) = plain.split_first_chunk::<4>().ok_or(EnvelopeError::Padding)?;
        let length = usize::try_from(u32::from_le_bytes(*length));
        let (letter, padding) = length
            .ok()
            .and_then(|length| rest.split_at_checked(length))
            .ok_or(EnvelopeError::Padding)?;
        if padding.iter().any(|byte| *byte != 0) {
            return Err(EnvelopeError::Padding);
        }
        Ok(decode(letter)?)
    }
}
