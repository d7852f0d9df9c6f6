//! An older state of a disk, for the bug that starts a node from it.

use magpie_storage::{
    engine::{Batch, Engine, KeyRange, MemoryDisk, Order, Row},
    overlay::{Overlay, View},
};

/// How old a copy is at least, milliseconds, before it is replaced.
const EVERY_MS: u64 = 4_000;

/// Copies of a disk: the newest, and the one before it.
#[derive(Debug, Default)]
pub struct Snapshot {
    taken: Option<(u64, Vec<Row>)>,
    before: Option<Vec<Row>>,
}

impl Snapshot {
    /// Copies the disk, if the last copy is old enough.
    pub fn take(&mut self, store: &Overlay, now: u64) {
        if self.taken.as_ref().is_some_and(|(at, _)| now < at + EVERY_MS) {
            return;
        }
        if let Ok(rows) = store.range(&KeyRange::all(), Order::Ascending, usize::MAX) {
            self.before = self.taken.take().map(|(_, rows)| rows);
            self.taken = Some((now, rows));
        }
    }

    /// Returns a disk as it was some seconds ago, if there is a copy that is as old.
    pub fn restore(&mut self) -> Option<MemoryDisk> {
        let rows = self.before.take()?;
        self.taken = None;
        let mut batch = Batch::new();
        rows.into_iter().for_each(|(key, value)| batch.put(key, value));
        let disk = MemoryDisk::new();
        let mut engine = disk.open().ok()?;
        engine.apply(batch).and_then(|()| engine.flush()).ok()?;
        drop(engine);
        Some(disk)
    }
}
