//! A super node's core, asked by people's devices; no network, no disk.

mod collecting;
mod devices;
mod directory;
mod durability;
mod forgetting;
mod frames;
mod mailbox;
mod notices;
mod people;
mod rows;
mod strangers;
mod tokens;
mod world;
