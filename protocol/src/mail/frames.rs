//! A group's mail: frames kept once for all members, under their epoch's key (page 5).
//!
//! A put is the frame itself. A get is signed by the epoch's key, so that who was removed before the
//! epoch gets none of it, and the super node learns no more than "some member".

use crate::{
    address::NodeId,
    bounded::{Blob, List},
    codec::{EncodeError, Format, encode},
    domain::FRAME_FETCH,
    group::{EpochKey, EpochKeys, FrameError},
    limits::{FETCH_SLACK_MS, FRAME, MAIL_ENVELOPES},
    sign::{Signature, verify},
};
use serde::{Deserialize, Serialize};

/// A frame for the mailbox of its epoch, unverified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PutFrame {
    /// The frame.
    pub frame: Blob<FRAME>,
    /// What the sending device is called in this epoch
    /// ([`EpochSecret::pseudonym`](crate::group::EpochSecret::pseudonym)), for its share of the room.
    pub sender: [u8; 32],
}

/// Asks for an epoch's frames, oldest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FetchFrames {
    /// The epoch.
    pub epoch: EpochKey,
    /// Where to go on: [`Frames::next`] of the last answer, 0 to start.
    pub after: u64,
    /// Frames wanted, at most; the answer's size is bounded besides.
    pub limit: u16,
    /// When it was asked, in milliseconds by the asker's clock.
    pub time_ms: u64,
    /// By the epoch's key, over the asker's node, the epoch and the time.
    pub signature: Signature,
}

/// Frames of an epoch.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frames {
    /// Frames, oldest first, as they came.
    pub frames: List<Blob<FRAME>, MAIL_ENVELOPES>,
    /// Where the next fetch goes on.
    pub next: u64,
    /// Whether more is there after that.
    pub more: bool,
}

#[derive(Serialize, Deserialize)]
struct Asked {
    asker: NodeId,
    epoch: EpochKey,
    time_ms: u64,
}

impl Format for Asked {
    const NAME: &'static str = "frame fetch";
    const VERSION: u8 = 1;
    const LIMIT: usize = 96;
}

impl FetchFrames {
    /// Asks as the node `asker`, a member's.
    pub fn sign(
        keys: &EpochKeys,
        asker: NodeId,
        after: u64,
        limit: u16,
        time_ms: u64,
    ) -> Result<Self, EncodeError> {
        let epoch = keys.key();
        let signature = keys.sign(FRAME_FETCH, &encode(&Asked { asker, epoch, time_ms })?);
        Ok(Self { epoch, after, limit, time_ms, signature })
    }

    /// Checks that the epoch's key lets the node `asker` ask at `now_ms`: a signature is good for
    /// [`FETCH_SLACK_MS`] either way, and for one node. Errors: the time, or the signature.
    pub fn verify(self, asker: NodeId, now_ms: u64) -> Result<VerifiedFetchFrames, FrameError> {
        let Self { epoch, time_ms, .. } = self;
        if now_ms.abs_diff(time_ms) > FETCH_SLACK_MS {
            return Err(FrameError::Time { epoch, time_ms });
        }
        let bytes = encode(&Asked { asker, epoch, time_ms })?;
        verify(FRAME_FETCH, epoch.as_bytes(), &bytes, &self.signature)
            .map_err(|_| FrameError::Signature(epoch))?;
        Ok(VerifiedFetchFrames(self))
    }
}

/// A wish for frames that the epoch's key signed for who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VerifiedFetchFrames(FetchFrames);

impl VerifiedFetchFrames {
    /// Returns the wish.
    pub const fn fetch(&self) -> &FetchFrames {
        &self.0
    }
}
