//! A header with what decided it, as it travels.

use crate::{
    codec::Format,
    digest::digest,
    domain::LEDGER_TOPIC,
    group::Topic,
    ids::NetworkId,
    ledger::{Certificate, Header},
    limits::VALIDATORS,
};
use serde::{Deserialize, Serialize};

/// A header and the certificate that decided it, unverified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecidedHeader {
    /// The header.
    pub header: Header,
    /// Its certificate.
    pub certificate: Certificate,
}

impl Format for DecidedHeader {
    const NAME: &'static str = "decided header";
    const VERSION: u8 = 1;
    const LIMIT: usize = Header::LIMIT + 96 * VALIDATORS + 128;
}

/// Returns the topic on which a network's decided headers are gossiped.
pub fn topic(network: NetworkId) -> Topic {
    Topic(digest(LEDGER_TOPIC, network.as_bytes()))
}
