//! Whole nodes in one process: they find their super nodes, keep their ports, order the ledger, and refuse
//! what is not theirs.

mod cuts;
mod joining;
mod ledger;
mod places;
mod refusals;
mod story;
