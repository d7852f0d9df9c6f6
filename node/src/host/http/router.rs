//! Which path leads where. The door stands around the whole of it.

use super::{
    call, events,
    guard::{Caller, Guard, door},
    refusal::Refusal,
    server::Timing,
};
use crate::host::mailbox::CoreHandle;
use axum::{
    Extension, Json, Router,
    extract::{Request, State},
    http::{Method, StatusCode},
    middleware::from_fn_with_state,
    response::{IntoResponse, Response},
    routing::{MethodRouter, any, get, post},
};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::{Semaphore, watch};

/// Where programs listen for events.
pub(super) const EVENTS_PATH: &str = "/events";

/// What the routes share.
#[derive(Debug, Clone)]
pub(super) struct App {
    pub(super) core: CoreHandle,
    pub(super) openapi: Arc<Value>,
    pub(super) ready: watch::Receiver<bool>,
    pub(super) stopping: watch::Receiver<bool>,
    pub(super) calls: Arc<Semaphore>,
    pub(super) sockets: Arc<Semaphore>,
    pub(super) timing: Timing,
}

/// A path, and what makes its handlers.
type Route = (&'static str, fn() -> MethodRouter<App>);

/// Every route; the tests of the door walk this table, and the router is built from nothing else.
pub(super) const ROUTES: &[Route] = &[
    ("/api/{module}/{method}", || post(call::by_path).put(call::by_path)),
    ("/", || with_calls(get(events::listen))),
    (EVENTS_PATH, || with_calls(get(events::listen))),
    ("/openapi.json", || with_calls(get(openapi))),
    ("/healthz", || with_calls(get(health))),
    ("/readyz", || with_calls(get(readiness))),
];

/// Any path takes the SDK's form of a call, also one that shows something on GET.
fn with_calls(route: MethodRouter<App>) -> MethodRouter<App> {
    route.post(call::by_body).put(call::by_body)
}

/// Builds the router with `guard` around it.
pub(super) fn router(app: App, guard: Arc<Guard>) -> Router {
    let routes =
        ROUTES.iter().fold(Router::new(), |router, (path, route)| router.route(path, route()));
    let routes = routes
        .fallback_service(any(elsewhere).with_state(app.clone()))
        .method_not_allowed_fallback(async || Refusal::Method)
        .with_state(app);
    // Outside there is no route, only the door: whatever is added within is behind it.
    Router::new().fallback_service(routes).layer(from_fn_with_state(guard, door))
}

/// Answers paths that no route has: a call in the SDK's form, or nothing.
async fn elsewhere(
    method: Method,
    app: State<App>,
    caller: Extension<Caller>,
    request: Request,
) -> Response {
    match method {
        Method::POST | Method::PUT => call::by_body(app, caller, request).await,
        _ => Refusal::Path.into_response(),
    }
}

async fn openapi(State(app): State<App>) -> Json<Value> {
    Json(Value::clone(&app.openapi))
}

/// 200 while the core reads its mailbox.
async fn health(State(app): State<App>) -> (StatusCode, Json<Value>) {
    state(app.core.is_open(), "ok", "stopped")
}

/// 200 once the node is ready, which waits for no peer.
async fn readiness(State(app): State<App>) -> (StatusCode, Json<Value>) {
    state(app.core.is_open() && *app.ready.borrow(), "ready", "not ready")
}

fn state(good: bool, yes: &str, no: &str) -> (StatusCode, Json<Value>) {
    if good {
        (StatusCode::OK, Json(json!({"status": yes})))
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, Json(json!({"status": no})))
    }
}
