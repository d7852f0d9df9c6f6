//! The local API over HTTP and WebSocket.
//!
//! In: connections of programs on this machine. Out: calls and listeners in the core's mailbox, and
//! their answers. A request passes `server` (connection bounds), `guard` (Host, Origin and token,
//! around every route at once), `router`, then `call` with `body`, or `events`. Start with
//! [`Server::bind`].

mod api_file;
mod body;
mod call;
mod events;
mod guard;
mod hosts;
mod refusal;
mod router;
mod server;
mod token;

pub use api_file::{ApiFile, ApiFileError, ApiInfo};
pub use server::{
    BindError, CALLS_MAX, CONNECTIONS_MAX, SOCKETS_MAX, Server, ServerConfig, Timing,
};
pub use token::{ApiToken, TOKENS_MAX, TokenError, Tokens, TokensFull};

#[cfg(test)]
mod tests;
