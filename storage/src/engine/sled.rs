//! The engine on disk: one sled tree, flushed only when asked.
//!
//! The only file that knows sled. Its lines: one tree, because sled's atomicity is per tree; no
//! background flush, because the owner flushes before it publishes; a small cache, because sled
//! holds much beside it; nothing unwrapped, because a damaged store must end in an error.
//!
//! What it cannot do: where the disk changed bytes in the middle of its log, sled may open without
//! the rows that stood there and say nothing, or with rows under cut keys. Checks and seals of the
//! tables give the wrong ones away; missing ones stay unnoticed.

use super::{Batch, Engine, EngineError, KeyRange, Order, Row, sled_files::SledFiles};
use std::{fmt, panic, path::Path, thread, time::Duration};

/// How often a store that is open elsewhere is tried again before it is an error.
const LOCK_TRIES: u32 = 100;
/// How long to wait between two tries.
const LOCK_PAUSE: Duration = Duration::from_millis(20);

/// A store on disk.
pub(super) struct SledEngine {
    db: sled::Db,
    files: SledFiles,
    broken: bool,
}

impl SledEngine {
    /// Opens the store in the directory `path`, or makes it, with a page cache of `cache_bytes`.
    ///
    /// Fails with [`EngineError::InUse`] if it stays open elsewhere for two seconds: after an
    /// engine is dropped, sled's own threads may hold its files a little longer.
    pub(super) fn open(path: &Path, cache_bytes: u64) -> Result<Self, EngineError> {
        let config = sled::Config::new()
            .path(path)
            .cache_capacity(cache_bytes)
            .flush_every_ms(None)
            .print_profile_on_drop(false);
        let mut tries = 1;
        loop {
            // sled 0.34.7 panics on some damage that it meets while it opens ("tried to serialize
            // Uninitialized" is one that the tests meet).
            match panic::catch_unwind(panic::AssertUnwindSafe(|| config.open())) {
                Ok(Ok(db)) => {
                    let files = SledFiles::open(path).map_err(|source| EngineError::Io {
                        operation: "open the store",
                        source,
                    })?;
                    return Ok(Self { db, files, broken: false });
                }
                Ok(Err(error)) if is_lock_refused(&error) => {
                    if tries == LOCK_TRIES {
                        return Err(EngineError::InUse(path.to_path_buf()));
                    }
                }
                Ok(Err(error)) => return Err(describe("open the store", error)),
                Err(_) => {
                    return Err(EngineError::Damaged {
                        operation: "open the store",
                        detail: "sled stopped while reading it".to_owned(),
                    });
                }
            }
            tries += 1;
            thread::sleep(LOCK_PAUSE);
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

    fn apply(&mut self, batch: Batch) -> Result<(), EngineError> {
        self.usable()?;
        let mut changes = sled::Batch::default();
        for (key, change) in batch {
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

    /// Sled writes its buffer out twice for each batch, by a pool whose threads all wake up for it; rows
    /// by themselves wait until a buffer is full.
    fn apply_each(&mut self, batch: Batch) -> Result<(), EngineError> {
        self.usable()?;
        for (key, change) in batch {
            let changed = match change {
                Some(value) => self.db.insert(key, value),
                None => self.db.remove(key),
            };
            if let Err(error) = changed {
                self.broken = true;
                return Err(describe("write a row", error));
            }
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), EngineError> {
        self.usable()?;
        let io = |source| EngineError::Io { operation: "flush", source };
        let large = self.files.sync_blobs().map_err(io);
        let flushed = large
            .and_then(|()| self.db.flush().map(|_| ()).map_err(|error| describe("flush", error)));
        // A flush may move old rows.
        let moved = flushed.and_then(|()| self.files.sync_blobs().map_err(io));
        let synced = moved.and_then(|()| self.files.sync_log().map_err(io));
        self.broken |= synced.is_err();
        synced
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
    use super::{
        super::{disk::CACHE_BYTES, suite},
        *,
    };
    use crate::row_check::{with_check, without_check};
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

    const BATCHES: u32 = 60;
    const ROWS: u32 = 50;

    /// The store of sixty flushed batches whose log was damaged near one sixtieth of its length,
    /// as the rows it opens with. `None` stands for a row that its check gives away.
    type Opened = Result<Vec<Option<u32>>, EngineError>;

    fn open_damaged(damage: fn(&mut [u8], usize)) -> Vec<Opened> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("store");
        let mut engine = open(directory.path());
        for number in 0..BATCHES {
            let mut batch = Batch::new();
            for row in 0..ROWS {
                let key = (number * ROWS + row).to_be_bytes();
                batch.put(key.to_vec(), with_check(&key, &[number as u8; 200]));
            }
            engine.apply(batch).unwrap();
            engine.flush().unwrap();
        }
        drop(engine);
        let log = fs::read(path.join("db")).unwrap();
        let conf = fs::read(path.join("conf")).unwrap();
        let rows_after = |round| {
            let copy = directory.path().join(format!("{round}"));
            fs::create_dir(&copy).unwrap();
            fs::write(copy.join("conf"), &conf).unwrap();
            let mut damaged = log.clone();
            damage(&mut damaged, log.len() / 60 * round);
            fs::write(copy.join("db"), damaged).unwrap();
            let engine = SledEngine::open(&copy, CACHE_BYTES)?;
            let rows = engine.range(&KeyRange::all(), Order::Ascending, usize::MAX)?;
            let checked = |(key, row): Row| {
                let value = without_check(&key, &row)?;
                let number = u32::from_be_bytes(key.try_into().unwrap());
                assert_eq!(value, [(number / ROWS) as u8; 200]);
                Some(number)
            };
            Ok(rows.into_iter().map(checked).collect())
        };
        (0..60).map(rows_after).collect()
    }

    #[test]
    fn a_log_that_ends_anywhere_opens_with_a_prefix_of_whole_batches() {
        for opened in open_damaged(|log, at| log[at..].fill(0)) {
            let rows = opened.unwrap();
            assert_eq!(rows.len() % ROWS as usize, 0, "half a batch");
            assert_eq!(rows, (0..rows.len() as u32).map(Some).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_log_damaged_anywhere_never_passes_a_wrong_row_through_its_check() {
        let damaged = |log: &mut [u8], at| {
            log.iter_mut().skip(at).take(16).for_each(|byte| *byte ^= 0x55);
        };
        let mut refused = 0;
        for opened in open_damaged(damaged) {
            match opened {
                Ok(rows) => assert!(rows.len() <= (BATCHES * ROWS) as usize),
                Err(EngineError::Damaged { .. } | EngineError::Io { .. }) => refused += 1,
                Err(error) => panic!("{error}"),
            }
        }
        assert!(refused > 0);
    }

    #[test]
    fn a_damaged_config_is_an_error_and_no_panic() {
        let directory = tempfile::tempdir().unwrap();
        let mut engine = open(directory.path());
        let mut batch = Batch::new();
        batch.put(b"key".to_vec(), vec![7; 1_000]);
        engine.apply(batch).unwrap();
        engine.flush().unwrap();
        drop(engine);
        fs::write(directory.path().join("store/conf"), b"\xff\xff\xff\xff garbage").unwrap();
        let opened = SledEngine::open(&directory.path().join("store"), CACHE_BYTES);
        assert!(matches!(opened, Err(EngineError::Damaged { .. } | EngineError::Io { .. })));
    }
}
