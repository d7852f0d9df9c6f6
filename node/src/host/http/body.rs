//! A call's body: from a request to one JSON object, within the limits of size, time and nesting.

use super::{
    hosts::single,
    refusal::{Refusal, drain},
};
use axum::{
    extract::Request,
    http::{HeaderMap, header},
};
use futures::StreamExt;
use magpie_protocol::limits::{API_BODY, API_NESTING};
use serde_json::{Map, Value};
use std::time::Duration;
use zeroize::Zeroizing;

/// Why a body is not a call's parameters, when the request as such is in order.
#[derive(Debug, thiserror::Error)]
pub(super) enum ParamsError {
    #[error("the body is empty, a call takes a JSON object")]
    Empty,
    #[error("the body nests deeper than {API_NESTING}")]
    Deep,
    #[error("the body is not JSON: {0}")]
    Json(#[from] serde_json::Error),
    #[error("the body is not a JSON object")]
    NoObject,
}

/// Reads a request's body whole, at most [`API_BODY`] bytes in at most `deadline`. The bytes may hold
/// passwords and are wiped when dropped.
pub(super) async fn read(
    request: Request,
    deadline: Duration,
) -> Result<Zeroizing<Vec<u8>>, Refusal> {
    let (parts, body) = request.into_parts();
    if !is_json(&parts.headers) {
        drain(body, Refusal::MediaType).await;
        return Err(Refusal::MediaType);
    }
    let told = single(&parts.headers, header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if told.is_some_and(|told| told > API_BODY as u64) {
        drain(body, Refusal::Size).await;
        return Err(Refusal::Size);
    }
    // As large as announced from the start: growing would leave copies behind.
    let size = told.and_then(|told| usize::try_from(told).ok()).unwrap_or(0);
    let mut bytes = Zeroizing::new(Vec::with_capacity(size));
    let mut chunks = body.into_data_stream();
    let read = async {
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(|_| Refusal::Broken)?;
            if bytes.len() + chunk.len() > API_BODY {
                return Err(Refusal::Size);
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(())
    };
    match tokio::time::timeout(deadline, read).await {
        Ok(Ok(())) => Ok(bytes),
        Ok(Err(refusal)) => {
            drain(axum::body::Body::from_stream(chunks), refusal).await;
            Err(refusal)
        }
        Err(_) => Err(Refusal::Slow),
    }
}

/// Tells whether the one Content-Type is `application/json`. A page can send other types to a foreign
/// server without asking first, this one it cannot.
fn is_json(headers: &HeaderMap) -> bool {
    let essence = single(headers, header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok()?.split(';').next());
    essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"))
        && !headers.contains_key(header::CONTENT_ENCODING)
}

/// Parses a body into the object that a call takes.
pub(super) fn params(bytes: &[u8]) -> Result<Map<String, Value>, ParamsError> {
    if bytes.trim_ascii().is_empty() {
        return Err(ParamsError::Empty);
    }
    if nesting(bytes) > API_NESTING {
        return Err(ParamsError::Deep);
    }
    match serde_json::from_slice(bytes)? {
        Value::Object(params) => Ok(params),
        _ => Err(ParamsError::NoObject),
    }
}

/// Returns how deep arrays and objects nest, in one pass that allocates nothing and also ends on what
/// is no JSON at all.
fn nesting(bytes: &[u8]) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    let (mut in_text, mut escaped) = (false, false);
    for byte in bytes {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b'[' | b'{' if !in_text => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' if !in_text => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;
    use proptest::prelude::*;

    fn nested(levels: usize) -> String {
        format!("{}1{}", r#"{"a":"#.repeat(levels), "}".repeat(levels))
    }

    #[test]
    fn nesting_is_counted_outside_of_texts() {
        for (text, want) in [
            ("1", 0),
            ("{}", 1),
            (r#"{"a":[[]],"b":[]}"#, 3),
            (r#"["[[[","\"[[[","\\",[]]"#, 2),
            ("]]]][[", 2),
        ] {
            assert_eq!(nesting(text.as_bytes()), want, "{text}");
        }
        params(nested(API_NESTING).as_bytes()).unwrap();
        let deep = params(nested(API_NESTING + 1).as_bytes());
        assert!(matches!(deep, Err(ParamsError::Deep)), "{deep:?}");
        let bomb = params("[".repeat(API_BODY).as_bytes());
        assert!(matches!(bomb, Err(ParamsError::Deep)), "{bomb:?}");
    }

    #[test]
    fn only_objects_are_parameters() {
        assert!(matches!(params(b" \n"), Err(ParamsError::Empty)));
        for text in [&b"{"[..], b"{} {}", b"{\"a\":}", b"\xff", b"{'a':1}", b"{\"a\":1,}"] {
            assert!(matches!(params(text), Err(ParamsError::Json(_))), "{text:?}");
        }
        for text in ["[]", "1", "null", "\"{}\"", "true"] {
            assert!(matches!(params(text.as_bytes()), Err(ParamsError::NoObject)), "{text}");
        }
        assert_eq!(params(b" {\"a\":1} ").unwrap().get("a"), Some(&Value::from(1)));
    }

    #[test]
    fn one_content_type_is_accepted() {
        let json = |types: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for text in types {
                headers.append(header::CONTENT_TYPE, HeaderValue::from_static(text));
            }
            is_json(&headers)
        };
        assert!(json(&["application/json"]) && json(&["Application/JSON; charset=utf-8"]));
        for wrong in [
            &[][..],
            &["text/plain"],
            &["text/plain; application/json"],
            &["application/json, text/plain"],
            &["application/jsonp"],
            &["multipart/form-data; boundary=x"],
            &["application/json", "text/plain"],
        ] {
            assert!(!json(wrong), "{wrong:?}");
        }
    }

    proptest! {
        #[test]
        fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..512)) {
            if let Ok(map) = params(&bytes) {
                prop_assert_eq!(params(&serde_json::to_vec(&map).unwrap()).unwrap(), map);
            }
        }

        #[test]
        fn random_brackets_never_pass_the_limit(text in "[\\[\\]{}\",:\\\\1]{0,300}") {
            if let Ok(map) = params(text.as_bytes()) {
                prop_assert!(depth(&Value::Object(map)) <= API_NESTING);
            }
        }
    }

    fn depth(value: &Value) -> usize {
        match value {
            Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
            Value::Object(items) => 1 + items.values().map(depth).max().unwrap_or(0),
            _ => 0,
        }
    }
}
