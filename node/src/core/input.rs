//! What enters the core: one thing that happened outside.

use crate::core::{net::NetEvent, scopes::Scopes};
use magpie_wallet::{
    kdf::{KdfError, Password, PasswordKey},
    mnemonic::Entropy,
};
use serde_json::Value;
use std::fmt;

/// A caller that waits for an answer, by the number its host gave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallId(pub u64);

/// A piece of slow work that the core asked for, by the number the core gave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobId(pub u64);

/// One API call, as the door let it in. Parameters may hold passwords: Debug shows the method alone.
pub struct Call {
    /// Who waits for the answer.
    pub id: CallId,
    /// The document's module name.
    pub module: String,
    /// The document's method name.
    pub method: String,
    /// The request's fields.
    pub params: Value,
    /// What the caller's token may do.
    pub scopes: Scopes,
    /// The caller's own name for the call: the same one never moves money twice.
    pub key: Option<String>,
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Call({}.{})", self.module, self.method)
    }
}

/// A registration from the keyboard, which may bring a mnemonic.
#[derive(Debug)]
pub struct Register {
    /// Who waits for the answer.
    pub call: CallId,
    /// The mnemonic's entropy; random without.
    pub entropy: Option<Entropy>,
    /// The login password and the wallet password; neither for an anonymous account.
    pub passwords: Option<(Password, Password)>,
}

/// One thing that happened outside; the core's only way to learn of anything.
#[derive(Debug)]
pub enum Input {
    /// The node has started; the host puts it before anything else.
    Started,
    /// A program calls the local API.
    Call(Call),
    /// Somebody at the keyboard makes the account.
    Register(Register),
    /// Argon2id has turned a password into a key, as [`Effect::Derive`](super::Effect) asked.
    KeyDerived {
        /// The job it was asked as.
        job: JobId,
        /// The key, or why there is none.
        key: Result<PasswordKey, KdfError>,
    },
    /// Something happened in the transport.
    Net(NetEvent),
    /// Time has passed; the host sends one when [`Core::wake_at`](super::Core::wake_at) is due.
    Tick,
}
