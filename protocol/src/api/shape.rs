//! Requests and responses that many methods share.

use super::field::GroupRef;
use crate::address::Address;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An object without members: a request that asks for nothing more, an answer that says only "done".
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Empty {}

/// One person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OnePerson {
    /// The person's address.
    pub node_id: Address,
}

/// One group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OneGroup {
    /// The group's id.
    pub g_id: GroupRef,
}

/// A number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Number {
    /// The number.
    pub value: u64,
}

/// A word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Word {
    /// The word.
    pub value: String,
}

/// Yes or no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Status {
    /// Whether it is so, or was done.
    pub status: bool,
}
