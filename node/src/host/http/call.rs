//! One call: from a request in either form to the core and back.
//!
//! `POST /api/{module}/{method}` names the method in the path; the SDK's own form, a POST to any path,
//! names it in the body. Past this point the two do not differ.

use super::{body, guard::Caller, hosts::single, router::App};
use crate::host::mailbox::{ApiAnswer, CODE_FAILED, CODE_NO_METHOD, CODE_PARAMETERS};
use axum::{
    Extension, Json,
    extract::{Path, Request, State, rejection::PathRejection},
    http::{HeaderMap, HeaderName},
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value};

const MODULE_KEY: &str = "__SERVER_ROUTE_MODULE";
const METHOD_KEY: &str = "__SERVER_ROUTE_METHOD";
const IDEMPOTENCY_KEY: &str = "__IDEMPOTENCY_KEY";
const IDEMPOTENCY_HEADER: HeaderName = HeaderName::from_static("idempotency-key");
/// Bytes in an idempotency key.
pub(super) const IDEMPOTENCY_KEY_BYTES: usize = 128;
/// Bytes in the name of a module or method; no method has a longer one.
const NAME_BYTES: usize = 64;

/// Answers `/api/{module}/{method}`: the path's names count, those in the body do not.
pub(super) async fn by_path(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    names: Result<Path<(String, String)>, PathRejection>,
    request: Request,
) -> Response {
    // A path that is no text names no method; empty names are refused as such below.
    let names = names.map_or_else(|_| Default::default(), |Path(names)| names);
    answer(app, caller, Some(names), request).await
}

/// Answers the SDK's form, at any path.
pub(super) async fn by_body(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Response {
    answer(app, caller, None, request).await
}

async fn answer(
    app: App,
    caller: Caller,
    names: Option<(String, String)>,
    request: Request,
) -> Response {
    // A closed semaphore does not occur: nobody closes it. Then there would be no bound, so no call.
    let Ok(_place) = app.calls.acquire().await else {
        return Json(ApiAnswer::fault(CODE_FAILED, "the node is stopping")).into_response();
    };
    let headers = request.headers().clone();
    let bytes = match body::read(request, app.timing.body).await {
        Ok(bytes) => bytes,
        Err(refusal) => return refusal.into_response(),
    };
    let call = match Call::read(&bytes, &headers, names) {
        Ok(call) => call,
        Err(fault) => return Json(fault).into_response(),
    };
    drop(bytes);
    let Call { module, method, params, key } = call;
    let params = Value::Object(params);
    let asked = app.core.call(module, method, params, caller.scopes, key);
    let answer = tokio::time::timeout(app.timing.call, asked).await.unwrap_or_else(|_| {
        let seconds = app.timing.call.as_secs();
        let message = format!("no answer within {seconds} s; the call may still take effect");
        ApiAnswer::fault(CODE_FAILED, message)
    });
    Json(answer).into_response()
}

struct Call {
    module: String,
    method: String,
    params: Map<String, Value>,
    key: Option<String>,
}

impl Call {
    fn read(
        bytes: &[u8],
        headers: &HeaderMap,
        names: Option<(String, String)>,
    ) -> Result<Self, ApiAnswer> {
        let wrong = |message: String| ApiAnswer::fault(CODE_PARAMETERS, message);
        let mut params = body::params(bytes).map_err(|error| wrong(error.to_string()))?;
        let mut take = |name: &str| match params.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(wrong(format!("{name} is a text"))),
        };
        let (named_module, named_method) = (take(MODULE_KEY), take(METHOD_KEY));
        let in_body = take(IDEMPOTENCY_KEY)?;
        let (module, method) = match names {
            Some(names) => names,
            None => (
                named_module?.ok_or_else(|| no_method(format!("{MODULE_KEY} is missing")))?,
                named_method?.ok_or_else(|| no_method(format!("{METHOD_KEY} is missing")))?,
            ),
        };
        if !is_name(&module) || !is_name(&method) {
            return Err(no_method("no such module and method".into()));
        }
        let key = idempotency_key(headers, in_body).map_err(|message| wrong(message.into()))?;
        Ok(Self { module, method, params, key })
    }
}

fn no_method(message: String) -> ApiAnswer {
    ApiAnswer::fault(CODE_NO_METHOD, message)
}

fn is_name(text: &str) -> bool {
    let letters = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    (1..=NAME_BYTES).contains(&text.len()) && text.bytes().all(letters)
}

/// Returns the key from the header or the body; two different ones would leave open which counts.
fn idempotency_key(
    headers: &HeaderMap,
    in_body: Option<String>,
) -> Result<Option<String>, &'static str> {
    let in_header = if headers.contains_key(IDEMPOTENCY_HEADER) {
        let text = single(headers, IDEMPOTENCY_HEADER).and_then(|value| value.to_str().ok());
        Some(text.ok_or("Idempotency-Key stands once, in ASCII")?.to_owned())
    } else {
        None
    };
    let key = match (in_header, in_body) {
        (Some(header), Some(body)) if header != body => {
            return Err("the idempotency keys of header and body differ");
        }
        (header, body) => header.or(body),
    };
    match &key {
        Some(key) if !(1..=IDEMPOTENCY_KEY_BYTES).contains(&key.len()) => {
            Err("an idempotency key has 1 to 128 bytes")
        }
        _ => Ok(key),
    }
}
