//! What a simulated network is like, and the keys of its validators.

use super::byzantine::Vice;
use crate::ledger::order::{Head, state::Sabotage};
use ed25519_dalek::SigningKey;
use magpie_protocol::{
    address::Address,
    address::NodeId,
    beacon::{Beacon, SecretKey},
    ids::NetworkId,
    keys::ConsensusKey,
    ledger::{Tip, Validator, ValidatorSet},
};

pub(in crate::ledger) const CHAIN: NetworkId = NetworkId([0xc4; 32]);
pub(in crate::ledger) const BEGIN: u64 = 1_700_000_000_000;

/// What the network is like.
#[derive(Debug, Clone, Copy)]
pub(in crate::ledger) struct Scene {
    pub(in crate::ledger) seed: u64,
    pub(in crate::ledger) nodes: usize,
    /// Nodes that never run, the first ones.
    pub(in crate::ledger) dead: usize,
    pub(in crate::ledger) heights: u64,
    /// The longest a message takes, in milliseconds; the shortest is 5.
    pub(in crate::ledger) delay_ms: u64,
    /// Messages lost, in a hundred.
    pub(in crate::ledger) loss: u32,
    /// Messages that come twice, in a hundred.
    pub(in crate::ledger) twice: u32,
    /// Steps that end in a crash, in a thousand.
    pub(in crate::ledger) crashes: u32,
    /// Whether the network falls apart now and then.
    pub(in crate::ledger) splits: bool,
    pub(super) vice: Option<Vice>,
    pub(super) sabotage: Sabotage,
    /// The host publishes before it commits: a planted fault.
    pub(in crate::ledger) hasty: bool,
    /// A node that halts stays down, and the run goes on.
    pub(in crate::ledger) halts: bool,
    pub(in crate::ledger) busy: bool,
    pub(in crate::ledger) leaves_at: Option<u64>,
    /// The longest run, in milliseconds of virtual time for each height.
    pub(in crate::ledger) patience_ms: u64,
}

impl Scene {
    pub(in crate::ledger) const fn calm(nodes: usize, heights: u64) -> Self {
        Self {
            seed: 1,
            nodes,
            dead: 0,
            heights,
            delay_ms: 40,
            loss: 0,
            twice: 0,
            crashes: 0,
            splits: false,
            vice: None,
            sabotage: Sabotage::None,
            hasty: false,
            halts: false,
            busy: true,
            leaves_at: None,
            patience_ms: 60_000,
        }
    }
}

pub(in crate::ledger) fn node_id(index: usize) -> NodeId {
    NodeId([u8::try_from(index).unwrap(); 32])
}

pub(in crate::ledger) fn beacon_key(index: usize) -> SecretKey {
    SecretKey::from_bytes([0x80 | u8::try_from(index).unwrap(); 32])
}

pub(in crate::ledger) fn signing_key(index: usize) -> SigningKey {
    SigningKey::from_bytes(&[u8::try_from(index + 1).unwrap(); 32])
}

pub(in crate::ledger) fn public(key: &SigningKey) -> ConsensusKey {
    ConsensusKey(key.verifying_key().to_bytes())
}

/// Returns the keys of all validators and their set.
pub(in crate::ledger) fn validators(nodes: usize) -> (Vec<SigningKey>, ValidatorSet) {
    let keys: Vec<_> = (0..nodes).map(signing_key).collect();
    let validator = |(index, key): (usize, &SigningKey)| {
        let beacon = beacon_key(index).public();
        let wallet = SigningKey::from_bytes(&[0xc0 | u8::try_from(index).unwrap(); 32]);
        let wallet = Address::of(&wallet.verifying_key()).unwrap();
        Validator { key: public(key), power: 1, beacon, wallet }
    };
    let set = ValidatorSet::new(keys.iter().enumerate().map(validator).collect()).unwrap();
    (keys, set)
}

/// Returns the head before the first block.
pub(in crate::ledger) fn genesis(set: &ValidatorSet) -> Head {
    let tip = Tip::genesis(CHAIN, BEGIN - 60_000, set.hash());
    Head { tip, beacon: Beacon::GENESIS, validators: set.clone() }
}
