//! The caller's side of the contract: typed calls over any way to reach a node.
//!
//! In: a typed request. Out: the typed response, or [`Failure`]. Each module's table makes a trait
//! `Calls` with one function a method, for every [`Client`].

use super::ApiError;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// Why a typed call has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The node refused the call.
    #[error("{0}")]
    Refused(ApiError),
    /// The node was not reached, or hung up.
    #[error("the node does not answer: {0}")]
    Unreachable(String),
    /// The answer is not what the method answers.
    #[error("the node's answer to {method} cannot be read: {cause}")]
    Malformed {
        /// The method called.
        method: &'static str,
        /// What is wrong with the answer.
        cause: String,
    },
}

/// A way to reach a node's API: HTTP, or the node itself in a simulator.
pub trait Client {
    /// Calls a method with JSON parameters and returns the answer's `data`.
    fn call_raw(&self, module: &str, method: &str, params: Value) -> Result<Value, Failure>;

    /// Calls a method with its typed request; the generated `Calls` traits are made of this.
    fn call_typed<Req: Serialize, Resp: DeserializeOwned>(
        &self,
        module: &'static str,
        method: &'static str,
        request: &Req,
    ) -> Result<Resp, Failure> {
        let malformed = |e: serde_json::Error| Failure::Malformed { method, cause: e.to_string() };
        let params = serde_json::to_value(request).map_err(malformed)?;
        serde_json::from_value(self.call_raw(module, method, params)?).map_err(malformed)
    }
}
