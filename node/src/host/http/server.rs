//! The listening socket: binding it, serving connections within bounds, ending them.

use super::{
    guard::Guard,
    hosts::Hosts,
    router::{App, EVENTS_PATH, router},
    token::Tokens,
};
use crate::host::mailbox::CoreHandle;
use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use serde_json::Value;
use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    pin::pin,
    sync::Arc,
    time::Duration,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
    task::JoinSet,
    time::timeout,
};

/// Connections served at once, listeners apart; the next ones wait in the system's queue.
pub const CONNECTIONS_MAX: usize = 256;
/// Calls read or answered at once; the next ones wait with their bodies unread.
pub const CALLS_MAX: usize = 64;
/// WebSockets open at once; the next one is refused.
pub const SOCKETS_MAX: usize = 64;
/// Bytes of one request's head.
const HEAD_BYTES: usize = 64 << 10;
/// Pause after the system refused a connection, most often for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How long the server waits for what.
#[derive(Debug, Clone, Copy)]
pub struct Timing {
    /// For the head of a request, on a new connection as on one kept open.
    pub head: Duration,
    /// For the body of a call.
    pub body: Duration,
    /// For the core's answer; shorter than the minute for which programs commonly wait.
    pub call: Duration,
    /// From one ping to a listener to the next.
    pub ping: Duration,
    /// For a listener to take one frame.
    pub send: Duration,
    /// For a listener to close after it was told to.
    pub close: Duration,
    /// For everything open to end after the shutdown began; then it is cut.
    pub shutdown: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(30),
            body: Duration::from_secs(30),
            call: Duration::from_secs(45),
            ping: Duration::from_secs(20),
            send: Duration::from_secs(10),
            close: Duration::from_secs(2),
            shutdown: Duration::from_secs(5),
        }
    }
}

/// What a server is made of.
#[derive(Debug)]
pub struct ServerConfig {
    /// Who may call.
    pub tokens: Tokens,
    /// The document at `/openapi.json`.
    pub openapi: Value,
    /// Where calls go.
    pub core: CoreHandle,
    /// Whether the node is ready, for `/readyz`.
    pub ready: watch::Receiver<bool>,
    /// Allows to bind an address that other machines can reach.
    pub allow_remote: bool,
    /// Authorities (`host:port`, as in a URL) that a Host header may name beside loopback and the bound
    /// address.
    pub hosts: Vec<String>,
    /// How long to wait for what.
    pub timing: Timing,
}

/// Why a server does not listen.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// The address is reachable from outside, and that was not asked for.
    #[error("{0} can be reached by other machines, the local API binds loopback addresses")]
    Remote(SocketAddr),
    /// The system refused.
    #[error("the local API cannot listen on {0}: {1}")]
    Io(SocketAddr, #[source] io::Error),
}

/// The local API, bound and ready to serve.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    local_addr: SocketAddr,
    router: Router,
    sockets: Arc<Semaphore>,
    stop: watch::Sender<bool>,
    timing: Timing,
}

impl Server {
    /// Binds `addr` (port 0 takes a free one). Connections queue from then on, [`Server::serve`]
    /// answers them.
    pub async fn bind(addr: SocketAddr, config: ServerConfig) -> Result<Self, BindError> {
        if !addr.ip().is_loopback() && !config.allow_remote {
            return Err(BindError::Remote(addr));
        }
        let listener = TcpListener::bind(addr).await.map_err(|error| BindError::Io(addr, error))?;
        let local_addr = listener.local_addr().map_err(|error| BindError::Io(addr, error))?;
        let (stop, stopping) = watch::channel(false);
        let sockets = Arc::new(Semaphore::new(SOCKETS_MAX));
        let app = App {
            core: config.core,
            openapi: Arc::new(config.openapi),
            ready: config.ready,
            stopping,
            calls: Arc::new(Semaphore::new(CALLS_MAX)),
            sockets: sockets.clone(),
            timing: config.timing,
        };
        let hosts = Hosts::new(local_addr, config.hosts);
        let router = router(app, Arc::new(Guard { hosts, tokens: config.tokens }));
        Ok(Self { listener, local_addr, router, sockets, stop, timing: config.timing })
    }

    /// Returns the address that is bound.
    pub const fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }

    /// Returns the URL under which programs on this machine call, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.near())
    }

    /// Returns the URL under which they listen for events.
    pub fn ws(&self) -> String {
        format!("ws://{}{EVENTS_PATH}", self.near())
    }

    /// An address to connect to: a socket bound to all addresses is reached over loopback.
    fn near(&self) -> SocketAddr {
        let ip = match self.local_addr.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
            ip => ip,
        };
        SocketAddr::new(ip, self.local_addr.port())
    }

    /// Serves until `shutdown` is ready, then accepts nobody, lets calls finish, closes listeners, and
    /// cuts what is still open at the deadline.
    pub async fn serve(self, shutdown: impl Future<Output = ()> + Send) {
        let Self { listener, router, sockets, stop, timing, .. } = self;
        let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        let mut connections = JoinSet::new();
        let mut shutdown = pin!(shutdown);
        loop {
            let accepted = async {
                let place = places.clone().acquire_owned().await;
                (listener.accept().await, place)
            };
            tokio::select! {
                biased;
                () = &mut shutdown => break,
                Some(_ended) = connections.join_next(), if !connections.is_empty() => {}
                (accepted, place) = accepted => match accepted {
                    Ok((stream, _)) => {
                        let (router, stopping) = (router.clone(), stop.subscribe());
                        connections.spawn(async move {
                            connection(stream, router, stopping, timing).await;
                            drop(place);
                        });
                    }
                    Err(error) => {
                        tracing::warn!(%error, "the local API cannot accept a connection");
                        tokio::time::sleep(ACCEPT_PAUSE).await;
                    }
                },
            }
        }
        drop(listener);
        stop.send_replace(true);
        let every_socket = u32::try_from(SOCKETS_MAX).unwrap_or(u32::MAX);
        let ended = async {
            while connections.join_next().await.is_some() {}
            // An upgraded connection left the set; its place comes back when its listener has closed.
            let _all = sockets.acquire_many(every_socket).await;
        };
        if timeout(timing.shutdown, ended).await.is_err() {
            tracing::warn!("the local API cuts connections that did not end in time");
            connections.shutdown().await;
        }
    }
}

/// Serves one connection until it ends, its head is late, or the server stops and its request is
/// answered.
async fn connection(
    stream: TcpStream,
    router: Router,
    mut stopping: watch::Receiver<bool>,
    timing: Timing,
) {
    // Without it small answers wait for the other side's acknowledgement; where it fails they do.
    let _nodelay = stream.set_nodelay(true);
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(timing.head).max_buf_size(HEAD_BYTES);
    let served = builder
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router))
        .with_upgrades();
    let mut served = pin!(served);
    let ended = tokio::select! {
        ended = &mut served => ended,
        _ = stopping.changed() => {
            served.as_mut().graceful_shutdown();
            served.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection of the local API ended");
    }
}
