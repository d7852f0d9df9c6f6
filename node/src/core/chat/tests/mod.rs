//! Two who write to each other: the same order on both sides, whatever comes first or twice.

mod calls;
mod listing;
mod ordering;
mod talking;
