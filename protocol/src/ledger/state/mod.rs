//! The state of the ledger: leaves under the root that every header names.
//!
//! In: a leaf's identity, or its bytes. Out: its [`LeafKey`], or what it says. Leaves are read
//! through [`Leaves`] and leave the execution of a block as [`Changes`]. What a wallet wants to be
//! shown is one leaf each: an [`Account`], a [`Transfer`], a [`Packet`], a [`Claim`]; the last
//! three are kept for good, so that no such leaf means that it never happened. Keys and kinds
//! stand in `docs/ledger.md`.

mod account;
mod books;
mod calendar;
mod chain;
mod draw;
mod key;
mod leaf;
mod leaves;
mod packet;
mod transfer;

pub use account::{Account, Issuer};
pub use books::{Books, Pot};
pub use calendar::{Calendar, Due, DueSecond};
pub use chain::{FeeTurns, Progress, Turns};
pub use draw::{BlockBeacon, WaitingHeight, WaitingPacket};
pub use key::LeafKey;
pub use leaf::{Leaf, LeafError};
pub use leaves::{Changes, Leaves};
pub use packet::{Claim, Opening, Packet, Paid};
pub use transfer::{Transfer, TransferState};

#[cfg(test)]
mod tests;
