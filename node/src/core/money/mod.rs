//! What a person's node believes of the ledger, and what it does there (page 8).
//!
//! In: headers from gossip and super nodes, leaves with proofs, and calls that move money. Out: rows,
//! signed entries for super nodes, and answers when the ledger has decided, or when waiting any
//! longer helps nobody. Nothing is believed for who said it: a header stands by its certificate
//! ([`Light`](magpie_wallet::light::Light)), a leaf by its proof, and a network of which nothing was
//! seen for 30 days by two super nodes or its file's checkpoint (`confirm`).
//!
//! A call that needs the ledger becomes an [`Errand`](errand::Errand): it names the leaves that it needs, is tried
//! again when they were shown or a header came, and ends with an answer. An entry that was signed is
//! on disk before a super node sees it, and its errand lives on after its caller left, and after a
//! restart.

mod after;
mod breach;
mod calls;
mod confirm;
mod confirming;
mod contents;
mod detail;
mod errand;
mod follow;
#[cfg(test)]
mod golden;
mod headers;
mod look;
mod memory;
mod outcome;
mod packets;
mod proving;
mod records;
mod returning;
mod rows;
mod settle;
mod showing;
mod sign;
mod silence;
mod spend;
mod status;
#[cfg(test)]
mod tests;
mod transfers;
mod wake;

pub(crate) use calls::Paying;
pub(crate) use errand::ErrandId;
pub(crate) use memory::{ERRANDS, Money};
pub(crate) use sign::{CallName, Signing};
