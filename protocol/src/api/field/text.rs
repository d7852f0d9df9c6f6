//! Texts: bounded, not empty, secret, or holding JSON.

use crate::limits;
use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::Value;
use std::{borrow::Cow, fmt, ops::Deref};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        RefOr,
        schema::{ObjectBuilder, Schema, Type},
    },
};
use zeroize::Zeroizing;

macro_rules! texts {
    ($( $(#[doc = $doc:literal])+ $name:ident, empty: $empty:literal; )*) => {$(
        $(#[doc = $doc])+
        #[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name<const MAX: usize>(String);

        impl<const MAX: usize> $name<MAX> {
            /// Returns the text if it is one.
            pub fn new(text: impl Into<String>) -> Option<Self> {
                let text = text.into();
                let allowed = ($empty || !text.is_empty()) && text.chars().count() <= MAX;
                allowed.then_some(Self(text))
            }

            /// Returns the text.
            pub fn into_string(self) -> String {
                self.0
            }
        }

        impl<const MAX: usize> Deref for $name<MAX> {
            type Target = str;

            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl<'de, const MAX: usize> Deserialize<'de> for $name<MAX> {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                if !$empty && text.is_empty() {
                    return Err(de::Error::invalid_value(de::Unexpected::Str(""), &"a text"));
                }
                Self::new(text).ok_or_else(|| {
                    de::Error::custom(format_args!("must have at most {MAX} characters"))
                })
            }
        }

        impl<const MAX: usize> PartialSchema for $name<MAX> {
            fn schema() -> RefOr<Schema> {
                let text = ObjectBuilder::new().schema_type(Type::String).max_length(Some(MAX));
                text.min_length((!$empty).then_some(1)).into()
            }
        }

        impl<const MAX: usize> ToSchema for $name<MAX> {
            fn name() -> Cow<'static, str> {
                format!(concat!(stringify!($name), "{}"), MAX).into()
            }
        }
    )*};
}

texts! {
    /// A text of at most `MAX` characters.
    Text, empty: true;
    /// A text of 1 to `MAX` characters; an empty one is 1001.
    NonEmptyText, empty: false;
}

/// What a person wrote about a contact for their own eyes; empty removes it.
pub type Remark = Text<{ limits::REMARK_CHARS }>;

/// Where an avatar's picture is; empty for none.
pub type AvatarUrl = Text<{ limits::AVATAR_URL_CHARS }>;

/// A vault's id; empty, like no id, means the open vault.
pub type VaultRef = Text<64>;

/// A password as it was typed: never empty, never shown, wiped when dropped.
///
/// Whether it is long enough is the method's question, which answers 20065 or 20010.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Characters at most, far above what any password may have, so that hashing stays cheap.
    pub const CHARS_MAX: usize = 4 * limits::PASSWORD_CHARS_MAX;

    /// Returns the secret, or nothing for an empty or overlong text.
    pub fn new(text: Zeroizing<String>) -> Option<Self> {
        (!text.is_empty() && text.chars().count() <= Self::CHARS_MAX).then_some(Self(text))
    }

    /// Returns the text, for the key derivation alone.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Returns whether it is as long as a new password has to be.
    pub fn is_allowed_as_new(&self) -> bool {
        let chars = self.0.chars().count();
        (limits::PASSWORD_CHARS_MIN..=limits::PASSWORD_CHARS_MAX).contains(&chars)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl Serialize for Secret {
    /// Writes the secret: a client sends it to its own node.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl Secret {
    /// Reads a secret; an empty text is none.
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        let text = Zeroizing::new(String::deserialize(deserializer)?);
        if text.is_empty() {
            return Ok(None);
        }
        let most = Self::CHARS_MAX;
        let secret = Self::new(text);
        secret
            .map(Some)
            .ok_or_else(|| de::Error::custom(format_args!("must have at most {most} characters")))
    }

    fn schema_of(least: usize) -> RefOr<Schema> {
        let format = utoipa::openapi::KnownFormat::Password;
        let format = utoipa::openapi::SchemaFormat::KnownFormat(format);
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(format))
            .min_length(Some(least))
            .max_length(Some(Self::CHARS_MAX))
            .into()
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::read(deserializer)?
            .ok_or_else(|| de::Error::invalid_value(de::Unexpected::Str(""), &"a password"))
    }
}

impl PartialSchema for Secret {
    fn schema() -> RefOr<Schema> {
        Self::schema_of(1)
    }
}

impl ToSchema for Secret {}

/// A password or word that may be left empty, which is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MaybeSecret(Option<Secret>);

impl MaybeSecret {
    /// Returns what was typed, or nothing.
    pub const fn get(&self) -> Option<&Secret> {
        self.0.as_ref()
    }
}

impl From<Option<Secret>> for MaybeSecret {
    fn from(secret: Option<Secret>) -> Self {
        Self(secret)
    }
}

impl Serialize for MaybeSecret {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.as_ref().map_or("", Secret::expose))
    }
}

impl<'de> Deserialize<'de> for MaybeSecret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Secret::read(deserializer).map(Self)
    }
}

impl PartialSchema for MaybeSecret {
    fn schema() -> RefOr<Schema> {
        Secret::schema_of(0)
    }
}

impl ToSchema for MaybeSecret {}

/// A text that holds JSON; an object or array in its place becomes its compact JSON.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct JsonText(String);

impl JsonText {
    /// Returns the text that holds `value`.
    pub fn of(value: &Value) -> Self {
        Self(value.to_string())
    }

    /// Returns what the text holds, or nothing if it is not JSON.
    pub fn parse(&self) -> Option<Value> {
        serde_json::from_str(&self.0).ok()
    }
}

impl Deref for JsonText {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

/// Says that a value is neither JSON in a text nor what such a text may hold.
fn no_json<E: de::Error>(value: &Value) -> E {
    let found = match value {
        Value::Null => de::Unexpected::Unit,
        _ => de::Unexpected::Other("another value"),
    };
    E::invalid_type(found, &"an object, or a text that holds it as JSON")
}

impl<'de> Deserialize<'de> for JsonText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(text) => Ok(Self(text)),
            value @ (Value::Object(_) | Value::Array(_)) => Ok(Self(value.to_string())),
            other => Err(no_json(&other)),
        }
    }
}

impl PartialSchema for JsonText {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("JSON as a text; requests may send the object itself"))
            .into()
    }
}

impl ToSchema for JsonText {}

/// An object whose members the document does not list; a text in its place may hold it as JSON.
///
/// What a text holds is not looked at before a method does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct JsonObject(Value);

impl JsonObject {
    /// Returns the object that `value` is or holds, or nothing if it is neither object nor text.
    pub fn of(value: Value) -> Option<Self> {
        matches!(value, Value::Object(_) | Value::String(_)).then_some(Self(value))
    }

    /// Returns the object, or the text that may hold it.
    pub const fn value(&self) -> &Value {
        &self.0
    }
}

impl<'de> Deserialize<'de> for JsonObject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            value @ (Value::Object(_) | Value::String(_)) => Ok(Self(value)),
            other => Err(no_json(&other)),
        }
    }
}

impl PartialSchema for JsonObject {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .description(Some("An object; requests may send a text that holds it as JSON"))
            .into()
    }
}

impl ToSchema for JsonObject {}
