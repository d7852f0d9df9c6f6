//! Time that passes only when nobody has anything left to do.

use std::io;
use tokio::runtime::{Builder, Runtime};

/// Returns a runtime of one thread whose clock stands still while a task works, and jumps to the
/// next timer when none does.
pub fn paused() -> io::Result<Runtime> {
    Builder::new_current_thread().enable_time().start_paused(true).build()
}
