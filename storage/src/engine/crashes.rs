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
struct History {
    states: Vec<Rows>,
    /// How many there were before these.
    past: usize,
}

impl History {
    fn newest(&self) -> Rows {
        self.states.last().cloned().unwrap()
    }

    /// The number of the newest state.
    fn now(&self) -> usize {
        self.past + self.states.len() - 1
    }

    /// Forgets what was before this state, which no crash takes back any more.
    fn flushed(&mut self, state: usize) {
        let passed = state.saturating_sub(self.past);
        self.states.drain(..passed);
        self.past += passed;
    }

    fn surviving(&mut self, found: Rows) {
        assert!(self.states.contains(&found), "a state that never was: {found:?}");
        *self = Self { states: vec![found], past: 0 };
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
///
/// Returns how many flushes ended after batches had been applied that came later.
pub(crate) fn endure(disk: &impl Disk) -> u64 {
    let mut rng = ChaCha8Rng::seed_from_u64(2026);
    let mut history = History { states: vec![Rows::new()], past: 0 };
    let (mut failures, mut later) = (0_u64, 0_u64);
    for crash in 0..CRASHES {
        let mut engine = disk.open();
        assert_eq!(all(&engine), history.newest(), "crash {crash}");
        if rng.next_u32().is_multiple_of(2) {
            disk.inject(rng.next_u64() % 24);
        }
        let mut begun = None;
        for stamp in 0..rng.next_u64() % 16 {
            let mut rows = history.newest();
            let batch = random_batch(&mut rng, &mut rows, crash << 8 | stamp);
            match engine.apply(batch) {
                Ok(()) => history.states.push(rows),
                Err(EngineError::Io { .. }) => {
                    // Nothing of it may be seen, now or later: the state is not in the history.
                    failures += 1;
                    break;
                }
                Err(error) => panic!("{error}"),
            }
            if rng.next_u32().is_multiple_of(3) {
                // The one that was begun before ends now, or with its successor, or never.
                let mut durable = None;
                let written = match rng.next_u32() % 8 {
                    0 => engine.checkpoint().map(|()| durable = Some(history.now())),
                    1..=3 => engine.begin_flush().map(|flush| match flush {
                        Some(flush) => begun = Some((flush, history.now())),
                        None => durable = Some(history.now()),
                    }),
                    4 | 5 => match begun.take() {
                        Some((flush, state)) => flush.wait().map(|()| {
                            later += u64::from(state < history.now());
                            durable = Some(state);
                        }),
                        None => engine.catch_up(),
                    },
                    _ => engine.flush().and_then(|()| {
                        durable = Some(history.now());
                        engine.tidy().map(drop)
                    }),
                };
                match written {
                    Ok(()) => history.flushed(durable.unwrap_or_default()),
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
    later
}

#[test]
fn what_was_flushed_survives_ten_thousand_crashes() {
    endure(&MemoryDisk::new());
}
