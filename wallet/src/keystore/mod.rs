//! The body of the key slots file (page 7): who opens what, sealed, and how often it was tried.
//!
//! In: a [`PasswordKey`](crate::kdf::PasswordKey) and the time. Out: the keys of the vault it opens,
//! the entropy behind the wallet lock, or how long to wait. Nothing secret stands in a [`KeyStore`]
//! in the clear; storage keeps [`KeyStore::to_bytes`] twice, beside the store.
//!
//! Start at [`store`], then [`slot`] for the plan of the 32 slots, `seal` for the committing AEAD
//! and [`attempts`] for the waits.

pub mod attempts;
mod seal;
pub mod slot;
pub mod store;
#[cfg(test)]
mod tests;

pub use attempts::{Tier, Wait};
pub use slot::{Contents, Opened, Role, SLOTS, Slot, VAULT_SLOTS};
pub use store::{BODY_LEN, KeyStore, KeyStoreError};
