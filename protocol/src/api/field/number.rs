//! Numbers: bounded integers, 0 and 1 as a bool, and the document's small enumerations.

use crate::limits;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::borrow::Cow;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        RefOr,
        schema::{ObjectBuilder, Schema, Type},
    },
};

/// A point in time, or a span of it, in milliseconds (since 1970).
pub type Millis = u64;

/// An integer from `MIN` to `MAX`; another one is 1004.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Int<const MIN: i64, const MAX: i64>(i64);

impl<const MIN: i64, const MAX: i64> Int<MIN, MAX> {
    /// Returns the integer if it is in the range.
    pub const fn new(value: i64) -> Option<Self> {
        if MIN <= value && value <= MAX { Some(Self(value)) } else { None }
    }

    /// Returns the integer.
    pub const fn get(self) -> i64 {
        self.0
    }
}

impl<'de, const MIN: i64, const MAX: i64> Deserialize<'de> for Int<MIN, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = i64::deserialize(deserializer)?;
        Self::new(value).ok_or_else(|| {
            let range = format!("from {MIN} to {MAX}");
            de::Error::invalid_value(de::Unexpected::Signed(value), &range.as_str())
        })
    }
}

impl<const MIN: i64, const MAX: i64> PartialSchema for Int<MIN, MAX> {
    fn schema() -> RefOr<Schema> {
        let integer = ObjectBuilder::new().schema_type(Type::Integer);
        integer.minimum(Some(MIN)).maximum(Some(MAX)).into()
    }
}

impl<const MIN: i64, const MAX: i64> ToSchema for Int<MIN, MAX> {
    fn name() -> Cow<'static, str> {
        format!("Int{MIN}to{MAX}").replace('-', "minus").into()
    }
}

/// A page's number, from 1.
pub type Page = Int<1, { u32::MAX as i64 }>;

/// Rows in a page, from 1 to [`limits::PAGE_ROWS`].
pub type PageSize = Int<1, { limits::PAGE_ROWS as i64 }>;

/// The number of a built-in avatar; -1 for none.
pub type AvatarId = Int<-1, { i32::MAX as i64 }>;

/// A bool that the document writes as 0 or 1.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bit(pub bool);

impl Serialize for Bit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // As wide as it is read: the same type is stored in binary.
        serializer.serialize_i64(self.0.into())
    }
}

impl<'de> Deserialize<'de> for Bit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(Int::<0, 1>::deserialize(deserializer)?.get() == 1))
    }
}

impl PartialSchema for Bit {
    fn schema() -> RefOr<Schema> {
        Int::<0, 1>::schema()
    }
}

impl ToSchema for Bit {}

/// An enumeration whose values the wire writes as integers.
pub trait Choice: Copy + 'static {
    /// Every value with its number, by rising number.
    const ALL: &'static [(Self, i64)];

    /// Returns the value's number.
    fn number(self) -> i64;
}

/// Writes an enumeration of integers; a number that is none of them is 1004.
macro_rules! choices {
    ($( $(#[doc = $about:literal])+ pub enum $name:ident {
        $( $(#[doc = $doc:literal])+ $variant:ident = $number:literal, )+
    } )*) => {$(
        $(#[doc = $about])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $( $(#[doc = $doc])+ $variant, )+ }

        impl $crate::api::field::Choice for $name {
            const ALL: &'static [(Self, i64)] = &[$((Self::$variant, $number)),+];

            fn number(self) -> i64 {
                match self { $( Self::$variant => $number, )+ }
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_i64($crate::api::field::Choice::number(*self))
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let number = i64::deserialize(from)?;
                match number {
                    $( $number => Ok(Self::$variant), )+
                    _ => Err(serde::de::Error::invalid_value(
                        serde::de::Unexpected::Signed(number),
                        &concat!("one of" $(, " ", $number)+),
                    )),
                }
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::schema::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::Integer)
                    .enum_values(Some([$($number),+]))
                    .description(Some(concat!(
                        $($about),+ $(, "\n", $number, ":", $($doc),+)+
                    )))
                    .into()
            }
        }

        impl utoipa::ToSchema for $name {}
    )*};
}
pub(in crate::api) use choices;

choices! {
    /// Whom a call means, as most calls write it.
    pub enum OneOrGroup {
        /// One person.
        One = 0,
        /// A group.
        Group = 1,
    }

    /// Whom a call means, as answers and some calls write it.
    pub enum OneOrGroup12 {
        /// One person.
        One = 1,
        /// A group.
        Group = 2,
    }
}

impl From<OneOrGroup> for OneOrGroup12 {
    fn from(kind: OneOrGroup) -> Self {
        match kind {
            OneOrGroup::One => Self::One,
            OneOrGroup::Group => Self::Group,
        }
    }
}

/// Which end of a listing stands first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum Order {
    /// Oldest first.
    #[serde(rename = "ASC", alias = "asc")]
    Ascending,
    /// Newest first.
    #[serde(rename = "DESC", alias = "desc")]
    Descending,
}
