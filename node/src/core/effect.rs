//! What leaves the core: one batch, then what the host does once it is durable.

use crate::core::{input::CallId, input::JobId, net::NetCommand};
use magpie_protocol::api::{ApiError, Data};
use magpie_storage::engine::Batch;
use magpie_wallet::{
    kdf::{KdfParams, Password, Salt},
    keystore::BODY_LEN,
};

/// The answer to one API call: its data, or a code and a message.
pub type Answer = Result<Data, ApiError>;

/// Something the host does after the step's batch is on disk.
#[derive(Debug)]
pub enum Effect {
    /// Answer a caller.
    Answer {
        /// Who waits.
        call: CallId,
        /// The data or the refusal.
        answer: Answer,
    },
    /// Run Argon2id on the blocking pool and come back with
    /// [`Input::KeyDerived`](super::Input::KeyDerived).
    Derive {
        /// The job to come back as.
        job: JobId,
        /// The password.
        password: Password,
        /// The lock's salt.
        salt: Salt,
        /// The lock's cost.
        params: KdfParams,
    },
    /// Push rendered frames of one event to every listener.
    Push {
        /// The event's sequence number.
        seq: u64,
        /// One JSON text for each registered identifier.
        frames: Vec<String>,
    },
    /// Send every listener this last frame and close its socket.
    CloseListeners {
        /// A JSON text.
        frame: String,
    },
    /// Tell the swarm.
    Net(NetCommand),
}

/// A change of a private file beside the store.
#[derive(Debug)]
pub enum FileChange {
    /// The key slots file's new body.
    Keys(Box<[u8; BODY_LEN]>),
    /// The fast login file's new content, or its end.
    FastLogin(Option<zeroize::Zeroizing<Vec<u8>>>),
}

/// What one step decided.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Changes of private files: written first, in this order.
    pub files: Vec<FileChange>,
    /// Changes of the store: one atomic write.
    pub batch: Batch,
    /// Carried out once both are durable.
    pub effects: Vec<Effect>,
}
