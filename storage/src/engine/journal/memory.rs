//! The two halves in memory, with power cuts that tear what was not synced.

use super::medium::{Half, Medium, Sync};
use crate::engine::Fault;
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};
use std::{
    io,
    sync::{Arc, Mutex},
};

/// What a disk writes as one.
const SECTOR_BYTES: usize = 512;

#[derive(Default)]
struct Platter {
    halves: [Vec<u8>; 2],
    /// Sectors that were written since the half's last sync, as they were before.
    unsynced: Vec<(usize, usize, Vec<u8>)>,
    fault: Option<Fault>,
    operations: u64,
}

/// Two halves that outlive the engine. Clones are handles to the same.
#[derive(Clone)]
pub(super) struct MemoryHalves {
    platter: Arc<Mutex<Platter>>,
    capacity: usize,
}

impl MemoryHalves {
    pub(super) fn new(capacity: usize) -> Self {
        Self { platter: Arc::default(), capacity }
    }

    /// Cuts the power: each sector that was not synced is the new or the old one.
    pub(super) fn crash(&self, seed: u64) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut platter = self.platter.lock().unwrap();
        let unsynced = std::mem::take(&mut platter.unsynced);
        for (half, at, before) in unsynced.into_iter().rev() {
            if rng.next_u32().is_multiple_of(2) {
                platter.halves[half][at..at + before.len()].copy_from_slice(&before);
            }
        }
        platter.fault = None;
    }

    pub(super) fn inject(&self, fault: Fault) {
        let mut platter = self.platter.lock().unwrap();
        platter.fault = Some(fault);
        platter.operations = 0;
    }

    /// Removes a half, as who copies only some of a store's files does.
    pub(super) fn remove(&self, half: Half) {
        self.platter.lock().unwrap().halves[half.index()].clear();
    }
}

impl Platter {
    fn operate(&mut self) -> io::Result<()> {
        let number = self.operations;
        self.operations += 1;
        let fails = match self.fault {
            None => false,
            Some(Fault::Once(at)) => number == at,
            Some(Fault::From(at)) => number >= at,
        };
        if fails { Err(io::Error::other("injected fault")) } else { Ok(()) }
    }
}

impl Medium for MemoryHalves {
    fn capacity(&self) -> usize {
        self.capacity
    }

    fn read(&mut self, half: Half) -> io::Result<Vec<u8>> {
        let mut platter = self.platter.lock().unwrap();
        platter.operate()?;
        Ok(platter.halves[half.index()].clone())
    }

    fn write(&mut self, half: Half, at: usize, bytes: &[u8]) -> io::Result<()> {
        assert!(at + bytes.len() <= self.capacity, "a write beyond the half");
        let mut platter = self.platter.lock().unwrap();
        let failed = platter.operate();
        let half = half.index();
        let end = (at + bytes.len()).next_multiple_of(SECTOR_BYTES);
        if platter.halves[half].len() < end {
            platter.halves[half].resize(end, 0);
        }
        let first = at / SECTOR_BYTES * SECTOR_BYTES;
        for sector in (first..at + bytes.len()).step_by(SECTOR_BYTES) {
            let before = platter.halves[half][sector..sector + SECTOR_BYTES].to_vec();
            platter.unsynced.push((half, sector, before));
        }
        platter.halves[half][at..at + bytes.len()].copy_from_slice(bytes);
        // A write that fails may have been done, in part or in whole.
        failed
    }

    fn begin_sync(&mut self, half: Half) -> Sync {
        let platter = Arc::clone(&self.platter);
        Box::new(move || {
            let mut platter = platter.lock().unwrap();
            platter.operate()?;
            platter.unsynced.retain(|(of, ..)| *of != half.index());
            Ok(())
        })
    }
}
