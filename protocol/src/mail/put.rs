//! One envelope on its way into a mailbox, and the check before anything is stored.

use super::Refusal;
use crate::{
    address::{Address, NodeId},
    bounded::Blob,
    envelope::{Bucket, Envelope, EnvelopeError, Header},
    ids::{EnvelopeId, TokenHash},
    limits::ENVELOPE,
    stamp::{Stamp, StampError, Subject},
    token::Token,
};
use serde::{Deserialize, Serialize};

/// What lets an envelope in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Auth {
    /// The token that the recipient gave.
    Token(Token),
    /// A stranger's work.
    Stamp(Stamp),
}

/// An envelope for a mailbox, unverified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Put {
    /// The recipient, by whom the mailbox is placed.
    pub account: Address,
    /// The recipient's device.
    pub mailbox: NodeId,
    /// What lets it in.
    pub auth: Auth,
    /// The envelope.
    pub envelope: Blob<ENVELOPE>,
}

/// Why a put is refused before any table is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PutError {
    /// It is no envelope.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// It is for another mailbox.
    #[error("envelope {envelope} is for {found}, it was put into {expected}")]
    Mailbox {
        /// The envelope.
        envelope: EnvelopeId,
        /// The mailbox named in the request.
        expected: NodeId,
        /// The mailbox named in the envelope.
        found: NodeId,
    },
    /// It has expired already, or wants to stay longer than mail is kept.
    #[error("envelope {envelope} expires at {expiry_ms}, allowed is until {latest_ms}")]
    Expiry {
        /// The envelope.
        envelope: EnvelopeId,
        /// Its expiry.
        expiry_ms: u64,
        /// The latest allowed.
        latest_ms: u64,
    },
    /// It is too large for a stranger.
    #[error("envelope {0} is larger than a stranger's may be")]
    TooLarge(EnvelopeId),
    /// The stamp is refused.
    #[error("envelope {envelope}: {error}")]
    Stamp {
        /// The envelope.
        envelope: EnvelopeId,
        /// The effort asked for.
        wanted: u8,
        /// What is wrong with the stamp.
        error: StampError,
    },
}

impl PutError {
    /// Returns what the putter is told.
    pub const fn refusal(&self) -> Refusal {
        match self {
            Self::Envelope(_) | Self::Mailbox { .. } => Refusal::Malformed,
            Self::Expiry { .. } => Refusal::Expiry,
            Self::TooLarge(_) => Refusal::TooLarge,
            Self::Stamp { wanted, .. } => Refusal::StampWanted { effort: *wanted },
        }
    }
}

impl Put {
    /// Checks the envelope's shape, its mailbox, its expiry, and a stranger's stamp.
    ///
    /// `retention_ms` is the network's; `effort` what a stranger must have worked. Whether a token
    /// is known and within its quota only the super node's tables tell.
    pub fn verify(
        self,
        now_ms: u64,
        retention_ms: u64,
        effort: u8,
    ) -> Result<VerifiedPut, PutError> {
        let envelope = Envelope::parse(&self.envelope)?;
        let (id, header) = (envelope.id(), *envelope.header());
        if header.mailbox != self.mailbox {
            let (expected, found) = (self.mailbox, header.mailbox);
            return Err(PutError::Mailbox { envelope: id, expected, found });
        }
        let latest_ms = now_ms.saturating_add(retention_ms);
        // A sender whose clock is a little ahead still sends mail.
        let latest_ms = latest_ms.saturating_add(crate::limits::CLOCK_AHEAD_MS);
        if header.expiry_ms <= now_ms || header.expiry_ms > latest_ms {
            let expiry_ms = header.expiry_ms;
            return Err(PutError::Expiry { envelope: id, expiry_ms, latest_ms });
        }
        let auth = match self.auth {
            Auth::Token(token) => VerifiedAuth::Token(token.hash()),
            Auth::Stamp(_) if header.bucket > Bucket::K4 => return Err(PutError::TooLarge(id)),
            Auth::Stamp(stamp) => {
                let subject = Subject::Envelope { mailbox: self.mailbox, envelope: id };
                stamp.check(&subject, now_ms, effort).map_err(|error| PutError::Stamp {
                    envelope: id,
                    wanted: effort,
                    error,
                })?;
                VerifiedAuth::Stranger
            }
        };
        let bytes = self.envelope.into_vec();
        Ok(VerifiedPut { account: self.account, id, header, auth, bytes })
    }
}

/// By what a well-formed put wants in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VerifiedAuth {
    /// A token of this hash; to be looked up.
    Token(TokenHash),
    /// A stamp that was checked: the small pool.
    Stranger,
}

/// A put that is well-formed and, from a stranger, worked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedPut {
    /// The recipient.
    pub account: Address,
    /// The envelope's id.
    pub id: EnvelopeId,
    /// Its mailbox, expiry and size.
    pub header: Header,
    /// By what it wants in.
    pub auth: VerifiedAuth,
    /// The envelope, to be stored as it came.
    pub bytes: Vec<u8>,
}
