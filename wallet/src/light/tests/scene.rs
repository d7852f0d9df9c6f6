//! A chain of headers that up to four validators certify.

use crate::light::{FollowError, Followed, Light};
use ed25519_dalek::SigningKey;
use magpie_protocol::{
    address::Address,
    beacon::Proof,
    bounded::List,
    ids::NetworkId,
    keys::{BeaconKey, ConsensusKey},
    ledger::{
        Certificate, CommitSignature, EntriesRoot, Header, Step, Tip, Validator, ValidatorSet,
        Vote, tree::EMPTY_ROOT,
    },
};

pub(super) const CHAIN: NetworkId = NetworkId([7; 32]);
/// A clock soon after the genesis.
pub(super) const NOW: u64 = 100_000;

pub(super) fn set(seeds: &[u8]) -> ValidatorSet {
    let validator = |seed: &u8| {
        let key = |seed| SigningKey::from_bytes(&[seed; 32]).verifying_key().to_bytes();
        let beacon = BeaconKey(key(seed ^ 0x80));
        let wallet = Address::from_bytes(key(seed ^ 0x40)).unwrap();
        Validator { key: ConsensusKey(key(*seed)), power: 1, beacon, wallet }
    };
    ValidatorSet::new(seeds.iter().map(validator).collect()).unwrap()
}

pub(super) fn after(tip: &Tip, voting: &[u8], next: &[u8]) -> Header {
    let voting = set(voting);
    Header {
        chain: CHAIN,
        rules: Header::RULES,
        height: tip.height + 1,
        round: 0,
        proposer: voting.validators()[0].key,
        parent: tip.hash,
        time_ms: tip.time_ms + 1_000,
        entries: EntriesRoot([1; 32]),
        state: EMPTY_ROOT,
        validators: voting.hash(),
        next_validators: set(next).hash(),
        beacon: Proof([2; 80]),
    }
}

pub(super) fn certificate(header: &Header, seeds: &[u8]) -> Certificate {
    let (height, block) = (header.height, header.hash().unwrap());
    let vote = Vote { chain: CHAIN, height, round: 0, step: Step::Precommit, block: Some(block) };
    let mut signatures: Vec<_> = seeds
        .iter()
        .map(|seed| {
            let key = SigningKey::from_bytes(&[*seed; 32]);
            let validator = ConsensusKey(key.verifying_key().to_bytes());
            CommitSignature { validator, signature: vote.sign(&key).unwrap() }
        })
        .collect();
    signatures.sort_unstable_by_key(|signature| signature.validator);
    Certificate { height, round: 0, block, signatures: List::new(signatures).unwrap() }
}

pub(super) fn start() -> Light {
    Light::from_genesis(CHAIN, 1_000, set(&[1, 2, 3, 4]))
}

/// Follows the next header, which the first four certify, and returns it.
pub(super) fn grow(light: &mut Light) -> Header {
    let header = after(light.tip(), &[1, 2, 3, 4], &[1, 2, 3, 4]);
    let followed = light.follow(header.clone(), certificate(&header, &[1, 2, 3]), None, NOW);
    assert_eq!(followed, Ok(Followed::Newest));
    header
}

/// Checks that a refusal changes nothing.
pub(super) fn refused(light: &mut Light, header: &Header, seeds: &[u8]) -> FollowError {
    let before = light.clone();
    let error = light.follow(header.clone(), certificate(header, seeds), None, NOW).unwrap_err();
    assert_eq!(*light, before);
    error
}
