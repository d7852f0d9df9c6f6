//! Tests of the rules of money that need the state: each rule, then attacks, then chance.

mod attacks;
mod blocks;
mod chance;
mod clock;
mod conservation;
mod packets;
mod transfers;
mod world;
