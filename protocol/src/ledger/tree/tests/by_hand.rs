//! The written bytes of proofs, read and followed by nothing but `docs/state.md` and SHA-256.

use super::store::{key, sha};
use std::{fs, path::Path};

const NOTHING: [u8; 32] = *b"SPARSE_MERKLE_PLACEHOLDER_HASH__";

#[expect(clippy::disallowed_methods, reason = "tests alone read the vectors")]
fn written(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden").join(format!("{name}.hex"));
    hex::decode(fs::read_to_string(path).unwrap().replace('\n', "")).unwrap()
}

fn take<'a>(bytes: &mut &'a [u8], count: usize) -> &'a [u8] {
    let (taken, rest) = bytes.split_at(count);
    *bytes = rest;
    taken
}

/// One number: up to 250 is a byte, 251 says that two follow, the least first.
fn number(bytes: &mut &[u8]) -> usize {
    match take(bytes, 1)[0] {
        251 => {
            let two = take(bytes, 2);
            usize::from(two[0]) | usize::from(two[1]) << 8
        }
        small => usize::from(small),
    }
}

fn hash(bytes: &mut &[u8]) -> [u8; 32] {
    take(bytes, 32).try_into().unwrap()
}

/// Returns the root to which a written proof of `key` leads, and the leaf's bytes.
fn follow(bytes: &[u8], key: &[u8; 32]) -> ([u8; 32], Option<Vec<u8>>) {
    let mut rest = bytes;
    assert_eq!(number(&mut rest), 1, "the version");
    let (mut at, leaf) = match number(&mut rest) {
        0 => {
            let length = number(&mut rest);
            let leaf = take(&mut rest, length);
            (sha(&[b"JMT::LeafNode", key, &sha(&[leaf])]), Some(leaf.to_vec()))
        }
        1 => (sha(&[b"JMT::LeafNode", &hash(&mut rest), &hash(&mut rest)]), None),
        2 => (NOTHING, None),
        end => panic!("no such end: {end}"),
    };
    let count = number(&mut rest);
    for level in (0..count).rev() {
        let sibling = match number(&mut rest) {
            0 => NOTHING,
            1 => hash(&mut rest),
            mark => panic!("no such mark: {mark}"),
        };
        let right = key[level / 8] & (0x80 >> (level % 8)) != 0;
        let (left, right) = if right { (sibling, at) } else { (at, sibling) };
        at = sha(&[b"JMT::IntrnalNode", &left, &right]);
    }
    assert!(rest.is_empty());
    (at, leaf)
}

#[test]
fn written_proofs_lead_to_the_written_root() {
    let root: [u8; 32] = written("ledger_state_root").try_into().unwrap();
    let leaf = written("ledger_state_proof_leaf");
    assert_eq!(follow(&leaf, &key(7).0), (root, Some(vec![7; 3])));
    assert_ne!(follow(&leaf, &key(6).0).0, root);
    for name in ["ledger_state_proof_other", "ledger_state_proof_empty"] {
        let proof = written(name);
        let led = (100..=255).filter(|number| follow(&proof, &key(*number).0) == (root, None));
        assert!(led.count() > 0, "{name}");
    }
}
