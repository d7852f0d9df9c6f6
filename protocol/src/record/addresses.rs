//! Where a device can be reached just now, signed by its node key so that a locked one can say it.

use super::{RecordError, VerifiedDeviceList};
use crate::{
    address::{Address, NodeId},
    bounded::{List, Text},
    codec::{EncodeError, Format, encode},
    domain::ADDRESSES,
    limits::{MULTIADDR_CHARS, NODE_ADDRESSES, RECORD},
    sign::{Signature, sign, verify},
};
use ed25519_dalek::SigningKey;
use serde::{Deserialize, Serialize};

/// The addresses of one node, unsigned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressesBody {
    /// The account in whose device list the node stands.
    pub account: Address,
    /// The node.
    pub node: NodeId,
    /// When this was made, in milliseconds, or one more than the last if that is later.
    pub sequence: u64,
    /// Multiaddrs as text, best first; empty when the node wants to be reached by mail alone.
    pub addresses: List<Text<MULTIADDR_CHARS>, NODE_ADDRESSES>,
}

impl Format for AddressesBody {
    const NAME: &'static str = "addresses";
    const VERSION: u8 = 1;
    const LIMIT: usize = RECORD - 128;
}

impl AddressesBody {
    /// Signs the addresses with the node key.
    pub fn sign(self, node: &SigningKey) -> Result<Addresses, EncodeError> {
        let signature = sign(ADDRESSES, node, &encode(&self)?);
        Ok(Addresses { body: self, signature })
    }
}

/// A node's addresses as they travel, unverified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Addresses {
    /// What is signed.
    pub body: AddressesBody,
    /// By the node key.
    pub signature: Signature,
}

impl Addresses {
    /// Checks that the node is one of `list` and signed this.
    pub fn verify(self, list: &VerifiedDeviceList) -> Result<VerifiedAddresses, RecordError> {
        let AddressesBody { account, node, .. } = self.body;
        if list.account() != account {
            return Err(RecordError::Account { expected: list.account(), found: account });
        }
        if list.device_at(node).is_none() {
            return Err(RecordError::NodeNotListed { account, node });
        }
        let plain = |text: &Text<MULTIADDR_CHARS>| {
            text.starts_with('/') && text.bytes().all(|byte| byte.is_ascii_graphic())
        };
        if !self.body.addresses.iter().all(plain) {
            return Err(RecordError::Shape { account, rule: "a multiaddr is printable ASCII" });
        }
        verify(ADDRESSES, &node.0, &encode(&self.body)?, &self.signature)
            .map_err(|_| RecordError::Signature { account, part: "addresses" })?;
        Ok(VerifiedAddresses(self))
    }
}

/// Addresses that a listed node signed; whether they lead there, only dialling shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedAddresses(Addresses);

impl VerifiedAddresses {
    /// Returns the addresses.
    pub const fn body(&self) -> &AddressesBody {
        &self.0.body
    }

    /// Returns the record as it travels.
    pub const fn record(&self) -> &Addresses {
        &self.0
    }
}
