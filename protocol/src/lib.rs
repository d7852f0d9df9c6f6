#![doc = include_str!("../README.md")]

pub mod address;
pub mod api;
pub mod codec;
pub mod domain;
pub mod ids;
pub mod limits;
pub mod sign;
