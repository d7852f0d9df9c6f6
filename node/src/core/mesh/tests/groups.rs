//! A group's epoch from fixed keys: its frames, and what members ask of the super node.

use super::{people::PLAINTEXT, world::World};
use crate::core::net::NetCommand;
use magpie_protocol::{
    address::NodeId,
    bounded::{Blob, List},
    codec::encode,
    group::{EpochKeys, EpochSecret, Frame, Topic},
    ids::{DeviceId, FrameId},
    mail::{Answer, FetchFrames, Frames, PutAnswer, PutFrame, Refusal, Request},
    receipt::{StorageReceipt, Stored},
};
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

/// The member's node that asks.
pub(super) const MEMBER: NodeId = NodeId([78; 32]);

pub(super) struct Group {
    secret: EpochSecret,
    pub(super) keys: EpochKeys,
}

/// The epoch with this number.
pub(super) fn group(number: u16) -> Group {
    let mut bytes = [5; 32];
    bytes[..2].copy_from_slice(&number.to_be_bytes());
    let secret = EpochSecret::from_bytes(bytes);
    let keys = secret.keys();
    Group { secret, keys }
}

impl Group {
    pub(super) fn topic(&self) -> Topic {
        self.keys.key().topic()
    }

    pub(super) fn at(&self) -> [u8; 32] {
        *self.keys.key().as_bytes()
    }

    /// A frame that says what every letter says, different for each `seed`.
    pub(super) fn frame(&self, made_ms: u64, seed: u64) -> Vec<u8> {
        self.large_frame(made_ms, seed, 0)
    }

    /// The same with `room` bytes more.
    pub(super) fn large_frame(&self, made_ms: u64, seed: u64, room: usize) -> Vec<u8> {
        let mut payload = PLAINTEXT.to_vec();
        payload.resize(PLAINTEXT.len() + room, 7);
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        encode(&self.keys.seal(&mut rng, made_ms, &payload).unwrap()).unwrap()
    }

    /// The put of a frame by the device with a number.
    pub(super) fn put(&self, sender: u8, frame: &[u8]) -> PutFrame {
        let sender = self.secret.pseudonym(DeviceId([sender; 32]));
        PutFrame { frame: Blob::new(frame.to_vec()).unwrap(), sender }
    }

    pub(super) fn stored(&self, frame: &[u8]) -> Stored {
        Stored::Frame { epoch: self.keys.key(), frame: id_of(frame) }
    }
}

pub(super) fn id_of(frame: &[u8]) -> FrameId {
    Frame::id_of(frame)
}

/// A frame that says it is of the epoch, signed by nobody.
pub(super) fn forged(group: &Group, made_ms: u64) -> Vec<u8> {
    let mut frame = Frame::from_bytes(&group.frame(made_ms, 1_000)).unwrap();
    frame.signature.0[0] ^= 1;
    encode(&frame).unwrap()
}

pub(super) fn refused(refusal: Refusal) -> PutAnswer {
    PutAnswer::Refused(refusal)
}

impl World {
    /// Puts frames from a peer; returns the answers and the other commands.
    pub(super) fn put_frames_from(
        &mut self,
        from: NodeId,
        puts: Vec<PutFrame>,
    ) -> (Vec<PutAnswer>, Vec<NetCommand>) {
        let request = Request::PutFrames(List::new(puts).unwrap());
        match self.mail_and_more(from, &request) {
            (Answer::Put(answers), more) => (answers.into_vec(), more),
            other => panic!("{other:?}"),
        }
    }

    pub(super) fn put_frame(&mut self, put: PutFrame) -> PutAnswer {
        self.put_frames_from(MEMBER, vec![put]).0.remove(0)
    }

    /// Sends a frame made now from the device 1; it is stored. Returns the frame.
    pub(super) fn say(&mut self, to: &Group, seed: u64) -> Vec<u8> {
        let frame = to.frame(self.now, seed);
        let receipt = self.keep_frame(to, &frame);
        self.check(&receipt, to.stored(&frame));
        frame
    }

    pub(super) fn keep_frame(&mut self, to: &Group, frame: &[u8]) -> StorageReceipt {
        match self.put_frame(to.put(1, frame)) {
            PutAnswer::Stored(receipt) => *receipt,
            refused @ PutAnswer::Refused(_) => panic!("{refused:?}"),
        }
    }

    pub(super) fn fetch_frames(&mut self, of: &Group, after: u64, limit: u16) -> Frames {
        let fetch = FetchFrames::sign(&of.keys, MEMBER, after, limit, self.now).unwrap();
        match self.mail(MEMBER, &Request::FetchFrames(fetch)) {
            Answer::Frames(frames) => frames,
            other => panic!("{other:?}"),
        }
    }

    /// All frames that are kept of an epoch, as a member collects them.
    pub(super) fn frames_of(&mut self, group: &Group) -> Vec<Vec<u8>> {
        let mut all = Vec::new();
        let mut after = 0;
        loop {
            let page = self.fetch_frames(group, after, 256);
            after = page.next;
            all.extend(page.frames.into_iter().map(Blob::into_vec));
            if !page.more {
                return all;
            }
        }
    }
}
