//! What every engine must do, run on each kind by its own tests.

use super::{Batch, Engine, KeyRange, Order, Row};
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};
use std::collections::BTreeMap;

/// Runs all behaviours; `store` makes a new store each time and returns how it is opened.
pub(crate) fn run<Open: Fn() -> Box<dyn Engine>>(mut store: impl FnMut() -> Open) {
    an_empty_store_has_no_rows(&store());
    a_batch_puts_and_deletes_together(&store());
    ranges_obey_bounds_order_and_limit(&store());
    flushed_rows_are_there_after_reopening(&store());
    a_flush_that_was_begun_ends_on_any_thread(&store());
    keys_and_values_of_any_bytes_are_kept(&store());
    random_operations_match_a_model(&store());
}

fn batch(changes: &[(&[u8], Option<&[u8]>)]) -> Batch {
    let mut batch = Batch::new();
    for (key, change) in changes {
        match change {
            Some(value) => batch.put(key.to_vec(), value.to_vec()),
            None => batch.delete(key.to_vec()),
        }
    }
    batch
}

fn keys(rows: Vec<Row>) -> Vec<Vec<u8>> {
    rows.into_iter().map(|(key, _)| key).collect()
}

fn an_empty_store_has_no_rows(open: &impl Fn() -> Box<dyn Engine>) {
    let mut engine = open();
    assert_eq!(engine.get(b"a").unwrap(), None);
    for order in [Order::Ascending, Order::Descending] {
        assert!(engine.range(&KeyRange::all(), order, usize::MAX).unwrap().is_empty());
    }
    engine.apply(Batch::new()).unwrap();
    engine.apply(batch(&[(b"absent", None)])).unwrap();
    engine.flush().unwrap();
    engine.flush().unwrap();
    assert!(engine.range(&KeyRange::all(), Order::Ascending, 1).unwrap().is_empty());
}

fn a_batch_puts_and_deletes_together(open: &impl Fn() -> Box<dyn Engine>) {
    let mut engine = open();
    engine.apply(batch(&[(b"a", Some(b"1")), (b"b", Some(b"2"))])).unwrap();
    engine.apply(batch(&[(b"a", None), (b"b", Some(b"3")), (b"c", Some(b""))])).unwrap();
    assert_eq!(engine.get(b"a").unwrap(), None);
    assert_eq!(engine.get(b"b").unwrap().as_deref(), Some(b"3".as_slice()));
    assert_eq!(engine.get(b"c").unwrap().as_deref(), Some(b"".as_slice()));
}

fn ranges_obey_bounds_order_and_limit(open: &impl Fn() -> Box<dyn Engine>) {
    let mut engine = open();
    let mut rows = Batch::new();
    for key in 0..=255_u8 {
        rows.put(vec![key], vec![key]);
        rows.put(vec![key, 0], vec![]);
    }
    engine.apply(rows).unwrap();
    let range = KeyRange::new(vec![10], Some(vec![12]));
    let up = engine.range(&range, Order::Ascending, 10).unwrap();
    assert_eq!(keys(up), [vec![10], vec![10, 0], vec![11], vec![11, 0]]);
    let down = engine.range(&range, Order::Descending, 3).unwrap();
    assert_eq!(keys(down), [vec![11, 0], vec![11], vec![10, 0]]);
    let last = engine.range(&KeyRange::prefix(&[255]), Order::Descending, 1).unwrap();
    assert_eq!(keys(last), [vec![255, 0]]);
    assert_eq!(engine.range(&KeyRange::all(), Order::Ascending, usize::MAX).unwrap().len(), 512);
    assert!(engine.range(&KeyRange::all(), Order::Ascending, 0).unwrap().is_empty());
    for empty in [KeyRange::new(vec![9], Some(vec![9])), KeyRange::new(vec![9], Some(vec![8]))] {
        assert!(engine.range(&empty, Order::Ascending, 5).unwrap().is_empty());
        assert!(engine.range(&empty, Order::Descending, 5).unwrap().is_empty());
    }
}

fn flushed_rows_are_there_after_reopening(open: &impl Fn() -> Box<dyn Engine>) {
    let mut engine = open();
    engine.apply(batch(&[(b"a", Some(b"1")), (b"b", Some(b"2"))])).unwrap();
    engine.flush().unwrap();
    engine.apply(batch(&[(b"a", None)])).unwrap();
    engine.flush().unwrap();
    drop(engine);
    let rows = open().range(&KeyRange::all(), Order::Ascending, 9).unwrap();
    assert_eq!(rows, [(b"b".to_vec(), b"2".to_vec())]);
}

fn a_flush_that_was_begun_ends_on_any_thread(open: &impl Fn() -> Box<dyn Engine>) {
    let mut engine = open();
    for value in 0..40 {
        engine.apply(batch(&[(&[value], Some(&[value; 40]))])).unwrap();
        let flush = engine.begin_flush().unwrap();
        engine.apply(batch(&[(&[100 + value], Some(b"meanwhile"))])).unwrap();
        if let Some(flush) = flush {
            std::thread::spawn(|| flush.wait()).join().unwrap().unwrap();
        }
        engine.catch_up().unwrap();
    }
    drop(engine);
    let rows = keys(open().range(&KeyRange::all(), Order::Ascending, 40).unwrap());
    assert_eq!(rows, (0..40).map(|key| vec![key]).collect::<Vec<_>>());
}

fn keys_and_values_of_any_bytes_are_kept(open: &impl Fn() -> Box<dyn Engine>) {
    let mut engine = open();
    let large = vec![0x5a; 300_000];
    let odd = batch(&[
        (b"\0", Some(b"zero")),
        (b"\xff\xff\xff", Some(b"ones")),
        (&[b'k'; 1_000], Some(&large)),
    ]);
    engine.apply(odd).unwrap();
    engine.flush().unwrap();
    drop(engine);
    let engine = open();
    assert_eq!(engine.get(b"\0").unwrap().unwrap(), b"zero");
    assert_eq!(engine.get(&[b'k'; 1_000]).unwrap().unwrap(), large);
    let rows = engine.range(&KeyRange::all(), Order::Descending, 9).unwrap();
    assert_eq!(keys(rows), [vec![0xff; 3], vec![b'k'; 1_000], vec![0]]);
}

fn random_operations_match_a_model(open: &impl Fn() -> Box<dyn Engine>) {
    let mut rng = ChaCha8Rng::seed_from_u64(18);
    let mut model = BTreeMap::new();
    let mut engine = open();
    for round in 0..300 {
        let mut changes = Batch::new();
        for _ in 0..rng.next_u32() % 12 {
            let key = vec![b'k', (rng.next_u32() % 64) as u8];
            if rng.next_u32().is_multiple_of(3) {
                model.remove(&key);
                changes.delete(key);
            } else {
                let value = vec![rng.next_u32() as u8; (rng.next_u32() % 200) as usize];
                model.insert(key.clone(), value.clone());
                changes.put(key, value);
            }
        }
        engine.apply(changes).unwrap();
        if round % 50 == 49 {
            engine.flush().unwrap();
            drop(engine);
            engine = open();
        }
        let (from, to) = (rng.next_u32() as u8 % 64, rng.next_u32() as u8 % 64);
        let range = KeyRange::new(vec![b'k', from], Some(vec![b'k', to]));
        let limit = (rng.next_u32() % 20) as usize;
        let within = model.iter().filter(|(key, _)| range.contains(key));
        let mut expected: Vec<Row> = within.map(|(k, v)| (k.clone(), v.clone())).collect();
        let order = if round % 2 == 0 { Order::Ascending } else { Order::Descending };
        if order == Order::Descending {
            expected.reverse();
        }
        expected.truncate(limit);
        assert_eq!(engine.range(&range, order, limit).unwrap(), expected, "round {round}");
    }
}
