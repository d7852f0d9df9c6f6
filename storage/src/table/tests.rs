use super::*;
use crate::{
    engine::{MemoryDisk, Order},
    overlay::{Overlay, Tx},
};
use magpie_protocol::codec::Format;
use proptest::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Note {
    text: String,
}

impl Format for Note {
    const NAME: &'static str = "note";
    const VERSION: u8 = 1;
    const LIMIT: usize = 64;
}

const NOTES: Table<(u32, String), Note> = Table::new("notes", 0x20);
const OTHERS: Table<(u32, String), Note> = Table::new("others", 0x21);
const LAST: Table<(u32, String), Note> = Table::new("last", 0xff);

fn note(text: &str) -> Note {
    Note { text: text.to_owned() }
}

fn overlay() -> Overlay {
    Overlay::new(Box::new(MemoryDisk::new().open().unwrap()))
}

fn names(rows: Vec<((u32, String), Note)>) -> Vec<String> {
    rows.into_iter().map(|((number, text), _)| format!("{number}{text}")).collect()
}

#[test]
fn golden_bytes_of_a_row() {
    let overlay = overlay();
    let mut tx = Tx::new(&overlay);
    NOTES.put(&mut tx, &(1, "a".to_owned()), &note("hi")).unwrap();
    let batch = tx.into_batch();
    let (key, value) = batch.iter().next().unwrap();
    assert_eq!(hex::encode(key), "2000000001610000");
    assert_eq!(hex::encode(value.unwrap()), "4cfd783db35b844301026869");
}

#[test]
fn rows_are_put_got_scanned_and_deleted() {
    let overlay = overlay();
    let mut tx = Tx::new(&overlay);
    for table in [&NOTES, &OTHERS, &LAST] {
        for (number, text) in [(1, "a"), (1, "b"), (2, ""), (2, "c"), (3, "d")] {
            table.put(&mut tx, &(number, text.to_owned()), &note(table.name())).unwrap();
        }
    }
    let key = |number: u32, text: &str| (number, text.to_owned());
    for table in [&NOTES, &OTHERS, &LAST] {
        let scan =
            |keys: Keys<_>, order, limit| names(table.scan(&tx, &keys, order, limit).unwrap());
        assert_eq!(table.get(&tx, &key(1, "b")).unwrap(), Some(note(table.name())));
        assert!(table.contains(&tx, &key(2, "")).unwrap());
        assert!(!table.contains(&tx, &key(2, "x")).unwrap());
        assert_eq!(table.get(&tx, &key(9, "")).unwrap(), None);
        assert_eq!(scan(Keys::all(), Order::Ascending, 9), ["1a", "1b", "2", "2c", "3d"]);
        assert_eq!(scan(Keys::all(), Order::Descending, 2), ["3d", "2c"]);
        assert_eq!(scan(Keys::under(&2_u32), Order::Ascending, 9), ["2", "2c"]);
        let mid = key(1, "b");
        assert_eq!(scan(Keys::all().above(&mid), Order::Ascending, 2), ["2", "2c"]);
        assert_eq!(scan(Keys::all().at_least(&mid), Order::Ascending, 1), ["1b"]);
        assert_eq!(scan(Keys::all().below(&mid), Order::Descending, 9), ["1a"]);
        assert_eq!(scan(Keys::all().at_most(&mid), Order::Descending, 9), ["1b", "1a"]);
        assert_eq!(scan(Keys::under(&1_u32).above(&key(1, "a")), Order::Ascending, 9), ["1b"]);
        let none = Keys::all().above(&key(2, "")).below(&key(1, ""));
        assert!(scan(none, Order::Ascending, 9).is_empty());
    }
    NOTES.delete(&mut tx, &key(1, "a"));
    assert_eq!(NOTES.get(&tx, &key(1, "a")).unwrap(), None);
    assert!(OTHERS.contains(&tx, &key(1, "a")).unwrap());
}

#[test]
fn what_cannot_be_written_is_refused_and_changes_nothing() {
    let overlay = overlay();
    let mut tx = Tx::new(&overlay);
    let long = NOTES.put(&mut tx, &(1, "x".repeat(2_000)), &note(""));
    assert!(matches!(long, Err(TableError::KeyTooLong { table: "notes", len: 2_007, .. })));
    let large = NOTES.put(&mut tx, &(1, String::new()), &note(&"x".repeat(64)));
    assert!(matches!(large, Err(TableError::Value { table: "notes", .. })));
    assert!(tx.batch().is_empty());
}

#[test]
fn a_row_moved_to_another_key_is_damaged() {
    let overlay = overlay();
    let mut tx = Tx::new(&overlay);
    NOTES.put(&mut tx, &(1, String::new()), &note("hi")).unwrap();
    let (_, value) = tx.batch().iter().next().unwrap();
    let value = value.unwrap().to_vec();
    tx.put(hex::decode("20000000020000").unwrap(), value);
    let got = NOTES.get(&tx, &(2, String::new()));
    assert!(matches!(got, Err(TableError::Corrupt { fault: RowFault::Check, .. })));
}

proptest! {
    #[test]
    fn random_rows_are_an_error_and_never_skipped(
        key in prop::collection::vec(any::<u8>(), 0..16),
        value in prop::collection::vec(any::<u8>(), 0..80),
        checked: bool,
    ) {
        let overlay = overlay();
        let mut tx = Tx::new(&overlay);
        let key = [vec![0x20], key].concat();
        let value = if checked { crate::row_check::with_check(&key, &value) } else { value };
        tx.put(key, value);
        match NOTES.scan(&tx, &Keys::all(), Order::Ascending, 9) {
            Ok(rows) => prop_assert_eq!(rows.len(), 1),
            Err(TableError::Corrupt { table, .. }) => prop_assert_eq!(table, "notes"),
            Err(error) => prop_assert!(false, "{}", error),
        }
    }
}
