//! The beacon: randomness in every block that nobody chose and everybody can check (page 8).
//!
//! In: a proposer's [`SecretKey`] and the [`Input`] of its height, which holds nothing that the
//! proposer could vary. Out: one [`Beacon`] and a [`Proof`] that it is the only one this key has
//! for this input. [`fold`] joins the beacons after a height, of proposers with more power than
//! may be faulty, to a [`Seed`] that none of them knew while it ordered that height.
//!
//! The function is ECVRF-EDWARDS25519-SHA512-TAI of RFC 9381: its inputs are public, so
//! try-and-increment tells nobody anything. Start at [`prove`] and [`verify`]; what is hashed is
//! written byte by byte in `docs/draw.md`.

mod ecvrf;
mod fold;
mod input;
mod key;
#[cfg(test)]
mod tests;
mod wide;

pub use ecvrf::{BeaconError, prove, verify};
pub use fold::{Contribution, FoldError, Folded, Seed, fold};
pub use input::Input;
pub use key::SecretKey;
pub use wide::{Beacon, ParseWideError, Proof};
