use super::*;
use crate::engine::{Batch, EngineError, Fault, KeyRange, MemoryDisk, Order, Row};
use proptest::prelude::*;
use std::collections::BTreeMap;

type Model = BTreeMap<Vec<u8>, Vec<u8>>;

/// What a test does: keys are short, so that they meet each other.
#[derive(Debug, Clone)]
enum Op {
    Put(Vec<u8>, Vec<u8>),
    Delete(Vec<u8>),
    Get(Vec<u8>),
    Range(Vec<u8>, Option<Vec<u8>>, bool, usize),
    EndStep { keep: bool },
    Commit,
    Reopen,
}

fn key() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(0..6_u8, 0..3)
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        6 => (key(), prop::collection::vec(any::<u8>(), 0..4)).prop_map(|(k, v)| Op::Put(k, v)),
        4 => key().prop_map(Op::Delete),
        2 => key().prop_map(Op::Get),
        6 => (key(), prop::option::of(key()), any::<bool>(), 0..20_usize)
            .prop_map(|(from, to, up, limit)| Op::Range(from, to, up, limit)),
        3 => any::<bool>().prop_map(|keep| Op::EndStep { keep }),
        1 => Just(Op::Commit),
        1 => Just(Op::Reopen),
    ]
}

fn expected(model: &Model, range: &KeyRange, order: Order, limit: usize) -> Vec<Row> {
    let within = model.iter().filter(|(key, _)| range.contains(key));
    let mut rows: Vec<Row> = within.map(|(k, v)| (k.clone(), v.clone())).collect();
    if order == Order::Descending {
        rows.reverse();
    }
    rows.truncate(limit);
    rows
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn steps_read_like_one_map(ops in prop::collection::vec(op(), 1..80)) {
        let disk = MemoryDisk::new();
        let mut overlay = Overlay::new(Box::new(disk.open().unwrap()));
        // As the store is after a restart, as the overlay shows it, as the step shows it.
        let (mut durable, mut pushed, mut stepped) = (Model::new(), Model::new(), Model::new());
        let mut step = Batch::new();
        for op in ops {
            match op {
                Op::Put(key, value) => {
                    stepped.insert(key.clone(), value.clone());
                    step.put(key, value);
                }
                Op::Delete(key) => {
                    stepped.remove(&key);
                    step.delete(key);
                }
                Op::Get(key) => {
                    let mut tx = Tx::new(&overlay);
                    tx.push(step.clone());
                    prop_assert_eq!(tx.get(&key).unwrap(), stepped.get(&key).cloned());
                    prop_assert_eq!(overlay.get(&key).unwrap(), pushed.get(&key).cloned());
                }
                Op::Range(from, to, up, limit) => {
                    let order = if up { Order::Ascending } else { Order::Descending };
                    let range = KeyRange::new(from, to);
                    let mut tx = Tx::new(&overlay);
                    tx.push(step.clone());
                    let found = tx.range(&range, order, limit).unwrap();
                    prop_assert_eq!(found, expected(&stepped, &range, order, limit));
                    let found = overlay.range(&range, order, limit).unwrap();
                    prop_assert_eq!(found, expected(&pushed, &range, order, limit));
                }
                Op::EndStep { keep } => {
                    let ended = std::mem::take(&mut step);
                    if keep {
                        overlay.push(ended);
                        pushed = stepped.clone();
                    } else {
                        stepped = pushed.clone();
                    }
                }
                Op::Commit => {
                    overlay.commit().unwrap();
                    durable = pushed.clone();
                }
                Op::Reopen => {
                    drop(overlay);
                    disk.crash(0);
                    overlay = Overlay::new(Box::new(disk.open().unwrap()));
                    step = Batch::new();
                    pushed = durable.clone();
                    stepped = durable.clone();
                }
            }
        }
    }
}

#[test]
fn more_deleted_rows_than_a_page_are_skipped() {
    let disk = MemoryDisk::new();
    let mut overlay = Overlay::new(Box::new(disk.open().unwrap()));
    let mut rows = Batch::new();
    for number in 0..5_000_u32 {
        rows.put(number.to_be_bytes().to_vec(), vec![1]);
    }
    overlay.push(rows);
    overlay.commit().unwrap();
    let mut tx = Tx::new(&overlay);
    for number in 1..4_999_u32 {
        tx.delete(number.to_be_bytes().to_vec());
    }
    for order in [Order::Ascending, Order::Descending] {
        let mut ends = tx.range(&KeyRange::all(), order, 2).unwrap();
        ends.sort();
        let keys: Vec<_> = ends.into_iter().map(|(key, _)| key).collect();
        assert_eq!(keys, [0_u32.to_be_bytes().to_vec(), 4_999_u32.to_be_bytes().to_vec()]);
    }
    overlay.push(tx.into_batch());
    assert_eq!(overlay.range(&KeyRange::all(), Order::Ascending, usize::MAX).unwrap().len(), 2);
}

#[test]
fn a_failed_commit_leaves_nothing_to_read_or_write() {
    for at in 0..2 {
        let disk = MemoryDisk::new();
        let mut overlay = Overlay::new(Box::new(disk.open().unwrap()));
        let mut tx = Tx::new(&overlay);
        tx.put(b"key".to_vec(), b"value".to_vec());
        overlay.push(tx.into_batch());
        disk.inject(Fault::Once(at));
        assert!(matches!(overlay.commit(), Err(EngineError::Io { .. })));
        assert!(matches!(overlay.get(b"key"), Err(EngineError::Broken)));
        let range = overlay.range(&KeyRange::all(), Order::Ascending, 1);
        assert!(matches!(range, Err(EngineError::Broken)));
        assert!(matches!(overlay.commit(), Err(EngineError::Broken)));
    }
}

#[test]
fn a_group_is_full_until_it_is_committed() {
    let mut overlay = Overlay::new(Box::new(MemoryDisk::new().open().unwrap()));
    let mut tx = Tx::new(&overlay);
    tx.put(vec![1], vec![0; GROUP_BYTES - 3]);
    overlay.push(tx.into_batch());
    assert!(!overlay.is_full());
    let mut tx = Tx::new(&overlay);
    tx.put(vec![2], vec![0]);
    overlay.push(tx.into_batch());
    assert!(overlay.is_full());
    overlay.commit().unwrap();
    assert!(!overlay.is_full());
}

#[test]
fn a_dropped_step_changes_nothing_and_an_empty_commit_writes_nothing() {
    let disk = MemoryDisk::new();
    let mut overlay = Overlay::new(Box::new(disk.open().unwrap()));
    let mut tx = Tx::new(&overlay);
    tx.put(b"key".to_vec(), b"value".to_vec());
    drop(tx);
    disk.inject(Fault::From(0));
    overlay.commit().unwrap();
    disk.repair();
    assert_eq!(overlay.get(b"key").unwrap(), None);
}

#[test]
fn what_comes_and_goes_in_one_group_is_not_written() {
    let disk = MemoryDisk::new();
    let mut overlay = Overlay::new(Box::new(disk.open().unwrap()));
    let step = |key: &[u8], value: Option<&[u8]>| {
        let mut batch = Batch::new();
        match value {
            Some(value) => batch.put(key.to_vec(), value.to_vec()),
            None => batch.delete(key.to_vec()),
        }
        batch
    };
    overlay.push(step(b"old", Some(b"1")));
    overlay.commit().unwrap();
    overlay.push(step(b"new", Some(b"2")));
    overlay.push(step(b"old", Some(b"3")));
    overlay.push(step(b"new", None));
    overlay.push(step(b"old", None));
    assert_eq!(overlay.get(b"new").unwrap(), None);
    let pending: Vec<_> = overlay.pending().iter().collect();
    assert_eq!(pending, [(b"old".as_slice(), None)], "the engine has the old one");
    assert_eq!(overlay.pending().bytes(), 3);
}
