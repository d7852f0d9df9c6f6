//! Golden bytes of the ledger's rows.

use super::{
    super::rows::*,
    chain::{block_after, decide, genesis},
};
use magpie_protocol::{
    bounded::{Blob, List},
    codec::{Format, decode, encode},
    keys::ReceiveKey,
    ledger::{
        Accept, Entry, EntryId, Instruction, StateRoot,
        state::LeafKey,
        tree::{EMPTY_ROOT, NodePlace, Stale},
    },
    limits::STATE_LEAF,
};
use magpie_storage::key::key_bytes;
use proptest::prelude::*;
use std::fmt::Debug;

/// Returns the row's bytes in hex, and checks that they are read back.
fn golden<T: Format + PartialEq + Debug>(row: &T) -> String {
    let bytes = encode(row).unwrap();
    assert_eq!(&decode::<T>(&bytes).unwrap(), row);
    hex::encode(&bytes)
}

fn kept() -> KeptHeader {
    let decided = decide(&block_after(&genesis(), EMPTY_ROOT).header).unwrap();
    let certificate = decided.certificate().clone();
    KeptHeader { header: decided.header().clone(), certificate }
}

fn entry() -> Entry {
    let key = super::chain::validator();
    let receive = ReceiveKey(key.verifying_key().to_bytes());
    let accept = Accept { transfer: EntryId([0xee; 32]), receive };
    Instruction::from(accept).sign(super::chain::CHAIN, &key).unwrap()
}

#[test]
fn golden_bytes_of_rows() {
    let rows = [
        golden(&ValueRow(None)),
        golden(&ValueRow(Some(Blob::new(vec![8, 9]).unwrap()))),
        golden(&StaleRow),
        golden(&HeightRow(70_000)),
        golden(&KeptTip::new(&genesis(), StateRoot([3; 32]))),
        golden(&kept()),
        golden(&EntriesRow(List::default())),
        golden(&EntriesRow(List::new(vec![entry()]).unwrap())),
    ];
    assert_eq!(rows.join("\n"), include_str!("rows.hex").trim_end());
}

#[test]
fn golden_bytes_of_keys_which_sort_a_root_first() {
    let place = NodePlace { height: 300, depth: 3, path: [0x5a; 32] };
    let root = Stale::Node(NodePlace::root(301));
    let value = Stale::Value { height: 2, key: LeafKey([1; 32]) };
    let keys = [&root, &Stale::Node(place), &value].map(|stale| key_bytes(&stale_key(302, stale)));
    assert_eq!(
        keys.each_ref().map(|key| hex::encode(&key[..20])),
        [
            "000000000000012e0000000000000000012d0000",
            "000000000000012e0003000000000000012c5a5a",
            "000000000000012e010000000000000000020101",
        ]
    );
    assert_eq!(hex::encode(&key_bytes(&node_key(&place))[..11]), "000000000000012c035a5a");
    assert!(keys.is_sorted());
    let tags = [NODES.tag(), VALUES.tag(), STALE.tag(), HEADERS.tag(), ENTRIES.tag()];
    assert_eq!(tags, [0x40, 0x41, 0x42, 0x43, 0x44]);
    assert_eq!([HEIGHTS.tag(), TIP.tag()], [0x45, 0x46]);
}

#[test]
fn the_largest_value_fits() {
    golden(&ValueRow(Some(Blob::new(vec![8; STATE_LEAF]).unwrap())));
    golden(&HeightRow(u64::MAX));
}

proptest! {
    #[test]
    fn random_bytes_are_a_row_or_none(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        fn canonical<T: Format>(bytes: &[u8]) -> bool {
            decode::<T>(bytes).map_or(true, |row| encode(&row).unwrap() == bytes)
        }
        let mut bytes = bytes;
        if let Some(first) = bytes.first_mut() {
            *first = 1;
        }
        prop_assert!(canonical::<ValueRow>(&bytes) && canonical::<StaleRow>(&bytes));
        prop_assert!(canonical::<HeightRow>(&bytes) && canonical::<KeptTip>(&bytes));
        prop_assert!(canonical::<KeptHeader>(&bytes) && canonical::<EntriesRow>(&bytes));
    }
}
