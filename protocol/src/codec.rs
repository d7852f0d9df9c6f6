//! The one place that turns typed values into bytes and back.
//!
//! In: a value whose type implements [`Format`]. Out: one version byte followed by the value in
//! bincode's standard varint encoding. Everything on the wire, on disk or under a signature goes
//! through here, so leaving bincode means rewriting this file alone.
//!
//! A decoder never trusts a length it reads: the input is capped by [`Format::LIMIT`] before
//! anything is parsed, bincode's own byte budget is sized from the input, trailing bytes are
//! refused, and so is any spelling of a value other than the one [`encode`] writes.

use bincode::config::{Configuration, Limit, LittleEndian, Varint};
use serde::{Serialize, de::DeserializeOwned};

/// A type with bytes of its own: a version, and the most bytes one value may take.
pub trait Format: Serialize + DeserializeOwned {
    /// What a log line or an error calls this format.
    const NAME: &'static str;
    /// The version byte that stands first.
    const VERSION: u8;
    /// The most bytes one encoded value may take, version byte included.
    const LIMIT: usize;
}

/// Why bytes are not a value of a format. Always the fault of whoever made the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// There is not even a version byte.
    #[error("{0}: no bytes")]
    Empty(&'static str),
    /// The input is longer than the format allows; nothing of it was parsed.
    #[error("{name}: {len} bytes, at most {limit} are allowed")]
    TooLong {
        /// The format.
        name: &'static str,
        /// Bytes found.
        len: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// The version byte is one this build does not read.
    #[error("{name}: version {found}, this build reads {known}")]
    Version {
        /// The format.
        name: &'static str,
        /// The version found.
        found: u8,
        /// The version this build reads.
        known: u8,
    },
    /// The body does not parse, or something is left behind it.
    #[error("{0}: malformed")]
    Malformed(&'static str),
    /// The body parses, but is not the one canonical spelling of its value.
    #[error("{0}: not the canonical encoding")]
    NotCanonical(&'static str),
}

/// Why a value has no bytes. The fault of the caller who built it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    /// The value would take more bytes than its format allows.
    #[error("{name}: {len} bytes, at most {limit} are allowed")]
    TooLong {
        /// The format.
        name: &'static str,
        /// Bytes the value takes.
        len: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// A part of the value has no encoding (a sequence of unknown length).
    #[error("{0}: cannot be encoded")]
    Unsupported(&'static str),
}

type Config<L> = Configuration<LittleEndian, Varint, L>;

fn config<const N: usize>() -> Config<Limit<N>> {
    bincode::config::standard().with_limit::<N>()
}

/// Bytes that are made room for at first: most values take no more.
const FIRST_BYTES: usize = 512;

/// Returns the bytes of `value`: its version, then its body.
pub fn encode<T: Format>(value: &T) -> Result<Vec<u8>, EncodeError> {
    let mut bytes = Vec::with_capacity(FIRST_BYTES.min(T::LIMIT.max(1)));
    bytes.push(T::VERSION);
    bincode::serde::encode_into_std_write(value, &mut bytes, bincode::config::standard())
        .map_err(|_| EncodeError::Unsupported(T::NAME))?;
    if bytes.len() > T::LIMIT {
        return Err(EncodeError::TooLong { name: T::NAME, len: bytes.len(), limit: T::LIMIT });
    }
    Ok(bytes)
}

/// Returns the value that [`encode`] wrote as `bytes`, and nothing for any other bytes.
pub fn decode<T: Format>(bytes: &[u8]) -> Result<T, DecodeError> {
    let value = decode_own::<T>(bytes)?;
    // Varints have longer spellings and maps other orders; a hash or signature must see only one.
    match encode(&value) {
        Ok(again) if again == bytes => Ok(value),
        _ => Err(DecodeError::NotCanonical(T::NAME)),
    }
}

/// Returns the value that [`encode`] wrote as `bytes`, where something else proves that this program wrote
/// them: the tag of its own cipher, or the check of its own row. Another spelling of a value passes.
pub fn decode_own<T: Format>(bytes: &[u8]) -> Result<T, DecodeError> {
    if bytes.len() > T::LIMIT {
        return Err(DecodeError::TooLong { name: T::NAME, len: bytes.len(), limit: T::LIMIT });
    }
    let (version, body) = bytes.split_first().ok_or(DecodeError::Empty(T::NAME))?;
    if *version != T::VERSION {
        return Err(DecodeError::Version { name: T::NAME, found: *version, known: T::VERSION });
    }
    parse::<T>(body).ok_or(DecodeError::Malformed(T::NAME))
}

/// Parses with a budget that grows with the input: bincode counts a one-byte varint as the full
/// width of its integer (16 bytes at most), so a budget of 16 a byte never refuses honest input
/// and never lets a short input reserve much memory.
fn parse<T: DeserializeOwned>(body: &[u8]) -> Option<T> {
    fn run<T: DeserializeOwned, const N: usize>(body: &[u8]) -> Option<T> {
        let (value, read) = bincode::serde::decode_from_slice(body, config::<N>()).ok()?;
        (read == body.len()).then_some(value)
    }
    match body.len() {
        0..=256 => run::<T, { 16 << 8 }>(body),
        257..=4_096 => run::<T, { 16 << 12 }>(body),
        4_097..=65_536 => run::<T, { 16 << 16 }>(body),
        65_537..=1_048_576 => run::<T, { 16 << 20 }>(body),
        _ => run::<T, { 16 << 24 }>(body),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde::Deserialize;
    use std::collections::BTreeMap;

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    struct Sample {
        number: u64,
        text: String,
        bytes: Vec<u8>,
        map: BTreeMap<u16, bool>,
        maybe: Option<i32>,
    }

    impl Format for Sample {
        const NAME: &'static str = "sample";
        const VERSION: u8 = 3;
        const LIMIT: usize = 512;
    }

    fn sample() -> Sample {
        Sample {
            number: 300,
            text: "鹊桥".into(),
            bytes: vec![1, 2, 3],
            map: BTreeMap::from([(7, true), (9, false)]),
            maybe: Some(-2),
        }
    }

    #[test]
    fn golden_bytes() {
        assert_eq!(
            hex::encode(encode(&sample()).unwrap()),
            "03fb2c0106e9b98ae6a1a5030102030207010900\
             0103"
        );
    }

    #[test]
    fn another_version_is_named() {
        let mut bytes = encode(&sample()).unwrap();
        bytes[0] = 4;
        assert_eq!(
            decode::<Sample>(&bytes),
            Err(DecodeError::Version { name: "sample", found: 4, known: 3 })
        );
    }

    #[test]
    fn empty_trailing_truncated_and_long_inputs_are_refused() {
        let bytes = encode(&sample()).unwrap();
        assert_eq!(decode::<Sample>(&[]), Err(DecodeError::Empty("sample")));
        let mut trailing = bytes.clone();
        trailing.push(0);
        assert_eq!(decode::<Sample>(&trailing), Err(DecodeError::Malformed("sample")));
        for cut in 1..bytes.len() {
            assert!(decode::<Sample>(&bytes[..cut]).is_err(), "cut at {cut}");
        }
        assert_eq!(
            decode::<Sample>(&vec![3; 513]),
            Err(DecodeError::TooLong { name: "sample", len: 513, limit: 512 })
        );
    }

    #[test]
    fn a_longer_varint_of_the_same_number_is_refused() {
        // 300 as the five-byte form (0xfc + u32) instead of the three-byte form.
        let bytes = hex::decode("03fc2c01000006e9b98ae6a1a50301020302070109000103").unwrap();
        assert_eq!(decode::<Sample>(&bytes), Err(DecodeError::NotCanonical("sample")));
    }

    #[test]
    fn a_map_in_another_order_is_refused() {
        let bytes = hex::decode("03fb2c0106e9b98ae6a1a50301020302090007010103").unwrap();
        assert_eq!(decode::<Sample>(&bytes), Err(DecodeError::NotCanonical("sample")));
    }

    #[test]
    fn a_claimed_length_of_many_gigabytes_is_refused() {
        // text length u64::MAX
        let bytes = hex::decode("0300fdffffffffffffffff").unwrap();
        assert_eq!(decode::<Sample>(&bytes), Err(DecodeError::Malformed("sample")));
    }

    #[test]
    fn a_value_over_its_limit_has_no_bytes() {
        let big = Sample { bytes: vec![0; 600], ..sample() };
        assert!(matches!(encode(&big), Err(EncodeError::TooLong { limit: 512, .. })));
    }

    proptest! {
        #[test]
        fn random_bytes_never_panic_and_only_canonical_ones_decode(
            bytes in proptest::collection::vec(any::<u8>(), 0..600)
        ) {
            if let Ok(value) = decode::<Sample>(&bytes) {
                prop_assert_eq!(encode(&value).unwrap(), bytes);
            }
        }

        #[test]
        fn what_was_encoded_decodes(number: u64, text in ".{0,40}", bytes: [u8; 16], maybe: Option<i32>) {
            let value = Sample { number, text, bytes: bytes.to_vec(), map: BTreeMap::new(), maybe };
            prop_assert_eq!(decode::<Sample>(&encode(&value).unwrap()).unwrap(), value);
        }
    }
}
