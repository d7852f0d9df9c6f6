#![doc = include_str!("../README.md")]

pub mod command;
pub mod cores;
pub mod dice;
pub mod report;
pub mod scenario;
pub mod swarm;
