use super::scene::{CHAIN, NOW, after, certificate, grow, refused, set, start};
use crate::light::{CheckpointError, FollowError, Followed, Light};
use magpie_protocol::{
    codec::decode,
    ids::NetworkId,
    ledger::{
        BlockHash, CertificateError, Header, HeaderError, StateRoot, Tip, state::LeafKey,
        tree::StateProof,
    },
    limits::{LIGHT_AGE_MS, LIGHT_HEADERS},
};

#[test]
fn headers_are_followed_in_order_and_leaves_believed_under_them() {
    let mut light = start();
    assert!(light.believed(0, NOW).is_none());
    for height in 1..40 {
        let header = grow(&mut light);
        assert_eq!((light.tip().height, light.tip().hash), (height, header.hash().unwrap()));
        assert_eq!(light.believed(height, NOW).unwrap().header(), &header);
    }
    assert_eq!(light.kept.len(), LIGHT_HEADERS);
    assert!(light.believed(39 - LIGHT_HEADERS as u64, NOW).is_none());
    // An empty tree: the way ends at once, at a part without leaves.
    let proof: StateProof = decode(&[1, 2, 0]).unwrap();
    let believed = light.believed(39, NOW).unwrap();
    assert_eq!(believed.verify_leaf(&LeafKey([9; 32]), &proof), Ok(None));
    let proof: StateProof = decode(&[1, 0, 1, 5, 0]).unwrap();
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
    let mut later = after(&tip, &[1, 2, 3, 4], &[5]);
    later.time_ms += 5_000;
    assert_eq!(
        refused(&mut light, &later, &[1, 2, 3]),
        FollowError::NextValidators { height: 502, expected: set(&[5]).hash() },
    );
    let certified = certificate(&later, &[1, 2, 3]);
    let wrong =
        light.follow(later.clone(), certified.clone(), Some(set(&[6]).as_wire().clone()), NOW);
    assert!(matches!(wrong, Err(FollowError::NextValidators { .. })));
    let next = Some(set(&[5]).as_wire().clone());
    assert_eq!(light.follow(later.clone(), certified, next, NOW), Ok(Followed::Newest));
    // The old validators have no say any more, however many they are.
    let old = after(light.tip(), &[1, 2, 3, 4], &[1, 2, 3, 4]);
    let old = refused(&mut light, &old, &[1, 2, 3, 4]);
    assert!(matches!(old, FollowError::Certificate(CertificateError::Validators { .. })));
    let new = after(light.tip(), &[5], &[5]);
    assert_eq!(light.follow(new.clone(), certificate(&new, &[5]), None, NOW), Ok(Followed::Newest));
    // One between, of the first validators, is compared with its neighbours.
    let between = after(&Tip { height: 99, ..tip }, &[1, 2, 3, 4], &[1, 2, 3, 4]);
    let between = light.follow(between.clone(), certificate(&between, &[1, 2, 3]), None, NOW);
    assert_eq!(between, Ok(Followed::Between));
}

#[test]
fn a_checkpoint_is_believed_and_followed() {
    let far = Tip { chain: CHAIN, height: 9_000, hash: BlockHash([3; 32]), ..*start().tip() };
    let header = after(&far, &[8], &[1, 2, 3, 4]);
    let wrong = Light::from_checkpoint(header.clone(), set(&[8]));
    assert!(matches!(wrong, Err(CheckpointError::Validators { .. })));
    let mut light = Light::from_checkpoint(header.clone(), set(&[1, 2, 3, 4])).unwrap();
    assert_eq!(light.believed(9_001, NOW).unwrap().header(), &header);
    let mut other = header.clone();
    other.state = StateRoot([6; 32]);
    let other = light.follow(other.clone(), certificate(&other, &[8]), None, NOW);
    assert_eq!(other, Ok(Followed::Old));
    grow(&mut light);
    let restored = Light::from_bytes(&light.to_bytes().unwrap()).unwrap();
    assert_eq!(restored, light);
}

#[test]
fn no_header_is_followed_from_one_over_30_days_old() {
    let mut light = start();
    let old = grow(&mut light);
    let next = after(light.tip(), &[1, 2, 3, 4], &[1, 2, 3, 4]);
    let certified = certificate(&next, &[1, 2, 3]);
    let last_ms = old.time_ms + LIGHT_AGE_MS;
    assert!(!light.is_too_old(last_ms) && light.is_too_old(last_ms + 1));
    let before = light.clone();
    let (height, time_ms, now_ms) = (1, old.time_ms, last_ms + 1);
    for header in [&next, &old] {
        let certified = certificate(header, &[1, 2, 3]);
        let refused = light.follow(header.clone(), certified, None, now_ms);
        assert_eq!(refused, Err(FollowError::TooOld { height, time_ms, now_ms }));
    }
    assert_eq!(light, before);
    // Nor from a genesis so old, nor by a clock past all times.
    let fresh = start().follow(old.clone(), certificate(&old, &[1, 2, 3]), None, u64::MAX);
    assert!(matches!(fresh, Err(FollowError::TooOld { height: 0, time_ms: 1_000, .. })));
    assert_eq!(light.follow(next, certified, None, last_ms), Ok(Followed::Newest));
}

#[test]
fn one_too_old_goes_on_at_a_later_header_that_is_trusted() {
    let mut light = start();
    let old = grow(&mut light);
    let late = Tip { height: 9_000, time_ms: old.time_ms + 2 * LIGHT_AGE_MS, ..*light.tip() };
    let trusted = after(&late, &[8], &[5]);
    let now_ms = trusted.time_ms;
    assert!(light.is_too_old(now_ms));
    let before = light.clone();
    let wrong = light.trust(trusted.clone(), set(&[8]));
    assert!(matches!(wrong, Err(CheckpointError::Validators { .. })));
    let mut other = trusted.clone();
    other.chain = NetworkId([8; 32]);
    for header in [&old, &other] {
        let header = header.clone();
        let (height, found) = (1, header.height);
        let next = if found == 1 { set(&[1, 2, 3, 4]) } else { set(&[5]) };
        assert_eq!(light.trust(header, next), Err(CheckpointError::Behind { height, found }));
    }
    assert_eq!(light, before);
    assert_eq!(light.trust(trusted.clone(), set(&[5])), Ok(()));
    assert_eq!(light.newest(now_ms).unwrap().header(), &trusted);
    assert_eq!(light.believed(1, now_ms).unwrap().header(), &old);
    let next = after(light.tip(), &[5], &[5]);
    let followed = light.follow(next.clone(), certificate(&next, &[5]), None, now_ms);
    assert_eq!(followed, Ok(Followed::Newest));
    assert_eq!(Light::from_bytes(&light.to_bytes().unwrap()), Ok(light));
}

#[test]
fn a_header_of_rules_that_this_build_does_not_know_is_not_believed() {
    let mut light = start();
    let mut newer = after(light.tip(), &[1, 2, 3, 4], &[1, 2, 3, 4]);
    newer.rules += 1;
    let (known, found) = (Header::RULES, Header::RULES + 1);
    let error = HeaderError::Rules { height: 1, known, found };
    assert_eq!(refused(&mut light, &newer, &[1, 2, 3]), FollowError::Header(error));
    let error = CheckpointError::Header(error);
    assert_eq!(light.trust(newer.clone(), set(&[1, 2, 3, 4])), Err(error));
    assert_eq!(Light::from_checkpoint(newer, set(&[1, 2, 3, 4])), Err(error));
}

/// Follows the next header, which `voting` certify and which names `next`.
fn change(light: &mut Light, voting: &[u8], next: &[u8]) {
    let header = after(light.tip(), voting, next);
    let certified = certificate(&header, voting);
    let next = Some(set(next).as_wire().clone());
    assert_eq!(light.follow(header, certified, next, NOW), Ok(Followed::Newest));
    assert_eq!(Light::from_bytes(&light.to_bytes().unwrap()), Ok(light.clone()));
}

#[test]
fn validators_that_come_back_vote_again_and_those_between_do_not() {
    let (first, second): (&[u8], &[u8]) = (&[1, 2, 3, 4], &[5, 6, 7, 8]);
    let mut light = start();
    change(&mut light, first, second);
    // Those that left have no say while the others vote.
    let early = after(light.tip(), first, first);
    let early = refused(&mut light, &early, first);
    assert!(matches!(early, FollowError::Certificate(CertificateError::Validators { .. })));
    let between = *light.tip();
    change(&mut light, second, first);
    let late = after(light.tip(), second, second);
    let late = refused(&mut light, &late, second);
    assert!(matches!(late, FollowError::Certificate(CertificateError::Validators { .. })));
    change(&mut light, first, first);
    // What either set says against a header of its time is a fork.
    let mut other = after(&between, second, first);
    other.state = StateRoot([6; 32]);
    let forked = light.clone().follow(other.clone(), certificate(&other, second), None, NOW);
    assert_eq!(forked, Ok(Followed::Forked));
    // Named once more, far from the last time, they are known by their hash alone.
    for _ in 0..LIGHT_HEADERS {
        change(&mut light, first, first);
    }
    let again = after(light.tip(), first, second);
    let missing =
        FollowError::NextValidators { height: again.height, expected: set(second).hash() };
    assert_eq!(refused(&mut light, &again, first), missing);
    change(&mut light, first, second);
    change(&mut light, second, second);
}
