//! The engine on disk: one sled tree, flushed only when asked.
//!
//! The only file that knows sled. Its lines: one tree, because sled's atomicity is per tree; no
//! background flush, because the owner flushes before it publishes; a small cache, because sled
//! holds much beside it; nothing unwrapped, because a damaged store must end in an error.
//!
//! What it cannot do: where bytes of its log are damaged on disk, sled may open with the batches
//! before the damage and say nothing of those behind it. They are whole and right, but older than
//! what was flushed.

use super::{Batch, Engine, EngineError, KeyRange, Order, Row};
use std::{fmt, panic, path::Path};

/// Bytes of pages that sled may keep in memory.
pub const CACHE_BYTES: u64 = 16 << 20;

/// A store on disk.
pub struct SledEngine {
    db: sled::Db,
    broken: bool,
}

impl SledEngine {
    /// Opens the store in the directory `path`, or makes it, with a page cache of `cache_bytes`.
    ///
    /// Fails with [`EngineError::InUse`] while it is open elsewhere.
    pub fn open(path: &Path, cache_bytes: u64) -> Result<Self, EngineError> {
        let config = sled::Config::new()
            .path(path)
            .cache_capacity(cache_bytes)
            .flush_every_ms(None)
            .print_profile_on_drop(false);
        // sled 0.34.7 panics on some damage that it meets while it opens ("tried to serialize
        // Uninitialized" is one that the tests meet).
        let opened = panic::catch_unwind(panic::AssertUnwindSafe(|| config.open()));
        match opened {
            Ok(Ok(db)) => Ok(Self { db, broken: false }),
            Ok(Err(error)) if is_lock_refused(&error) => {
                Err(EngineError::InUse(path.to_path_buf()))
            }
            Ok(Err(error)) => Err(describe("open the store", error)),
            Err(_) => Err(EngineError::Damaged {
                operation: "open the store",
                detail: "sled stopped while reading it".to_owned(),
            }),
        }
    }

    fn usable(&self) -> Result<(), EngineError> {
        if self.broken { Err(EngineError::Broken) } else { Ok(()) }
    }
}

impl Engine for SledEngine {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        self.usable()?;
        let value = self.db.get(key).map_err(|error| describe("read a row", error))?;
        Ok(value.map(|value| value.to_vec()))
    }

    fn range(&self, range: &KeyRange, order: Order, limit: usize) -> Result<Vec<Row>, EngineError> {
        self.usable()?;
        if range.is_empty() || limit == 0 {
            return Ok(Vec::new());
        }
        let rows = match range.end() {
            Some(end) => self.db.range(range.start()..end),
            None => self.db.range(range.start()..),
        };
        let owned = |row: sled::Result<(sled::IVec, sled::IVec)>| {
            row.map(|(key, value)| (key.to_vec(), value.to_vec()))
                .map_err(|error| describe("read a range", error))
        };
        match order {
            Order::Ascending => rows.take(limit).map(owned).collect(),
            Order::Descending => rows.rev().take(limit).map(owned).collect(),
        }
    }

    fn apply(&mut self, batch: &Batch) -> Result<(), EngineError> {
        self.usable()?;
        let mut changes = sled::Batch::default();
        for (key, change) in batch.iter() {
            match change {
                Some(value) => changes.insert(key, value),
                None => changes.remove(key),
            }
        }
        self.db.apply_batch(changes).map_err(|error| {
            self.broken = true;
            describe("write a batch", error)
        })
    }

    fn flush(&mut self) -> Result<(), EngineError> {
        self.usable()?;
        match self.db.flush() {
            Ok(_) => Ok(()),
            Err(error) => {
                self.broken = true;
                Err(describe("flush", error))
            }
        }
    }
}

impl fmt::Debug for SledEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SledEngine").field("broken", &self.broken).finish_non_exhaustive()
    }
}

/// sled 0.34.7 has no kind of its own for this, only the text of its `Config::try_lock`.
fn is_lock_refused(error: &sled::Error) -> bool {
    matches!(error, sled::Error::Io(io) if io.to_string().starts_with("could not acquire lock"))
}

fn describe(operation: &'static str, error: sled::Error) -> EngineError {
    match error {
        sled::Error::Io(source) => EngineError::Io { operation, source },
        other => EngineError::Damaged { operation, detail: other.to_string() },
    }
}

#[cfg(test)]
mod tests {
    use super::{super::suite, *};
    use std::fs;

    fn open(directory: &Path) -> SledEngine {
        SledEngine::open(&directory.join("store"), CACHE_BYTES).unwrap()
    }

    #[test]
    fn passes_the_suite() {
        let directory = tempfile::tempdir().unwrap();
        let mut next = 0;
        suite::run(|| {
            next += 1;
            let path = directory.path().join(next.to_string());
            move || Box::new(SledEngine::open(&path, CACHE_BYTES).unwrap()) as Box<dyn Engine>
        });
    }

    #[test]
    fn a_second_start_is_told_apart() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("store");
        let first = open(directory.path());
        let second = SledEngine::open(&path, CACHE_BYTES);
        assert!(matches!(second, Err(EngineError::InUse(at)) if at == path));
        drop(first);
        SledEngine::open(&path, CACHE_BYTES).unwrap();
    }

    #[test]
    fn a_path_that_cannot_be_a_store_is_an_error() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("file");
        fs::write(&file, b"no directory").unwrap();
        assert!(matches!(
            SledEngine::open(&file, CACHE_BYTES),
            Err(EngineError::Io { operation: "open the store", .. })
        ));
    }

    #[test]
    fn a_damaged_log_is_an_error_or_ends_early_but_never_lies() {
        const BATCHES: u32 = 60;
        const ROWS: u32 = 50;
        let value = |batch: u32| vec![batch as u8; 200];
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("store");
        let mut engine = open(directory.path());
        for number in 0..BATCHES {
            let mut batch = Batch::new();
            for row in 0..ROWS {
                batch.put((number * ROWS + row).to_be_bytes().to_vec(), value(number));
            }
            engine.apply(&batch).unwrap();
            engine.flush().unwrap();
        }
        drop(engine);
        let log = fs::read(path.join("db")).unwrap();
        let conf = fs::read(path.join("conf")).unwrap();
        let (mut refused, mut opened) = (0, 0);
        for round in 0..60 {
            let copy = directory.path().join(round.to_string());
            fs::create_dir(&copy).unwrap();
            fs::write(copy.join("conf"), &conf).unwrap();
            let mut damaged = log.clone();
            let at = log.len() / 60 * round;
            damaged.iter_mut().skip(at).take(16).for_each(|byte| *byte ^= 0x55);
            fs::write(copy.join("db"), damaged).unwrap();
            let rows = SledEngine::open(&copy, CACHE_BYTES)
                .and_then(|engine| engine.range(&KeyRange::all(), Order::Ascending, usize::MAX));
            match rows {
                Err(EngineError::Damaged { .. } | EngineError::Io { .. }) => refused += 1,
                Err(error) => panic!("{error}"),
                Ok(rows) => {
                    opened += 1;
                    assert_eq!(rows.len() % ROWS as usize, 0, "half a batch");
                    for (row, (key, found)) in (0..).zip(rows) {
                        assert_eq!(key, u32::to_be_bytes(row));
                        assert_eq!(found, value(row / ROWS));
                    }
                }
            }
        }
        assert!(refused > 0 && opened > 0, "{refused} refused, {opened} opened");
    }

    #[test]
    fn a_damaged_config_is_an_error_and_no_panic() {
        let directory = tempfile::tempdir().unwrap();
        let mut engine = open(directory.path());
        let mut batch = Batch::new();
        batch.put(b"key".to_vec(), vec![7; 1_000]);
        engine.apply(&batch).unwrap();
        engine.flush().unwrap();
        drop(engine);
        fs::write(directory.path().join("store/conf"), b"\xff\xff\xff\xff garbage").unwrap();
        let opened = SledEngine::open(&directory.path().join("store"), CACHE_BYTES);
        assert!(matches!(opened, Err(EngineError::Damaged { .. } | EngineError::Io { .. })));
    }
}
