//! Stories of one node, of two people, of a group, of money, and of the demo: the real binary as a process,
//! driven by nothing but its fixed surfaces: commands, signals, `api.json`, HTTP and the WebSocket.
//! Start at [`node`], which drives it.

mod absences;
mod accounts;
mod chat_crashes;
mod crashes;
mod demo;
mod door;
mod ends;
mod frozen;
mod groups;
mod http;
mod listening;
mod locks;
mod money;
mod money_kills;
mod node;
mod people;
mod socket;
mod super_sees;
