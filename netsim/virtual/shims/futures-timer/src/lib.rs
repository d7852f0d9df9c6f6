#![doc = include_str!("../README.md")]

mod delay;

pub use delay::Delay;
