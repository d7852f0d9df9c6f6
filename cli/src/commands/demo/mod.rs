//! `magpie demo`: a whole network in one process, and a story told with it: four super nodes, alice,
//! bob and carol, each a node on a directory of its own, driven over their local APIs alone.
//!
//! Start at [`command`], which opens the [`place`], starts what is in [`network`], and lets
//! [`story`] tell its chapters with a [`tale`]: the [`person`]s, what was [`posted`], and the
//! [`narration`]. [`purse`] is what the chapters of money ask, [`told`] the last line. [`check`] compares what the nodes say, [`ending`] waits and hears Ctrl-C.

mod check;
mod command;
mod crash;
mod ending;
mod group;
mod narration;
mod network;
mod packet;
mod person;
mod place;
mod posted;
mod purse;
mod room;
mod story;
mod tale;
#[cfg(test)]
mod tests;
mod told;
mod transfer;

pub(crate) use command::Demo;
