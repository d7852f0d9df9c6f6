//! The lenient deserializer: JSON as the SDK's own programs send it.
//!
//! Unknown members are ignored; an integer may come as an integral text or float; an object or
//! array may come as a JSON text that holds it. A number is no text and no bool is a number.

use super::BadParams;
use crate::{api::ErrorCode, limits};
use serde::{
    Deserializer,
    de::{
        DeserializeOwned, DeserializeSeed, IntoDeserializer, MapAccess, SeqAccess, Visitor,
        value::StringDeserializer,
    },
    forward_to_deserialize_any,
};
use serde_json::{Map, Value};

/// Returns the request that `params` hold, or what is wrong with them.
///
/// No parameters at all (`null`) are an empty object. Nesting is bounded by
/// [`limits::API_NESTING`], counting what is nested inside JSON texts.
pub fn decode<T: DeserializeOwned>(params: Value) -> Result<T, BadParams> {
    let value = match params {
        Value::Null => Value::Object(Map::new()),
        other => other,
    };
    bounded(&value, 0)?;
    T::deserialize(Param { value, depth: 0 })
}

/// Refuses a value that nests deeper than the limit, counted from `depth` levels above it.
fn bounded(value: &Value, depth: usize) -> Result<(), BadParams> {
    let mut open = vec![(value, depth)];
    while let Some((value, depth)) = open.pop() {
        if depth > limits::API_NESTING {
            let most = limits::API_NESTING;
            let message = format_args!("nests deeper than {most} levels").to_string();
            return Err(BadParams::new(ErrorCode::BadParameter, message));
        }
        match value {
            Value::Array(items) => open.extend(items.iter().map(|item| (item, depth + 1))),
            Value::Object(members) => open.extend(members.values().map(|item| (item, depth + 1))),
            _ => {}
        }
    }
    Ok(())
}

/// One value and how many objects and arrays it stands in.
struct Param {
    value: Value,
    depth: usize,
}

impl Param {
    fn mismatch(&self, expected: &str) -> BadParams {
        let found = match &self.value {
            Value::Null => return BadParams::missing(),
            Value::Bool(_) => "true or false",
            Value::Number(_) => "a number",
            Value::String(_) => "a text",
            Value::Array(_) => "an array",
            Value::Object(_) => "an object",
        };
        let message = format_args!("must be {expected}, not {found}").to_string();
        BadParams::new(ErrorCode::WrongType, message)
    }

    /// Returns the object or array that a JSON text holds, in the text's place.
    fn opened(self) -> Result<Self, BadParams> {
        let Value::String(text) = &self.value else { return Ok(self) };
        match serde_json::from_str::<Value>(text) {
            Ok(value @ (Value::Array(_) | Value::Object(_))) => {
                bounded(&value, self.depth)?;
                Ok(Self { value, depth: self.depth })
            }
            _ => Ok(self),
        }
    }

    fn integer(&self) -> Result<i128, BadParams> {
        const EXACT: f64 = (1_u64 << 53) as f64;
        let found = match &self.value {
            Value::Number(n) => {
                n.as_i64().map(i128::from).or(n.as_u64().map(i128::from)).or_else(|| {
                    n.as_f64().filter(|f| f.fract() == 0.0 && f.abs() <= EXACT).map(|f| f as i128)
                })
            }
            Value::String(text) if text.starts_with(|c: char| c == '-' || c.is_ascii_digit()) => {
                text.parse::<i64>().ok().map(i128::from)
            }
            _ => None,
        };
        found.ok_or_else(|| self.mismatch("an integer"))
    }
}

macro_rules! integers {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BadParams> {
            let n = self.integer()?;
            match (i64::try_from(n), u64::try_from(n)) {
                (Ok(n), _) => visitor.visit_i64(n),
                (_, Ok(n)) => visitor.visit_u64(n),
                _ => Err(self.mismatch("an integer")),
            }
        }
    )*};
}

impl<'de> Deserializer<'de> for Param {
    type Error = BadParams;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BadParams> {
        match self.value {
            Value::Null => visitor.visit_unit(),
            Value::Bool(b) => visitor.visit_bool(b),
            Value::String(text) => visitor.visit_string(text),
            Value::Array(_) => self.deserialize_seq(visitor),
            Value::Object(_) => self.deserialize_map(visitor),
            Value::Number(n) => match (n.as_i64(), n.as_u64(), n.as_f64()) {
                (Some(n), ..) => visitor.visit_i64(n),
                (_, Some(n), _) => visitor.visit_u64(n),
                (.., Some(n)) => visitor.visit_f64(n),
                _ => Err(BadParams::new(ErrorCode::WrongType, "is no number that JSON has")),
            },
        }
    }

    integers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BadParams> {
        match self.value {
            Value::Bool(b) => visitor.visit_bool(b),
            _ => Err(self.mismatch("true or false")),
        }
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BadParams> {
        match self.value.as_f64() {
            Some(n) => visitor.visit_f64(n),
            None => Err(self.mismatch("a number")),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BadParams> {
        match self.value {
            Value::String(text) => visitor.visit_string(text),
            _ => Err(self.mismatch("a text")),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BadParams> {
        self.deserialize_string(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BadParams> {
        match self.value {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, BadParams> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BadParams> {
        let param = self.opened()?;
        match param.value {
            Value::Array(items) => visitor.visit_seq(Items {
                items: items.into_iter(),
                next: 0,
                depth: param.depth + 1,
            }),
            _ => Err(param.mismatch("an array")),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BadParams> {
        let param = self.opened()?;
        match param.value {
            Value::Object(members) => visitor.visit_map(Members {
                members: members.into_iter(),
                value: None,
                depth: param.depth + 1,
            }),
            _ => Err(param.mismatch("an object")),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, BadParams> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, BadParams> {
        match self.value {
            Value::String(text) => {
                visitor.visit_enum(IntoDeserializer::<BadParams>::into_deserializer(text))
            }
            _ => Err(self.mismatch("a text")),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BadParams> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        i128 u128 f32 char bytes byte_buf unit unit_struct tuple tuple_struct identifier
    }
}

/// An array's elements, each error told where it is.
struct Items {
    items: std::vec::IntoIter<Value>,
    next: usize,
    depth: usize,
}

impl<'de> SeqAccess<'de> for Items {
    type Error = BadParams;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, BadParams> {
        let Some(value) = self.items.next() else { return Ok(None) };
        let index = self.next;
        self.next += 1;
        seed.deserialize(Param { value, depth: self.depth }).map(Some).map_err(|e| e.at(index))
    }

    // No size hint: the caller's array must not decide how much is reserved.
}

/// An object's members, each error told where it is.
struct Members {
    members: serde_json::map::IntoIter,
    value: Option<(String, Value)>,
    depth: usize,
}

impl<'de> MapAccess<'de> for Members {
    type Error = BadParams;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, BadParams> {
        let Some((key, value)) = self.members.next() else { return Ok(None) };
        let name: StringDeserializer<BadParams> = key.clone().into_deserializer();
        self.value = Some((key, value));
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, BadParams> {
        let Some((key, value)) = self.value.take() else {
            return Err(BadParams::missing());
        };
        seed.deserialize(Param { value, depth: self.depth }).map_err(|e| e.within(&key))
    }
}
