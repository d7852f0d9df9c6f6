//! The fortune draw: how chance cuts a red packet, and who gets which share of it (page 8).
//!
//! In: a packet's total and count and a [`Beacon`](crate::beacon::Beacon). Out: its [`Shares`],
//! each at least one unit, together the total. Then, height by height: the claims of that height
//! and its [`Seed`](crate::beacon::Seed). Out: for each claim one of the shares left, all equally
//! likely, whenever it came. Anybody who has the headers and the claims comes to the same result.
//!
//! Every byte is in `docs/draw.md`, which `tests/draw/recompute.py` follows without this code.
//! Start at [`Shares::draw`], then [`deal`].

mod claim;
mod error;
mod shares;
mod taken;
#[cfg(test)]
mod tests;
mod word;

pub use claim::{Deal, Drawn, deal};
pub use error::DrawError;
pub use shares::Shares;
pub use taken::Taken;
