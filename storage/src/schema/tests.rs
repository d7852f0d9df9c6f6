use super::{
    rows::{CURSOR_KEY, Cursor, VERSION_KEY, Version},
    *,
};
use crate::{
    engine::{Batch, Engine, Fault, KeyRange, MemoryDisk, Order, Row},
    overlay::View,
    personal::{PersonalTable, RowKeys},
    table::{Keys, Table},
};
use magpie_protocol::codec::{self, Format};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Count(u64);

impl Format for Count {
    const NAME: &'static str = "count";
    const VERSION: u8 = 1;
    const LIMIT: usize = 16;
}

const COUNTS: Table<u32, Count> = Table::new("counts", 0x10);
const LAST: Table<(), Count> = Table::new("last", 0xff);
const SECRETS: PersonalTable<u8, u64, Count> = PersonalTable::new("secrets");

/// More rows than three batches of the migration, so that there is a middle to crash in.
const ROWS: u32 = 3 * v2_row_check::ROWS as u32 + 17;

/// A personal row as version 1 wrote it: secrets of partition 1 at 2, under the vault key of 5s.
const SECRET: (&str, &str) = (
    "01ef5f8df002d97422982bc1d44159bbebef5ff426daa1a0e5a4c9744bdeed7b2d0000000000000002",
    "0b0b0b0b0b0b0b0b0b0b0b0b39b559e0ba1bb63bf682b5022e39f464c905",
);

/// A store as version 1 wrote it, byte for byte and without any of today's code for rows.
fn version_1() -> MemoryDisk {
    let mut batch = Batch::new();
    batch.put(vec![0x00, b'v'], vec![1, 1]);
    for number in 0..ROWS {
        let key = [&[0x10], number.to_be_bytes().as_slice()].concat();
        batch.put(key, vec![1, (number % 200) as u8]);
    }
    batch.put(vec![0xff], vec![1, 7]);
    batch.put(hex::decode(SECRET.0).unwrap(), hex::decode(SECRET.1).unwrap());
    disk_with(&batch)
}

fn disk_with(batch: &Batch) -> MemoryDisk {
    let disk = MemoryDisk::new();
    let mut engine = disk.open().unwrap();
    engine.apply(batch.clone()).unwrap();
    engine.flush().unwrap();
    disk
}

fn reopen(disk: &MemoryDisk) -> Result<crate::overlay::Overlay, SchemaError> {
    open(Box::new(disk.open().unwrap()))
}

fn all(view: &dyn View) -> Vec<Row> {
    view.range(&KeyRange::all(), Order::Ascending, usize::MAX).unwrap()
}

fn assert_is_newest(view: &dyn View) {
    let rows = COUNTS.scan(view, &Keys::all(), Order::Ascending, usize::MAX).unwrap();
    assert_eq!(rows.len(), ROWS as usize);
    assert!(rows.iter().all(|(number, count)| count.0 == u64::from(number % 200)));
    assert_eq!(LAST.get(view, &()).unwrap(), Some(Count(7)));
    let keys = RowKeys::derive(&[5; 32]);
    assert_eq!(SECRETS.get(view, &keys, &1, &2).unwrap(), Some(Count(42)));
    assert_eq!(view.get(&[0x00, b'v']).unwrap(), Some(vec![1, 5]));
    assert_eq!(view.get(&[0x00, b'c']).unwrap(), None);
}

#[test]
fn a_fresh_store_has_the_newest_version_at_once() {
    let disk = MemoryDisk::new();
    assert_eq!(all(&reopen(&disk).unwrap()), [(vec![0x00, b'v'], vec![1, 5])]);
    disk.crash(0);
    assert_eq!(all(&reopen(&disk).unwrap()).len(), 1);
}

#[test]
fn version_1_becomes_the_newest_and_is_opened_again_without_a_write() {
    let disk = version_1();
    assert_is_newest(&reopen(&disk).unwrap());
    let before = all(&reopen(&disk).unwrap());
    disk.crash(0);
    assert_eq!(all(&reopen(&disk).unwrap()), before);
}

#[test]
fn versions_2_to_4_become_the_newest_by_their_number_alone() {
    for version in 2..5 {
        let disk = version_1();
        let mut rows = all(&reopen(&disk).unwrap());
        rows[0].1 = vec![1, version];
        let mut batch = Batch::new();
        for (key, value) in &rows {
            batch.put(key.to_vec(), value.to_vec());
        }
        let opened = reopen(&disk_with(&batch)).unwrap();
        assert_is_newest(&opened);
        rows[0].1 = vec![1, 5];
        assert_eq!(all(&opened), rows);
    }
}

#[test]
fn a_crash_at_any_operation_of_the_migration_is_resumed() {
    let whole = {
        let disk = version_1();
        all(&reopen(&disk).unwrap())
    };
    let mut resumed = 0;
    for at in 0.. {
        for seed in 0..4 {
            let disk = version_1();
            disk.inject(Fault::From(at));
            let failed = reopen(&disk).is_err();
            if !failed {
                // Two schema rows are read, then four batches are read, written and flushed; then three times
                // the cursor is read, and one batch written and flushed. A checkpoint ends each migration.
                assert_eq!(at, 2 + 4 * 3 + 1 + 3 * (3 + 1));
                assert!(resumed > 10, "{resumed}: hardly ever in the middle");
                return;
            }
            disk.crash(seed);
            resumed += u32::from(disk.open().unwrap().get(CURSOR_KEY).unwrap().is_some());
            // And once more in what is left of it.
            disk.inject(Fault::From(at / 2));
            drop(reopen(&disk));
            disk.crash(seed + 1);
            let overlay = reopen(&disk).unwrap();
            assert_is_newest(&overlay);
            assert_eq!(all(&overlay), whole);
        }
    }
}

#[test]
fn a_newer_store_is_refused_by_name_and_left_alone() {
    let mut batch = Batch::new();
    batch.put(VERSION_KEY.to_vec(), codec::encode(&Version(6)).unwrap());
    let disk = disk_with(&batch);
    let error = reopen(&disk).unwrap_err();
    assert!(matches!(error, SchemaError::Newer { found: 6, newest: 5 }));
    assert!(error.to_string().contains("schema 6") && error.to_string().contains("up to 5"));
    assert_eq!(disk.open().unwrap().get(VERSION_KEY).unwrap(), Some(vec![1, 6]));
}

#[test]
fn what_is_no_store_of_ours_is_refused_and_left_alone() {
    let mut batch = Batch::new();
    batch.put(vec![0x10, 1], vec![1]);
    let disk = disk_with(&batch);
    assert!(matches!(reopen(&disk), Err(SchemaError::NoVersion)));

    batch.put(VERSION_KEY.to_vec(), codec::encode(&Version(0)).unwrap());
    let disk = disk_with(&batch);
    assert!(matches!(reopen(&disk), Err(SchemaError::TooOld { found: 0, missing: 1 })));

    batch.put(VERSION_KEY.to_vec(), codec::encode(&Version(1)).unwrap());
    let cursor = Cursor { to: 9, at: vec![] };
    batch.put(CURSOR_KEY.to_vec(), codec::encode(&cursor).unwrap());
    let disk = disk_with(&batch);
    assert!(matches!(reopen(&disk), Err(SchemaError::OtherMigration { found: 1, to: 9 })));
    assert_eq!(disk.open().unwrap().get(&[0x10, 1]).unwrap(), Some(vec![1]));
}

proptest! {
    #[test]
    fn random_schema_rows_never_panic(
        version in prop::collection::vec(any::<u8>(), 0..8),
        cursor in prop::collection::vec(any::<u8>(), 0..24),
    ) {
        let known: Option<Version> = codec::decode(&version).ok();
        let mut batch = Batch::new();
        batch.put(VERSION_KEY.to_vec(), version);
        batch.put(CURSOR_KEY.to_vec(), cursor);
        let opened = reopen(&disk_with(&batch));
        let fine = matches!(known, Some(Version(1..=5)));
        prop_assert!(fine || opened.is_err());
    }
}
