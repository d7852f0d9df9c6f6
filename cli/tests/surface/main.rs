//! The real binary, against a node that is a script: what it sends, prints, and ends with.

mod calls;
mod config;
mod magpie;
mod node;
