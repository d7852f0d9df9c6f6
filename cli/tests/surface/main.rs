//! The real binary, against a node that is a script: what it sends, prints, and ends with.

mod calls;
mod chatting;
mod config;
mod contacts;
mod groups;
mod magpie;
mod money;
mod networks;
mod node;
mod sim;
