//! Ten thousand crashes: what was flushed is there, what was not is a prefix of whole batches.

use super::{Batch, Engine, EngineError, Fault, KeyRange, MemoryDisk, MemoryEngine, Order};
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};
use std::collections::BTreeMap;

const CRASHES: u64 = 10_000;

type Rows = BTreeMap<Vec<u8>, Vec<u8>>;

/// A store that crashes, and whose operations fail.
pub(crate) trait Disk {
    type Engine: Engine;

    fn open(&self) -> Self::Engine;

    /// Makes operations fail, from about this one on.
    fn inject(&self, at: u64);

    fn crash(&self, seed: u64);
}

impl Disk for MemoryDisk {
    type Engine = MemoryEngine;

    fn open(&self) -> MemoryEngine {
        Self::open(self).unwrap()
    }

    fn inject(&self, at: u64) {
        Self::inject(self, Fault::From(at));
    }

    fn crash(&self, seed: u64) {
        Self::crash(self, seed);
    }
}

/// Every state the store went through since the last flush, oldest first.
struct History(Vec<Rows>);

impl History {
    fn newest(&self) -> Rows {
        self.0.last().cloned().unwrap()
    }

    fn flushed(&mut self) {
        self.0.drain(..self.0.len() - 1);
    }

    fn surviving(&mut self, found: Rows) {
        assert!(self.0.contains(&found), "a state that never was: {found:?}");
        self.0 = vec![found];
    }
}

fn random_batch(rng: &mut ChaCha8Rng, rows: &mut Rows, stamp: u64) -> Batch {
    let mut batch = Batch::new();
    for _ in 0..1 + rng.next_u32() % 6 {
        let key = vec![(rng.next_u32() % 24) as u8];
        if rng.next_u32().is_multiple_of(4) {
            rows.remove(&key);
            batch.delete(key);
        } else {
            let value = [stamp.to_be_bytes(), rng.next_u64().to_be_bytes()].concat();
            rows.insert(key.clone(), value.clone());
            batch.put(key, value);
        }
    }
    batch
}

fn all(engine: &impl Engine) -> Rows {
    engine.range(&KeyRange::all(), Order::Ascending, usize::MAX).unwrap().into_iter().collect()
}

/// Crashes a store, and compares what is left with what may be.
pub(crate) fn endure(disk: &impl Disk) {
    let mut rng = ChaCha8Rng::seed_from_u64(2026);
    let mut history = History(vec![Rows::new()]);
    let mut failures = 0_u64;
    for crash in 0..CRASHES {
        let mut engine = disk.open();
        assert_eq!(all(&engine), history.newest(), "crash {crash}");
        if rng.next_u32().is_multiple_of(2) {
            disk.inject(rng.next_u64() % 24);
        }
        for stamp in 0..rng.next_u64() % 16 {
            let mut rows = history.newest();
            let batch = random_batch(&mut rng, &mut rows, crash << 8 | stamp);
            match engine.apply(batch) {
                Ok(()) => history.0.push(rows),
                Err(EngineError::Io { .. }) => {
                    // Nothing of it may be seen, now or later: the state is not in the history.
                    failures += 1;
                    break;
                }
                Err(error) => panic!("{error}"),
            }
            if rng.next_u32().is_multiple_of(3) {
                let written = match rng.next_u32() % 8 {
                    0 => engine.checkpoint(),
                    _ => engine.flush().and_then(|()| engine.tidy().map(drop)),
                };
                match written {
                    Ok(()) => history.flushed(),
                    Err(EngineError::Io { .. }) => {
                        failures += 1;
                        break;
                    }
                    Err(error) => panic!("{error}"),
                }
            }
        }
        drop(engine);
        disk.crash(rng.next_u64());
        history.surviving(all(&disk.open()));
    }
    assert!(failures > CRASHES / 10, "{failures}: the faults were hardly met");
}

#[test]
fn what_was_flushed_survives_ten_thousand_crashes() {
    endure(&MemoryDisk::new());
}
