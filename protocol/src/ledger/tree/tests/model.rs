//! The tree against a map: whatever the changes, the root is the one that the leaves define.

use super::{
    super::*,
    store::{Model, Rows, change, key, model_root},
};
use crate::ledger::state::{Changes, LeafKey, Leaves};
use proptest::prelude::*;

fn changes() -> impl Strategy<Value = Changes> {
    let one = (any::<u8>(), prop::option::weighted(0.6, prop::collection::vec(0_u8..3, 0..3)));
    prop::collection::btree_map(one.clone().prop_map(|(number, _)| key(number)), one, 0..40)
        .prop_map(|changes| changes.into_iter().map(|(key, (_, bytes))| (key, bytes)).collect())
}

/// Checks that the tree of a height says of every leaf what the model says, with a proof.
fn agrees(rows: &Rows, height: u64, model: &Model) {
    let expected = model_root(model);
    assert_eq!(root(rows, height).unwrap(), Some(expected), "height {height}");
    let snapshot = Snapshot::open(rows, height).unwrap();
    for key in (height as u8 % 5..=250).step_by(5).map(key) {
        let bytes = model.get(&key).cloned();
        assert_eq!(snapshot.leaf(&key).unwrap(), bytes);
        let proof = prove(rows, height, &key).unwrap();
        assert_eq!(proof.verify(&expected, &key).unwrap(), bytes.as_deref());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_height_has_the_root_of_its_leaves(blocks in prop::collection::vec(changes(), 1..12)) {
        let (mut rows, mut model) = (Rows::default(), Model::new());
        let mut past = Vec::new();
        for (height, changes) in (0..).zip(&blocks) {
            rows.step(height, changes);
            change(&mut model, changes);
            past.push(model.clone());
        }
        for (height, model) in (0..).zip(&past) {
            agrees(&rows, height, model);
        }
    }

    #[test]
    fn one_block_or_many_come_to_the_same_root(blocks in prop::collection::vec(changes(), 1..8)) {
        let (mut many, mut model) = (Rows::default(), Model::new());
        let mut last = EMPTY_ROOT;
        for (height, changes) in (0..).zip(&blocks) {
            last = many.step(height, changes);
            change(&mut model, changes);
        }
        let all = model.into_iter().map(|(key, bytes)| (key, Some(bytes))).collect();
        prop_assert_eq!(Rows::default().step(0, &all), last);
    }

    #[test]
    fn pruning_leaves_what_is_needed_and_nothing_else(
        blocks in prop::collection::vec(changes(), 2..12), kept in 1_usize..4,
    ) {
        let (mut rows, mut model) = (Rows::default(), Model::new());
        let mut past = Vec::new();
        for (height, changes) in (0..).zip(&blocks) {
            rows.step(height, changes);
            change(&mut model, changes);
            past.push(model.clone());
            rows.prune((height + 1).saturating_sub(kept as u64));
        }
        let oldest = blocks.len().saturating_sub(kept);
        for (height, model) in (0..).zip(&past) {
            if (height as usize) < oldest {
                prop_assert_eq!(root(&rows, height).unwrap(), None);
                prop_assert_eq!(Snapshot::open(&rows, height).unwrap_err(), TreeError::Root(height));
                prop_assert_eq!(prove(&rows, height, &key(0)), Err(TreeError::Root(height)));
            } else {
                agrees(&rows, height, model);
            }
        }
        let newest = blocks.len() as u64 - 1;
        rows.prune(newest);
        agrees(&rows, newest, &model);
        prop_assert_eq!(rows.values.len(), model.len());
        prop_assert_eq!(rows.nodes.len(), reachable(&rows, NodePlace::root(newest)));
        prop_assert!(rows.stale.is_empty());
    }
}

/// Counts the nodes from a place on.
fn reachable(rows: &Rows, place: NodePlace) -> usize {
    match rows.node(&place).unwrap().unwrap() {
        TreeNode::Branch(branch) => {
            let below = branch.children().iter();
            let below = below.map(|child| place.child(child.nibble, child.height).unwrap());
            1 + below.map(|place| reachable(rows, place)).sum::<usize>()
        }
        _ => 1,
    }
}

#[test]
fn an_empty_tree_has_the_constant_root() {
    let mut rows = Rows::default();
    assert_eq!(rows.step(0, &Changes::new()), EMPTY_ROOT);
    assert_eq!(rows.step(1, &Changes::from([(key(1), None)])), EMPTY_ROOT);
    assert_eq!(rows.values.len(), 0);
    let full = rows.step(2, &Changes::from([(key(1), Some(vec![1]))]));
    assert_ne!(full, EMPTY_ROOT);
    assert_eq!(rows.step(3, &Changes::from([(key(1), None)])), EMPTY_ROOT);
    rows.prune(3);
    assert_eq!((rows.nodes.len(), rows.values.len()), (1, 0));
}

#[test]
fn a_change_to_the_same_bytes_writes_only_the_root() {
    let mut rows = Rows::default();
    let all: Changes = (0..40).map(|number| (key(number), Some(vec![number]))).collect();
    let first = rows.step(0, &all);
    let (root, batch) = apply(&rows, 1, &all).unwrap();
    assert_eq!(root, first);
    assert_eq!((batch.nodes.len(), batch.values.len(), batch.stale.len()), (1, 0, 1));
}

#[test]
fn no_height_follows_one_that_is_not_there() {
    let mut rows = Rows::default();
    assert_eq!(apply(&rows, 1, &Changes::new()), Err(TreeError::Root(0)));
    rows.step(0, &Changes::new());
    assert_eq!(apply(&rows, 2, &Changes::new()), Err(TreeError::Root(1)));
    assert_eq!(apply(&rows, u64::MAX, &Changes::new()), Err(TreeError::Root(u64::MAX)));
}

#[test]
fn two_leaves_that_differ_in_the_last_bit_stand_at_the_last_level() {
    let (low, high) =
        (LeafKey([0x5a; 32]), LeafKey([&[0x5a; 31][..], &[0x5b]].concat().try_into().unwrap()));
    let mut rows = Rows::default();
    let changes = Changes::from([(low, Some(vec![1])), (high, Some(vec![2]))]);
    let root = rows.step(0, &changes);
    let model = [(low, vec![1]), (high, vec![2])].into();
    assert_eq!(root, model_root(&model));
    let proof = prove(&rows, 0, &high).unwrap();
    assert_eq!((proof.depth(), proof.verify(&root, &high)), (256, Ok(Some([2].as_slice()))));
    let alone = rows.step(1, &Changes::from([(high, None)]));
    assert_eq!(prove(&rows, 1, &low).unwrap().depth(), 0);
    assert_eq!(alone, model_root(&[(low, vec![1])].into()));
}
