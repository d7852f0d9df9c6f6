//! Groups: signed operations, the order they fold in, and the frames that carry them (page 6).
//!
//! In: bytes from members. [`SignedOperation::verify`] makes a [`VerifiedOperation`], a [`Graph`]
//! takes it in whatever order, [`Fold::of`] gives the [`State`] that everybody with the same
//! operations agrees on. What is said in a group travels in [`Frame`]s of its last [`Epoch`].
//! Start at [`Action`] for what can be done and at `linearize` for the order.

mod action;
mod apply;
mod checkpoint;
mod config;
pub mod exchange;
mod fold;
mod frame;
mod graph;
mod history;
mod id;
mod linearize;
mod operation;
mod parcel;
mod permission;
mod state;

pub use action::{
    AcceptTransfer, Action, Add, Adopt, Ban, Checkpoint, Create, Dissolve, Leave, NewDeviceList,
    NewMember, NewMembers, OpenEpoch, Remove, Rename, SetAnnouncement, SetAvatar, SetConfig,
    SetKeywords, SetNickname, SetRole, Transfer, Unban, Via,
};
pub use config::{Config, Keywords, Switch};
pub use fold::{Fold, NoGroup, state_at};
pub use frame::{
    EpochKeys, EpochSecret, FRAME_PAYLOAD, Frame, FrameBody, FrameError, Freshness, VerifiedFrame,
    freshness,
};
pub use graph::{Graph, GraphError, Inserted};
pub use id::{EpochKey, OperationId, StateHash, Topic};
pub use linearize::{Fork, Verdict};
pub use operation::{Operation, OperationError, SignedOperation, VerifiedOperation};
pub use parcel::{Letters, Parcel, ParcelError, Said, Spoken, audience};
pub use permission::Void;
pub use state::{Epoch, Former, Member, Offer, Role, State};

#[cfg(test)]
mod tests;
