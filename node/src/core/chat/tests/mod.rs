//! People who write to each other, two or a group: the same order on all sides, whatever comes first
//! or twice.

mod calls;
mod grouped;
mod hearing_groups;
mod listing;
mod ordering;
mod speaking;
mod talking;
