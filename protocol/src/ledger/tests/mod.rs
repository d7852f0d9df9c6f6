//! Tests of the ledger's bytes: fixed values first, then what is refused.

mod blocks;
mod entries;
mod fixtures;
mod refusals;
mod rules;
