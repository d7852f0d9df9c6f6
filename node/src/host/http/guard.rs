//! The one door around every route: Host, Origin, method and token, in this order, before anything of
//! the request's body is looked at.

use super::{
    hosts::{Hosts, own_origin, single},
    refusal::{Refusal, drain, harden},
    token::Tokens,
};
use crate::core::Scopes;
use axum::{
    extract::{Request, State},
    http::{HeaderMap, Method, Uri, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use std::sync::Arc;

/// Who sent a request that passed the door; stands in the request's extensions.
#[derive(Debug, Clone, Copy)]
pub(super) struct Caller {
    pub(super) scopes: Scopes,
}

/// What the door compares with.
#[derive(Debug)]
pub(super) struct Guard {
    pub(super) hosts: Hosts,
    pub(super) tokens: Tokens,
}

impl Guard {
    fn admit(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> Result<Caller, Refusal> {
        if !self.hosts.meant(headers, uri) {
            return Err(Refusal::Host);
        }
        // A missing Origin is no trust by itself: the token below is needed either way.
        if !own_origin(headers) {
            return Err(Refusal::Origin);
        }
        if ![Method::GET, Method::HEAD, Method::POST, Method::PUT].contains(method) {
            return Err(Refusal::Method);
        }
        let scopes = bearer(headers).and_then(|token| self.tokens.scopes(token));
        scopes.map(|scopes| Caller { scopes }).ok_or(Refusal::Token)
    }
}

fn bearer(headers: &HeaderMap) -> Option<&[u8]> {
    let value = single(headers, header::AUTHORIZATION)?.as_bytes();
    let (scheme, token) = value.split_at_checked(b"Bearer ".len())?;
    scheme.eq_ignore_ascii_case(b"Bearer ").then_some(token)
}

/// Lets a request in with its [`Caller`], or answers it here; hardens every response.
pub(super) async fn door(
    State(guard): State<Arc<Guard>>,
    mut request: Request,
    next: Next,
) -> Response {
    let mut response = match guard.admit(request.method(), request.uri(), request.headers()) {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(refusal) => {
            drain(request.into_body(), refusal).await;
            refusal.into_response()
        }
    };
    harden(&mut response);
    response
}
