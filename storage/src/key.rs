//! Row keys whose bytes sort as their values do.
//!
//! In: numbers, ids, texts and tuples of them. Out: bytes of which none starts another, so that
//! a tuple's leading parts are a prefix that selects exactly the rows they name. Numbers are big
//! endian; bytes and texts end in `00 00`, and a zero within them is `00 ff`.

use magpie_protocol::{
    address::{Address, NodeId},
    group::{EpochKey, OperationId},
    ids::{DeviceId, EnvelopeId, FrameId, GroupId, MegolmSession, MessageId, NetworkId},
    ledger::EntryId,
};

/// The most bytes a whole key may take; longer ones are refused when they are written.
pub const KEY_BYTES: usize = 1_024;

/// A part of a key, or all of it.
pub trait RowKey: Sized {
    /// Appends the bytes of this part.
    fn write(&self, out: &mut Vec<u8>);

    /// Takes this part's bytes from the front of `input`, or returns nothing if they are not
    /// what [`write`](Self::write) appends.
    fn read(input: &mut &[u8]) -> Option<Self>;
}

/// Returns the bytes of `key`.
pub fn key_bytes<K: RowKey>(key: &K) -> Vec<u8> {
    let mut bytes = Vec::new();
    key.write(&mut bytes);
    bytes
}

/// Returns the key whose bytes are exactly `bytes`.
pub fn read_key<K: RowKey>(mut bytes: &[u8]) -> Option<K> {
    let key = K::read(&mut bytes)?;
    bytes.is_empty().then_some(key)
}

macro_rules! numbers {
    ($($number:ty),*) => {$(
        impl RowKey for $number {
            fn write(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_be_bytes());
            }

            fn read(input: &mut &[u8]) -> Option<Self> {
                input.split_off(..size_of::<Self>())?.try_into().ok().map(Self::from_be_bytes)
            }
        }
    )*};
}

numbers!(u8, u16, u32, u64, u128);

impl RowKey for bool {
    fn write(&self, out: &mut Vec<u8>) {
        out.push(u8::from(*self));
    }

    fn read(input: &mut &[u8]) -> Option<Self> {
        match input.split_off_first()? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

impl<const N: usize> RowKey for [u8; N] {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self);
    }

    fn read(input: &mut &[u8]) -> Option<Self> {
        input.split_off(..N)?.try_into().ok()
    }
}

macro_rules! ids {
    ($($id:ident),*) => {$(
        impl RowKey for $id {
            fn write(&self, out: &mut Vec<u8>) {
                self.0.write(out);
            }

            fn read(input: &mut &[u8]) -> Option<Self> {
                RowKey::read(input).map(Self)
            }
        }
    )*};
}

ids!(
    DeviceId,
    EntryId,
    EnvelopeId,
    EpochKey,
    FrameId,
    GroupId,
    MegolmSession,
    MessageId,
    NetworkId,
    NodeId,
    OperationId
);

impl RowKey for Address {
    fn write(&self, out: &mut Vec<u8>) {
        self.as_bytes().write(out);
    }

    fn read(input: &mut &[u8]) -> Option<Self> {
        RowKey::read(input).and_then(|bytes| Self::from_bytes(bytes).ok())
    }
}

impl RowKey for Vec<u8> {
    fn write(&self, out: &mut Vec<u8>) {
        write_escaped(self, out);
    }

    fn read(input: &mut &[u8]) -> Option<Self> {
        read_escaped(input)
    }
}

impl RowKey for String {
    fn write(&self, out: &mut Vec<u8>) {
        write_escaped(self.as_bytes(), out);
    }

    fn read(input: &mut &[u8]) -> Option<Self> {
        Self::from_utf8(read_escaped(input)?).ok()
    }
}

fn write_escaped(bytes: &[u8], out: &mut Vec<u8>) {
    for byte in bytes {
        out.push(*byte);
        if *byte == 0 {
            out.push(0xff);
        }
    }
    out.extend_from_slice(&[0, 0]);
}

fn read_escaped(input: &mut &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    loop {
        match *input.split_off_first()? {
            0 => match *input.split_off_first()? {
                0 => return Some(bytes),
                0xff => bytes.push(0),
                _ => return None,
            },
            byte => bytes.push(byte),
        }
    }
}

macro_rules! tuples {
    ($($($part:ident)*;)*) => {$(
        #[expect(non_snake_case, reason = "a part's value has its type's name")]
        impl<$($part: RowKey),*> RowKey for ($($part,)*) {
            fn write(&self, out: &mut Vec<u8>) {
                let ($($part,)*) = self;
                $($part.write(out);)*
            }

            fn read(input: &mut &[u8]) -> Option<Self> {
                $(let $part = $part::read(input)?;)*
                Some(($($part,)*))
            }
        }
    )*};
}

tuples! {
    A;
    A B;
    A B C;
    A B C D;
    A B C D E;
}

/// The key of a table or partition with one row.
impl RowKey for () {
    fn write(&self, _: &mut Vec<u8>) {}

    fn read(_: &mut &[u8]) -> Option<Self> {
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type Mixed = (Vec<u8>, u64, String, (bool, [u8; 3]));

    fn mixed() -> impl Strategy<Value = Mixed> {
        let bytes = prop::collection::vec(prop_oneof![Just(0), Just(0xff), any::<u8>()], 0..5);
        (bytes, 0..3_u64, "[\0a\u{ff}]{0,3}", any::<(bool, [u8; 3])>())
    }

    #[test]
    fn golden_bytes_of_a_key() {
        let key = (7_u64, b"a\0b".to_vec(), 258_u16, "é".to_owned(), true);
        assert_eq!(hex::encode(key_bytes(&key)), "00000000000000076100ff6200000102c3a9000001");
        assert_eq!(read_key(&key_bytes(&key)), Some(key));
    }

    #[test]
    fn an_address_is_read_only_from_its_canonical_bytes() {
        assert_eq!(read_key::<Address>(&[0; 32]), None);
        let key = ed25519_dalek::SigningKey::from_bytes(&[7; 32]).verifying_key();
        let address = Address::of(&key).unwrap();
        assert_eq!(read_key(&key_bytes(&address)), Some(address));
    }

    proptest! {
        #[test]
        fn bytes_sort_as_values_and_none_starts_another(a in mixed(), b in mixed()) {
            let (left, right) = (key_bytes(&a), key_bytes(&b));
            prop_assert_eq!(left.cmp(&right), a.cmp(&b));
            prop_assert!(a == b || !left.starts_with(&right));
            prop_assert_eq!(read_key::<Mixed>(&left), Some(a));
        }

        #[test]
        fn random_bytes_are_a_key_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            if let Some(key) = read_key::<Mixed>(&bytes) {
                prop_assert_eq!(key_bytes(&key), bytes.clone());
            }
            if let Some(key) = read_key::<(bool, MessageId, Vec<u8>)>(&bytes) {
                prop_assert_eq!(key_bytes(&key), bytes);
            }
        }
    }
}
