use super::*;
use crate::{
    engine::{KeyRange, MemoryDisk, Order},
    overlay::{Overlay, Tx, View},
    table::{Keys, RowFault, TableError},
};
use magpie_protocol::{codec::Format, ids::GroupId};
use proptest::prelude::*;
use rand_chacha::ChaCha20Rng;
use rand_core::{CryptoRng, SeedableRng};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Line(String);

impl Format for Line {
    const NAME: &'static str = "line";
    const VERSION: u8 = 1;
    const LIMIT: usize = 256;
}

const LINES: PersonalTable<GroupId, u64, Line> = PersonalTable::new("lines");
const DRAFTS: PersonalTable<GroupId, u64, Line> = PersonalTable::new("drafts");
const GROUP: GroupId = GroupId([1; 32]);

fn line(text: &str) -> Line {
    Line(text.to_owned())
}

fn overlay() -> Overlay {
    Overlay::new(Box::new(MemoryDisk::new().open().unwrap()))
}

fn rng() -> ChaCha20Rng {
    ChaCha20Rng::from_seed([9; 32])
}

fn all(view: &dyn View) -> Vec<(Vec<u8>, Vec<u8>)> {
    view.range(&KeyRange::all(), Order::Ascending, usize::MAX).unwrap()
}

#[test]
fn golden_bytes_of_a_row() {
    let overlay = overlay();
    let mut tx = Tx::new(&overlay);
    let keys = RowKeys::derive(&[5; 32]);
    LINES.put(&mut tx, &keys, (&GROUP, &3), &line("hi"), &mut rng()).unwrap();
    let rows = all(&tx);
    assert_eq!(
        hex::encode(&rows[0].0),
        "011a711eb9945267c7db3da78f52aee8877ebff04205f3b72bd190f69db54aeeee0000000000000003"
    );
    assert_eq!(
        hex::encode(&rows[0].1),
        "f2a76980dfc7a4924b326a1260bcfea12705c12d98821af4eee0f06592535a93"
    );
}

#[test]
fn rows_are_put_got_scanned_and_deleted_by_partition() {
    let overlay = overlay();
    let mut tx = Tx::new(&overlay);
    let keys = RowKeys::derive(&[5; 32]);
    let mut rng = rng();
    let rng: &mut dyn CryptoRng = &mut rng;
    let other = GroupId([2; 32]);
    for number in 0..10 {
        LINES.put(&mut tx, &keys, (&GROUP, &number), &line(&number.to_string()), rng).unwrap();
        LINES.put(&mut tx, &keys, (&other, &number), &line("other"), rng).unwrap();
        DRAFTS.put(&mut tx, &keys, (&GROUP, &number), &line("draft"), rng).unwrap();
    }
    let numbers = |range: &Keys<u64>, order, limit| -> Vec<u64> {
        let rows = LINES.scan(&tx, &keys, &GROUP, range, order, limit).unwrap();
        assert!(rows.iter().all(|(number, value)| *value == line(&number.to_string())));
        rows.into_iter().map(|(number, _)| number).collect()
    };
    assert_eq!(numbers(&Keys::all(), Order::Ascending, 99), (0..10).collect::<Vec<_>>());
    assert_eq!(numbers(&Keys::all(), Order::Descending, 2), [9, 8]);
    assert_eq!(numbers(&Keys::all().above(&3).at_most(&6), Order::Ascending, 99), [4, 5, 6]);
    assert_eq!(numbers(&Keys::all().below(&3), Order::Descending, 2), [2, 1]);
    LINES.delete(&mut tx, &keys, &GROUP, &3);
    assert_eq!(LINES.get(&tx, &keys, &GROUP, &3).unwrap(), None);
    assert_eq!(LINES.get(&tx, &keys, &GROUP, &4).unwrap(), Some(line("4")));
    assert_eq!(DRAFTS.get(&tx, &keys, &GROUP, &3).unwrap(), Some(line("draft")));
}

#[test]
fn another_vault_sees_nothing_and_rows_of_all_look_alike() {
    let overlay = overlay();
    let mut tx = Tx::new(&overlay);
    let (mine, yours) = (RowKeys::derive(&[5; 32]), RowKeys::derive(&[6; 32]));
    let mut rng = rng();
    LINES.put(&mut tx, &mine, (&GROUP, &3), &line("mine!"), &mut rng).unwrap();
    assert_eq!(LINES.get(&tx, &yours, &GROUP, &3).unwrap(), None);
    LINES.put(&mut tx, &yours, (&GROUP, &3), &line("yours"), &mut rng).unwrap();
    DRAFTS.put(&mut tx, &yours, (&GROUP, &3), &line("draft"), &mut rng).unwrap();
    let rows = all(&tx);
    assert_eq!(rows.len(), 3);
    for (key, value) in &rows {
        assert_eq!((key[0], key.len(), value.len()), (1, 41, 12 + 7 + 16));
        for clear in [b"mine!".as_slice(), b"yours", b"draft", b"lines", b"drafts", &GROUP.0] {
            let row = [key.as_slice(), value.as_slice()].concat();
            assert!(!row.windows(clear.len()).any(|window| window == clear));
        }
    }
    assert_eq!(LINES.get(&tx, &mine, &GROUP, &3).unwrap(), Some(line("mine!")));
    assert_eq!(LINES.get(&tx, &yours, &GROUP, &3).unwrap(), Some(line("yours")));
}

#[test]
fn the_same_value_is_never_sealed_to_the_same_bytes() {
    let overlay = overlay();
    let mut tx = Tx::new(&overlay);
    let keys = RowKeys::derive(&[5; 32]);
    let mut rng = rng();
    LINES.put(&mut tx, &keys, (&GROUP, &3), &line("hi"), &mut rng).unwrap();
    let first = all(&tx);
    LINES.put(&mut tx, &keys, (&GROUP, &3), &line("hi"), &mut rng).unwrap();
    let second = all(&tx);
    assert_eq!(first[0].0, second[0].0);
    assert_ne!(first[0].1, second[0].1);
}

#[test]
fn a_row_moved_to_another_place_does_not_open() {
    let overlay = overlay();
    let mut tx = Tx::new(&overlay);
    let keys = RowKeys::derive(&[5; 32]);
    LINES.put(&mut tx, &keys, (&GROUP, &3), &line("hi"), &mut rng()).unwrap();
    let (mut key, value) = all(&tx).remove(0);
    *key.last_mut().unwrap() = 4;
    tx.put(key, value);
    let got = LINES.get(&tx, &keys, &GROUP, &4);
    assert!(matches!(got, Err(TableError::Corrupt { fault: RowFault::Sealed, .. })));
    let scan = LINES.scan(&tx, &keys, &GROUP, &Keys::all(), Order::Ascending, 9);
    assert!(matches!(scan, Err(TableError::Corrupt { table: "lines", .. })));
}

#[test]
fn what_cannot_be_written_is_refused_and_changes_nothing() {
    const LONG: PersonalTable<(), String, Line> = PersonalTable::new("long");
    let overlay = overlay();
    let mut tx = Tx::new(&overlay);
    let keys = RowKeys::derive(&[5; 32]);
    let long = LONG.put(&mut tx, &keys, (&(), &"x".repeat(1_024)), &line(""), &mut rng());
    assert!(matches!(long, Err(TableError::KeyTooLong { table: "long", len: 1_059, .. })));
    let large = LINES.put(&mut tx, &keys, (&GROUP, &0), &line(&"x".repeat(256)), &mut rng());
    assert!(matches!(large, Err(TableError::Value { table: "lines", .. })));
    assert!(tx.batch().is_empty());
}

#[test]
fn all_personal_rows_and_no_other_can_be_erased_in_parts() {
    let mut overlay = overlay();
    let mut tx = Tx::new(&overlay);
    for vault in 0..5 {
        let keys = RowKeys::derive(&[vault; 32]);
        LINES.put(&mut tx, &keys, (&GROUP, &3), &line("hi"), &mut rng()).unwrap();
    }
    let others = [vec![0], vec![0, 0xff], vec![2], vec![0x10]];
    others.iter().for_each(|key| tx.put(key.clone(), vec![]));
    let batch = tx.into_batch();
    overlay.push(batch);
    let mut parts = 0;
    loop {
        let mut tx = Tx::new(&overlay);
        let more = erase(&mut tx, 2).unwrap();
        let batch = tx.into_batch();
        overlay.push(batch);
        overlay.commit().unwrap();
        parts += 1;
        if !more {
            break;
        }
    }
    assert_eq!(parts, 3);
    let left: Vec<_> = all(&overlay).into_iter().map(|(key, _)| key).collect();
    assert_eq!(left, others);
}

#[test]
fn keys_are_not_shown() {
    assert_eq!(format!("{:?}", RowKeys::derive(&[5; 32])), "RowKeys(..)");
}

proptest! {
    #[test]
    fn a_row_with_a_changed_bit_or_cut_short_is_an_error(
        bit in any::<prop::sample::Index>(),
        cut in any::<prop::sample::Index>(),
    ) {
        let overlay = overlay();
        let mut tx = Tx::new(&overlay);
        let keys = RowKeys::derive(&[5; 32]);
        LINES.put(&mut tx, &keys, (&GROUP, &3), &line("hi"), &mut rng()).unwrap();
        let (key, row) = all(&tx).remove(0);
        let bit = bit.index(row.len() * 8);
        let mut flipped = row.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        for damaged in [flipped, row[..cut.index(row.len())].to_vec()] {
            tx.put(key.clone(), damaged);
            let got = LINES.get(&tx, &keys, &GROUP, &3);
            let refused =
                matches!(got, Err(TableError::Corrupt { fault: RowFault::Sealed, .. }));
            prop_assert!(refused);
        }
    }

    #[test]
    fn random_bytes_are_never_a_row(row in prop::collection::vec(any::<u8>(), 0..80)) {
        let keys = RowKeys::derive(&[5; 32]);
        prop_assert!(keys.open(b"key", &row).is_none());
    }
}
