//! Crashes and faults of both the journal and the engine below: what was flushed is there, what was not
//! is a prefix of whole batches.

use super::{engine::JournaledEngine, memory::MemoryHalves};
use crate::engine::{
    Fault, MemoryDisk, MemoryEngine,
    crashes::{Disk, endure},
};

/// Bytes of a half: a few batches fill it, and some batches are larger.
const CAPACITY: usize = 420;

struct Journaled {
    disk: MemoryDisk,
    halves: MemoryHalves,
}

impl Disk for Journaled {
    type Engine = JournaledEngine<MemoryEngine>;

    fn open(&self) -> Self::Engine {
        JournaledEngine::open(self.disk.open().unwrap(), Box::new(self.halves.clone())).unwrap()
    }

    fn inject(&self, at: u64) {
        if at.is_multiple_of(2) {
            self.disk.inject(Fault::From(at / 2));
        } else {
            self.halves.inject(Fault::From(at / 2));
        }
    }

    fn crash(&self, seed: u64) {
        self.disk.crash(seed);
        self.halves.crash(seed);
    }
}

#[test]
fn what_was_flushed_survives_ten_thousand_crashes() {
    let later = endure(&Journaled { disk: MemoryDisk::new(), halves: MemoryHalves::new(CAPACITY) });
    assert!(later > 1_000, "{later}: flushes hardly ended later than they were begun");
}
