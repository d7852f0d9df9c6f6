//! Storage receipts: a super node's signed word that it has something, and until when (page 5).
//!
//! In: a receipt from a super node and the keys that the genesis or the ledger names for it. Out: a
//! [`VerifiedReceipt`], which is evidence if the thing is missing later.

use crate::{
    address::{Address, NodeId},
    codec::{EncodeError, Format, encode},
    domain::STORAGE_RECEIPT,
    group::EpochKey,
    ids::{EnvelopeId, FrameId, NetworkId, RecordHash},
    network::SuperKeys,
    sign::{Signature, sign, verify},
};
use ed25519_dalek::SigningKey;
use serde::{Deserialize, Serialize};

/// What a super node says it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stored {
    /// An envelope.
    Envelope {
        /// In whose mailbox.
        mailbox: NodeId,
        /// Which.
        envelope: EnvelopeId,
    },
    /// A public record, or a newer one in its place.
    Record {
        /// Whose.
        account: Address,
        /// Which.
        record: RecordHash,
    },
    /// A group's frame.
    Frame {
        /// In the mailbox of which epoch.
        epoch: EpochKey,
        /// Which.
        frame: FrameId,
    },
}

/// What a receipt says, unsigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptBody {
    /// The network.
    pub network: NetworkId,
    /// The super node.
    pub node: NodeId,
    /// What it has.
    pub stored: Stored,
    /// When it got it, in milliseconds by its clock.
    pub stored_ms: u64,
    /// Until when it keeps it, in milliseconds.
    pub expiry_ms: u64,
}

impl Format for ReceiptBody {
    const NAME: &'static str = "storage receipt";
    const VERSION: u8 = 1;
    const LIMIT: usize = 256;
}

impl ReceiptBody {
    /// Signs the receipt with the super node's receipts key.
    pub fn sign(self, receipts: &SigningKey) -> Result<StorageReceipt, EncodeError> {
        let signature = sign(STORAGE_RECEIPT, receipts, &encode(&self)?);
        Ok(StorageReceipt { body: self, signature })
    }
}

/// A receipt as it travels, unverified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StorageReceipt {
    /// What is signed.
    pub body: ReceiptBody,
    /// By the super node's receipts key.
    pub signature: Signature,
}

impl Format for StorageReceipt {
    const NAME: &'static str = "signed storage receipt";
    const VERSION: u8 = 1;
    const LIMIT: usize = 512;
}

/// Why a receipt is worth nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// It is of another network.
    #[error("storage receipt of network {0}")]
    Network(NetworkId),
    /// It is of another super node than the one that gave it.
    #[error("storage receipt of {found} from {expected}")]
    Node {
        /// Who gave it.
        expected: NodeId,
        /// Who is said to have signed it.
        found: NodeId,
    },
    /// It is for something else.
    #[error("storage receipt of {0} for something that was not put")]
    Stored(NodeId),
    /// The signature does not verify.
    #[error("storage receipt of {0}: the signature does not verify")]
    Signature(NodeId),
    /// It does not fit its format.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

impl StorageReceipt {
    /// Checks that the super node with these keys gave this receipt for `put` on this network.
    pub fn verify(
        self,
        network: NetworkId,
        keys: &SuperKeys,
        put: &Stored,
    ) -> Result<VerifiedReceipt, ReceiptError> {
        let ReceiptBody { node, .. } = self.body;
        if self.body.network != network {
            return Err(ReceiptError::Network(self.body.network));
        }
        if node != keys.node {
            return Err(ReceiptError::Node { expected: keys.node, found: node });
        }
        if self.body.stored != *put {
            return Err(ReceiptError::Stored(node));
        }
        let bytes = encode(&self.body)?;
        verify(STORAGE_RECEIPT, keys.receipts.as_bytes(), &bytes, &self.signature)
            .map_err(|_| ReceiptError::Signature(node))?;
        Ok(VerifiedReceipt(self))
    }
}

/// A receipt that its super node signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VerifiedReceipt(StorageReceipt);

impl VerifiedReceipt {
    /// Returns what it says.
    pub const fn body(&self) -> &ReceiptBody {
        &self.0.body
    }

    /// Returns the receipt as it travels, to be kept as evidence.
    pub const fn receipt(&self) -> &StorageReceipt {
        &self.0
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::{
        codec::decode,
        golden,
        keys::{ConsensusKey, ReceiptsKey},
    };
    use proptest::prelude::*;

    const NETWORK: NetworkId = NetworkId([0x77; 32]);

    fn key() -> SigningKey {
        SigningKey::from_bytes(&[0x71; 32])
    }

    fn keys() -> SuperKeys {
        SuperKeys {
            node: NodeId([0x72; 32]),
            receipts: ReceiptsKey(key().verifying_key().to_bytes()),
            consensus: ConsensusKey([0x73; 32]),
        }
    }

    fn stored() -> Stored {
        Stored::Envelope { mailbox: NodeId([0x74; 32]), envelope: EnvelopeId([0x75; 32]) }
    }

    pub(crate) fn receipt() -> StorageReceipt {
        let body = ReceiptBody {
            network: NETWORK,
            node: keys().node,
            stored: stored(),
            stored_ms: 1_700_000_000_000,
            expiry_ms: 1_702_592_000_000,
        };
        body.sign(&key()).unwrap()
    }

    #[test]
    fn golden_receipt_verifies() {
        let bytes = golden::check("storage_receipt", encode(&receipt()).unwrap());
        let receipt: StorageReceipt = decode(&bytes).unwrap();
        let verified = receipt.verify(NETWORK, &keys(), &stored()).unwrap();
        assert_eq!(verified.receipt(), &receipt);
        assert_eq!(verified.body().expiry_ms, 1_702_592_000_000);
    }

    #[test]
    fn a_receipt_of_another_network_node_thing_or_key_is_worth_nothing() {
        let other = NetworkId([0; 32]);
        assert_eq!(
            receipt().verify(other, &keys(), &stored()),
            Err(ReceiptError::Network(NETWORK))
        );
        let neighbour = SuperKeys { node: NodeId([1; 32]), ..keys() };
        assert!(matches!(
            receipt().verify(NETWORK, &neighbour, &stored()),
            Err(ReceiptError::Node { .. })
        ));
        let thing = Stored::Envelope { mailbox: NodeId([0; 32]), envelope: EnvelopeId([0x75; 32]) };
        assert!(matches!(receipt().verify(NETWORK, &keys(), &thing), Err(ReceiptError::Stored(_))));
        // The consensus key gives no receipts.
        let swapped = SuperKeys { receipts: ReceiptsKey(keys().consensus.0), ..keys() };
        assert!(matches!(
            receipt().verify(NETWORK, &swapped, &stored()),
            Err(ReceiptError::Signature(_))
        ));
    }

    proptest! {
        #[test]
        fn a_flipped_bit_anywhere_is_noticed(at: prop::sample::Index, bit in 0..8) {
            let mut bytes = encode(&receipt()).unwrap();
            let at = at.index(bytes.len());
            bytes[at] ^= 1_u8 << bit;
            if let Ok(receipt) = decode::<StorageReceipt>(&bytes) {
                prop_assert!(receipt.verify(NETWORK, &keys(), &stored()).is_err());
            }
        }

        #[test]
        fn random_bytes_are_no_receipt(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            if let Ok(receipt) = decode::<StorageReceipt>(&bytes) {
                prop_assert!(receipt.verify(NETWORK, &keys(), &stored()).is_err());
            }
        }
    }
}
