//! Olm and Megolm, through vodozemac: the only place where the core touches a ratchet.
//!
//! In: another device's keys and shared sessions, plaintexts, messages. Out: messages, sessions to
//! share, plaintexts, and pickles for the store. vodozemac draws its randomness from the operating
//! system, the one exception to rule 1 of the flow; the simulator interposes `getrandom` for it.
//!
//! Start at [`Identity`], one device's long-term keys in one vault; it makes [`Ratchet`]s, one for
//! each device it talks to. In a group, each device speaks in a [`GroupOutbound`] of its own and
//! shares it inside Olm messages; the other devices read with the [`GroupInbound`] they make of it.

mod identity;
mod inbound;
mod outbound;
mod session;

pub use identity::{Identity, Inbound};
pub use inbound::{Decrypted, GroupInbound};
pub use outbound::GroupOutbound;
pub use session::{OlmMessage, Ratchet};

/// Why Olm or Megolm refused.
///
/// Every kind is the fault of the peer's bytes, except [`OlmError::Pickle`].
#[derive(Debug, thiserror::Error)]
pub enum OlmError {
    /// The bytes are no message of this ratchet, or no Megolm session that was shared.
    #[error("no Olm or Megolm message, and no shared session")]
    Malformed,
    /// The message does not decrypt in this session: it is forged, another session's, or of an
    /// index whose key is gone (Olm) or was never shared (Megolm).
    #[error("the message does not decrypt in this session")]
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
    /// Two shares of a Megolm session do not lie on one ratchet.
    #[error("these are shares of different Megolm sessions")]
    Unconnected,
    /// A pickle of ours does not parse: our store is broken.
    #[error("a stored ratchet does not parse")]
    Pickle,
}
