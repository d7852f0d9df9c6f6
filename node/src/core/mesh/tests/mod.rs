//! A super node's core, asked by people's devices; no network, no disk.

mod collecting;
mod devices;
mod directory;
mod durability;
mod forgetting;
mod frames;
mod group_mail;
mod group_quotas;
mod groups;
mod mailbox;
mod notices;
mod people;
mod rows;
mod strangers;
mod tokens;
mod topics;
mod world;
