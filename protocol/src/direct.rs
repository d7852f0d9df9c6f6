//! `/magpie/direct/1`: envelopes between two devices that are connected (page 4).
//!
//! In: a [`Request`] with all that waits for the peer, made by [`batch`]. Out: one [`Answer`] with
//! an [`Ack`] for each envelope, in order.

use crate::{
    bounded::{Blob, List},
    codec::Format,
    limits::{DIRECT_ENVELOPES, DIRECT_FRAME, ENVELOPE},
    version::VersionRange,
};
use serde::{Deserialize, Serialize};

/// The envelopes of one request.
pub type Batch = List<Blob<ENVELOPE>, DIRECT_ENVELOPES>;

/// One request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Request {
    /// "These are the versions I speak."
    Hello(VersionRange),
    /// Hands envelopes over.
    Deliver(Batch),
}

impl Format for Request {
    const NAME: &'static str = "direct request";
    const VERSION: u8 = 1;
    const LIMIT: usize = DIRECT_FRAME;
}

/// Why a device does not take an envelope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Refusal {
    /// It is malformed, or does not open.
    #[error("the envelope does not open")]
    Malformed,
    /// It is another device's.
    #[error("the envelope is for another device")]
    NotMine,
    /// It has expired.
    #[error("the envelope has expired")]
    Expired,
    /// Its sender is not let in this way: leave it at the mailbox.
    #[error("the sender is no contact")]
    Stranger,
    /// The sender's device list or bundle is refused.
    #[error("the sender does not verify")]
    Sender,
    /// No session decrypts it: a new one is on its way.
    #[error("no session decrypts it")]
    Session,
    /// There is no room now: leave it at the mailbox.
    #[error("there is no room")]
    Full,
}

/// What became of one envelope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ack {
    /// A session has decrypted it and it is on disk; also if it was before.
    Delivered,
    /// The device is locked and holds it as it came; leave it at the mailbox, too.
    Held,
    /// It was not taken.
    Refused(Refusal),
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    /// "These are the versions I speak."
    Hello(VersionRange),
    /// One for each envelope, in order.
    Acks(List<Ack, DIRECT_ENVELOPES>),
    /// The request as a whole is refused: the peer is no device of a contact or of one's own, or
    /// sends too much.
    Refused(Refusal),
}

impl Format for Answer {
    const NAME: &'static str = "direct answer";
    const VERSION: u8 = 1;
    const LIMIT: usize = 4 * DIRECT_ENVELOPES + 16;
}

/// Returns the first of `waiting` that fit one request, at least one if there is any.
///
/// Envelopes longer than an envelope can be are left out; the caller made none.
pub fn batch<'a>(waiting: impl IntoIterator<Item = &'a [u8]>) -> Batch {
    // Version, kind and count in front; a length of up to five bytes before each envelope.
    let mut room = DIRECT_FRAME - 16;
    let mut batch = Batch::default();
    for bytes in waiting {
        let Ok(envelope) = Blob::new(bytes.to_vec()) else { continue };
        let Some(left) = room.checked_sub(bytes.len() + 5) else { break };
        if batch.push(envelope).is_err() {
            break;
        }
        room = left;
    }
    batch
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        codec::{decode, encode},
        golden,
    };
    use proptest::prelude::*;

    #[test]
    fn golden_requests_and_answers_survive() {
        let envelopes = batch([&[1_u8, 2, 3][..], &[4; 5]]);
        let requests = [
            ("hello", Request::Hello(VersionRange::OURS)),
            ("deliver", Request::Deliver(envelopes)),
        ];
        for (name, request) in requests {
            let bytes = golden::check(&format!("direct_request_{name}"), encode(&request).unwrap());
            assert_eq!(decode::<Request>(&bytes).unwrap(), request);
        }
        let refusals = [
            Refusal::Malformed,
            Refusal::NotMine,
            Refusal::Expired,
            Refusal::Stranger,
            Refusal::Sender,
            Refusal::Session,
            Refusal::Full,
        ];
        let acks = [Ack::Delivered, Ack::Held].into_iter().chain(refusals.map(Ack::Refused));
        let answers = [
            ("hello", Answer::Hello(VersionRange::OURS)),
            ("acks", Answer::Acks(List::new(acks.collect()).unwrap())),
            ("refused", Answer::Refused(Refusal::Stranger)),
        ];
        for (name, answer) in answers {
            let bytes = golden::check(&format!("direct_answer_{name}"), encode(&answer).unwrap());
            assert_eq!(decode::<Answer>(&bytes).unwrap(), answer);
        }
    }

    #[test]
    fn a_full_batch_has_room_for_its_acknowledgements() {
        let acks = vec![Ack::Refused(Refusal::Full); DIRECT_ENVELOPES];
        assert!(encode(&Answer::Acks(List::new(acks).unwrap())).is_ok());
    }

    #[test]
    fn a_batch_ends_at_its_count_and_at_its_bytes() {
        let small = vec![vec![7; 10]; DIRECT_ENVELOPES + 5];
        assert_eq!(batch(small.iter().map(Vec::as_slice)).len(), DIRECT_ENVELOPES);
        let large = vec![vec![7; ENVELOPE]; 40];
        let full = batch(large.iter().map(Vec::as_slice));
        assert_eq!(full.len(), (DIRECT_FRAME - 16) / (ENVELOPE + 5));
        assert!(encode(&Request::Deliver(full)).is_ok());
        assert!(batch([&[0; ENVELOPE + 1][..]]).is_empty());
    }

    proptest! {
        #[test]
        fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = decode::<Request>(&bytes);
            let _ = decode::<Answer>(&bytes);
        }

        #[test]
        fn every_batch_fits_a_frame(sizes in proptest::collection::vec(0..ENVELOPE, 0..60)) {
            let waiting: Vec<_> = sizes.iter().map(|size| vec![1; *size]).collect();
            let batch = batch(waiting.iter().map(Vec::as_slice));
            prop_assert!(batch.is_empty() == waiting.is_empty());
            let bytes = encode(&Request::Deliver(batch.clone())).unwrap();
            prop_assert_eq!(decode::<Request>(&bytes).unwrap(), Request::Deliver(batch));
        }

        #[test]
        fn tampered_frames_never_panic(at: prop::sample::Index, bit in 0..8) {
            let mut bytes = encode(&Request::Deliver(batch([&[1_u8, 2, 3][..], &[4; 5]]))).unwrap();
            let at = at.index(bytes.len());
            bytes[at] ^= 1_u8 << bit;
            let _ = decode::<Request>(&bytes);
        }
    }
}
