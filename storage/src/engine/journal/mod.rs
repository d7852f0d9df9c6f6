//! A journal before another engine: a batch is durable after one short write.
//!
//! In: batches, as any engine takes them, and an inner engine. Out: the same rows. What is flushed
//! is appended to one of two files and stays in memory, where a row that is written again or deleted
//! soon afterwards is that for nothing; what is left of a full file moves, a part with each flush, to
//! the inner engine, which is flushed once before the file is used again. Whoever opens the store
//! reads both files first.
//!
//! ```text
//!  apply, flush ──> file of this generation     rows in `young`     read first
//!                   file of the one before      rows in `old`       read next; move down
//!                                               inner engine        read last
//! ```
//!
//! Start at [`JournaledEngine`]; `record` has the bytes, `medium` the two files.

mod engine;
mod files;
mod medium;
mod record;
mod table;

pub(super) use engine::JournaledEngine;
pub(super) use files::Files;

#[cfg(test)]
mod crashes;
#[cfg(test)]
mod memory;
#[cfg(test)]
mod tests;
