//! The engine in memory, on a disk that can crash and fail: for tests and simulations.
//!
//! A [`MemoryDisk`] outlives the engines opened on it, as a real disk outlives a process. What
//! was not flushed is kept as a list of undo records, so that [`MemoryDisk::crash`] can take back
//! the newest batches and leave a prefix, each batch whole.

use super::{Batch, Engine, EngineError, KeyRange, Order, Row};
use std::{
    collections::BTreeMap,
    fmt, io,
    ops::Bound,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

type Undo = Vec<(Vec<u8>, Option<Vec<u8>>)>;

/// Which operations of a [`MemoryDisk`] fail; operations are counted from 0, reads included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The operation that comes after so many others, and no other.
    Once(u64),
    /// The operation that comes after so many others, and all that follow.
    From(u64),
}

#[derive(Default)]
struct Disk {
    rows: BTreeMap<Vec<u8>, Vec<u8>>,
    /// What each unflushed batch replaced, oldest first.
    undo: Vec<Undo>,
    /// Grows with every opening and crash, so that an engine from before notices.
    generation: u64,
    in_use: bool,
    operations: u64,
    fault: Option<Fault>,
}

/// A disk in memory. Clones are handles to the same disk.
#[derive(Clone, Default)]
pub struct MemoryDisk(Arc<Mutex<Disk>>);

impl MemoryDisk {
    /// Returns an empty disk.
    pub fn new() -> Self {
        Self::default()
    }

    /// Opens the store on this disk, or fails with [`EngineError::InUse`].
    pub fn open(&self) -> Result<MemoryEngine, EngineError> {
        let mut disk = self.lock();
        if disk.in_use {
            return Err(EngineError::InUse(PathBuf::from("(memory)")));
        }
        disk.in_use = true;
        disk.generation += 1;
        Ok(MemoryEngine { disk: self.clone(), generation: disk.generation, broken: false })
    }

    /// Cuts the power: unflushed batches are lost, except that some of the oldest may survive.
    ///
    /// `seed` decides how many do. The open engine is closed, and faults are forgotten.
    pub fn crash(&self, seed: u64) {
        let mut disk = self.lock();
        let choices = disk.undo.len() as u64 + 1;
        let survivors = usize::try_from(mix(seed) % choices).unwrap_or(0);
        for undo in disk.undo.split_off(survivors).into_iter().rev() {
            disk.revert(undo);
        }
        // What survived is on the disk, and no later crash takes it back.
        disk.undo.clear();
        disk.generation += 1;
        disk.in_use = false;
        disk.fault = None;
    }

    /// Makes operations fail, counted from the next one, in place of any earlier fault.
    pub fn inject(&self, fault: Fault) {
        let mut disk = self.lock();
        disk.operations = 0;
        disk.fault = Some(fault);
    }

    /// Lets every operation succeed again.
    pub fn repair(&self) {
        self.lock().fault = None;
    }

    fn lock(&self) -> MutexGuard<'_, Disk> {
        // No code of ours panics under the lock; a test that does elsewhere may go on reading.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for MemoryDisk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let disk = self.lock();
        f.debug_struct("MemoryDisk")
            .field("rows", &disk.rows.len())
            .field("unflushed", &disk.undo.len())
            .finish_non_exhaustive()
    }
}

impl Disk {
    fn operate(&mut self, operation: &'static str) -> Result<(), EngineError> {
        let number = self.operations;
        self.operations += 1;
        let fails = match self.fault {
            None => false,
            Some(Fault::Once(at)) => number == at,
            Some(Fault::From(at)) => number >= at,
        };
        if fails {
            let source = io::Error::other("injected fault");
            return Err(EngineError::Io { operation, source });
        }
        Ok(())
    }

    fn revert(&mut self, undo: Undo) {
        for (key, before) in undo {
            match before {
                Some(value) => self.rows.insert(key, value),
                None => self.rows.remove(&key),
            };
        }
    }
}

/// A store in memory, open on a [`MemoryDisk`]; dropping it closes it without a flush.
#[derive(Debug)]
pub struct MemoryEngine {
    disk: MemoryDisk,
    generation: u64,
    broken: bool,
}

impl MemoryEngine {
    fn usable(&self, operation: &'static str) -> Result<MutexGuard<'_, Disk>, EngineError> {
        if self.broken {
            return Err(EngineError::Broken);
        }
        let mut disk = self.disk.lock();
        if disk.generation != self.generation {
            return Err(EngineError::Closed);
        }
        disk.operate(operation)?;
        Ok(disk)
    }

    fn write(
        &mut self,
        operation: &'static str,
        change: impl FnOnce(&mut Disk),
    ) -> Result<(), EngineError> {
        let written = self.usable(operation).map(|mut disk| change(&mut disk));
        if matches!(written, Err(EngineError::Io { .. })) {
            self.broken = true;
        }
        written
    }
}

impl Engine for MemoryEngine {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        Ok(self.usable("read a row")?.rows.get(key).cloned())
    }

    fn range(&self, range: &KeyRange, order: Order, limit: usize) -> Result<Vec<Row>, EngineError> {
        let disk = self.usable("read a range")?;
        if range.is_empty() {
            return Ok(Vec::new());
        }
        let end = range.end().map_or(Bound::Unbounded, Bound::Excluded);
        let rows = disk.rows.range::<[u8], _>((Bound::Included(range.start()), end));
        let owned = |(key, value): (&Vec<u8>, &Vec<u8>)| (key.clone(), value.clone());
        Ok(match order {
            Order::Ascending => rows.take(limit).map(owned).collect(),
            Order::Descending => rows.rev().take(limit).map(owned).collect(),
        })
    }

    fn apply(&mut self, batch: Batch) -> Result<(), EngineError> {
        self.write("write a batch", |disk| {
            let mut undo = Undo::with_capacity(batch.len());
            for (key, change) in batch {
                let before = match change {
                    Some(value) => disk.rows.insert(key.clone(), value),
                    None => disk.rows.remove(&key),
                };
                undo.push((key, before));
            }
            disk.undo.push(undo);
        })
    }

    fn apply_each(&mut self, batch: Batch) -> Result<(), EngineError> {
        for (key, change) in batch {
            let mut one = Batch::new();
            match change {
                Some(value) => one.put(key, value),
                None => one.delete(key),
            }
            self.apply(one)?;
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), EngineError> {
        self.write("flush", |disk| disk.undo.clear())
    }
}

impl Drop for MemoryEngine {
    fn drop(&mut self) {
        let mut disk = self.disk.lock();
        if disk.generation == self.generation {
            disk.in_use = false;
        }
    }
}

/// The finalizer of splitmix64: neighbouring seeds choose unrelated numbers.
const fn mix(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::{super::suite, *};

    fn one(key: u8, value: u8) -> Batch {
        let mut batch = Batch::new();
        batch.put(vec![key], vec![value]);
        batch
    }

    #[test]
    fn passes_the_suite() {
        suite::run(|| {
            let disk = MemoryDisk::new();
            move || Box::new(disk.open().unwrap()) as Box<dyn Engine>
        });
    }

    #[test]
    fn a_second_opening_is_told_apart_until_the_first_is_dropped() {
        let disk = MemoryDisk::new();
        let first = disk.open().unwrap();
        assert!(matches!(disk.open(), Err(EngineError::InUse(_))));
        drop(first);
        disk.open().unwrap();
    }

    #[test]
    fn an_engine_from_before_a_crash_is_closed_and_closes_nothing() {
        let disk = MemoryDisk::new();
        let before = disk.open().unwrap();
        disk.crash(0);
        let after = disk.open().unwrap();
        assert!(matches!(before.get(b"a"), Err(EngineError::Closed)));
        drop(before);
        assert!(matches!(disk.open(), Err(EngineError::InUse(_))));
        drop(after);
    }

    #[test]
    fn a_crash_keeps_some_prefix_and_every_length_happens() {
        let mut seen = [false; 4];
        for seed in 0..64 {
            let disk = MemoryDisk::new();
            let mut engine = disk.open().unwrap();
            for value in 1..=3 {
                engine.apply(one(0, value)).unwrap();
            }
            disk.crash(seed);
            let left = disk.open().unwrap().get(&[0]).unwrap();
            seen[left.map_or(0, |value| usize::from(value[0]))] = true;
        }
        assert_eq!(seen, [true; 4]);
    }

    #[test]
    fn a_failed_write_changes_nothing_and_breaks_the_engine() {
        let disk = MemoryDisk::new();
        let mut engine = disk.open().unwrap();
        engine.apply(one(1, 1)).unwrap();
        engine.flush().unwrap();
        disk.inject(Fault::Once(0));
        assert!(matches!(engine.apply(one(1, 2)), Err(EngineError::Io { .. })));
        assert!(matches!(engine.get(&[1]), Err(EngineError::Broken)));
        assert!(matches!(engine.flush(), Err(EngineError::Broken)));
        drop(engine);
        assert_eq!(disk.open().unwrap().get(&[1]).unwrap(), Some(vec![1]));
    }

    #[test]
    fn a_failed_flush_promises_nothing() {
        let disk = MemoryDisk::new();
        let mut engine = disk.open().unwrap();
        disk.inject(Fault::From(1));
        engine.apply(one(1, 1)).unwrap();
        assert!(matches!(engine.flush(), Err(EngineError::Io { operation: "flush", .. })));
        let lost = (0..64).any(|seed| {
            let disk = MemoryDisk::new();
            let mut engine = disk.open().unwrap();
            engine.apply(one(1, 1)).unwrap();
            disk.inject(Fault::Once(0));
            assert!(engine.flush().is_err());
            disk.crash(seed);
            disk.open().unwrap().get(&[1]).unwrap().is_none()
        });
        assert!(lost);
    }

    #[test]
    fn a_failed_read_passes_once_the_disk_is_repaired() {
        let disk = MemoryDisk::new();
        let engine = disk.open().unwrap();
        disk.inject(Fault::From(0));
        assert!(matches!(engine.get(b"a"), Err(EngineError::Io { .. })));
        assert!(engine.range(&KeyRange::all(), Order::Ascending, 1).is_err());
        disk.repair();
        assert_eq!(engine.get(b"a").unwrap(), None);
    }
}
