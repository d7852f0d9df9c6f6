//! The state of the ledger: leaves under the root that every header names.
//!
//! In: a leaf's identity, or its bytes. Out: its [`LeafKey`], or what it says. Leaves are read
//! through [`Leaves`] and leave the execution of a block as [`Changes`].

mod key;
mod leaves;

pub use key::LeafKey;
pub use leaves::{Changes, Leaves};
