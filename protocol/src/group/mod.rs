//! Groups: signed operations, the order they fold in, and the frames that carry them (page 6).

mod frame;
mod id;

pub use frame::{
    EpochKeys, EpochSecret, FRAME_PAYLOAD, Frame, FrameBody, FrameError, Freshness, VerifiedFrame,
    freshness,
};
pub use id::{EpochKey, OperationId, StateHash, Topic};

#[cfg(test)]
mod tests;
