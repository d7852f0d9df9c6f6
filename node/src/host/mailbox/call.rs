//! A call on its way to the core, and what it is answered with.

use crate::core::Scopes;
use magpie_protocol::api::{ApiError, Data};
use serde::Serialize;
use serde_json::Value;
use std::fmt;
use tokio::sync::oneshot;

/// The code of a call that did what it was asked (the document's table).
pub const CODE_OK: u16 = 200;
/// The code of a call to a method that does not exist.
pub const CODE_NO_METHOD: u16 = 300;
/// The code of a call that failed for a reason on this side.
pub const CODE_FAILED: u16 = 500;
/// The code of a call whose parameters cannot be read.
pub const CODE_PARAMETERS: u16 = 600;

/// What every call is answered with, as it stands in the HTTP body.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ApiAnswer {
    /// 200, or a code of the document's table.
    pub code: u16,
    /// Why, for people; empty when the code is 200.
    pub message: String,
    /// The method's answer; null when there is none.
    pub data: Data,
}

impl ApiAnswer {
    /// Returns the answer of a call that did what it was asked.
    pub fn ok(data: impl Into<Data>) -> Self {
        Self { code: CODE_OK, message: String::new(), data: data.into() }
    }

    /// Returns what the core answered, as it stands in the HTTP body.
    pub fn of(answer: Result<Data, ApiError>) -> Self {
        match answer {
            Ok(data) => Self::ok(data),
            Err(error) => {
                Self { code: error.code.number(), message: error.message, data: error.data.into() }
            }
        }
    }

    /// Returns the answer of a call that did not, with its reason.
    pub fn fault(code: u16, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), data: Value::Null.into() }
    }
}

/// One call of the local API on its way to the core.
///
/// Parameters may hold passwords, so Debug shows the method alone.
pub struct ApiCall {
    /// The document's module, for example `contact`; not yet known to exist.
    pub module: String,
    /// The document's method, for example `getContacts`; not yet known to exist.
    pub method: String,
    /// The parameters, always a JSON object, without the keys that named module, method and
    /// idempotency key.
    pub params: Value,
    /// What the caller's token allows.
    pub scopes: Scopes,
    /// The caller's own name for this call, where it gave one: the same key never moves money twice.
    pub idempotency_key: Option<String>,
    /// Where the answer goes; the caller may have left by then.
    pub answer: oneshot::Sender<ApiAnswer>,
}

impl fmt::Debug for ApiCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ApiCall({}.{})", self.module, self.method)
    }
}
