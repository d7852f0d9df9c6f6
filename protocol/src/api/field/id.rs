//! Names of people, groups and messages as callers write them.

use super::{Element, NonEmptyText};
use crate::{
    address::Address,
    ids::{GroupId, MessageId},
    ledger::EntryId,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        RefOr,
        schema::{ObjectBuilder, Schema, Type},
    },
};

impl PartialSchema for Address {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(32))
            .max_length(Some(44))
            .description(Some("An account's address: base58 of its 32-byte Ed25519 public key"))
            .into()
    }
}

impl ToSchema for Address {}

/// A conversation's other side: an account's address (base58), or a group's id (64 hex digits).
///
/// The document writes group ids in base58 as well, so which one is meant shows only in the call:
/// ask for [`account`](Self::account) or [`group`](Self::group).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AddressOrGroup {
    bytes: [u8; 32],
    hex: bool,
}

impl AddressOrGroup {
    /// Returns the account, or nothing if this can only be a group.
    pub fn account(&self) -> Option<Address> {
        if self.hex { None } else { Address::from_bytes(self.bytes).ok() }
    }

    /// Returns the id of the group that this names if it names a group.
    pub fn group(&self) -> GroupId {
        GroupId(self.bytes)
    }

    /// Returns whether this is written as only a group's id is.
    pub fn is_written_as_group(&self) -> bool {
        self.hex
    }
}

impl From<Address> for AddressOrGroup {
    fn from(address: Address) -> Self {
        Self { bytes: *address.as_bytes(), hex: false }
    }
}

impl From<GroupId> for AddressOrGroup {
    fn from(group: GroupId) -> Self {
        Self { bytes: group.0, hex: true }
    }
}

impl std::str::FromStr for AddressOrGroup {
    type Err = BadName;

    fn from_str(text: &str) -> Result<Self, BadName> {
        let mut bytes = [0; 32];
        // Base58 is quadratic; 32 bytes are at most 44 of its characters.
        match text.len() {
            64 => hex::decode_to_slice(text, &mut bytes)
                .map(|()| Self { bytes, hex: true })
                .map_err(|_| BadName),
            0..=44 => match bs58::decode(text).onto(&mut bytes) {
                Ok(32) => Ok(Self { bytes, hex: false }),
                _ => Err(BadName),
            },
            _ => Err(BadName),
        }
    }
}

/// Why a text names neither an account nor a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be an address (base58) or a group's id (64 hex digits)")]
pub struct BadName;

impl fmt::Display for AddressOrGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.hex {
            true => f.write_str(&hex::encode(self.bytes)),
            false => f.write_str(&bs58::encode(self.bytes).into_string()),
        }
    }
}

impl fmt::Debug for AddressOrGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AddressOrGroup({self})")
    }
}

impl Serialize for AddressOrGroup {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for AddressOrGroup {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.is_empty() {
            return Err(de::Error::invalid_value(de::Unexpected::Str(""), &"an address"));
        }
        text.parse().map_err(de::Error::custom)
    }
}

impl PartialSchema for AddressOrGroup {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("An account's address (base58), or a group's id (64 hex digits)"))
            .into()
    }
}

impl ToSchema for AddressOrGroup {}

macro_rules! refs {
    ($( $(#[doc = $doc:literal])+ $name:ident -> $Id:ident, $what:literal; )*) => {$(
        $(#[doc = $doc])+
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(NonEmptyText<{ $name::CHARS_MAX }>);

        impl $name {
            /// Characters at most; ids have 64, the rest is room for other spellings.
            pub const CHARS_MAX: usize = 128;

            /// Returns the id, or nothing if no thing can have this name.
            pub fn id(&self) -> Option<$Id> {
                self.0.parse().ok()
            }

            /// Returns the name as it was written.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<$Id> for $name {
            fn from(id: $Id) -> Self {
                Self(NonEmptyText::new(id.to_string()).expect("an id is 64 characters"))
            }
        }

        impl Element for $name {
            const NAME: &'static str = $what;
            type Key = String;

            fn key(&self) -> String {
                self.as_str().to_owned()
            }
        }

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                NonEmptyText::<{ $name::CHARS_MAX }>::schema()
            }
        }

        impl ToSchema for $name {}
    )*};
}

refs! {
    /// A group, by id. A text that is no id decodes; the method says that there is no such group.
    GroupRef -> GroupId, "group";
    /// A message, by id. A text that is no id decodes; the method says that there is no such message.
    MessageRef -> MessageId, "message";
    /// A packet or transfer, by uid. A text that is no uid decodes; the method says that there is none.
    EntryRef -> EntryId, "packet or transfer";
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_address_may_name_a_group_but_hex_never_names_a_person() {
        let text = "GmaDrppBC7P5ARKV8g3djiwP89vz1jLK23V2GBjuAEGB";
        let both: AddressOrGroup = text.parse().unwrap();
        assert_eq!(both.account(), Some(text.parse().unwrap()));
        assert_eq!(both.group().as_bytes(), both.account().unwrap().as_bytes());
        let hex: AddressOrGroup = hex::encode(both.bytes).parse().unwrap();
        assert_eq!((hex.account(), hex.group()), (None, both.group()));
        assert!(hex.is_written_as_group() && !both.is_written_as_group());
    }

    #[test]
    fn a_reference_is_an_id_or_names_nothing() {
        let id = MessageId([3; 32]);
        assert_eq!(MessageRef::from(id).id(), Some(id));
        let other: MessageRef = crate::api::params::decode("zxczc".into()).unwrap();
        assert_eq!((other.id(), other.as_str()), (None, "zxczc"));
    }

    proptest! {
        #[test]
        fn every_name_survives_its_text(bytes: [u8; 32], hex: bool) {
            let name = AddressOrGroup { bytes, hex };
            prop_assert_eq!(name.to_string().parse(), Ok(name));
        }

        #[test]
        fn random_texts_never_panic(text in ".{0,100}") {
            if let Ok(name) = text.parse::<AddressOrGroup>() {
                prop_assert_eq!(name.to_string().to_lowercase(), text.to_lowercase());
            }
        }
    }
}
