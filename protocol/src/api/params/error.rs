//! What is wrong with a call's parameters.

use crate::api::ErrorCode;
use serde::de::{self, Expected, Unexpected};
use std::fmt;

/// Why parameters are not the request that a method takes; always the caller's fault.
///
/// The text never repeats a value, since it may be a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadParams {
    /// The documented code for the cause.
    pub code: ErrorCode,
    /// Where it is, as `itemList[2].cNic`; nothing if the parameters as a whole are wrong.
    pub field: Option<String>,
    /// What was expected, in plain English, to be read after the field's name.
    pub message: String,
}

impl BadParams {
    pub(super) fn new(code: ErrorCode, message: impl fmt::Display) -> Self {
        Self { code, field: None, message: message.to_string() }
    }

    pub(super) fn missing() -> Self {
        Self::new(ErrorCode::Missing, "is required")
    }

    /// Says that the fault is inside the object's member `key`.
    pub(super) fn within(mut self, key: &str) -> Self {
        self.field = Some(match self.field {
            None => key.to_owned(),
            Some(rest) if rest.starts_with('[') => format!("{key}{rest}"),
            Some(rest) => format!("{key}.{rest}"),
        });
        self
    }

    /// Says that the fault is inside the array's element `index`.
    pub(super) fn at(mut self, index: usize) -> Self {
        self.field = Some(match self.field {
            None => format!("[{index}]"),
            Some(rest) if rest.starts_with('[') => format!("[{index}]{rest}"),
            Some(rest) => format!("[{index}].{rest}"),
        });
        self
    }
}

impl fmt::Display for BadParams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.field {
            Some(field) => write!(f, "{field}: {}", self.message),
            None => write!(f, "the parameters: {}", self.message),
        }
    }
}

impl std::error::Error for BadParams {}

impl de::Error for BadParams {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(ErrorCode::BadParameter, message)
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        match found {
            Unexpected::Unit => Self::missing(),
            _ => Self::new(ErrorCode::WrongType, format_args!("must be {expected}")),
        }
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        match found {
            Unexpected::Str("") => Self::new(ErrorCode::EmptyText, "must not be empty"),
            _ => Self::new(ErrorCode::OutOfRange, format_args!("must be {expected}")),
        }
    }

    fn invalid_length(len: usize, expected: &dyn Expected) -> Self {
        match len {
            0 => Self::new(ErrorCode::EmptyArray, "must not be empty"),
            _ => Self::new(ErrorCode::BadParameter, format_args!("must be {expected}, has {len}")),
        }
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        let allowed = format_args!("must be one of {}", expected.join(", ")).to_string();
        Self::new(ErrorCode::OutOfRange, allowed)
    }

    fn missing_field(field: &'static str) -> Self {
        Self::missing().within(field)
    }

    fn duplicate_field(element: &'static str) -> Self {
        Self::new(ErrorCode::Duplicate, format_args!("holds the same {element} twice"))
    }
}
