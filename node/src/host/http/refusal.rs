//! Answers of the door itself: a request that reaches no method, and the headers of every response.

use crate::host::mailbox::ApiAnswer;
use axum::{
    Json,
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures::StreamExt;
use std::time::Duration;

/// Bytes of a refused request's body that are read and thrown away, so that a caller that is still
/// sending gets the refusal and not a reset connection.
const REFUSED_BODY: usize = 64 << 10;
/// The same for a caller that proved its token and sends more than the limit.
const OVERSIZE_BODY: usize = 64 << 20;
/// How long a refused body is read at most.
const REFUSED_BODY_TIME: Duration = Duration::from_secs(2);

/// Why a request does not reach the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refusal {
    #[error("the Host header is not this node's address")]
    Host,
    #[error("the Origin is not this node's own page")]
    Origin,
    #[error("an Authorization header with a valid Bearer token is needed")]
    Token,
    #[error("the token does not allow this")]
    Scope,
    #[error("this path does not take that method")]
    Method,
    #[error("there is nothing at this path")]
    Path,
    #[error("a call's body is application/json, not compressed")]
    MediaType,
    #[error("the body is larger than {} bytes", magpie_protocol::limits::API_BODY)]
    Size,
    #[error("the body did not come in time")]
    Slow,
    #[error("the body broke off")]
    Broken,
    #[error("`from` is one sequence number")]
    From,
    #[error("this is no WebSocket upgrade")]
    Upgrade,
    #[error("too many listeners")]
    Listeners,
    #[error("the node is busy or stopping")]
    Core,
}

impl Refusal {
    pub(super) const fn status(self) -> StatusCode {
        match self {
            Self::Host | Self::Origin | Self::Scope => StatusCode::FORBIDDEN,
            Self::Token => StatusCode::UNAUTHORIZED,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::Path => StatusCode::NOT_FOUND,
            Self::MediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Size => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Slow => StatusCode::REQUEST_TIMEOUT,
            Self::Broken | Self::From => StatusCode::BAD_REQUEST,
            Self::Upgrade => StatusCode::UPGRADE_REQUIRED,
            Self::Listeners | Self::Core => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

impl IntoResponse for Refusal {
    /// The HTTP status, and for people the envelope of an answer with the same number as code.
    fn into_response(self) -> Response {
        let status = self.status();
        let mut response =
            (status, Json(ApiAnswer::fault(status.as_u16(), self.to_string()))).into_response();
        if self == Self::Token {
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

/// Reads and forgets the body of a request that is refused.
pub(super) async fn drain(body: Body, refusal: Refusal) {
    let most = if refusal == Refusal::Size { OVERSIZE_BODY } else { REFUSED_BODY };
    let read = async {
        let (mut chunks, mut left) = (body.into_data_stream(), most);
        while let Some(Ok(chunk)) = chunks.next().await {
            match left.checked_sub(chunk.len()) {
                Some(less) => left = less,
                None => break,
            }
        }
    };
    // Whoever is slower than that gets the refusal with the rest unread.
    let _in_time = tokio::time::timeout(REFUSED_BODY_TIME, read).await;
}

/// Sets the headers that every response has. There is no CORS header, so no foreign page reads any.
pub(super) fn harden(response: &mut Response) {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
}
