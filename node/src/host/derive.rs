//! The blocking pool for passwords: Argon2id takes a tenth of a second and tens of megabytes.

use crate::{
    core::{Input, JobId},
    host::mailbox::HostInput,
};
use magpie_wallet::kdf::{self, KdfParams, Password, Salt};
use std::sync::Arc;
use tokio::{
    runtime::Handle,
    sync::{Semaphore, mpsc},
    task::spawn_blocking,
};

/// Passwords tried at the same moment; further ones wait, bounded by
/// [`JOBS`](crate::core::jobs::JOBS).
const AT_ONCE: usize = 2;

/// Turns passwords into keys away from the core's thread.
#[derive(Debug)]
pub(crate) struct DerivePool {
    runtime: Handle,
    inputs: mpsc::Sender<HostInput>,
    places: Arc<Semaphore>,
    /// Whether the work is done on the runtime itself, in the order in which it was asked for.
    inline: bool,
}

impl DerivePool {
    /// Returns a pool whose keys come back as inputs of this mailbox.
    pub(crate) fn new(runtime: Handle, inputs: mpsc::Sender<HostInput>) -> Self {
        Self { runtime, inputs, places: Arc::new(Semaphore::new(AT_ONCE)), inline: false }
    }

    /// Returns a pool without threads: for a runtime whose clock stands still while a task works, so
    /// that a run repeats itself.
    pub(crate) fn inline(runtime: Handle, inputs: mpsc::Sender<HostInput>) -> Self {
        Self { inline: true, ..Self::new(runtime, inputs) }
    }

    /// Derives one key; it comes back as [`Input::KeyDerived`].
    pub(crate) fn derive(&self, job: JobId, password: Password, salt: Salt, params: KdfParams) {
        let (inputs, places) = (self.inputs.clone(), Arc::clone(&self.places));
        if self.inline {
            self.runtime.spawn(async move {
                let key = kdf::derive(&password, salt, params);
                let _ = inputs.send(HostInput::Core(Input::KeyDerived { job, key })).await;
            });
            return;
        }
        self.runtime.spawn(async move {
            let Ok(_place) = places.acquire().await else { return };
            let Ok(key) = spawn_blocking(move || kdf::derive(&password, salt, params)).await else {
                tracing::error!(job = job.0, "a password could not be tried: the worker panicked");
                return;
            };
            // A core that has ended needs no key.
            let _ = inputs.send(HostInput::Core(Input::KeyDerived { job, key })).await;
        });
    }
}
