//! Secret bytes in a row: written and read in one piece, with the bytes that one by one would have.

use serde::{Deserialize, Deserializer, Serializer};
use serde_bytes::ByteBuf;
use zeroize::Zeroizing;

/// Writes them.
pub(crate) fn serialize<S: Serializer>(
    bytes: &Zeroizing<Vec<u8>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_bytes(bytes)
}

/// Reads them.
pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Zeroizing<Vec<u8>>, D::Error> {
    ByteBuf::deserialize(deserializer).map(|bytes| Zeroizing::new(bytes.into_vec()))
}
