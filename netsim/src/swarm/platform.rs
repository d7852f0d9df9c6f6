//! What only the binary of the simulator can give: virtual time, and randomness of a seed.

use std::io;
use tokio::runtime::{Builder, Runtime};

/// Where a run's time and the system's randomness come from.
#[derive(Debug, Clone, Copy)]
pub struct Platform {
    /// Makes all further randomness of the calling thread follow from a seed.
    pub seed_thread: fn(u64),
    /// Makes the runtime that one run has for itself.
    pub runtime: fn() -> io::Result<Runtime>,
}

impl Platform {
    /// Returns real time and real randomness, for small networks in tests.
    pub fn real() -> Self {
        Self { seed_thread: |_| {}, runtime: real_time }
    }
}

fn real_time() -> io::Result<Runtime> {
    Builder::new_current_thread().enable_time().build()
}
