//! The thread that waits for the disk, so that the core steps the next group while one becomes durable.

use magpie_storage::engine::{EngineError, Flush};
use std::{
    io,
    sync::mpsc::{SyncSender, sync_channel},
    thread,
};
use tokio::sync::mpsc::{Receiver, channel};

/// Flushes that are waited for at once.
const FLUSHES: usize = 1;

/// Waits for one flush at a time.
#[derive(Debug)]
pub(crate) struct Flusher {
    flushes: SyncSender<Flush>,
    ended: Receiver<Result<(), EngineError>>,
    under_way: bool,
}

impl Flusher {
    /// Starts the thread, which ends when this is dropped.
    pub(crate) fn start() -> io::Result<Self> {
        let (flushes, begun) = sync_channel::<Flush>(FLUSHES);
        let (end, ended) = channel(FLUSHES);
        thread::Builder::new().name("flush".into()).spawn(move || {
            while let Ok(flush) = begun.recv() {
                if end.blocking_send(flush.wait()).is_err() {
                    break;
                }
            }
        })?;
        Ok(Self { flushes, ended, under_way: false })
    }

    /// Begins to wait. The flush before has to have ended.
    pub(crate) fn begin(&mut self, flush: Flush) {
        debug_assert!(!self.under_way, "two flushes at once");
        // A thread that is gone ends no flush, which `end` tells.
        let _ = self.flushes.send(flush);
        self.under_way = true;
    }

    /// Tells whether a flush has not been seen to end.
    pub(crate) const fn is_under_way(&self) -> bool {
        self.under_way
    }

    /// Tells whether the flush under way has ended.
    pub(crate) fn has_ended(&self) -> bool {
        self.under_way && !self.ended.is_empty()
    }

    /// Waits until the flush under way has ended. Cancelled, it is still under way.
    pub(crate) async fn end(&mut self) -> Result<(), EngineError> {
        let ended = self.ended.recv().await;
        self.under_way = false;
        ended.unwrap_or(Err(EngineError::Broken))
    }
}
