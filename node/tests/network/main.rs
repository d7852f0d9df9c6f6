//! Whole nodes in one process: they find their super nodes, keep their ports, and refuse what is
//! not theirs.

mod cuts;
mod joining;
mod places;
mod refusals;
mod story;
