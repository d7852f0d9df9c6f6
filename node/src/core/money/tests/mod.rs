//! Stories of money on cores alone: four super nodes that order the ledger, and three people.

mod accounts;
mod away;
mod bounds;
mod colluders;
mod confirm;
mod liars;
mod named;
mod outcomes;
mod packets;
mod patience;
mod transfers;
mod world;
