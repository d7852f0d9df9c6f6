//! What ends a running node: SIGTERM and SIGINT, or Ctrl-C where there are no signals.

use crate::error::Error;
use std::io;

/// The signals that ask for the end; caught from the moment this is made.
#[derive(Debug)]
pub(crate) struct Signals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
}

impl Signals {
    /// Catches the signals. Must be called inside a tokio runtime.
    pub(crate) fn new() -> Result<Self, Error> {
        Self::catch().map_err(|error| Error::Failed(format!("signals cannot be caught: {error}")))
    }

    #[cfg(unix)]
    fn catch() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    #[cfg(not(unix))]
    fn catch() -> io::Result<Self> {
        Ok(Self {})
    }

    /// Waits for the next signal and returns its name.
    #[cfg(unix)]
    pub(crate) async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }

    /// Waits for the next Ctrl-C and returns its name.
    #[cfg(not(unix))]
    pub(crate) async fn next(&mut self) -> &'static str {
        if tokio::signal::ctrl_c().await.is_err() {
            // Nothing can ask for the end but the system itself.
            std::future::pending::<()>().await;
        }
        "Ctrl-C"
    }
}
