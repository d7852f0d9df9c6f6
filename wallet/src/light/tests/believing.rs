use super::scene::{NOW, after, certificate, grow, start};
use crate::light::{Followed, Freshness, Light, Trace};
use magpie_protocol::{
    codec::decode,
    ledger::{
        EntryId, StateRoot,
        state::LeafKey,
        tree::{EMPTY_ROOT, StateProof},
    },
    limits::{LIGHT_AGE_MS, SETTLED_AHEAD_MS, SETTLED_MS},
};
use sha2::{Digest, Sha256};

#[test]
fn settled_is_said_of_a_header_under_a_minute_old() {
    let mut light = start();
    assert_eq!(light.freshness(1_000), Freshness::AsOf(1_000));
    assert!(light.newest(1_000).is_none());
    let time = grow(&mut light).time_ms + LIGHT_AGE_MS - 1_000;
    // One whose time leaves room below it.
    let mut late = after(light.tip(), &[1, 2, 3, 4], &[1, 2, 3, 4]);
    late.time_ms = time;
    let certified = certificate(&late, &[1, 2, 3]);
    assert_eq!(light.follow(late, certified, None, NOW), Ok(Followed::Newest));
    for (now, expected) in [
        (time, Freshness::Settled),
        (time + SETTLED_MS - 1, Freshness::Settled),
        (time + SETTLED_MS, Freshness::AsOf(time)),
        (u64::MAX, Freshness::AsOf(time)),
        // A clock behind the header says nothing of its age.
        (time - SETTLED_AHEAD_MS, Freshness::Settled),
        (time - SETTLED_AHEAD_MS - 1, Freshness::AsOf(time)),
        (time - SETTLED_MS + 1, Freshness::AsOf(time)),
        (NOW, Freshness::AsOf(time)),
    ] {
        assert_eq!(light.freshness(now), expected, "{now}");
        let newest = light.newest(now).unwrap();
        assert_eq!((newest.time_ms(), newest.freshness()), (time, expected));
        // What is shown under an older header is so old, however new the newest is.
        let older = light.believed(1, now).unwrap();
        assert_eq!((older.time_ms(), older.freshness()), (2_000, Freshness::AsOf(2_000)));
    }
}

/// Returns the root of a tree with this one leaf, and the proof of it (docs/state.md).
fn alone(key: &LeafKey, content: &[u8]) -> (StateRoot, StateProof) {
    let content_hash = Sha256::digest(content);
    let hash = Sha256::new().chain_update("JMT::LeafNode").chain_update(key.0);
    let root = StateRoot(hash.chain_update(content_hash).finalize().into());
    let mut bytes = vec![1, 0, content.len() as u8];
    bytes.extend_from_slice(content);
    bytes.push(0);
    (root, decode(&bytes).unwrap())
}

fn nothing() -> StateProof {
    decode(&[1, 2, 0]).unwrap()
}

/// Follows a header of a time and a state.
fn at(time_ms: u64, state: StateRoot) -> Light {
    let mut light = start();
    let mut header = after(light.tip(), &[1, 2, 3, 4], &[1, 2, 3, 4]);
    (header.time_ms, header.state) = (time_ms, state);
    let certified = certificate(&header, &[1, 2, 3]);
    assert_eq!(light.follow(header, certified, None, NOW), Ok(Followed::Newest));
    light
}

#[test]
fn an_entry_never_happened_if_it_is_missing_when_no_block_takes_it_any_more() {
    let until = 50_000;
    let id = EntryId([4; 32]);
    for trace in [Trace::of_transfer(id, until), Trace::of_packet(id, until)] {
        assert_eq!(trace.valid_until_ms(), until);
        for (time, never) in [(until - 1, false), (until, true), (until + 1, true)] {
            let light = at(time, EMPTY_ROOT);
            let newest = light.newest(NOW).unwrap();
            assert_eq!(newest.never_happened(&trace, &nothing()), Ok(never), "{time}");
        }
        // It happened: however late, it is not to be signed again.
        let (root, proof) = alone(trace.key(), &[1, 2, 3]);
        let light = at(until + 1, root);
        let newest = light.newest(NOW).unwrap();
        assert_eq!(newest.never_happened(&trace, &proof), Ok(false));
        // And that it is missing cannot be said under that header.
        assert!(newest.never_happened(&trace, &nothing()).is_err());
    }
    let (transfer, packet) = (Trace::of_transfer(id, until), Trace::of_packet(id, until));
    assert_ne!(transfer.key(), packet.key());
}
