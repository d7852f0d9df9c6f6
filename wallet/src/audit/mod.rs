//! The audit of a red packet: who holds its card recomputes its draw, and believes no validator.
//!
//! In: [`Evidence`], each part verified by itself: the leaves of a packet and of its members'
//! claims, certified headers, and who votes at their heights. Out: what everybody
//! got and why ([`Findings`]), or the [`Contradiction`] that shows that the ledger broke its own
//! rules, though all validators signed. It is strict in who gets what, and lenient only in when: a
//! draw may come later than it could, because blocks have bounds.
//!
//! Start at [`audit`]; as long as it answers [`Audit::Needs`], the caller fetches and asks again.
//! What is computed stands in `docs/draw.md`.

mod beacons;
mod deals;
mod equal;
mod error;
mod evidence;
mod findings;
mod leaves;
mod needs;
mod order;
mod verdict;

pub use error::{Contradiction, EvidenceError};
pub use evidence::Evidence;
pub use findings::{Cut, Dealt, Findings, Fold, ProvenBeacon, Share, Waiting};
pub use needs::{Beyond, Needs};
pub use verdict::{Audit, audit};

#[cfg(test)]
mod tests;
