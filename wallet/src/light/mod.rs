//! Light verification: what a wallet believes of the ledger, and why (page 8).
//!
//! In: headers with certificates and proofs of leaves, from anybody. Out: a [`Light`] that goes
//! forward along certified headers alone, and leaves of state under one that it believes. It
//! begins at the genesis or at a checkpoint that its caller trusts, never leaves a header that it
//! has verified, does not go on by itself from one over 30 days old, and stops for good when two
//! certified headers cannot both be.
//!
//! Start at [`Light::follow`].

mod believed;
mod error;
mod follow;
mod freshness;
mod kept;
mod past;
mod saved;
mod state;
mod trace;

pub use believed::Believed;
pub use error::{CheckpointError, FollowError, RestoreError};
pub use follow::Followed;
pub use freshness::Freshness;
pub use kept::{Decided, Fork, Kept};
pub use state::Light;
pub use trace::Trace;

#[cfg(test)]
mod tests;
