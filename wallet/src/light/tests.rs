use super::*;
use ed25519_dalek::SigningKey;
use magpie_protocol::{
    address::Address,
    beacon::Proof,
    bounded::List,
    codec::encode,
    ids::NetworkId,
    keys::{BeaconKey, ConsensusKey},
    ledger::{
        BlockHash, Certificate, CertificateError, CommitSignature, EntriesRoot, Header,
        HeaderError, StateRoot, Step, Tip, Validator, ValidatorSet, Vote,
        state::LeafKey,
        tree::{EMPTY_ROOT, StateProof},
    },
    limits::{LIGHT_HEADERS, SETTLED_MS},
};
use proptest::prelude::*;

const CHAIN: NetworkId = NetworkId([7; 32]);

fn set(seeds: &[u8]) -> ValidatorSet {
    let validator = |seed: &u8| {
        let key = |seed| SigningKey::from_bytes(&[seed; 32]).verifying_key().to_bytes();
        let beacon = BeaconKey(key(seed ^ 0x80));
        let wallet = Address::from_bytes(key(seed ^ 0x40)).unwrap();
        Validator { key: ConsensusKey(key(*seed)), power: 1, beacon, wallet }
    };
    ValidatorSet::new(seeds.iter().map(validator).collect()).unwrap()
}

fn after(tip: &Tip, voting: &[u8], next: &[u8]) -> Header {
    let voting = set(voting);
    Header {
        chain: CHAIN,
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

fn certificate(header: &Header, seeds: &[u8]) -> Certificate {
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

fn start() -> Light {
    Light::from_genesis(CHAIN, 1_000, set(&[1, 2, 3, 4]))
}

/// Follows the next header, which the first four certify, and returns it.
fn grow(light: &mut Light) -> Header {
    let header = after(light.tip(), &[1, 2, 3, 4], &[1, 2, 3, 4]);
    let followed = light.follow(header.clone(), certificate(&header, &[1, 2, 3]), None);
    assert_eq!(followed, Ok(Followed::Newest));
    header
}

/// Checks that a refusal changes nothing.
fn refused(light: &mut Light, header: &Header, seeds: &[u8]) -> FollowError {
    let before = light.clone();
    let error = light.follow(header.clone(), certificate(header, seeds), None).unwrap_err();
    assert_eq!(*light, before);
    error
}

#[test]
fn headers_are_followed_in_order_and_leaves_believed_under_them() {
    let mut light = start();
    assert!(light.believed(0).is_none());
    for height in 1..40 {
        let header = grow(&mut light);
        assert_eq!((light.tip().height, light.tip().hash), (height, header.hash().unwrap()));
        assert_eq!(light.believed(height).unwrap().header(), &header);
    }
    assert_eq!(light.kept.len(), LIGHT_HEADERS);
    assert!(light.believed(39 - LIGHT_HEADERS as u64).is_none());
    // An empty tree: the way ends at once, at a part without leaves.
    let proof: StateProof = magpie_protocol::codec::decode(&[1, 2, 0]).unwrap();
    let believed = light.believed(39).unwrap();
    assert_eq!(believed.verify_leaf(&LeafKey([9; 32]), &proof), Ok(None));
    let proof: StateProof = magpie_protocol::codec::decode(&[1, 0, 1, 5, 0]).unwrap();
    assert!(believed.verify_leaf(&LeafKey([9; 32]), &proof).is_err());
}

#[test]
fn what_is_not_certified_by_those_who_vote_is_refused() {
    let mut light = start();
    grow(&mut light);
    let next = after(light.tip(), &[1, 2, 3, 4], &[1, 2, 3, 4]);
    let power = |error| matches!(error, FollowError::Certificate(CertificateError::Power { .. }));
    assert!(power(refused(&mut light, &next, &[1, 2])));
    let strangers = refused(&mut light, &next, &[1, 2, 9]);
    assert!(matches!(strangers, FollowError::Certificate(CertificateError::Stranger { .. })));
    let theirs = after(light.tip(), &[9], &[9]);
    let theirs = refused(&mut light, &theirs, &[9]);
    assert!(matches!(theirs, FollowError::Certificate(CertificateError::Validators { .. })));
    let mut other = next.clone();
    other.chain = NetworkId([8; 32]);
    let other = refused(&mut light, &other, &[1, 2, 3]);
    assert!(matches!(other, FollowError::Certificate(CertificateError::Header(_))));
    let mut early = next.clone();
    early.time_ms = light.tip().time_ms;
    let early = refused(&mut light, &early, &[1, 2, 3]);
    assert!(matches!(early, FollowError::Header(HeaderError::Order { .. })));
}

#[test]
fn the_first_header_follows_the_genesis() {
    let mut light = start();
    let mut header = after(light.tip(), &[1, 2, 3, 4], &[1, 2, 3, 4]);
    header.parent = BlockHash([9; 32]);
    let error = refused(&mut light, &header, &[1, 2, 3]);
    assert!(matches!(error, FollowError::Header(HeaderError::Parent { height: 1, .. })));
}

#[test]
fn headers_with_the_same_validators_may_be_left_out_but_no_change() {
    let mut light = start();
    grow(&mut light);
    let mut tip = *light.tip();
    tip.height += 500;
    let later = after(&tip, &[1, 2, 3, 4], &[5]);
    assert_eq!(
        refused(&mut light, &later, &[1, 2, 3]),
        FollowError::NextValidators { height: 502, expected: set(&[5]).hash() },
    );
    let certified = certificate(&later, &[1, 2, 3]);
    let wrong = light.follow(later.clone(), certified.clone(), Some(set(&[6]).as_wire().clone()));
    assert!(matches!(wrong, Err(FollowError::NextValidators { .. })));
    let next = Some(set(&[5]).as_wire().clone());
    assert_eq!(light.follow(later.clone(), certified, next), Ok(Followed::Newest));
    // The old validators have no say any more, however many they are.
    let old = after(light.tip(), &[1, 2, 3, 4], &[1, 2, 3, 4]);
    let old = refused(&mut light, &old, &[1, 2, 3, 4]);
    assert!(matches!(old, FollowError::Certificate(CertificateError::Validators { .. })));
    let new = after(light.tip(), &[5], &[5]);
    assert_eq!(light.follow(new.clone(), certificate(&new, &[5]), None), Ok(Followed::Newest));
    // One between, of the first validators: nothing can be said of it.
    let between = after(&Tip { height: 99, ..tip }, &[1, 2, 3, 4], &[1, 2, 3, 4]);
    let between = light.follow(between.clone(), certificate(&between, &[1, 2, 3]), None);
    assert_eq!(between, Ok(Followed::Old));
}

#[test]
fn two_certified_headers_of_one_height_stop_it_for_good() {
    let mut light = start();
    let tip = *light.tip();
    let ours = grow(&mut light);
    grow(&mut light);
    let again = light.follow(ours.clone(), certificate(&ours, &[1, 2, 3]), None);
    assert_eq!(again, Ok(Followed::Known));
    let mut theirs = after(&tip, &[1, 2, 3, 4], &[1, 2, 3, 4]);
    theirs.state = StateRoot([6; 32]);
    let power = refused(&mut light, &theirs, &[1, 2]);
    assert!(matches!(power, FollowError::Certificate(CertificateError::Power { .. })));
    let followed = light.follow(theirs.clone(), certificate(&theirs, &[2, 3, 4]), None);
    assert_eq!(followed, Ok(Followed::Forked));
    let fork = light.fork().unwrap();
    assert_eq!((&fork.ours.header, &fork.theirs.header), (&ours, &theirs));
    assert!(light.believed(1).is_none() && light.believed(2).is_none());
    assert_eq!(light.freshness(light.tip().time_ms), Freshness::Stopped);
    let next = after(light.tip(), &[1, 2, 3, 4], &[1, 2, 3, 4]);
    let after_fork = light.follow(next.clone(), certificate(&next, &[1, 2, 3]), None);
    assert_eq!(after_fork, Ok(Followed::Forked));
    let restored = Light::from_bytes(&light.to_bytes().unwrap()).unwrap();
    assert_eq!(restored, light);
}

#[test]
fn a_certified_header_over_another_parent_is_a_fork() {
    let mut light = start();
    let ours = grow(&mut light);
    let mut theirs = after(light.tip(), &[1, 2, 3, 4], &[1, 2, 3, 4]);
    theirs.parent = BlockHash([6; 32]);
    let followed = light.follow(theirs.clone(), certificate(&theirs, &[1, 2, 3]), None);
    assert_eq!(followed, Ok(Followed::Forked));
    let fork = light.fork().unwrap();
    assert_eq!((&fork.ours.header, &fork.theirs.header), (&ours, &theirs));
}

#[test]
fn a_checkpoint_is_believed_and_followed() {
    let far = Tip { chain: CHAIN, height: 9_000, hash: BlockHash([3; 32]), ..*start().tip() };
    let header = after(&far, &[8], &[1, 2, 3, 4]);
    let wrong = Light::from_checkpoint(header.clone(), set(&[8]));
    assert!(matches!(wrong, Err(CheckpointError::Validators { .. })));
    let mut light = Light::from_checkpoint(header.clone(), set(&[1, 2, 3, 4])).unwrap();
    assert_eq!(light.believed(9_001).unwrap().header(), &header);
    let mut other = header.clone();
    other.state = StateRoot([6; 32]);
    let other = light.follow(other.clone(), certificate(&other, &[8]), None);
    assert_eq!(other, Ok(Followed::Old));
    grow(&mut light);
    let restored = Light::from_bytes(&light.to_bytes().unwrap()).unwrap();
    assert_eq!(restored, light);
}

#[test]
fn settled_is_said_of_a_header_under_a_minute_old() {
    let mut light = start();
    assert_eq!(light.freshness(1_000), Freshness::AsOf(1_000));
    let time = grow(&mut light).time_ms;
    assert_eq!(light.freshness(time), Freshness::Settled);
    assert_eq!(light.freshness(time + SETTLED_MS - 1), Freshness::Settled);
    assert_eq!(light.freshness(time + SETTLED_MS), Freshness::AsOf(time));
    assert_eq!(light.freshness(time - 1_500), Freshness::Settled);
    assert_eq!(light.freshness(u64::MAX), Freshness::AsOf(time));
    assert_eq!(light.freshness(0), Freshness::Settled);
}

#[test]
fn what_is_kept_comes_back_and_what_does_not_belong_together_is_refused() {
    let mut light = start();
    assert_eq!(Light::from_bytes(&light.to_bytes().unwrap()), Ok(light.clone()));
    for _ in 0..LIGHT_HEADERS + 3 {
        grow(&mut light);
        assert_eq!(Light::from_bytes(&light.to_bytes().unwrap()), Ok(light.clone()));
    }
    let mut swapped = light.clone();
    swapped.kept.swap(0, 1);
    let mut strange = light.clone();
    strange.chain = NetworkId([8; 32]);
    let mut unknown = light.clone();
    unknown.sets = vec![set(&[9])];
    for broken in [swapped, strange, unknown] {
        let restored = Light::from_bytes(&broken.to_bytes().unwrap());
        assert!(matches!(restored, Err(RestoreError::Apart(_))));
    }
}

#[test]
fn golden_bytes_of_what_is_kept() {
    let mut light = start();
    let first = light.to_bytes().unwrap();
    grow(&mut light);
    let hash = |bytes: &[u8]| blake3::hash(bytes).to_hex().to_string();
    assert_eq!(
        hex::encode(&first[..36]),
        "010707070707070707070707070707070707070707070707070707070707070707fbe803"
    );
    assert_eq!(
        [hash(&first), hash(&light.to_bytes().unwrap())],
        [
            "fd38027772302608d1f6ef6ef2ccd16993003056d4d5bfd92368e02bf3fb9c35",
            "1d4cc3a40d3affd903d584b685cdf2ecde8ab21f4e2e833b54c3d5915d956261",
        ]
    );
}

#[test]
fn as_many_validators_and_headers_as_there_can_be_fit() {
    let seeds: Vec<u8> = (1..=64).collect();
    let mut light = Light::from_genesis(CHAIN, 1_000, set(&seeds));
    for _ in 0..LIGHT_HEADERS {
        let header = after(light.tip(), &seeds, &seeds);
        let certificate = certificate(&header, &seeds);
        assert_eq!(light.follow(header, certificate, None), Ok(Followed::Newest));
    }
    assert_eq!(Light::from_bytes(&light.to_bytes().unwrap()), Ok(light.clone()));
    assert!(encode(set(&seeds).as_wire()).is_ok());
}

proptest! {
    #[test]
    fn random_bytes_are_a_follower_or_none(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut bytes = bytes;
        if let Some(first) = bytes.first_mut() {
            *first = 1;
        }
        if let Ok(light) = Light::from_bytes(&bytes) {
            prop_assert_eq!(light.to_bytes().unwrap(), bytes);
        }
    }

    #[test]
    fn kept_bytes_with_one_changed_never_panic(at: prop::sample::Index, flip in 1_u8..) {
        let mut light = start();
        grow(&mut light);
        let mut bytes = light.to_bytes().unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= flip;
        if let Ok(other) = Light::from_bytes(&bytes) {
            prop_assert!(other != light);
        }
    }
}
