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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{ErrorCode, params::decode};
    use proptest::prelude::*;
    use serde_json::json;

    /// The golden bytes of a transfer.
    const ENTRY: &str = include_str!("../../../golden/ledger_entry_1.hex");

    #[test]
    fn a_signed_entry_is_its_bytes_in_hex_both_ways() {
        let text = ENTRY.replace('\n', "");
        let entry: SignedEntry = decode(json!(text)).unwrap();
        assert_eq!(serde_json::to_value(&entry).unwrap(), json!(text));
        assert_eq!(decode::<SignedEntry>(json!(text.to_uppercase())).unwrap(), entry);
        for bad in [format!("{text}00"), format!("0x{text}"), text[1..].to_owned()] {
            let error = decode::<SignedEntry>(json!(bad)).unwrap_err();
            assert_eq!(error.code, ErrorCode::BadParameter, "{bad}");
        }
    }

    #[test]
    fn an_address_may_stand_between_spaces_and_nothing_else() {
        let text = "GmaDrppBC7P5ARKV8g3djiwP89vz1jLK23V2GBjuAEGB";
        let padded: PaddedAddress = decode(json!(format!(" {text} \n"))).unwrap();
        assert_eq!(serde_json::to_value(padded).unwrap(), json!(text));
        assert_eq!(padded.to_string(), text);
        assert!(decode::<PaddedAddress>(json!(format!("x{text}"))).is_err());
    }

    #[test]
    fn an_amount_is_an_integer_up_to_the_largest() {
        for units in [0, 1, u64::MAX] {
            assert_eq!(decode::<Amount>(json!(units)), Ok(Amount(units)));
            assert_eq!(serde_json::to_value(Amount(units)).unwrap(), json!(units));
        }
        assert_eq!(decode::<Amount>(json!(-1)).unwrap_err().code, ErrorCode::OutOfRange);
        assert_eq!(decode::<Amount>(json!(1.5)).unwrap_err().code, ErrorCode::WrongType);
    }

    proptest! {
        #[test]
        fn random_texts_are_an_entry_or_a_fault(text in ".{0,200}", bytes: Vec<u8>) {
            for text in [text, hex::encode(bytes)] {
                let _ = decode::<SignedEntry>(json!(text));
                let _ = decode::<PaddedAddress>(json!(text));
            }
        }
    }
}
