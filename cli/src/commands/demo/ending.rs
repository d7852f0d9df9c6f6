//! Waiting: for what a node shall say, with a deadline, or for a signal that asks for the end.

use crate::{error::Error, signals::Signals};
use std::time::Duration;
use tokio::{
    runtime::Handle,
    sync::watch,
    time::{Instant, timeout},
};

/// How long anything that crosses the network may take.
const DEADLINE: Duration = Duration::from_secs(60);
/// Between two looks.
const LOOK: Duration = Duration::from_millis(25);

/// Whether the end was asked for, and by which signal.
#[derive(Debug)]
pub(super) struct Ending {
    asked: watch::Sender<Option<&'static str>>,
    runtime: Handle,
}

impl Ending {
    /// Returns an end that nobody asked for yet.
    pub(super) fn new(runtime: Handle) -> Self {
        Self { asked: watch::Sender::new(None), runtime }
    }

    /// Lets signals ask for the end from now on.
    pub(super) fn catch_signals(&self) -> Result<(), Error> {
        let _inside = self.runtime.enter();
        let mut signals = Signals::new()?;
        let asked = self.asked.clone();
        tokio::spawn(async move {
            loop {
                let name = signals.next().await;
                asked.send_replace(Some(name));
            }
        });
        Ok(())
    }

    /// Runs a future to its end where the nodes run.
    pub(super) fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    /// Waits until the end is asked for.
    pub(super) async fn asked(&self) {
        // The sender is here, so the channel is open.
        let _ = self.asked.subscribe().wait_for(Option::is_some).await;
    }

    /// Fails if the end was asked for.
    pub(super) fn check(&self) -> Result<(), Error> {
        match *self.asked.borrow() {
            Some(name) => Err(Error::Failed(format!("{name} ended the story before its end"))),
            None => Ok(()),
        }
    }

    /// Returns the first thing that `probe` finds. Error: the deadline passed, the end was asked for,
    /// or the probe failed.
    pub(super) fn until<T>(
        &self,
        what: impl Fn() -> String,
        mut probe: impl FnMut() -> Result<Option<T>, Error>,
    ) -> Result<T, Error> {
        let end = Instant::now() + DEADLINE;
        loop {
            self.check()?;
            if let Some(found) = probe()? {
                return Ok(found);
            }
            if Instant::now() >= end {
                let seconds = DEADLINE.as_secs();
                return Err(Error::Failed(format!("not within {seconds} s: {}", what())));
            }
            let _ = self.runtime.block_on(async { timeout(LOOK, self.asked()).await });
        }
    }
}
