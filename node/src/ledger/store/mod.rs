//! What a super node keeps of the ledger: public rows, for the ledger is public.
//!
//! In: a decided block with the tree that its execution gave. Out: rows of one step, to be
//! committed as one; and the state at a height, blocks, headers and the tip, read back. What only
//! old heights need is removed a little with each block.
//!
//! Start at [`put_block`]; `rows` says what is kept.

mod error;
mod nodes;
mod prune;
mod put;
mod read;
mod rows;

pub use error::StoreError;
pub use nodes::StoredNodes;
pub use prune::{KEPT_HEIGHTS, PRUNED_ROWS, prune};
pub use put::{put_block, put_genesis};
pub use read::{all_leaves, check, decided, header, height_of, tip};
pub use rows::{KeptHeader, KeptTip};

#[cfg(test)]
mod tests;
