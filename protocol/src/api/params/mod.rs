//! From a call's JSON parameters to its typed request, and from every fault to its documented code.
//!
//! In: a `serde_json::Value`. Out: any `T: Deserialize`, or [`BadParams`] with the code, the path of
//! the field at fault and a sentence. Start at [`decode`]; `de` holds the lenient deserializer,
//! `error` the mapping from serde's kinds of errors to codes.
//!
//! A field type chooses its code by the constructor of `serde::de::Error` that it calls:
//!
//! | fault | constructor | code |
//! |---|---|---|
//! | missing, or null where a value is needed | `missing_field`, `invalid_type(Unexpected::Unit, …)` | 1000 |
//! | empty text | `invalid_value(Unexpected::Str(""), …)` | 1001 |
//! | other JSON type | `invalid_type` | 1002 |
//! | the same element twice | `duplicate_field` | 1003 |
//! | not one of the allowed values | `invalid_value`, `unknown_variant` | 1004 |
//! | empty array | `invalid_length(0, …)` | 1005 |
//! | anything else | `custom` | 600 |

mod de;
mod error;
#[cfg(test)]
mod tests;

pub use de::decode;
pub use error::BadParams;
