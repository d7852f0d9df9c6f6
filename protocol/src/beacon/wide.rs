//! The two values of a beacon that are wider than an id: its output and its proof.
//!
//! On the wire they are their bytes, in JSON lower-case hex, like an id.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{fmt, str::FromStr};

/// Why a text is not a beacon or a proof.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name} is {digits} hex digits")]
pub struct ParseWideError {
    name: &'static str,
    digits: usize,
}

macro_rules! wide {
    ($( $(#[$doc:meta])* $name:ident = $rows:literal rows of 16; )*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; $rows * 16]);

        impl $name {
            /// Returns the bytes.
            pub const fn as_bytes(&self) -> &[u8; $rows * 16] {
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
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl FromStr for $name {
            type Err = ParseWideError;

            fn from_str(text: &str) -> Result<Self, ParseWideError> {
                let mut bytes = [0; $rows * 16];
                hex::decode_to_slice(text, &mut bytes)
                    .map_err(|_| ParseWideError { name: stringify!($name), digits: $rows * 32 })?;
                Ok(Self(bytes))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if serializer.is_human_readable() {
                    return serializer.collect_str(self);
                }
                // serde has arrays of at most 32; rows of 16 are the same bytes.
                let mut rows = [[0; 16]; $rows];
                for (row, bytes) in rows.iter_mut().zip(self.0.chunks_exact(16)) {
                    row.copy_from_slice(bytes);
                }
                rows.serialize(serializer)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                if deserializer.is_human_readable() {
                    return String::deserialize(deserializer)?.parse().map_err(de::Error::custom);
                }
                let rows = <[[u8; 16]; $rows]>::deserialize(deserializer)?;
                let mut bytes = [0; $rows * 16];
                bytes.copy_from_slice(rows.as_flattened());
                Ok(Self(bytes))
            }
        }
    )*};
}

wide! {
    /// What a proposer's verifiable random function gave for one height: `beta_string` of RFC 9381.
    Beacon = 4 rows of 16;
    /// The proof of a [`Beacon`]: `pi_string` of RFC 9381, unchecked.
    Proof = 5 rows of 16;
}

impl Beacon {
    /// What stands for the previous beacon at a chain's first height.
    pub const GENESIS: Self = Self([0; 64]);
}
