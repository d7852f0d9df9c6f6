//! The types of single fields: what a text, a number or an address of the API may be.
//!
//! Every type refuses what it does not allow while it is decoded, with the documented code (see
//! [`params`](super::params)), so that a method's body never checks a form again.

mod id;
mod list;
mod number;
mod text;

pub use id::{AddressOrGroup, BadName, GroupRef, MessageRef};
pub use list::{Element, List};
pub(in crate::api) use number::choices;
pub use number::{
    AvatarId, Bit, Choice, Int, Millis, OneOrGroup, OneOrGroup12, Order, Page, PageSize,
};
pub use text::{AvatarUrl, JsonText, NonEmptyText, Remark, Secret, Text, VaultRef};
