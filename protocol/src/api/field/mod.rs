//! The types of single fields: what a text, a number or an address of the API may be.
//!
//! Every type refuses what it does not allow while it is decoded, with the documented code (see
//! [`params`](super::params)), so that a method's body never checks a form again.

mod id;
mod ledger;
mod list;
mod number;
mod text;

pub use id::{AddressOrGroup, BadName, EntryRef, GroupRef, MessageRef};
pub use ledger::{IdempotencyKey, PaddedAddress, SignedEntry};
pub use list::{Element, List};
pub(in crate::api) use number::choices;
pub use number::{
    AvatarId, Bit, Choice, Int, Millis, OneOrGroup, OneOrGroup12, Order, Page, PageSize,
};
pub use text::{
    AvatarUrl, JsonObject, JsonText, MaybeSecret, NonEmptyText, Remark, Secret, Text, VaultRef,
};
