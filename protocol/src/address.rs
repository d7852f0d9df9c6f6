//! Addresses: an account's, which is its key, and a device's place in the transport.

use ed25519_dalek::VerifyingKey;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{cell::RefCell, fmt, str::FromStr};

/// Addresses that are remembered as checked, each at the place that its first bytes name.
const CHECKED_PLACES: usize = 1_024;

thread_local! {
    // Every row and frame names accounts, mostly the same few, and checking one is curve arithmetic
    // of ten microseconds. Only what passed the check is here, so an answer is the same without it.
    static CHECKED: RefCell<Vec<[u8; 32]>> = RefCell::new(vec![[0; 32]; CHECKED_PLACES]);
}

/// An account: its 32-byte Ed25519 public key, written in base58 (page 2).
///
/// Only canonical encodings of points outside the small subgroup are addresses, so two texts
/// never name one key and no key verifies what nobody signed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address([u8; 32]);

/// Why a text or bytes are not an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// The text is not base58 of 32 bytes.
    #[error("an address is base58 of 32 bytes")]
    Base58,
    /// The bytes are not a canonical Ed25519 public key.
    #[error("an address is a canonical Ed25519 public key")]
    Point,
}

impl Address {
    /// Returns the address of the key whose bytes these are, or [`AddressError::Point`].
    pub fn from_bytes(bytes: [u8; 32]) -> Result<Self, AddressError> {
        let [low, high, ..] = bytes;
        let at = usize::from(u16::from_le_bytes([low, high])) % CHECKED_PLACES;
        // All zeros, with which the places begin, is a weak key.
        if CHECKED.with_borrow(|checked| checked.get(at) == Some(&bytes)) && bytes != [0; 32] {
            return Ok(Self(bytes));
        }
        // from_bytes accepts y >= p; compressing again shows whether the spelling was canonical.
        let key = VerifyingKey::from_bytes(&bytes).map_err(|_| AddressError::Point)?;
        if key.is_weak() || key.to_edwards().compress().to_bytes() != bytes {
            return Err(AddressError::Point);
        }
        CHECKED.with_borrow_mut(|checked| {
            if let Some(place) = checked.get_mut(at) {
                *place = bytes;
            }
        });
        Ok(Self(bytes))
    }

    /// Returns the address of a verifying key.
    pub fn of(key: &VerifyingKey) -> Result<Self, AddressError> {
        Self::from_bytes(key.to_bytes())
    }

    /// Returns the key's bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Returns the key that this address is.
    pub fn key(&self) -> VerifyingKey {
        VerifyingKey::from_bytes(&self.0).expect("checked when the address was made")
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Many times as fast as the crate that also takes other lengths.
        let mut text = [0; five8::BASE58_ENCODED_32_MAX_LEN];
        let length = usize::from(five8::encode_32(&self.0, &mut text));
        let text = text.get(..length).and_then(|text| std::str::from_utf8(text).ok());
        f.write_str(text.unwrap_or_default())
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self})")
    }
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        // 32 bytes are at most 44 characters; base58 is quadratic, so long texts stop here.
        if text.len() > 44 {
            return Err(AddressError::Base58);
        }
        let mut bytes = [0; 32];
        match bs58::decode(text).onto(&mut bytes) {
            Ok(32) => Self::from_bytes(bytes),
            _ => Err(AddressError::Base58),
        }
    }
}

impl Serialize for Address {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            self.0.serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            let text = String::deserialize(deserializer)?;
            if text.is_empty() {
                // The API tells an empty text from a wrong one.
                return Err(de::Error::invalid_value(de::Unexpected::Str(""), &"an address"));
            }
            text.parse().map_err(de::Error::custom)
        } else {
            Self::from_bytes(<[u8; 32]>::deserialize(deserializer)?).map_err(de::Error::custom)
        }
    }
}

/// A node in the transport: the Ed25519 key behind a libp2p PeerId.
///
/// Displays as libp2p writes it: base58 of the identity multihash of the key's protobuf, so that
/// the pure crates name peers without libp2p.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub [u8; 32]);

impl NodeId {
    /// Identity multihash (code 0, 36 bytes) of a libp2p public key message of type Ed25519.
    const PREFIX: [u8; 6] = [0x00, 0x24, 0x08, 0x01, 0x12, 0x20];

    /// Returns the bytes of the libp2p PeerId.
    pub fn peer_id_bytes(&self) -> [u8; 38] {
        let mut bytes = [0; 38];
        bytes[..6].copy_from_slice(&Self::PREFIX);
        bytes[6..].copy_from_slice(&self.0);
        bytes
    }

    /// Returns the node behind a libp2p PeerId's bytes, or nothing if it is no Ed25519 key.
    pub fn from_peer_id_bytes(bytes: &[u8]) -> Option<Self> {
        let key = bytes.strip_prefix(&Self::PREFIX)?;
        Some(Self(key.try_into().ok()?))
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&bs58::encode(self.peer_id_bytes()).into_string())
    }
}

impl fmt::Debug for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NodeId({self})")
    }
}

impl FromStr for NodeId {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        if text.len() > 64 {
            return Err(AddressError::Base58);
        }
        let bytes = bs58::decode(text).into_vec().map_err(|_| AddressError::Base58)?;
        Self::from_peer_id_bytes(&bytes).ok_or(AddressError::Point)
    }
}

impl Serialize for NodeId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            self.0.serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for NodeId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
        } else {
            Ok(Self(<[u8; 32]>::deserialize(deserializer)?))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ed25519_dalek::SigningKey;
    use proptest::prelude::*;

    #[test]
    fn golden_address_and_node_of_the_key_of_sevens() {
        let key = SigningKey::from_bytes(&[7; 32]).verifying_key();
        let address = Address::of(&key).unwrap();
        assert_eq!(address.to_string(), "GmaDrppBC7P5ARKV8g3djiwP89vz1jLK23V2GBjuAEGB");
        assert_eq!(
            NodeId(key.to_bytes()).to_string(),
            "12D3KooWRawPbxPtP1eZaJpumGnyWX2DcUyd3RQnydr3eAto4Az7"
        );
    }

    #[test]
    fn weak_and_non_canonical_points_are_no_addresses() {
        let mut identity = [0; 32];
        identity[0] = 1;
        assert_eq!(Address::from_bytes(identity), Err(AddressError::Point));
        // y = p + 1: the identity in a spelling that some decoders reduce.
        let mut reduced = [0xff; 32];
        reduced[0] = 0xee;
        reduced[31] = 0x7f;
        assert_eq!(Address::from_bytes(reduced), Err(AddressError::Point));
        // y = p + 3 is a valid point (y = 3) in a non-canonical spelling, if 3 is on the curve.
        let mut spelled = [0xff; 32];
        spelled[0] = 0xf0;
        spelled[31] = 0x7f;
        assert_eq!(Address::from_bytes(spelled), Err(AddressError::Point));
    }

    #[test]
    fn texts_that_are_no_address() {
        for bad in ["", "0OIl", "abc", &"1".repeat(44), &"z".repeat(44), &"2".repeat(10_000)] {
            assert!(bad.parse::<Address>().is_err(), "{bad:.60}");
        }
    }

    proptest! {
        #[test]
        fn every_key_survives_its_text(seed: [u8; 32]) {
            let address = Address::of(&SigningKey::from_bytes(&seed).verifying_key()).unwrap();
            prop_assert_eq!(address.to_string().parse::<Address>().unwrap(), address);
            let node = NodeId(*address.as_bytes());
            prop_assert_eq!(node.to_string().parse::<NodeId>().unwrap(), node);
        }

        #[test]
        fn random_bytes_and_texts_never_panic(bytes: [u8; 32], text in ".{0,80}") {
            let _ = Address::from_bytes(bytes);
            let _ = text.parse::<Address>();
            let _ = text.parse::<NodeId>();
        }
    }
}
