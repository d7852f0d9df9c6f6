//! The genesis: names the super nodes and the rules that hold from the first day.
//!
//! Version 1 had no money: networks of it are made anew.

use super::{Checkpoint, SuperNode};
use crate::{
    address::{Address, NodeId},
    beacon::BeaconError,
    bounded::{List, Text},
    codec::{EncodeError, Format},
    digest::digest_of,
    domain::NETWORK_ID,
    ids::NetworkId,
    keys::IssuerKey,
    ledger::{Rules, RulesError, ValidatorSet, ValidatorsError},
    limits::{
        GENESIS, GENESIS_SUPERS, MAIL_RETENTION_MS_MAX, MAIL_RETENTION_MS_MIN, NETWORK_NAME_CHARS,
        STAMP_EFFORT_MAX,
    },
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The least work that a password lock on this network must cost (Argon2id).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KdfFloor {
    /// Memory, in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

/// The first facts of a network, unverified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Genesis {
    /// Whether its money is play money; shown wherever amounts are.
    pub test_network: bool,
    /// What people call it.
    pub name: Text<NETWORK_NAME_CHARS>,
    /// When it was made, in milliseconds.
    pub created_ms: u64,
    /// Who issued the first units.
    pub issuer: IssuerKey,
    /// How long mail is kept, in milliseconds.
    pub mail_retention_ms: u64,
    /// Leading zero bits of a stamp while a super node is idle.
    pub stamp_effort: u8,
    /// The least work of a password lock.
    pub kdf: KdfFloor,
    /// The super nodes of the first day, which are its validators too.
    pub supers: List<SuperNode, GENESIS_SUPERS>,
    /// The rules of money.
    pub money: Rules,
}

impl Format for Genesis {
    const NAME: &'static str = "genesis";
    const VERSION: u8 = 2;
    const LIMIT: usize = GENESIS;
}

/// Why a genesis names no network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GenesisError {
    /// The name is empty or holds characters that cannot be seen.
    #[error("a network's name is visible text")]
    Name,
    /// There is no super node.
    #[error("a genesis names at least one super node")]
    NoSupers,
    /// One key stands twice, or for two purposes.
    #[error("key {0} stands twice in the genesis")]
    KeyTwice(String),
    /// A key is no canonical Ed25519 key.
    #[error("key {0} in the genesis is no canonical Ed25519 public key")]
    Key(String),
    /// Mail would be kept too short or too long.
    #[error(
        "mail retention is {0} ms, allowed are {MAIL_RETENTION_MS_MIN} to {MAIL_RETENTION_MS_MAX}"
    )]
    MailRetention(u64),
    /// Stamps would never be found.
    #[error("stamp effort is {0} bits, at most {STAMP_EFFORT_MAX} are allowed")]
    StampEffort(u8),
    /// A password lock would cost nothing.
    #[error("memory (at least 8 KiB a lane), passes and lanes of the password lock are not zero")]
    Kdf,
    /// A beacon key proves nothing.
    #[error(transparent)]
    Beacon(#[from] BeaconError),
    /// Nobody can live by the rules of money.
    #[error(transparent)]
    Money(#[from] RulesError),
    /// The super nodes are no validators.
    #[error(transparent)]
    Validators(#[from] ValidatorsError),
    /// It does not fit its format.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

impl Genesis {
    /// Checks the genesis and gives it its id.
    pub fn verify(self) -> Result<Network, GenesisError> {
        if self.name.trim().is_empty() || self.name.chars().any(char::is_control) {
            return Err(GenesisError::Name);
        }
        if self.supers.is_empty() {
            return Err(GenesisError::NoSupers);
        }
        if !(MAIL_RETENTION_MS_MIN..=MAIL_RETENTION_MS_MAX).contains(&self.mail_retention_ms) {
            return Err(GenesisError::MailRetention(self.mail_retention_ms));
        }
        if self.stamp_effort > STAMP_EFFORT_MAX {
            return Err(GenesisError::StampEffort(self.stamp_effort));
        }
        let KdfFloor { memory_kib, passes, lanes } = self.kdf;
        if passes == 0 || lanes == 0 || memory_kib / 8 < lanes {
            return Err(GenesisError::Kdf);
        }
        self.money.check()?;
        let keys = self.supers.iter().flat_map(SuperNode::all_keys);
        let mut seen = BTreeSet::new();
        for key in keys.chain([self.issuer.0]) {
            // Whatever it is for, a key has an address's shape: canonical, outside the small subgroup.
            Address::from_bytes(key).map_err(|_| GenesisError::Key(hex::encode(key)))?;
            if !seen.insert(key) {
                return Err(GenesisError::KeyTwice(hex::encode(key)));
            }
        }
        for node in self.supers.iter() {
            node.beacon.check()?;
            // One operator may have a wallet for several nodes, but no key that does something else.
            if seen.contains(node.wallet.as_bytes()) {
                return Err(GenesisError::KeyTwice(hex::encode(node.wallet.as_bytes())));
            }
        }
        let validators = self.supers.iter().map(SuperNode::validator).collect();
        let validators = ValidatorSet::new(validators)?;
        let id = NetworkId(digest_of(NETWORK_ID, &self)?);
        Ok(Network { genesis: self, validators, id, checkpoint: None })
    }
}

/// A network: a checked genesis and its hash, and a header of it that is trusted, if there is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Network {
    genesis: Genesis,
    validators: ValidatorSet,
    id: NetworkId,
    checkpoint: Option<Checkpoint>,
}

impl Network {
    /// Returns the network's id, which is also its ledger's chain id.
    pub const fn id(&self) -> NetworkId {
        self.id
    }

    /// Returns what the genesis says.
    pub const fn genesis(&self) -> &Genesis {
        &self.genesis
    }

    /// Returns the header without which no chain of this network is believed, if there is one.
    pub const fn checkpoint(&self) -> Option<Checkpoint> {
        self.checkpoint
    }

    /// Returns the network with another checkpoint, or none.
    #[must_use]
    pub fn with_checkpoint(self, checkpoint: Option<Checkpoint>) -> Self {
        Self { checkpoint, ..self }
    }

    /// Returns who votes on the first block: the super nodes of the genesis, with equal power.
    pub const fn validators(&self) -> &ValidatorSet {
        &self.validators
    }

    /// Returns the super node at `node`, or nothing if the genesis names none there.
    pub fn super_at(&self, node: NodeId) -> Option<&SuperNode> {
        self.genesis.supers.iter().find(|keys| keys.node == node)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::{
        codec::{decode, encode},
        golden,
        keys::{BeaconKey, ConsensusKey, ReceiptsKey},
    };
    use ed25519_dalek::SigningKey;
    use proptest::prelude::*;

    fn public(seed: u8) -> [u8; 32] {
        SigningKey::from_bytes(&[seed; 32]).verifying_key().to_bytes()
    }

    pub(crate) fn genesis() -> Genesis {
        let keys = |seed| SuperNode {
            node: NodeId(public(seed)),
            receipts: ReceiptsKey(public(seed + 1)),
            consensus: ConsensusKey(public(seed + 2)),
            beacon: BeaconKey(public(seed + 3)),
            wallet: Address::from_bytes(public(5)).unwrap(),
        };
        Genesis {
            test_network: true,
            name: Text::new("鹊桥 test").unwrap(),
            created_ms: 1_700_000_000_000,
            issuer: IssuerKey(public(1)),
            mail_retention_ms: 30 * crate::limits::DAY_MS,
            stamp_effort: 20,
            kdf: KdfFloor { memory_kib: 65_536, passes: 3, lanes: 1 },
            supers: List::new(vec![keys(10), keys(20)]).unwrap(),
            money: Rules::usual(),
        }
    }

    #[test]
    fn golden_genesis_and_id() {
        let bytes = golden::check("genesis", encode(&genesis()).unwrap());
        let network = decode::<Genesis>(&bytes).unwrap().verify().unwrap();
        golden::check("network_id", network.id().0.to_vec());
        assert_eq!(network.super_at(NodeId(public(20))).unwrap().consensus.0, public(22));
        assert_eq!(network.super_at(NodeId(public(21))), None);
        let validators = network.validators().validators();
        assert_eq!(validators.iter().map(|v| v.power).collect::<Vec<_>>(), [1, 1]);
        assert!(validators.iter().any(|v| (v.key.0, v.beacon.0) == (public(22), public(23))));
    }

    #[test]
    fn any_change_is_another_network() {
        let mut other = genesis();
        other.test_network = false;
        assert_ne!(genesis().verify().unwrap().id(), other.verify().unwrap().id());
    }

    #[test]
    fn a_genesis_that_breaks_a_rule_is_named() {
        let refused = |change: &dyn Fn(&mut Genesis)| {
            let mut genesis = genesis();
            change(&mut genesis);
            genesis.verify().unwrap_err()
        };
        assert_eq!(refused(&|g| g.name = Text::default()), GenesisError::Name);
        assert_eq!(refused(&|g| g.name = Text::new("a\u{7}b").unwrap()), GenesisError::Name);
        assert_eq!(refused(&|g| g.supers = List::default()), GenesisError::NoSupers);
        assert_eq!(refused(&|g| g.mail_retention_ms = 5), GenesisError::MailRetention(5));
        assert_eq!(refused(&|g| g.stamp_effort = 41), GenesisError::StampEffort(41));
        assert_eq!(refused(&|g| g.kdf.passes = 0), GenesisError::Kdf);
        assert_eq!(refused(&|g| g.kdf.lanes = 8_193), GenesisError::Kdf);
        let twice = GenesisError::KeyTwice(hex::encode(public(10)));
        assert_eq!(refused(&|g| g.issuer = IssuerKey(public(10))), twice);
        let change = |g: &mut Genesis, change: &dyn Fn(&mut SuperNode)| {
            let mut supers = std::mem::take(&mut g.supers).into_vec();
            change(&mut supers[1]);
            g.supers = List::new(supers).unwrap();
        };
        let paid = |g: &mut Genesis| {
            change(g, &|s| s.wallet = Address::from_bytes(public(10)).unwrap());
        };
        let twice = GenesisError::KeyTwice(hex::encode(public(10)));
        assert_eq!(refused(&paid), twice, "a transport key is no wallet");
        let twice = GenesisError::KeyTwice(hex::encode(public(22)));
        assert_eq!(refused(&|g| change(g, &|s| s.beacon.0 = s.consensus.0)), twice);
        let lives = |g: &mut Genesis| g.money.lifetimes.packet = 0;
        assert!(matches!(refused(&lives), GenesisError::Money(RulesError::Range { .. })));
        let weak = GenesisError::Key("00".repeat(32));
        assert_eq!(refused(&|g| g.issuer = IssuerKey([0; 32])), weak);
    }

    proptest! {
        #[test]
        fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..800)) {
            if let Ok(genesis) = decode::<Genesis>(&bytes) {
                let _ = genesis.verify();
            }
        }

        #[test]
        fn a_flipped_bit_never_gives_the_same_network(at: prop::sample::Index, bit in 0..8) {
            let mut bytes = encode(&genesis()).unwrap();
            let at = at.index(bytes.len());
            bytes[at] ^= 1_u8 << bit;
            let network = decode::<Genesis>(&bytes).ok().and_then(|genesis| genesis.verify().ok());
            prop_assert!(network.is_none_or(|n| n.id() != genesis().verify().unwrap().id()));
        }
    }
}
