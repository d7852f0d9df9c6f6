//! Every domain-separation string of Magpie, in one table.
//!
//! A signature, hash or derived key is bound to one purpose by the string it starts with.
//! Changing a string is a breaking change of whatever it separates; no two may be equal.

/// One purpose of a hash, signature or derived key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Domain(&'static str);

impl Domain {
    /// Returns the string itself, as it stands before what is hashed or signed.
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

macro_rules! domains {
    ($( $(#[$doc:meta])* $name:ident = $text:literal; )*) => {
        $( $(#[$doc])* pub const $name: Domain = Domain($text); )*
        /// All of them, for the test that they differ.
        pub const ALL: &[Domain] = &[$($name),*];
    };
}

domains! {
    /// The key of a personal row (page 1, storage).
    ROW_KEY = "magpie/1/row-key";
    /// The cipher key of personal rows, derived from a vault's key.
    ROW_VALUE = "magpie/1/row-value";
    /// The check that binds a public row's value to its key.
    ROW_CHECK = "magpie/1/row-check";
    /// The check that binds a record of the store's journal to all before it.
    JOURNAL = "magpie/1/journal";
    /// The key that opens one key slot, from the password's Argon2id output (page 7).
    KEY_SLOT = "magpie/1/key-slot";
    /// The key that opens the wallet lock.
    WALLET_LOCK = "magpie/1/wallet-lock";
    /// A network's id, the hash of its genesis.
    NETWORK_ID = "magpie/1/network-id";
    /// The account key's signature under the first entry of a device list's term (page 2).
    DEVICE_LIST_OPENING = "magpie/1/device-list-opening";
    /// The primary's signature under a later entry.
    DEVICE_LIST_ENTRY = "magpie/1/device-list-entry";
    /// The hash of an entry.
    DEVICE_LIST_HASH = "magpie/1/device-list-hash";
    /// A device's signature under its key bundle.
    KEY_BUNDLE = "magpie/1/key-bundle";
    /// A device's signature under a one-time key.
    ONE_TIME_KEY = "magpie/1/one-time-key";
    /// A device's signature under its account's profile.
    PROFILE = "magpie/1/profile";
    /// The account key's signature under a profile's key part.
    KEY_PART = "magpie/1/key-part";
    /// A node's signature under its addresses.
    ADDRESSES = "magpie/1/addresses";
    /// The hash of a public record.
    RECORD_HASH = "magpie/1/record-hash";
    /// The proof of work of who has no token (page 5).
    STAMP = "magpie/1/stamp";
    /// What a super node knows of a delivery token.
    TOKEN_HASH = "magpie/1/token-hash";
    /// A super node's signature under a storage receipt.
    STORAGE_RECEIPT = "magpie/1/storage-receipt";
    /// The HPKE info of a sealed envelope (page 3).
    ENVELOPE_SEAL = "magpie/1/envelope-seal";
    /// An envelope's id.
    ENVELOPE_ID = "magpie/1/envelope-id";
    /// A caller's own name for a call that moves money, and what the call asked.
    CALL_KEY = "magpie/1/call-key";
    /// What programs call a device, from its node key.
    MACHINE_ID = "magpie/1/machine-id";
    /// A message's id.
    MESSAGE_ID = "magpie/1/message-id";
    /// A group operation's id (page 6).
    OPERATION_ID = "magpie/1/operation-id";
    /// A group's id, from its first operation.
    GROUP_ID = "magpie/1/group-id";
    /// A device's signature under a group operation.
    OPERATION = "magpie/1/operation-signature";
    /// The hash of a group's state.
    GROUP_STATE = "magpie/1/group-state";
    /// The seed of the key that signs an epoch's frames.
    EPOCH_SIGNING = "magpie/1/epoch-signing";
    /// The key that encrypts an epoch's frames.
    EPOCH_CIPHER = "magpie/1/epoch-cipher";
    /// What a sender is called inside an epoch by who must not know the device.
    EPOCH_PSEUDONYM = "magpie/1/epoch-pseudonym";
    /// The topic on which an epoch's frames are gossiped.
    EPOCH_TOPIC = "magpie/1/epoch-topic";
    /// The signature under a gossip frame.
    GROUP_FRAME = "magpie/1/group-frame";
    /// A gossip frame's id.
    FRAME_ID = "magpie/1/frame-id";
    /// The signature of an epoch's key under a wish for its frames.
    FRAME_FETCH = "magpie/1/frame-fetch";
    /// The members and devices that a group message was made for.
    GROUP_AUDIENCE = "magpie/1/group-audience";
    /// What names something said that waits for its key.
    UNREAD_UTTERANCE = "magpie/1/unread-utterance";
    /// What two members compare of a range of messages.
    GROUP_RANGE = "magpie/1/group-range";
    /// The id by which gossip tells a frame that it has seen (page 4).
    GOSSIP_ID = "magpie/1/gossip-id";
    /// What a proposer's verifiable random function is asked (page 8).
    BEACON_INPUT = "magpie/1/beacon-input";
    /// The seed that several proposers' beacons fold to.
    BEACON_FOLD = "magpie/1/beacon-fold";
    /// The words that cut a fortune packet into shares.
    DRAW_SHARES = "magpie/1/draw-shares";
    /// The words that give a claim one of the shares left.
    DRAW_CLAIM = "magpie/1/draw-claim";
    /// An entry's id, from its bytes with the signature (page 8).
    ENTRY_ID = "magpie/1/ledger-entry-id";
    /// The Merkle tree of a block's entries.
    ENTRIES_TREE = "magpie/1/ledger-entries-tree";
    /// The number of a block's entries, and the root of their tree.
    ENTRIES_ROOT = "magpie/1/ledger-entries-root";
    /// The Merkle tree of who may claim from a packet.
    MEMBERS_TREE = "magpie/1/ledger-members-tree";
    /// The place of a leaf of the ledger's state.
    LEAF_KEY = "magpie/1/ledger-leaf-key";
    /// A wallet's signature under a transfer.
    LEDGER_TRANSFER = "magpie/1/ledger-transfer";
    /// A receive key's signature under the acceptance of a transfer.
    LEDGER_ACCEPT = "magpie/1/ledger-accept";
    /// A receive key's signature under the refusal of a transfer.
    LEDGER_DECLINE = "magpie/1/ledger-decline";
    /// A wallet's signature under a new packet.
    LEDGER_PACKET_CREATE = "magpie/1/ledger-packet-create";
    /// The creator's receive key's signature that makes a packet claimable.
    LEDGER_PACKET_OPEN = "magpie/1/ledger-packet-open";
    /// A member's receive key's signature under a claim.
    LEDGER_PACKET_CLAIM = "magpie/1/ledger-packet-claim";
    /// The signature of a packet's claim key under a claim: its maker knew the word.
    LEDGER_PACKET_WORD = "magpie/1/ledger-packet-word";
    /// A wallet's signature under the commitment to a name.
    LEDGER_NAME_COMMIT = "magpie/1/ledger-name-commit";
    /// What commits to a name without telling it.
    LEDGER_NAME_SEALED = "magpie/1/ledger-name-sealed";
    /// A wallet's signature under a name's registration.
    LEDGER_NAME_REGISTER = "magpie/1/ledger-name-register";
    /// A wallet's signature under a name's renewal.
    LEDGER_NAME_RENEW = "magpie/1/ledger-name-renew";
    /// A wallet's signature under a name's transfer.
    LEDGER_NAME_TRANSFER = "magpie/1/ledger-name-transfer";
    /// The account key's consent to a name's registration.
    LEDGER_CONSENT_REGISTER = "magpie/1/ledger-consent-register";
    /// The account key's consent to giving a name away.
    LEDGER_CONSENT_TRANSFER = "magpie/1/ledger-consent-transfer";
    /// A wallet's signature under a notarized digest.
    LEDGER_NOTARY = "magpie/1/ledger-notary";
    /// A validator's vote for other validators.
    LEDGER_VALIDATORS_UPDATE = "magpie/1/ledger-validators-update";
    /// An issuer's signature under new units.
    LEDGER_MINT = "magpie/1/ledger-mint";
    /// An issuer's signature under units withdrawn.
    LEDGER_BURN = "magpie/1/ledger-burn";
    /// A validator's signature under the evidence against another.
    LEDGER_EVIDENCE = "magpie/1/ledger-evidence";
    /// A block's hash, from its header.
    BLOCK_HASH = "magpie/1/ledger-block-hash";
    /// The hash of a set of validators.
    VALIDATORS_HASH = "magpie/1/ledger-validators-hash";
    /// The topic on which a network's decided headers are gossiped (page 8).
    LEDGER_TOPIC = "magpie/1/ledger-topic";
    /// A validator's signature under a prevote.
    CONSENSUS_PREVOTE = "magpie/1/consensus-prevote";
    /// A validator's signature under a precommit.
    CONSENSUS_PRECOMMIT = "magpie/1/consensus-precommit";
    /// A validator's signature under a proposal.
    CONSENSUS_PROPOSAL = "magpie/1/consensus-proposal";
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_two_domains_are_equal_or_prefix_of_each_other() {
        let texts: BTreeSet<_> = ALL.iter().map(|d| d.as_str()).collect();
        assert_eq!(texts.len(), ALL.len());
        for a in &texts {
            assert!(a.starts_with("magpie/") && !a.contains('\0'));
            for b in &texts {
                assert!(a == b || !b.starts_with(a), "{a} starts {b}");
            }
        }
    }
}
