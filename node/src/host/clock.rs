//! The time that a step is given: the system's, or the runtime's where that is simulated.

use std::time::{SystemTime, UNIX_EPOCH};
use tokio::time::Instant;

/// Where a node reads the time.
#[derive(Debug, Clone, Copy)]
pub enum Clock {
    /// The system's clock, which may be set.
    System,
    /// The clock of the tokio runtime, which began at a chosen time.
    Runtime {
        /// The time at `began`, milliseconds since the Unix epoch.
        start_ms: u64,
        /// When that was.
        began: Instant,
    },
}

impl Clock {
    /// Returns the current runtime's clock, at which it is now `start_ms` milliseconds since the Unix
    /// epoch.
    pub fn runtime(start_ms: u64) -> Self {
        Self::Runtime { start_ms, began: Instant::now() }
    }

    /// Returns the time, milliseconds since the Unix epoch.
    pub fn now_ms(&self) -> u64 {
        match self {
            Self::System => {
                let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX)
            }
            Self::Runtime { start_ms, began } => {
                let elapsed = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
                start_ms.saturating_add(elapsed)
            }
        }
    }
}
