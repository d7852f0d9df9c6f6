//! The local API over HTTP and WebSocket.
