//! A bounded list of values.

use super::too_many::{TooMany, within};
use serde::{Deserialize, Deserializer, Serialize, de};
use std::{fmt, marker::PhantomData, ops::Deref};

/// At most `MAX` values.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct List<T, const MAX: usize>(Vec<T>);

impl<T, const MAX: usize> List<T, MAX> {
    /// Returns the list of these values, or [`TooMany`].
    pub fn new(values: Vec<T>) -> Result<Self, TooMany> {
        within(values.len(), MAX)?;
        Ok(Self(values))
    }

    /// Returns the values.
    pub fn into_vec(self) -> Vec<T> {
        self.0
    }

    /// Adds one value at the end, or hands [`TooMany`] back and stays as it was.
    pub fn push(&mut self, value: T) -> Result<(), TooMany> {
        within(self.0.len().saturating_add(1), MAX)?;
        self.0.push(value);
        Ok(())
    }
}

impl<T, const MAX: usize> Default for List<T, MAX> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T, const MAX: usize> Deref for List<T, MAX> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T: fmt::Debug, const MAX: usize> fmt::Debug for List<T, MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<T, const MAX: usize> IntoIterator for List<T, MAX> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'de, T: Deserialize<'de>, const MAX: usize> Deserialize<'de> for List<T, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor<T, const MAX: usize>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>, const MAX: usize> de::Visitor<'de> for Visitor<T, MAX> {
            type Value = List<T, MAX>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "at most {MAX} values")
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let claimed = seq.size_hint().unwrap_or(0);
                within(claimed, MAX).map_err(de::Error::custom)?;
                // A claim reserves nothing: memory grows with what was really read.
                let mut list = List::default();
                while let Some(value) = seq.next_element()? {
                    list.push(value).map_err(de::Error::custom)?;
                }
                Ok(list)
            }
        }

        deserializer.deserialize_seq(Visitor(PhantomData))
    }
}
