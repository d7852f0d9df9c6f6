use super::{
    engine::JournaledEngine,
    medium::{Half, Medium},
    memory::MemoryHalves,
    record::Header,
};
use crate::engine::{Batch, Engine, EngineError, KeyRange, MemoryDisk, MemoryEngine, Order, suite};

/// Bytes of a half that a few batches fill.
const SMALL: usize = 1_024;

fn put(key: &[u8], value: &[u8]) -> Batch {
    let mut batch = Batch::new();
    batch.put(key.to_vec(), value.to_vec());
    batch
}

fn delete(key: &[u8]) -> Batch {
    let mut batch = Batch::new();
    batch.delete(key.to_vec());
    batch
}

fn open(
    disk: &MemoryDisk,
    halves: &MemoryHalves,
) -> Result<JournaledEngine<MemoryEngine>, EngineError> {
    JournaledEngine::open(disk.open()?, Box::new(halves.clone()))
}

fn commit(engine: &mut impl Engine, batch: &Batch) {
    engine.apply(batch.clone()).unwrap();
    engine.flush().unwrap();
}

fn keys_below(disk: &MemoryDisk) -> Vec<Vec<u8>> {
    let rows = disk.open().unwrap().range(&KeyRange::all(), Order::Ascending, 999).unwrap();
    rows.into_iter().map(|(key, _)| key).filter(|key| key != b"\x02journal").collect()
}

#[test]
fn passes_the_suite_with_halves_of_any_size() {
    for capacity in [200, SMALL, 1 << 20] {
        suite::run(|| {
            let (disk, halves) = (MemoryDisk::new(), MemoryHalves::new(capacity));
            move || Box::new(open(&disk, &halves).unwrap()) as Box<dyn Engine>
        });
    }
}

#[test]
fn a_row_that_comes_and_goes_never_reaches_the_engine_below() {
    let (disk, halves) = (MemoryDisk::new(), MemoryHalves::new(SMALL));
    let mut engine = open(&disk, &halves).unwrap();
    for round in 0..200_u32 {
        let key = round.to_be_bytes();
        commit(&mut engine, &put(&key, b"on its way"));
        commit(&mut engine, &delete(&key));
    }
    commit(&mut engine, &put(b"stays", b"1"));
    for round in 0..200_u32 {
        commit(&mut engine, &put(b"counter", &round.to_be_bytes()));
    }
    drop(engine);
    let below = keys_below(&disk);
    assert!(below.contains(&b"stays".to_vec()));
    // Those that were alive when a half was full.
    assert!(below.len() < 40, "{} rows", below.len());
    let engine = open(&disk, &halves).unwrap();
    assert_eq!(engine.range(&KeyRange::all(), Order::Ascending, 9).unwrap().len(), 2);
    assert_eq!(engine.get(b"counter").unwrap(), Some(199_u32.to_be_bytes().to_vec()));
}

#[test]
fn a_batch_larger_than_a_half_is_behind_all_before_it_and_ahead_of_all_after_it() {
    let (disk, halves) = (MemoryDisk::new(), MemoryHalves::new(SMALL));
    let mut engine = open(&disk, &halves).unwrap();
    commit(&mut engine, &put(b"key", b"before"));
    let mut large = put(b"key", b"large");
    large.put(b"body".to_vec(), vec![7; 2 * SMALL]);
    commit(&mut engine, &large);
    drop(engine);
    let mut engine = open(&disk, &halves).unwrap();
    assert_eq!(engine.get(b"key").unwrap(), Some(b"large".to_vec()));
    assert_eq!(engine.get(b"body").unwrap().unwrap().len(), 2 * SMALL);
    commit(&mut engine, &put(b"key", b"after"));
    drop(engine);
    assert_eq!(open(&disk, &halves).unwrap().get(b"key").unwrap(), Some(b"after".to_vec()));
}

#[test]
fn a_large_batch_that_was_not_flushed_is_there_in_whole_or_not_at_all() {
    for seed in 0..64 {
        let (disk, halves) = (MemoryDisk::new(), MemoryHalves::new(SMALL));
        let mut engine = open(&disk, &halves).unwrap();
        commit(&mut engine, &put(b"key", b"before"));
        let mut large = put(b"key", b"large");
        large.put(b"body".to_vec(), vec![7; 2 * SMALL]);
        engine.apply(large.clone()).unwrap();
        disk.crash(seed);
        halves.crash(seed);
        let engine = open(&disk, &halves).unwrap();
        let is_there = engine.get(b"body").unwrap().is_some();
        let key = if is_there { b"large".as_slice() } else { b"before" };
        assert_eq!(engine.get(b"key").unwrap().as_deref(), Some(key));
    }
}

#[test]
fn a_missing_half_is_damage_and_never_a_loss_in_silence() {
    for rounds in 1..120_u32 {
        for half in Half::BOTH {
            let (disk, halves) = (MemoryDisk::new(), MemoryHalves::new(SMALL));
            let mut engine = open(&disk, &halves).unwrap();
            for round in 0..rounds {
                commit(&mut engine, &put(&round.to_be_bytes(), &[1; 40]));
            }
            drop(engine);
            halves.remove(half);
            let opened = open(&disk, &halves);
            assert!(matches!(
                opened,
                Err(EngineError::Damaged { operation: "read the journal", .. })
            ));
        }
    }
}

#[test]
fn what_an_earlier_generation_left_is_no_record() {
    let (disk, halves) = (MemoryDisk::new(), MemoryHalves::new(SMALL));
    let mut engine = open(&disk, &halves).unwrap();
    // The same batch each time, so that records of one generation have the places of another's.
    for _ in 0..200 {
        commit(&mut engine, &put(b"key", &[1; 40]));
        drop(engine);
        engine = open(&disk, &halves).unwrap();
        commit(&mut engine, &delete(b"key"));
        drop(engine);
        engine = open(&disk, &halves).unwrap();
        assert_eq!(engine.get(b"key").unwrap(), None);
    }
    let mut medium = halves.clone();
    let generation = |half| Header::read(&medium.read(half).unwrap()).unwrap().0.generation;
    let generations = Half::BOTH.map(generation);
    assert!(generations[0].abs_diff(generations[1]) == 1 && generations[0] > 9, "{generations:?}");
}
