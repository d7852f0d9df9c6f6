//! Fixed-size names of things: accounts are [`Address`](crate::address::Address)es, everything else is here.
//!
//! In JSON and in logs an id is lower-case hex; on the wire it is its 32 bytes.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;

/// Why a text is not an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0} is 64 hex digits")]
pub struct ParseIdError(&'static str);

macro_rules! ids {
    ($( $(#[$doc:meta])* $name:ident; )*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; 32]);

        impl $name {
            /// Returns the id's bytes.
            pub const fn as_bytes(&self) -> &[u8; 32] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&hex::encode(self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), hex::encode(self.0))
            }
        }

        impl std::str::FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                let mut bytes = [0; 32];
                hex::decode_to_slice(text, &mut bytes)
                    .map_err(|_| ParseIdError(stringify!($name)))?;
                Ok(Self(bytes))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if serializer.is_human_readable() {
                    serializer.collect_str(self)
                } else {
                    self.0.serialize(serializer)
                }
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                if deserializer.is_human_readable() {
                    String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
                } else {
                    Ok(Self(<[u8; 32]>::deserialize(deserializer)?))
                }
            }
        }
    )*};
}

ids! {
    /// A device of an account: its Ed25519 device key (page 2).
    DeviceId;
    /// A message: BLAKE3 of its canonical content (page 1, first schema).
    MessageId;
    /// A group: BLAKE3 of its first operation.
    GroupId;
    /// A network: the hash of its genesis, which is also the ledger's chain id (page 8).
    NetworkId;
    /// One sealed envelope: BLAKE3 of its bytes.
    EnvelopeId;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_hex_in_json_and_raw_on_the_wire() {
        let id = MessageId([0xab; 32]);
        let json = serde_json::to_string(&id).unwrap();
        assert_eq!(json, format!("\"{}\"", "ab".repeat(32)));
        assert_eq!(serde_json::from_str::<MessageId>(&json).unwrap(), id);
        let raw = bincode::serde::encode_to_vec(id, bincode::config::standard()).unwrap();
        assert_eq!(raw, vec![0xab; 32]);
    }

    #[test]
    fn texts_of_other_length_or_alphabet_are_refused() {
        for bad in ["", "ab", &"zz".repeat(32), &"ab".repeat(33)] {
            assert!(bad.parse::<GroupId>().is_err(), "{bad}");
        }
    }
}
