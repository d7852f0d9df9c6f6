//! Guards: the rules of the house that a compiler does not know, kept true by tests.
//!
//! In go the workspace's manifests and sources, out comes a list of violations, which must be
//! empty. Start at [`arrows`] for who may import whom, at [`house`] for how files look,
//! at [`openapi`] for what is generated and checked in, at [`virtual_lock`] for what the simulator is
//! built from.

mod arrows;
mod house;
mod openapi;
mod source;
mod virtual_lock;
