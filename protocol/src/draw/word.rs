//! Numbers from hashes: uniform below a bound, the same for everybody.

use crate::domain::Domain;
use sha2::{Digest, Sha256};
use std::num::NonZeroU64;

/// Words that are looked at before one is taken that would be rejected. Each is rejected with odds
/// under one half, so the last is reached with odds under 2^-127; it keeps the draw from ever
/// failing or running on.
const ATTEMPTS: u32 = 128;

/// Returns the first eight bytes, highest first, of SHA-256 over the domain, a zero byte, the
/// parts and the attempt (four bytes, highest first).
pub(super) fn word(domain: Domain, parts: &[&[u8]], attempt: u32) -> u64 {
    let mut hasher = Sha256::new();
    hasher.update(domain.as_str());
    hasher.update([0]);
    for part in parts {
        hasher.update(part);
    }
    hasher.update(attempt.to_be_bytes());
    let hash: [u8; 32] = hasher.finalize().into();
    let [a, b, c, d, e, f, g, h, ..] = hash;
    u64::from_be_bytes([a, b, c, d, e, f, g, h])
}

/// Returns a number under `bound`, each equally likely if the words of all attempts are.
///
/// A word is rejected that lies in the last, incomplete run of `bound` words.
pub(super) fn below(bound: NonZeroU64, words: impl Fn(u32) -> u64) -> u64 {
    // 2^64 mod bound: so many words at the end belong to no complete run.
    let incomplete = (u64::MAX % bound + 1) % bound;
    let last = u64::MAX - incomplete;
    let accepted = (0..ATTEMPTS - 1).map(&words).find(|word| *word <= last);
    accepted.unwrap_or_else(|| words(ATTEMPTS - 1)) % bound
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bound(bound: u64) -> NonZeroU64 {
        NonZeroU64::new(bound).unwrap()
    }

    #[test]
    fn a_word_of_the_incomplete_run_is_rejected() {
        let from = |first: u64| move |attempt| if attempt == 0 { first } else { 7 };
        assert_eq!(below(bound(10), from(9)), 9);
        // 2^64 = 6 mod 10: the last six words are rejected, the one before them is not.
        assert_eq!(below(bound(10), from(u64::MAX)), 7);
        assert_eq!(below(bound(10), from(u64::MAX - 5)), 7);
        assert_eq!(below(bound(10), from(u64::MAX - 6)), 9);
        assert_eq!(below(bound(8), from(u64::MAX)), 7, "no run is incomplete");
        assert_eq!(below(bound(1), from(u64::MAX)), 0);
        assert_eq!(below(bound(u64::MAX), from(u64::MAX)), 7);
        assert_eq!(below(bound(u64::MAX), from(u64::MAX - 1)), u64::MAX - 1);
    }

    #[test]
    fn words_that_are_all_rejected_come_to_an_end() {
        let asked = std::cell::Cell::new(0);
        let stuck = |attempt| {
            asked.set(attempt + 1);
            u64::MAX
        };
        assert_eq!(below(bound(10), stuck), 5);
        assert_eq!(asked.get(), ATTEMPTS);
    }

    proptest! {
        #[test]
        fn a_number_is_below_its_bound(most in 1_u64.., first: u64, second: u64) {
            let words = |attempt: u32| if attempt.is_multiple_of(2) { first } else { second };
            prop_assert!(below(bound(most), words) < most);
        }
    }
}
