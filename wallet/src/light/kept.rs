//! The headers that a follower keeps, and what stops it.

use magpie_protocol::ledger::{Certificate, CertifiedHeader, Header};
use serde::{Deserialize, Serialize};

/// A header and the certificate that decided it, as they can be shown to others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided {
    /// The header.
    pub header: Header,
    /// Its certificate.
    pub certificate: Certificate,
}

/// A header that is believed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// The header.
    pub header: Header,
    /// What decided it; nothing for a checkpoint, which the caller trusts.
    pub certificate: Option<Certificate>,
}

impl Kept {
    pub(super) fn of(decided: &CertifiedHeader) -> Self {
        let certificate = Some(decided.certificate().clone());
        Self { header: decided.header().clone(), certificate }
    }
}

/// Two headers that cannot both be: of one height, or one that follows another than the first.
///
/// Validators with more than a third of the power signed both sides: evidence against them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fork {
    /// What was believed.
    pub ours: Kept,
    /// What contradicts it, certified as well.
    pub theirs: Decided,
}
