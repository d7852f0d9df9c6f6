//! Proofs: the right ones hold, and no other.

use super::{
    super::*,
    store::{Rows, key, sha},
};
use crate::{
    bounded::{Blob, List},
    codec::{decode, encode},
    golden,
    ledger::{StateRoot, state::LeafKey},
    limits::STATE_DEPTH,
};
use proptest::prelude::*;

fn tree() -> (Rows, StateRoot) {
    let mut rows = Rows::default();
    let root = rows.step(0, &(0..100).map(|number| (key(number), Some(vec![number; 3]))).collect());
    (rows, root)
}

/// One proof of each end.
fn each_end() -> (StateRoot, [(LeafKey, StateProof); 3]) {
    let (rows, root) = tree();
    let of = |key: LeafKey| (key, prove(&rows, 0, &key).unwrap());
    let absent = || (100..=255).map(key).map(of);
    let empty = absent().find(|(_, proof)| matches!(proof.end(), ProofEnd::Empty)).unwrap();
    let other = absent().find(|(_, proof)| matches!(proof.end(), ProofEnd::Other { .. })).unwrap();
    (root, [of(key(7)), other, empty])
}

#[test]
fn golden_bytes_of_proofs() {
    let (root, proofs) = each_end();
    golden::check("ledger_state_root", root.0.to_vec());
    for (name, (_, proof)) in ["leaf", "other", "empty"].into_iter().zip(&proofs) {
        let bytes = golden::check(&format!("ledger_state_proof_{name}"), encode(proof).unwrap());
        assert_eq!(&decode::<StateProof>(&bytes).unwrap(), proof);
    }
}

#[test]
fn a_proof_with_any_byte_flipped_fails() {
    let (root, proofs) = each_end();
    for (key, proof) in proofs {
        let bytes = encode(&proof).unwrap();
        assert!(proof.verify(&root, &key).is_ok());
        for at in 0..bytes.len() {
            for bit in 0..8 {
                let mut bytes = bytes.clone();
                bytes[at] ^= 1 << bit;
                let holds = decode::<StateProof>(&bytes)
                    .is_ok_and(|proof| proof.verify(&root, &key).is_ok());
                assert!(!holds, "byte {at}, bit {bit} of {:?}", proof.end());
            }
        }
    }
}

#[test]
fn a_proof_of_another_leaf_or_root_or_end_fails() {
    let (root, proofs) = each_end();
    for (key, proof) in &proofs {
        assert!(proof.verify(&StateRoot([1; 32]), key).is_err());
        assert!(proof.verify(&EMPTY_ROOT, key).is_err());
        for (wanted, other) in &proofs {
            if wanted != key {
                assert!(proof.verify(&root, wanted).is_err());
                let mixed = StateProof { end: other.end().clone(), ..proof.clone() };
                assert!(mixed.verify(&root, key).is_err());
            }
        }
    }
    // The leaf itself, given out as the other leaf that stands in its place.
    let [(key, proof), ..] = &proofs;
    let hidden = ProofEnd::Other { key: key.0, value: sha(&[&[7; 3]]) };
    let hidden = StateProof { end: hidden, ..proof.clone() };
    assert_eq!(hidden.verify(&root, key), Err(ProofError::Other { key: *key, other: *key }));
}

#[test]
fn a_leaf_elsewhere_does_not_show_that_one_is_absent() {
    let (_, [(stood, proof), (absent, _), _]) = each_end();
    let (rows, root) = tree();
    // A true leaf with its true way, shown to who asks for a place that it does not cover.
    let end = ProofEnd::Other { key: stood.0, value: sha(&[&[7; 3]]) };
    let shown = StateProof { end, ..proof };
    assert_eq!(shown.verify(&root, &absent), Err(ProofError::Other { key: absent, other: stood }));
    assert!(prove(&rows, 0, &absent).unwrap().verify(&root, &absent).unwrap().is_none());
}

#[test]
fn an_empty_part_has_one_spelling() {
    let (root, proofs) = each_end();
    let placeholder = Some(*b"SPARSE_MERKLE_PLACEHOLDER_HASH__");
    let mut met = 0;
    for (key, proof) in proofs {
        for at in (0..proof.depth()).filter(|at| proof.siblings[*at].is_none()) {
            let mut siblings = proof.siblings.clone().into_vec();
            siblings[at] = placeholder;
            let siblings = List::new(siblings).unwrap();
            let spelt = StateProof { siblings, ..proof.clone() };
            assert_eq!(spelt.verify(&root, &key), Err(ProofError::Spelling(key)));
            met += 1;
        }
    }
    assert!(met > 0);
}

#[test]
fn an_empty_tree_proves_that_there_is_nothing() {
    let mut rows = Rows::default();
    let root = rows.step(0, &[].into());
    let proof = prove(&rows, 0, &key(1)).unwrap();
    assert_eq!((proof.depth(), proof.verify(&root, &key(1))), (0, Ok(None)));
}

#[test]
#[ignore = "prints the size of proofs over a large tree"]
fn sizes_of_proofs() {
    let place = |number: u32| LeafKey(sha(&[b"size", &number.to_be_bytes()]));
    for leaves in [1_000_u32, 100_000] {
        let mut rows = Rows::default();
        let all = (0..leaves).map(|number| (place(number), Some(vec![7; 16]))).collect();
        let root = rows.step(0, &all);
        let mean = |numbers: std::ops::Range<u32>| {
            let count = numbers.len();
            let sizes = numbers.map(|number| {
                let proof = prove(&rows, 0, &place(number)).unwrap();
                proof.verify(&root, &place(number)).unwrap();
                encode(&proof).unwrap().len()
            });
            sizes.sum::<usize>() / count
        };
        let (present, absent) = (mean(0..1_000), mean(leaves..leaves + 1_000));
        println!("{leaves} leaves of 16 bytes: proof {present} bytes, of absence {absent} bytes");
    }
}

proptest! {
    #[test]
    fn random_bytes_are_a_proof_or_none(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut bytes = bytes;
        if let Some(first) = bytes.first_mut() {
            *first = 1;
        }
        if let Ok(proof) = decode::<StateProof>(&bytes) {
            prop_assert_eq!(encode(&proof).unwrap(), bytes);
            prop_assert!(proof.verify(&StateRoot([3; 32]), &key(1)).is_err());
        }
    }

    #[test]
    fn any_proof_is_judged_without_a_panic(
        siblings in prop::collection::vec(any::<Option<[u8; 32]>>(), 0..=STATE_DEPTH),
        kind in 0..3, bytes in prop::collection::vec(any::<u8>(), 0..64), other: [u8; 32],
        asked: [u8; 32], root: [u8; 32],
    ) {
        let end = match kind {
            0 => ProofEnd::Leaf(Blob::new(bytes).unwrap()),
            1 => ProofEnd::Other { key: other, value: root },
            _ => ProofEnd::Empty,
        };
        let proof = StateProof { end, siblings: List::new(siblings).unwrap() };
        prop_assert!(proof.verify(&StateRoot(root), &LeafKey(asked)).is_err());
        let bytes = encode(&proof).unwrap();
        prop_assert_eq!(decode::<StateProof>(&bytes).unwrap(), proof);
    }
}
