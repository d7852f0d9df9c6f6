use super::scene::{NOW, after, certificate, grow, refused, set, start};
use crate::light::{CheckpointError, FollowError, Followed, Freshness, Light};
use magpie_protocol::{
    ledger::{BlockHash, CertificateError, Header, HeaderError, StateRoot, Tip},
    limits::{LIGHT_AGE_MS, LIGHT_HEADERS},
};

#[test]
fn two_certified_headers_of_one_height_stop_it_for_good() {
    let mut light = start();
    let tip = *light.tip();
    let ours = grow(&mut light);
    grow(&mut light);
    let again = light.follow(ours.clone(), certificate(&ours, &[1, 2, 3]), None, NOW);
    assert_eq!(again, Ok(Followed::Known));
    let mut theirs = after(&tip, &[1, 2, 3, 4], &[1, 2, 3, 4]);
    theirs.state = StateRoot([6; 32]);
    let power = refused(&mut light, &theirs, &[1, 2]);
    assert!(matches!(power, FollowError::Certificate(CertificateError::Power { .. })));
    let followed = light.follow(theirs.clone(), certificate(&theirs, &[2, 3, 4]), None, NOW);
    assert_eq!(followed, Ok(Followed::Forked));
    let fork = light.fork().unwrap();
    assert_eq!((&fork.ours.header, &fork.theirs.header), (&ours, &theirs));
    assert!(light.believed(1, NOW).is_none() && light.newest(NOW).is_none());
    assert_eq!(light.freshness(light.tip().time_ms), Freshness::Stopped);
    let next = after(light.tip(), &[1, 2, 3, 4], &[1, 2, 3, 4]);
    let after_fork = light.follow(next.clone(), certificate(&next, &[1, 2, 3]), None, NOW);
    assert_eq!(after_fork, Ok(Followed::Forked));
    let trusted = light.trust(after(light.tip(), &[5], &[5]), set(&[5]));
    assert_eq!(trusted, Err(CheckpointError::Stopped));
    let restored = Light::from_bytes(&light.to_bytes().unwrap()).unwrap();
    assert_eq!(restored, light);
}

#[test]
fn a_certified_header_over_another_parent_is_a_fork() {
    let mut light = start();
    let ours = grow(&mut light);
    let mut theirs = after(light.tip(), &[1, 2, 3, 4], &[1, 2, 3, 4]);
    theirs.parent = BlockHash([6; 32]);
    let followed = light.follow(theirs.clone(), certificate(&theirs, &[1, 2, 3]), None, NOW);
    assert_eq!(followed, Ok(Followed::Forked));
    let fork = light.fork().unwrap();
    assert_eq!((&fork.ours.header, &fork.theirs.header), (&ours, &theirs));
}

/// Follows the header `ahead` heights after the newest, and returns those left out and it.
fn skip(light: &mut Light, ahead: usize) -> Vec<Header> {
    let mut tip = *light.tip();
    let mut headers = Vec::new();
    for _ in 0..ahead {
        let header = after(&tip, &[1, 2, 3, 4], &[1, 2, 3, 4]);
        tip = header.tip().unwrap();
        headers.push(header);
    }
    let last = headers.last().unwrap().clone();
    let certified = certificate(&last, &[1, 2, 3]);
    assert_eq!(light.follow(last, certified, None, NOW), Ok(Followed::Newest));
    headers
}

fn follow(light: &mut Light, header: &Header) -> Result<Followed, FollowError> {
    light.follow(header.clone(), certificate(header, &[2, 3, 4]), None, NOW)
}

#[test]
fn a_header_left_out_that_contradicts_one_beside_it_is_a_fork() {
    let mut light = start();
    let below = grow(&mut light);
    let skipped = skip(&mut light, 4);
    // Beside the lower one: it follows another block.
    let mut other = skipped[0].clone();
    other.parent = BlockHash([6; 32]);
    let power = light.follow(other.clone(), certificate(&other, &[1, 2]), None, NOW);
    assert!(matches!(power, Err(FollowError::Certificate(CertificateError::Power { .. }))));
    let mut forked = light.clone();
    assert_eq!(follow(&mut forked, &other), Ok(Followed::Forked));
    let fork = forked.fork().unwrap();
    assert_eq!((&fork.ours.header, &fork.theirs.header), (&below, &other));
    // Beside the upper one: it is not the block that the upper one follows.
    let mut other = skipped[2].clone();
    other.state = StateRoot([6; 32]);
    let mut forked = light.clone();
    assert_eq!(follow(&mut forked, &other), Ok(Followed::Forked));
    let fork = forked.fork().unwrap();
    assert_eq!((&fork.ours.header, &fork.theirs.header), (&skipped[3], &other));
}

#[test]
fn headers_left_out_that_fit_are_kept_and_compared() {
    let mut light = start();
    grow(&mut light);
    let tip = *light.tip();
    let skipped = skip(&mut light, 4);
    let top = *light.tip();
    for header in &skipped[..3] {
        assert_eq!(follow(&mut light, header), Ok(Followed::Between));
        assert_eq!(follow(&mut light, header), Ok(Followed::Known));
        assert_eq!(light.believed(header.height, NOW).unwrap().header(), header);
        assert_eq!(Light::from_bytes(&light.to_bytes().unwrap()), Ok(light.clone()));
    }
    assert_eq!(*light.tip(), top);
    let mut other = skipped[1].clone();
    other.state = StateRoot([6; 32]);
    assert_eq!(follow(&mut light, &other), Ok(Followed::Forked));
    assert_eq!(light.fork().unwrap().ours.header, skipped[1]);
    // One out of order in time, or that changes the validators, does not fit.
    let mut light = start();
    grow(&mut light);
    skip(&mut light, 4);
    let mut early = after(&Tip { height: tip.height + 1, ..tip }, &[1, 2, 3, 4], &[1, 2, 3, 4]);
    early.time_ms = tip.time_ms;
    let mut late = early.clone();
    late.time_ms = top.time_ms;
    for header in [early.clone(), late] {
        let refused = refused(&mut light, &header, &[2, 3, 4]);
        assert!(matches!(refused, FollowError::Header(HeaderError::Order { .. })));
    }
    let mut changes = early;
    changes.time_ms += 1;
    changes.next_validators = set(&[5]).hash();
    assert_eq!(follow(&mut light, &changes), Ok(Followed::Old));
}

#[test]
fn headers_put_between_push_out_the_oldest_and_never_the_newest() {
    let mut light = start();
    for _ in 0..LIGHT_HEADERS - 1 {
        grow(&mut light);
    }
    let oldest = light.believed(1, NOW).unwrap().header().clone();
    let skipped = skip(&mut light, 40);
    let top = *light.tip();
    for header in &skipped[..39] {
        assert_eq!(follow(&mut light, header), Ok(Followed::Between));
    }
    assert_eq!(*light.tip(), top);
    assert_eq!(light.newest(NOW).unwrap().header(), &skipped[39]);
    assert!(light.believed(oldest.height, NOW).is_none());
    assert_eq!(follow(&mut light, &oldest), Ok(Followed::Old));
    assert_eq!(light.kept.len(), LIGHT_HEADERS);
}

#[test]
fn the_block_before_the_oldest_kept_is_compared_too() {
    let mut light = start();
    let first = grow(&mut light);
    for _ in 0..LIGHT_HEADERS {
        grow(&mut light);
    }
    assert_eq!(follow(&mut light, &first), Ok(Followed::Old));
    let mut other = first.clone();
    other.state = StateRoot([6; 32]);
    assert_eq!(follow(&mut light, &other), Ok(Followed::Forked));
}

#[test]
fn nothing_over_30_days_old_stops_it() {
    let mut light = start();
    let first = grow(&mut light);
    let mut tip = *light.tip();
    tip.time_ms += LIGHT_AGE_MS;
    let late = after(&tip, &[1, 2, 3, 4], &[1, 2, 3, 4]);
    let (certified, now_ms) = (certificate(&late, &[1, 2, 3]), late.time_ms);
    let followed = light.follow(late, certified, None, first.time_ms + LIGHT_AGE_MS);
    assert_eq!(followed, Ok(Followed::Newest));
    let mut other = first;
    other.state = StateRoot([6; 32]);
    for time_ms in [other.time_ms, now_ms] {
        other.time_ms = time_ms;
        let certified = certificate(&other, &[2, 3, 4]);
        let followed = light.follow(other.clone(), certified, None, now_ms);
        assert_eq!(followed, Ok(Followed::Old));
    }
}

#[test]
fn those_before_a_checkpoint_say_nothing_of_what_is_after_them() {
    let mut light = start();
    let first = grow(&mut light);
    let far = Tip { height: 9_000, time_ms: first.time_ms + 2 * LIGHT_AGE_MS, ..*light.tip() };
    let trusted = after(&far, &[8], &[5]);
    let now_ms = trusted.time_ms;
    assert_eq!(light.trust(trusted, set(&[5])), Ok(()));
    for height in [2, 9_000] {
        let mut forged = after(light.tip(), &[1, 2, 3, 4], &[1, 2, 3, 4]);
        (forged.height, forged.time_ms) = (height, now_ms - 1);
        let certified = certificate(&forged, &[1, 2, 3]);
        assert_eq!(light.follow(forged, certified, None, now_ms), Ok(Followed::Old));
    }
}
