//! Eight bytes that tell a public row from one that the disk or the engine mixed up.
//!
//! Personal rows have their cipher's tag for that. This guards against faults, not attackers:
//! who can write the file can also write the check.

use magpie_protocol::domain::ROW_CHECK;

/// Bytes of the check, which stands before the value.
pub const CHECK_BYTES: usize = 8;

/// Returns `value` behind the check that binds it to its full `key`.
pub fn with_check(key: &[u8], value: &[u8]) -> Vec<u8> {
    let mut checked = Vec::with_capacity(CHECK_BYTES + value.len());
    checked.extend_from_slice(&check(key, value));
    checked.extend_from_slice(value);
    checked
}

/// Returns the value that [`with_check`] put into a row, or nothing if the row is damaged.
pub fn without_check<'a>(key: &[u8], checked: &'a [u8]) -> Option<&'a [u8]> {
    let (found, value) = checked.split_first_chunk()?;
    (*found == check(key, value)).then_some(value)
}

fn check(key: &[u8], value: &[u8]) -> [u8; CHECK_BYTES] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(ROW_CHECK.as_str().as_bytes());
    hasher.update(&(key.len() as u64).to_be_bytes());
    hasher.update(key);
    hasher.update(value);
    let mut check = [0; CHECK_BYTES];
    hasher.finalize_xof().fill(&mut check);
    check
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn golden_bytes_of_a_checked_value() {
        assert_eq!(hex::encode(with_check(b"key", b"value")), "2721fed18662101b76616c7565");
    }

    proptest! {
        #[test]
        fn a_changed_bit_or_another_key_is_noticed(
            key in prop::collection::vec(any::<u8>(), 0..9),
            value in prop::collection::vec(any::<u8>(), 0..40),
            bit in any::<prop::sample::Index>(),
        ) {
            let mut row = with_check(&key, &value);
            prop_assert_eq!(without_check(&key, &row), Some(value.as_slice()));
            let other = [key.as_slice(), &[0]].concat();
            prop_assert_eq!(without_check(&other, &row), None);
            let bit = bit.index(row.len() * 8);
            row[bit / 8] ^= 1 << (bit % 8);
            prop_assert_eq!(without_check(&key, &row), None);
        }

        #[test]
        fn random_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            prop_assert_eq!(without_check(b"key", &bytes), None);
        }
    }
}
