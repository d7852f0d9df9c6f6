//! Values of the ledger: amounts, hashes and keys in answers, and what names them in requests.

use super::NonEmptyText;
use crate::{
    address::Address,
    beacon::{Beacon, Proof, Seed},
    ids::NetworkId,
    keys::{BeaconKey, ConsensusKey, IssuerKey, ReceiveKey},
    ledger::{Amount, BlockHash, EntriesRoot, Entry, EntryId, StateRoot, ValidatorsHash},
    limits,
    sign::Signature,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::ops::Deref;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        KnownFormat, RefOr, SchemaFormat,
        schema::{ObjectBuilder, Schema, Type},
    },
};

macro_rules! hexes {
    ($( $name:ident, $digits:literal, $what:literal; )*) => {$(
        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                ObjectBuilder::new()
                    .schema_type(Type::String)
                    .min_length(Some($digits))
                    .max_length(Some($digits))
                    .description(Some(concat!($what, ": ", $digits, " hex digits")))
                    .into()
            }
        }

        impl ToSchema for $name {}
    )*};
}

hexes! {
    EntryId, 64, "An entry's id, which is also that of the packet or transfer that it made";
    BlockHash, 64, "A block's hash";
    EntriesRoot, 64, "The root of a block's entries";
    StateRoot, 64, "The root of the state after a block";
    ValidatorsHash, 64, "The hash of a set of validators";
    NetworkId, 64, "A network's id, which is also its chain's";
    ConsensusKey, 64, "The key with which a validator votes";
    BeaconKey, 64, "The key with which a validator makes the beacon";
    IssuerKey, 64, "An issuer's key";
    ReceiveKey, 64, "The key with which an account claims, accepts and declines";
    Seed, 64, "What the draws of one height are made from";
    Beacon, 128, "The beacon of a block";
    Proof, 160, "The proof of a beacon";
    Signature, 128, "A signature";
}

impl PartialSchema for Amount {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
            .minimum(Some(0))
            .description(Some("Units, of which 100,000,000 are one coin"))
            .into()
    }
}

impl ToSchema for Amount {}

/// An address that may stand between spaces, as in the document's examples.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct PaddedAddress(pub Address);

impl Deref for PaddedAddress {
    type Target = Address;

    fn deref(&self) -> &Address {
        &self.0
    }
}

impl<'de> Deserialize<'de> for PaddedAddress {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match text.trim() {
            "" => Err(de::Error::invalid_value(de::Unexpected::Str(""), &"an address")),
            text => text.parse().map(Self).map_err(de::Error::custom),
        }
    }
}

impl PartialSchema for PaddedAddress {
    fn schema() -> RefOr<Schema> {
        Address::schema()
    }
}

impl ToSchema for PaddedAddress {}

/// What tells a call that moves money from its repetition: 1 to
/// [`limits::IDEMPOTENCY_KEY_CHARS`] characters that the caller chose.
pub type IdempotencyKey = NonEmptyText<{ limits::IDEMPOTENCY_KEY_CHARS }>;

/// A signed entry as a caller hands it over: its bytes in hex, at most [`limits::ENTRY`] of them.
/// What is no entry is 600; whether it holds is not looked at here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedEntry(pub Entry);

impl Serialize for SignedEntry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let bytes = self.0.to_bytes().map_err(serde::ser::Error::custom)?;
        serializer.serialize_str(&hex::encode(bytes))
    }
}

impl<'de> Deserialize<'de> for SignedEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.is_empty() {
            return Err(de::Error::invalid_value(de::Unexpected::Str(""), &"an entry"));
        }
        if text.len() > 2 * limits::ENTRY {
            let most = limits::ENTRY;
            return Err(de::Error::custom(format_args!("must be at most {most} bytes in hex")));
        }
        let bytes = hex::decode(&text).map_err(|_| de::Error::custom("must be bytes in hex"))?;
        Entry::from_bytes(&bytes).map(Self).map_err(de::Error::custom)
    }
}

impl PartialSchema for SignedEntry {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(2))
            .max_length(Some(2 * limits::ENTRY))
            .description(Some("A signed entry's bytes, in hex"))
            .into()
    }
}

impl ToSchema for SignedEntry {}
