//! What a method of the local API is: one row of a `methods!` table.
//!
//! A row names the method on the wire and in Rust, its request and response, who may call it, and
//! what it does. From it come a trait method (the node fills it in; a missing body does not
//! compile), an arm of the module's `dispatch`, a typed client call and an entry of the catalogue.

use super::{ErrorCode, params::BadParams};
use serde::Serialize;
use serde_json::Value;
use std::fmt;
use utoipa::openapi::{RefOr, schema::Schema};

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
    Now(Value),
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
        Ok(Answer::Now(data)) => match serde_json::to_value(data) {
            Ok(value) => Dispatched::Now(value),
            Err(e) => Dispatched::Err(ApiError::new(ErrorCode::Failed, e.to_string())),
        },
    }
}

/// The schema of `T`, by reference if `T` is an object with a name.
pub(super) fn schema_of<T: utoipa::ToSchema>(
    schemas: &mut Vec<(String, RefOr<Schema>)>,
) -> RefOr<Schema> {
    T::schemas(schemas);
    T::schema()
}

/// Writes a module's trait, dispatch, client calls and catalogue from its table.
///
/// A row is `"wireName" rust_name(Request) -> Response, scope [open] [later];`: signed-in is the
/// default, `open` must be written; `later` makes the body return an [`Answer`].
macro_rules! methods {
    (
        $(#[doc = $about:literal])+
        pub trait $Trait:ident = $module:literal {$(
            $(#[doc = $doc:literal])+
            $name:literal $fn:ident($Req:ty) -> $Resp:ty, $scope:ident $($flag:ident)*;
        )*}
    ) => {
        $(#[doc = $about])+
        pub trait $Trait {$(
            $(#[doc = $doc])+
            fn $fn(
                &mut self,
                request: $Req,
            ) -> $crate::api::ApiResult<$crate::api::contract::methods!(@answer $Resp [$($flag)*])>;
        )*}

        /// The module's name on the wire.
        pub const MODULE: &str = $module;

        /// The module's methods, in the document's order.
        pub const METHODS: &[$crate::api::MethodInfo] = &[$(
            $crate::api::MethodInfo {
                module: $module,
                method: $name,
                auth: $crate::api::contract::methods!(@auth [$($flag)*]),
                scope: $crate::api::contract::methods!(@scope $scope),
                later: $crate::api::contract::methods!(@later [$($flag)*]),
                doc: concat!($($doc),+),
                request_schema: $crate::api::contract::schema_of::<$Req>,
                response_schema: $crate::api::contract::schema_of::<$Resp>,
            },
        )*];

        /// Decodes the parameters of one of the module's methods and runs its body.
        pub fn dispatch<S: $Trait + ?Sized>(
            api: &mut S,
            method: &str,
            params: serde_json::Value,
        ) -> $crate::api::Dispatched {
            match method {
                $($name => match $crate::api::params::decode::<$Req>(params) {
                    Err(bad) => $crate::api::Dispatched::Err(bad.into()),
                    Ok(request) => {
                        let answer = api.$fn(request);
                        $crate::api::contract::dispatched(
                            $crate::api::contract::methods!(@wrap answer [$($flag)*]),
                        )
                    }
                },)*
                _ => $crate::api::Dispatched::Err(
                    $crate::api::ApiError::unknown_method(MODULE, method),
                ),
            }
        }

        /// Decodes the parameters of one of the module's methods and does nothing with them.
        #[cfg(test)]
        pub(crate) fn check(
            method: &str,
            params: serde_json::Value,
        ) -> Option<Result<(), $crate::api::params::BadParams>> {
            match method {
                $($name => Some($crate::api::params::decode::<$Req>(params).map(drop)),)*
                _ => None,
            }
        }

        /// The module's methods as typed calls over any client.
        pub trait Calls: $crate::api::Client {$(
            $(#[doc = $doc])+
            fn $fn(&self, request: &$Req) -> Result<$Resp, $crate::api::Failure> {
                self.call_typed($module, $name, request)
            }
        )*}

        impl<C: $crate::api::Client + ?Sized> Calls for C {}
    };

    (@answer $Resp:ty []) => { $Resp };
    (@answer $Resp:ty [later $($rest:ident)*]) => { $crate::api::Answer<$Resp> };
    (@answer $Resp:ty [open $($rest:ident)*]) => {
        $crate::api::contract::methods!(@answer $Resp [$($rest)*])
    };

    (@wrap $answer:ident []) => { $answer.map($crate::api::Answer::Now) };
    (@wrap $answer:ident [later $($rest:ident)*]) => { $answer };
    (@wrap $answer:ident [open $($rest:ident)*]) => {
        $crate::api::contract::methods!(@wrap $answer [$($rest)*])
    };

    (@auth []) => { $crate::api::Auth::SignedIn };
    (@auth [open $($rest:ident)*]) => { $crate::api::Auth::Open };
    (@auth [later $($rest:ident)*]) => { $crate::api::contract::methods!(@auth [$($rest)*]) };

    (@later []) => { false };
    (@later [later $($rest:ident)*]) => { true };
    (@later [open $($rest:ident)*]) => { $crate::api::contract::methods!(@later [$($rest)*]) };

    (@scope read) => { $crate::api::Scope::Read };
    (@scope chat) => { $crate::api::Scope::Chat };
    (@scope wallet) => { $crate::api::Scope::Wallet };
    (@scope admin) => { $crate::api::Scope::Admin };
}
pub(super) use methods;
