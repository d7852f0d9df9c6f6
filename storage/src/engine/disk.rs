//! The engine on disk: sled behind a journal, both in one directory.

use super::{
    Batch, Engine, EngineError, Flush, KeyRange, Order, Row,
    journal::{Files, JournaledEngine},
    sled::SledEngine,
};
use std::path::Path;

/// Bytes of pages that sled may keep in memory.
pub const CACHE_BYTES: u64 = 16 << 20;

/// A store on disk. A batch is durable when the journal has it; sled gets it later.
#[derive(Debug)]
pub struct DiskEngine(JournaledEngine<SledEngine>);

impl DiskEngine {
    /// Opens the store in the directory `path`, or makes it, with a page cache of `cache_bytes`.
    ///
    /// Fails with [`EngineError::InUse`] if it stays open elsewhere for two seconds: after an
    /// engine is dropped, sled's own threads may hold its files a little longer.
    pub fn open(path: &Path, cache_bytes: u64) -> Result<Self, EngineError> {
        let sled = SledEngine::open(path, cache_bytes)?;
        // Sled's lock keeps others out of the journal, too.
        let files = Files::open(path)
            .map_err(|source| EngineError::Io { operation: "open the journal", source })?;
        JournaledEngine::open(sled, Box::new(files)).map(Self)
    }
}

impl Engine for DiskEngine {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        self.0.get(key)
    }

    fn range(&self, range: &KeyRange, order: Order, limit: usize) -> Result<Vec<Row>, EngineError> {
        self.0.range(range, order, limit)
    }

    fn apply(&mut self, batch: Batch) -> Result<(), EngineError> {
        self.0.apply(batch)
    }

    fn flush(&mut self) -> Result<(), EngineError> {
        self.0.flush()
    }

    fn begin_flush(&mut self) -> Result<Option<Flush>, EngineError> {
        self.0.begin_flush()
    }

    fn catch_up(&mut self) -> Result<(), EngineError> {
        self.0.catch_up()
    }

    fn checkpoint(&mut self) -> Result<(), EngineError> {
        self.0.checkpoint()
    }

    fn tidy(&mut self) -> Result<bool, EngineError> {
        self.0.tidy()
    }
}

#[cfg(test)]
mod tests {
    use super::{super::suite, *};
    use crate::{schema, tag};

    #[test]
    fn passes_the_suite() {
        let directory = tempfile::tempdir().unwrap();
        let mut next = 0;
        suite::run(|| {
            next += 1;
            let path = directory.path().join(next.to_string());
            move || Box::new(DiskEngine::open(&path, CACHE_BYTES).unwrap()) as Box<dyn Engine>
        });
    }

    #[test]
    fn a_store_that_was_written_without_a_journal_opens_and_goes_on() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("store");
        let mut batch = Batch::new();
        batch.put(b"before".to_vec(), b"1".to_vec());
        let mut sled = SledEngine::open(&path, CACHE_BYTES).unwrap();
        sled.apply(batch).unwrap();
        sled.flush().unwrap();
        drop(sled);
        let mut engine = DiskEngine::open(&path, CACHE_BYTES).unwrap();
        assert_eq!(engine.get(b"before").unwrap(), Some(b"1".to_vec()));
        let mut batch = Batch::new();
        batch.delete(b"before".to_vec());
        engine.apply(batch).unwrap();
        engine.flush().unwrap();
        drop(engine);
        let engine = DiskEngine::open(&path, CACHE_BYTES).unwrap();
        assert_eq!(engine.range(&KeyRange::all(), Order::Ascending, 9).unwrap(), []);
    }

    #[test]
    fn an_older_build_finds_the_version_that_keeps_it_away() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("store");
        for older in [None, Some(vec![1, 3])] {
            if let Some(version) = &older {
                let mut batch = Batch::new();
                batch.put(vec![tag::SCHEMA, b'v'], version.clone());
                let mut engine = DiskEngine::open(&path, CACHE_BYTES).unwrap();
                engine.apply(batch).unwrap();
                engine.checkpoint().unwrap();
            }
            drop(schema::open(Box::new(DiskEngine::open(&path, CACHE_BYTES).unwrap())).unwrap());
            let below = SledEngine::open(&path, CACHE_BYTES).unwrap();
            let version = below.get(&[tag::SCHEMA, b'v']).unwrap().unwrap();
            assert_eq!(version, [1, u8::try_from(schema::NEWEST).unwrap()]);
        }
    }

    #[test]
    fn a_journal_that_is_gone_is_told_not_lost_in_silence() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("store");
        let mut engine = DiskEngine::open(&path, CACHE_BYTES).unwrap();
        let mut batch = Batch::new();
        batch.put(b"key".to_vec(), b"1".to_vec());
        engine.apply(batch).unwrap();
        engine.flush().unwrap();
        drop(engine);
        std::fs::remove_file(path.join("journal.0")).unwrap();
        let opened = DiskEngine::open(&path, CACHE_BYTES);
        assert!(matches!(opened, Err(EngineError::Damaged { operation: "read the journal", .. })));
    }
}
