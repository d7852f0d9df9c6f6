#![doc = include_str!("../README.md")]

pub mod engine;
pub mod key;
pub mod keys_file;
pub mod overlay;
pub mod personal;
pub mod private_file;
pub mod row_check;
pub mod schema;
pub mod table;
pub mod tag;
