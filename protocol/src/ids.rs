//! Fixed-size names of things: accounts are [`Address`](crate::address::Address)es, everything else is here.
//!
//! In JSON and in logs an id is lower-case hex; on the wire it is its 32 bytes.

/// Why a text is not an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0} is 64 hex digits")]
pub struct ParseIdError(pub(crate) &'static str);

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

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&hex::encode(self.0))
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), hex::encode(self.0))
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::ids::ParseIdError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let mut bytes = [0; 32];
                hex::decode_to_slice(text, &mut bytes)
                    .map_err(|_| $crate::ids::ParseIdError(stringify!($name)))?;
                Ok(Self(bytes))
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if serializer.is_human_readable() {
                    serializer.collect_str(self)
                } else {
                    serde::Serialize::serialize(&self.0, serializer)
                }
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                if deserializer.is_human_readable() {
                    <String as serde::Deserialize>::deserialize(deserializer)?
                        .parse()
                        .map_err(serde::de::Error::custom)
                } else {
                    Ok(Self(<[u8; 32] as serde::Deserialize>::deserialize(deserializer)?))
                }
            }
        }
    )*};
}

pub(crate) use ids;

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
    /// One entry of a device list: BLAKE3 of what was signed (page 2).
    EntryHash;
    /// One public record: BLAKE3 of its bytes (page 5).
    RecordHash;
    /// A delivery token as its super nodes know it: BLAKE3 of the token.
    TokenHash;
    /// A blob: BLAKE3 of its bytes (page 3, files).
    BlobHash;
    /// A Megolm session: the Ed25519 key it signs with.
    MegolmSession;
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
