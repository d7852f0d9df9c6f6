//! The runtime that a node of this process runs in.

use crate::error::Error;
use tokio::runtime::{Builder, Runtime};

/// Makes a runtime with a worker for each core of the machine.
pub(crate) fn runtime() -> Result<Runtime, Error> {
    Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::Failed(format!("no threads for the node: {error}")))
}
