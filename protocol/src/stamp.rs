//! Stamps: proof of work by whoever has no delivery token, or publishes a first record (page 5).
//!
//! In: what is to be let in, the time and the effort asked for. Out: a [`Stamp`], found by a
//! [`Mint`] in steps of bounded length; checking one costs one hash.

use crate::{
    address::{Address, NodeId},
    digest::digest,
    domain::STAMP,
    ids::{EnvelopeId, RecordHash},
    limits::{DAY_MS, STAMP_EFFORT_MAX},
};
use serde::{Deserialize, Serialize};

/// What a stamp is for: it buys entry to nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// One envelope to one mailbox.
    Envelope {
        /// The recipient.
        mailbox: NodeId,
        /// The envelope.
        envelope: EnvelopeId,
    },
    /// The first record of an address.
    Record {
        /// The address.
        account: Address,
        /// The record.
        record: RecordHash,
    },
}

/// A stamp, unverified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// Days since 1970 when it was minted.
    pub day: u32,
    /// Leading zero bits it claims.
    pub effort: u8,
    /// What makes them.
    pub nonce: u64,
}

/// Why a stamp does not let in. The fault of who minted it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StampError {
    /// It claims less than is asked for.
    #[error("the stamp has effort {found}, {wanted} is asked for")]
    Effort {
        /// Bits claimed.
        found: u8,
        /// Bits asked for.
        wanted: u8,
    },
    /// More is asked for than a stamp can ever have.
    #[error("a stamp of effort {0} is asked for, at most {STAMP_EFFORT_MAX} is allowed")]
    Unreasonable(u8),
    /// It is of another day than yesterday, today or tomorrow.
    #[error("the stamp is of day {found}, today is {today}")]
    Day {
        /// Its day.
        found: u32,
        /// The checker's day.
        today: u32,
    },
    /// The work was not done, or for something else.
    #[error("the stamp is not one of what it came with")]
    Work,
}

/// Days since 1970 at a time in milliseconds.
fn day_of(now_ms: u64) -> u32 {
    u32::try_from(now_ms / DAY_MS).unwrap_or(u32::MAX)
}

const NONCE_AT: usize = 1 + 32 + 32 + 4 + 1;
const PREIMAGE: usize = NONCE_AT + 8;

/// Kind, recipient, hash, day and effort, then the nonce: all of fixed length.
fn preimage(subject: &Subject, stamp: &Stamp) -> [u8; PREIMAGE] {
    let (kind, recipient, hash) = match subject {
        Subject::Envelope { mailbox, envelope } => (0, &mailbox.0, &envelope.0),
        Subject::Record { account, record } => (1, account.as_bytes(), &record.0),
    };
    let mut bytes = [0; PREIMAGE];
    bytes[0] = kind;
    bytes[1..33].copy_from_slice(recipient);
    bytes[33..65].copy_from_slice(hash);
    bytes[65..69].copy_from_slice(&stamp.day.to_le_bytes());
    bytes[69] = stamp.effort;
    bytes[NONCE_AT..].copy_from_slice(&stamp.nonce.to_le_bytes());
    bytes
}

/// Whether the hash starts with as many zero bits as are claimed.
fn is_work(preimage: &[u8; PREIMAGE], effort: u8) -> bool {
    let hash = digest(STAMP, preimage);
    let mut head = [0; 8];
    head.copy_from_slice(&hash[..8]);
    u64::from_be_bytes(head).leading_zeros() >= u32::from(effort)
}

impl Stamp {
    /// Returns whether the stamp is of today and worth `wanted` bits, as it says itself: who minted it and
    /// is asked for another need not work again.
    pub fn claims(&self, now_ms: u64, wanted: u8) -> bool {
        self.day == day_of(now_ms) && self.effort >= wanted
    }

    /// Checks that the stamp is for `subject`, of these days, and worth `wanted` bits.
    pub fn check(&self, subject: &Subject, now_ms: u64, wanted: u8) -> Result<(), StampError> {
        if self.effort < wanted || self.effort > STAMP_EFFORT_MAX {
            return Err(StampError::Effort { found: self.effort, wanted });
        }
        // A day around covers clocks that differ and mail sent at midnight.
        let today = day_of(now_ms);
        if self.day.abs_diff(today) > 1 {
            return Err(StampError::Day { found: self.day, today });
        }
        if is_work(&preimage(subject, self), self.effort) { Ok(()) } else { Err(StampError::Work) }
    }
}

/// A search for a stamp, cut into steps so that nobody waits for it.
#[derive(Debug, Clone)]
pub struct Mint {
    stamp: Stamp,
    preimage: [u8; PREIMAGE],
}

impl Mint {
    /// Starts a search at `start`, any number that the caller drew at random.
    ///
    /// Fails with [`StampError::Unreasonable`] if `effort` is over what a stamp can have.
    pub fn new(subject: &Subject, now_ms: u64, effort: u8, start: u64) -> Result<Self, StampError> {
        if effort > STAMP_EFFORT_MAX {
            return Err(StampError::Unreasonable(effort));
        }
        let stamp = Stamp { day: day_of(now_ms), effort, nonce: start };
        Ok(Self { stamp, preimage: preimage(subject, &stamp) })
    }

    /// Tries up to `tries` more nonces; the stamp, if one of them was right.
    pub fn step(&mut self, tries: u32) -> Option<Stamp> {
        for _ in 0..tries {
            self.preimage[NONCE_AT..].copy_from_slice(&self.stamp.nonce.to_le_bytes());
            if is_work(&self.preimage, self.stamp.effort) {
                return Some(self.stamp);
            }
            self.stamp.nonce = self.stamp.nonce.wrapping_add(1);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: u64 = 1_700_000_000_000;

    fn subject() -> Subject {
        Subject::Envelope { mailbox: NodeId([5; 32]), envelope: EnvelopeId([6; 32]) }
    }

    fn mint(effort: u8, start: u64) -> Stamp {
        let mut mint = Mint::new(&subject(), NOW, effort, start).unwrap();
        (0..1_000).find_map(|_| mint.step(1_000)).unwrap()
    }

    #[test]
    fn golden_stamp() {
        let stamp = mint(12, 0);
        crate::golden::check("stamp", preimage(&subject(), &stamp).to_vec());
        assert_eq!(stamp.check(&subject(), NOW, 12), Ok(()));
    }

    #[test]
    fn steps_continue_where_the_last_ended() {
        let mut slow = Mint::new(&subject(), NOW, 12, 0).unwrap();
        let found = std::iter::repeat_with(|| slow.step(7)).take(100_000).flatten().next();
        assert_eq!(found, Some(mint(12, 0)));
        // The search goes round the end of the nonces.
        assert!(mint(4, u64::MAX).check(&subject(), NOW, 4).is_ok());
    }

    #[test]
    fn a_stamp_of_too_little_or_another_day_or_thing_is_refused() {
        let stamp = mint(12, 0);
        assert_eq!(
            stamp.check(&subject(), NOW, 13),
            Err(StampError::Effort { found: 12, wanted: 13 })
        );
        assert!(stamp.check(&subject(), NOW + DAY_MS, 12).is_ok());
        assert!(stamp.check(&subject(), NOW - DAY_MS, 12).is_ok());
        assert!(matches!(
            stamp.check(&subject(), NOW + 2 * DAY_MS, 12),
            Err(StampError::Day { .. })
        ));
        let claims_more = Stamp { effort: 30, ..stamp };
        assert_eq!(claims_more.check(&subject(), NOW, 12), Err(StampError::Work));
        let endless = Stamp { effort: 255, ..stamp };
        assert!(matches!(endless.check(&subject(), NOW, 12), Err(StampError::Effort { .. })));
        assert!(matches!(Mint::new(&subject(), NOW, 41, 0), Err(StampError::Unreasonable(41))));
        let account = Address::of(&ed25519_dalek::SigningKey::from_bytes(&[7; 32]).verifying_key());
        for other in [
            Subject::Envelope { mailbox: NodeId([4; 32]), envelope: EnvelopeId([6; 32]) },
            Subject::Envelope { mailbox: NodeId([5; 32]), envelope: EnvelopeId([7; 32]) },
            Subject::Record { account: account.unwrap(), record: RecordHash([6; 32]) },
        ] {
            assert_eq!(stamp.check(&other, NOW, 12), Err(StampError::Work));
        }
    }

    proptest! {
        #[test]
        fn random_stamps_are_refused(day: u32, effort: u8, nonce: u64, now: u64) {
            let stamp = Stamp { day, effort, nonce };
            prop_assert!(stamp.check(&subject(), now, 32).is_err());
        }
    }
}
