//! A broken store is an error, never a panic and never another root.

use super::{
    super::*,
    store::{Rows, key},
};
use crate::{
    codec::{decode, encode},
    golden,
    ledger::state::{Changes, Leaves},
    limits::STATE_LEAF,
};
use proptest::prelude::*;

fn filled() -> Rows {
    let mut rows = Rows::default();
    rows.step(0, &(0..60).map(|number| (key(number), Some(vec![number]))).collect());
    rows.step(1, &(60..90).map(|number| (key(number), Some(vec![number]))).collect());
    rows
}

fn everything() -> Changes {
    (0..=255).map(|number| (key(number), (number % 3 > 0).then(|| vec![9]))).collect()
}

#[test]
fn golden_bytes_of_nodes() {
    let children = vec![
        Child { nibble: 2, hash: [7; 32], height: 300, leaves: 1 },
        Child { nibble: 15, hash: [8; 32], height: 301, leaves: 70_000 },
    ];
    let nodes = [
        TreeNode::Empty,
        TreeNode::Leaf { key: [1; 32], value: [2; 32] },
        TreeNode::Branch(Branch::new(children).unwrap()),
    ];
    let bytes = nodes.map(|node| {
        let bytes = encode(&node).unwrap();
        assert_eq!(decode::<TreeNode>(&bytes).unwrap(), node);
        bytes
    });
    golden::check("ledger_tree_nodes", bytes.concat());
}

#[test]
fn the_largest_branch_fits() {
    let child = |nibble| Child { nibble, hash: [255; 32], height: u64::MAX, leaves: u64::MAX / 16 };
    let branch = TreeNode::Branch(Branch::new((0..16).map(child).collect()).unwrap());
    assert_eq!(decode::<TreeNode>(&encode(&branch).unwrap()).unwrap(), branch);
}

#[test]
fn children_that_are_no_branch_are_refused() {
    let child = |nibble, leaves| Child { nibble, hash: [0; 32], height: 0, leaves };
    let refused = |children: &[Child]| Branch::new(children.to_vec()).unwrap_err();
    assert_eq!(refused(&[]), BranchError::Leaves);
    assert_eq!(refused(&[child(0, 1)]), BranchError::Leaves);
    assert_eq!(refused(&[child(0, 1), child(0, 1)]), BranchError::Order(0));
    assert_eq!(refused(&[child(1, 1), child(0, 1)]), BranchError::Order(0));
    assert_eq!(refused(&[child(0, 1), child(16, 1)]), BranchError::Order(16));
    assert_eq!(refused(&[child(0, 2), child(1, 0)]), BranchError::Empty(1));
    assert_eq!(refused(&[child(0, u64::MAX), child(1, 1)]), BranchError::Leaves);
    assert!(Branch::new(vec![child(0, 2)]).is_ok());
}

#[test]
fn a_node_that_is_missing_or_elsewhere_is_an_error() {
    let whole = filled();
    let reached: Vec<_> = whole.nodes.keys().copied().collect();
    let mut errors = 0;
    for place in &reached {
        let mut rows = whole.clone();
        rows.nodes.remove(place);
        errors += usize::from(apply(&rows, 2, &everything()).is_err());
        for number in (0..=250).step_by(10) {
            let _ = prove(&rows, 1, &key(number));
        }
    }
    assert!(errors > reached.len() / 4, "{errors} of {}", reached.len());
    for (one, other) in reached.iter().zip(reached.iter().rev()) {
        let mut rows = whole.clone();
        rows.nodes.insert(*one, whole.nodes[other].clone());
        let _ = apply(&rows, 2, &everything());
        for number in (0..=250).step_by(10) {
            let _ = prove(&rows, 1, &key(number));
        }
    }
}

#[test]
fn a_value_that_is_not_the_trees_is_not_proved() {
    let mut rows = filled();
    rows.values.insert((key(3), 0), Some(vec![4]));
    assert_eq!(prove(&rows, 1, &key(3)), Err(TreeError::Value(key(3), 1)));
    rows.values.remove(&(key(3), 0));
    assert_eq!(prove(&rows, 1, &key(3)), Err(TreeError::Value(key(3), 1)));
}

#[test]
fn a_value_that_is_not_the_trees_is_neither_read_nor_replaced() {
    let mut whole = filled();
    whole.step(2, &Changes::from([(key(3), Some(vec![33])), (key(4), None)]));
    let broken = [
        (key(3), 2, None),
        (key(3), 2, Some(Some(vec![34]))),
        (key(3), 2, Some(None)),
        (key(4), 2, None),
        (key(4), 2, Some(Some(vec![4]))),
        (key(5), 0, None),
        (key(200), 1, Some(Some(vec![1]))),
    ];
    for (key, height, row) in broken {
        let mut rows = whole.clone();
        match row {
            Some(bytes) => drop(rows.values.insert((key, height), bytes)),
            None => assert!(rows.values.remove(&(key, height)).is_some()),
        }
        let value = TreeError::Value(key, 2);
        let snapshot = Snapshot::open(&rows, 2).unwrap();
        assert_eq!(snapshot.leaf(&key), Err(value.clone()));
        // Nor does a block go over it, whatever it writes there.
        for bytes in [None, Some(vec![3]), Some(vec![9])] {
            let changes = Changes::from([(key, bytes)]);
            assert_eq!(apply(&rows, 3, &changes), Err(value.clone()));
        }
        assert_eq!(snapshot.leaf(&super::store::key(6)), Ok(Some(vec![6])));
    }
}

#[test]
fn a_batch_has_the_root_of_its_tree() {
    let rows = filled();
    for changes in [Changes::new(), everything()] {
        let (root, batch) = apply(&rows, 2, &changes).unwrap();
        assert_eq!(batch.root(), Some(root));
    }
    let (_, batch) = apply(&rows, 2, &Changes::new()).unwrap();
    let none = NodeBatch { nodes: std::collections::BTreeMap::new(), ..batch };
    assert_eq!(none.root(), None);
}

#[test]
fn a_leaf_that_no_proof_could_carry_is_not_taken() {
    let mut rows = Rows::default();
    let leaf = |len| Changes::from([(key(1), Some(vec![0; len]))]);
    let error = TreeError::LeafTooLong { key: key(1), len: STATE_LEAF + 1 };
    assert_eq!(apply(&rows, 0, &leaf(STATE_LEAF + 1)), Err(error));
    rows.step(0, &leaf(STATE_LEAF));
    encode(&prove(&rows, 0, &key(1)).unwrap()).unwrap();
}

proptest! {
    #[test]
    fn random_bytes_are_a_node_or_none(bytes in prop::collection::vec(any::<u8>(), 0..120)) {
        let mut bytes = bytes;
        if let Some(first) = bytes.first_mut() {
            *first = 1;
        }
        if let Ok(node) = decode::<TreeNode>(&bytes) {
            prop_assert_eq!(encode(&node).unwrap(), bytes);
        }
    }
}
