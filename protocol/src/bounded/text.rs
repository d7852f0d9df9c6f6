//! A bounded text.

use super::too_many::{TooMany, within};
use serde::{Deserialize, Deserializer, Serialize, de};
use std::{fmt, ops::Deref};

/// A text of at most `MAX` characters (Unicode scalar values, so up to four times the bytes).
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Text<const MAX: usize>(String);

impl<const MAX: usize> Text<MAX> {
    /// Returns this text, or [`TooMany`].
    pub fn new(text: impl Into<String>) -> Result<Self, TooMany> {
        let text = text.into();
        // Counting stops at the first character too many.
        within(text.chars().take(MAX.saturating_add(1)).count(), MAX)?;
        Ok(Self(text))
    }

    /// Returns the text.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl<const MAX: usize> Deref for Text<MAX> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize> fmt::Debug for Text<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<const MAX: usize> fmt::Display for Text<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de, const MAX: usize> Deserialize<'de> for Text<MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}
