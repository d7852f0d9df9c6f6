#![doc = include_str!("../README.md")]

#[cfg(feature = "host")]
pub mod host;
