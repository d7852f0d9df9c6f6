//! What calls, answers and entries of the catalogue are made of.

use super::{Data, ErrorCode, params::BadParams};
use serde::Serialize;
use serde_json::Value;
use std::fmt;
use utoipa::openapi::{Ref, RefOr, schema::Schema};

/// Why a call was refused, as the caller sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError {
    /// The code of the answer.
    pub code: ErrorCode,
    /// What is wrong, in plain English.
    pub message: String,
    /// More for a program to read; `null` where there is nothing more.
    pub data: Value,
}

impl ApiError {
    /// Returns the error of a code with a message of its own.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), data: Value::Null }
    }

    /// Returns the error of an unknown module or method.
    pub fn unknown_method(module: &str, method: &str) -> Self {
        // The names are the caller's; quote no more of them than a method's name may have.
        let name: String = format!("{module}.{method}").chars().take(NAME_CHARS).collect();
        Self::new(ErrorCode::NotImplemented, format!("there is no method {name}"))
    }
}

/// Characters of an unknown method's name that an error repeats.
const NAME_CHARS: usize = 100;

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.number(), self.message)
    }
}

impl std::error::Error for ApiError {}

impl From<ErrorCode> for ApiError {
    fn from(code: ErrorCode) -> Self {
        Self::new(code, code.default_message())
    }
}

impl From<BadParams> for ApiError {
    fn from(bad: BadParams) -> Self {
        let data = bad.field.as_ref().map_or(Value::Null, |f| serde_json::json!({ "field": f }));
        Self { code: bad.code, message: bad.to_string(), data }
    }
}

/// What a method's body returns.
pub type ApiResult<T> = Result<T, ApiError>;

/// The answer of a method that may need time: hashing a password, waiting for the network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer<T> {
    /// The answer.
    Now(T),
    /// The body has kept the request's id and will answer through an effect.
    Later,
}

/// What became of a call after its parameters were decoded and its body ran.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dispatched {
    /// The `data` of an answer with code 200.
    Now(Data),
    /// The answer comes through an effect.
    Later,
    /// The call was refused; nothing changed.
    Err(ApiError),
}

/// Who may call a method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Auth {
    /// Anybody with the token, also before login.
    Open,
    /// Only while a vault is open.
    SignedIn,
}

/// What a token must allow for a method to be called with it; admin allows all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Looking at things.
    Read,
    /// Writing messages, contacts and groups.
    Chat,
    /// Moving money.
    Wallet,
    /// The account itself: keys, passwords, devices.
    Admin,
}

impl Scope {
    /// Returns the scope's name in a token's settings.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Chat => "chat",
            Self::Wallet => "wallet",
            Self::Admin => "admin",
        }
    }
}

/// Makes a type's schema and adds the schemas that it refers to.
pub type SchemaOf = fn(&mut Vec<(String, RefOr<Schema>)>) -> RefOr<Schema>;

/// One method of the catalogue.
#[derive(Clone, Copy)]
pub struct MethodInfo {
    /// The module's name on the wire.
    pub module: &'static str,
    /// The method's name on the wire.
    pub method: &'static str,
    /// Whether it works before login.
    pub auth: Auth,
    /// What a token must allow.
    pub scope: Scope,
    /// Whether the answer may come later, through an effect.
    pub later: bool,
    /// What it does.
    pub doc: &'static str,
    /// The schema of its parameters.
    pub request_schema: SchemaOf,
    /// The schema of the answer's `data`.
    pub response_schema: SchemaOf,
}

impl fmt::Debug for MethodInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{} {:?} {:?}", self.module, self.method, self.auth, self.scope)
    }
}

/// Turns a body's answer into what the host sends.
pub(super) fn dispatched<T: Serialize>(answer: ApiResult<Answer<T>>) -> Dispatched {
    match answer {
        Err(error) => Dispatched::Err(error),
        Ok(Answer::Later) => Dispatched::Later,
        Ok(Answer::Now(data)) => match Data::of(&data) {
            Ok(data) => Dispatched::Now(data),
            Err(e) => Dispatched::Err(ApiError::new(ErrorCode::Failed, e.to_string())),
        },
    }
}

/// Returns the schema of `T`, by reference if `T` is an object, and adds what it
/// refers to.
pub(super) fn schema_of<T: utoipa::ToSchema>(
    schemas: &mut Vec<(String, RefOr<Schema>)>,
) -> RefOr<Schema> {
    T::schemas(schemas);
    match T::schema() {
        schema @ RefOr::T(Schema::Object(_)) => {
            let name = T::name().into_owned();
            schemas.push((name.clone(), schema));
            RefOr::Ref(Ref::from_schema_name(name))
        }
        other => other,
    }
}
