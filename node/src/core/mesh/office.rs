//! The super node's office: on whose behalf it keeps things, and the key that signs for them.

use crate::core::state::{Config, Role};
use ed25519_dalek::SigningKey;
use magpie_protocol::{
    address::NodeId,
    ids::NetworkId,
    receipt::{ReceiptBody, StorageReceipt, Stored},
};

/// What a super node needs to serve: its network's rules and its receipts key.
#[derive(Debug)]
pub(crate) struct Office {
    network: NetworkId,
    node: NodeId,
    receipts: SigningKey,
    /// How long mail is kept, in milliseconds.
    pub(super) retention_ms: u64,
    /// Leading zero bits of a stamp while the node is idle.
    pub(super) effort: u8,
}

impl Office {
    /// Returns the office of a super node in a network; nothing for any other node.
    pub(super) fn of(config: &Config, node: NodeId) -> Option<Self> {
        let Role::Super { secrets } = &config.role else { return None };
        let network = &config.network.as_ref()?.network;
        Some(Self {
            network: network.id(),
            node,
            receipts: secrets.receipts(),
            retention_ms: network.genesis().mail_retention_ms,
            effort: network.genesis().stamp_effort,
        })
    }

    /// Signs that something is kept. The receipt must leave with, or after, the batch that keeps it.
    pub(super) fn receipt(
        &self,
        stored: Stored,
        stored_ms: u64,
        expiry_ms: u64,
    ) -> Box<StorageReceipt> {
        let body =
            ReceiptBody { network: self.network, node: self.node, stored, stored_ms, expiry_ms };
        Box::new(body.sign(&self.receipts).expect("keys, hashes and times are within its limit"))
    }
}
