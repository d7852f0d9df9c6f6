//! The task against itself over memory, TCP and QUIC, and against peers that break the rules.

mod faults;
mod gossip;
mod harness;
mod lifecycle;
mod requests;
