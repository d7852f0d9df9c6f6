//! Real frames of one group's epoch: what its members send, and what any relay says of them.

use magpie_node::core::net::Verdict;
use magpie_protocol::{
    codec::{DecodeError, encode},
    group::{EpochKeys, EpochSecret, Frame, FrameError, Freshness, Topic, freshness},
};
use rand_core::CryptoRng;

/// Bytes at a payload's start that number the message.
const NUMBER: usize = 4;

/// One epoch, whose members all nodes of a gossip run are.
#[derive(Debug)]
pub(super) struct Epoch {
    keys: EpochKeys,
    topic: Topic,
}

impl Epoch {
    pub(super) fn generate(rng: &mut impl CryptoRng) -> Self {
        let keys = EpochSecret::generate(rng).keys();
        let topic = keys.key().topic();
        Self { keys, topic }
    }

    pub(super) const fn topic(&self) -> Topic {
        self.topic
    }

    /// Seals a message of `len` bytes that says its number; frames have one of five sizes.
    pub(super) fn seal(
        &self,
        rng: &mut impl CryptoRng,
        now_ms: u64,
        number: u32,
        len: usize,
    ) -> Result<Vec<u8>, FrameError> {
        let mut payload = vec![0; len.max(NUMBER)];
        payload[..NUMBER].copy_from_slice(&number.to_le_bytes());
        Ok(encode(&self.keys.seal(rng, now_ms, &payload)?)?)
    }

    /// Judges a frame as a node does, and opens it as a member does: the message's number, if there
    /// is one.
    pub(super) fn judge(&self, bytes: &[u8], now_ms: u64) -> (Verdict, Option<u32>) {
        let frame = match Frame::from_bytes(bytes) {
            Ok(frame) => frame,
            Err(FrameError::Decode(DecodeError::Version { .. })) => return (Verdict::Ignore, None),
            Err(_) => return (Verdict::Reject, None),
        };
        if frame.body.key.topic() != self.topic {
            return (Verdict::Reject, None);
        }
        if freshness(frame.body.time_ms, now_ms) != Freshness::Fresh {
            return (Verdict::Ignore, None);
        }
        let Ok(frame) = frame.verify() else { return (Verdict::Reject, None) };
        let payload = self.keys.open(&frame).ok();
        let number = payload.as_deref().and_then(|payload| payload.first_chunk());
        (Verdict::Accept, number.map(|number| u32::from_le_bytes(*number)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dice::Dice;
    use magpie_protocol::limits::{FRAME_AHEAD_MS, FRAME_OLD_MS};

    const NOW: u64 = 1_700_000_000_000;

    #[test]
    fn a_frame_is_taken_while_it_is_fresh_and_whole() {
        let mut dice = Dice::new(1, "frames", 0);
        let epoch = Epoch::generate(dice.rng());
        let bytes = epoch.seal(dice.rng(), NOW, 7, 100).unwrap();
        assert_eq!(epoch.judge(&bytes, NOW), (Verdict::Accept, Some(7)));
        assert_eq!(epoch.judge(&bytes, NOW + FRAME_OLD_MS + 1).0, Verdict::Ignore);
        assert_eq!(epoch.judge(&bytes, NOW - FRAME_AHEAD_MS - 1).0, Verdict::Ignore);
        let mut forged = bytes.clone();
        *forged.last_mut().unwrap() ^= 1;
        assert_eq!(epoch.judge(&forged, NOW), (Verdict::Reject, None));
        assert_eq!(epoch.judge(b"junk", NOW).0, Verdict::Ignore, "of a version that is not known");
        assert_eq!(epoch.judge(&[], NOW).0, Verdict::Reject);
        let other = Epoch::generate(dice.rng());
        assert_eq!(other.judge(&bytes, NOW), (Verdict::Reject, None));
    }
}
