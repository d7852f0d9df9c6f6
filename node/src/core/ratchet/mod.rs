//! Olm, through vodozemac: the only place where the core touches a ratchet.
//!
//! In: another device's keys, plaintexts, Olm messages. Out: Olm messages, plaintexts, and pickles
//! for the store. vodozemac draws its randomness from the operating system, the one exception to
//! rule 1 of the flow; the simulator interposes `getrandom` for it.
//!
//! Start at [`Identity`], one device's long-term keys in one vault; it makes [`Ratchet`]s, one for
//! each device it talks to.

mod identity;
mod session;

pub use identity::{Identity, Inbound};
pub use session::{OlmMessage, Ratchet};

/// Why Olm refused. Every kind is the fault of the peer's bytes, except [`OlmError::Pickle`].
#[derive(Debug, thiserror::Error)]
pub enum OlmError {
    /// The bytes are no Olm message.
    #[error("no Olm message")]
    Malformed,
    /// The message does not decrypt in this session.
    #[error("the Olm message does not decrypt")]
    Undecryptable,
    /// The message names a one-time or fallback key that is not, or no longer, ours.
    #[error("the Olm message uses a key that this device does not have")]
    UnknownKey,
    /// The message was made by another identity key than the one its sender's bundle names.
    #[error("the Olm message comes from another identity key")]
    WrongIdentity,
    /// A key of the peer is of low order.
    #[error("a key of the peer does not contribute to the shared secret")]
    WeakKey,
    /// A pickle of ours does not parse: our store is broken.
    #[error("a stored ratchet does not parse")]
    Pickle,
}
