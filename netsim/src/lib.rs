#![doc = include_str!("../README.md")]

pub mod dice;
pub mod scenario;
