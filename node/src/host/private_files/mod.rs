//! The private files beside the store: device keys, key slots, fast login, and a super node's keys.
//!
//! Start at [`files`], which a running node changes; [`data_dir`] reads and makes those of a data
//! directory, for a host that has one.

#[cfg(feature = "net")]
mod data_dir;
mod error;
mod files;
mod issuer;

#[cfg(feature = "net")]
pub(crate) use data_dir::{read_super, write_super};
pub use error::FileError;
pub(crate) use files::PrivateFiles;
pub use issuer::read_issuer;
