//! Tests of the ledger's bytes: fixed values first, then what is refused.

mod blocks;
mod entries;
pub(super) mod fixtures;
mod refusals;
mod rules;

pub(super) use blocks::certified;
