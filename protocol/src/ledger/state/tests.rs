//! The bytes and keys of every kind of leaf, which stand for good.

use super::{
    Account, BlockBeacon, Books, Calendar, Claim, Due, DueSecond, FeeTurns, Issuer, Leaf,
    LeafError, Opening, Packet, Paid, Progress, Transfer, TransferState, Turns, WaitingHeight,
    WaitingPacket,
};
use crate::{
    address::Address,
    beacon::{Beacon, Seed},
    bounded::List,
    codec::DecodeError,
    draw::{Shares, Taken},
    golden,
    keys::{BeaconKey, ClaimKey, ConsensusKey, IssuerKey, ReceiveKey},
    ledger::{
        Amount, EntryId, MembersHead, MembersRoot, PacketKind, Payee, Validator, Validators,
        ValidatorsHash,
    },
    limits::{FEE_PROPOSERS, PACKET_SHARES, VALIDATORS},
};
use ed25519_dalek::SigningKey;
use proptest::prelude::*;

fn wallet() -> Address {
    Address::of(&SigningKey::from_bytes(&[1; 32]).verifying_key()).unwrap()
}

fn id(byte: u8) -> EntryId {
    EntryId([byte; 32])
}

fn transfer() -> Transfer {
    Transfer {
        from: wallet(),
        payee: Payee { receive: ReceiveKey([2; 32]), wallet: wallet() },
        amount: Amount(300),
        expires_ms: 1_700_000_000_000,
        state: TransferState::Waiting,
        next: None,
    }
}

fn packet() -> Packet {
    Packet {
        from: wallet(),
        receive: ReceiveKey([2; 32]),
        kind: PacketKind::Fortune,
        amount: Amount(10_000),
        count: 10,
        expires_ms: 1_700_000_000_000,
        members: None,
        opening: None,
        left: 10,
        waiting: 0,
        rest: Amount(10_000),
        over: false,
        returned: Amount::ZERO,
        next: None,
    }
}

fn claim() -> Claim {
    Claim { wallet: wallet(), height: 7, paid: None, before: None }
}

fn progress() -> Progress {
    Progress {
        height: 7,
        time_ms: 1_700_000_000_000,
        beacon: Beacon([3; 64]),
        opened: true,
        oldest: Some(5),
        newest: Some(7),
        beacons_from: 6,
    }
}

fn block_beacon(power: u64, total: u64, cuts: bool) -> BlockBeacon {
    let proposer = ConsensusKey(*wallet().as_bytes());
    let (validators, beacon) = (ValidatorsHash([6; 32]), Beacon([3; 64]));
    BlockBeacon { proposer, power, total, validators, beacon, cuts }
}

/// Checks a leaf's bytes and key against the vectors, and that it reads back.
fn stands<T: Leaf + PartialEq + std::fmt::Debug>(name: &str, id: &T::Id, leaf: &T) {
    let bytes = golden::check(&format!("ledger_leaf_{name}"), leaf.to_leaf().unwrap());
    assert_eq!(bytes[0], T::KIND);
    assert_eq!(&T::from_leaf(&bytes).unwrap(), leaf);
    golden::check(&format!("ledger_leaf_key_{:02}", T::KIND), T::key(id).0.to_vec());
}

#[test]
fn golden_leaves_and_keys() {
    stands("account", &wallet(), &Account { balance: Amount(1_000), sequence: 3 });
    stands("issuer", &IssuerKey([4; 32]), &Issuer { sequence: 3 });
    stands("transfer", &id(1), &transfer());
    stands("packet", &id(1), &packet());
    stands("claim", &(id(1), ReceiveKey([2; 32])), &claim());
    let books = Books {
        supply: Amount(1_000),
        balances: Amount(600),
        transfers: Amount(200),
        packets: Amount(150),
        fees: Amount(50),
        minted: Amount(2_000),
        day: 19_000,
        minted_today: Amount(7),
        burned_today: Amount(8),
    };
    assert!(books.balance());
    stands("books", &(), &books);
    stands("progress", &(), &progress());
    let key = ConsensusKey(wallet().as_bytes().to_owned());
    let beacon = BeaconKey([5; 32]);
    let validator = Validator { key, power: 1, beacon, wallet: wallet() };
    stands("validators", &(), &Validators(List::new(vec![validator]).unwrap()));
    let turns = vec![Turns { wallet: wallet(), blocks: 9 }];
    stands("turns", &(), &FeeTurns(List::new(turns).unwrap()));
    stands("shares", &id(1), &Shares::draw(&Beacon([3; 64]), &[1; 32], 10_000, 10).unwrap());
    stands("taken", &id(1), &Taken::none(10).unwrap());
    let waiting = WaitingHeight { last: id(1), seed: None, next: None };
    stands("waiting_height", &7, &waiting);
    let claims = WaitingPacket { last: ReceiveKey([2; 32]), claims: 1, before: None };
    stands("waiting_packet", &(7, id(1)), &claims);
    let beacon = block_beacon(1, 4, false);
    stands("block_beacon", &7, &beacon);
    stands("due_second", &1_700_000_000, &DueSecond { last: Due::Transfer(id(1)) });
    stands("calendar", &(Calendar::TOP, 0), &Calendar { children: 1 << 33 });
}

#[test]
fn golden_leaves_of_the_other_choices() {
    for (name, state) in [
        ("accepted", TransferState::Accepted { height: 300 }),
        ("declined", TransferState::Declined { height: 300 }),
        ("returned", TransferState::Returned { height: 300 }),
    ] {
        let next = Some(Due::Packet(id(2)));
        stands(&format!("transfer_{name}"), &id(1), &Transfer { state, next, ..transfer() });
    }
    let members = MembersRoot([6; 32]);
    let opening = Opening { height: 6, members, count: 20, word: Some(ClaimKey([7; 32])) };
    let kind = PacketKind::PasswordFortune;
    let open = Packet { opening: Some(opening), kind, left: 5, waiting: 2, ..packet() };
    stands("packet_open", &id(1), &open);
    let head = MembersHead { root: members, count: 20 };
    stands("packet_members", &id(1), &Packet { members: Some(head), ..packet() });
    let over = Packet { over: true, rest: Amount::ZERO, returned: Amount(9_000), ..packet() };
    stands("packet_over", &id(1), &over);
    let paid = Paid { amount: Amount(77), slot: Some(3), height: 9 };
    let drawn = Claim { paid: Some(paid), before: Some(ReceiveKey([8; 32])), ..claim() };
    stands("claim_drawn", &(id(1), ReceiveKey([2; 32])), &drawn);
    let (seed, next) = (Some(Seed([9; 32])), Some(8));
    stands("waiting_height_known", &7, &WaitingHeight { last: id(1), seed, next });
    stands("progress_idle", &(), &Progress { oldest: None, newest: None, ..progress() });
}

#[test]
fn the_largest_leaves_fit_their_formats() {
    let key = ConsensusKey(*wallet().as_bytes());
    let turns = vec![Turns { wallet: wallet(), blocks: u32::MAX }; FEE_PROPOSERS];
    FeeTurns(List::new(turns).unwrap()).to_leaf().unwrap();
    let beacon = BeaconKey([5; 32]);
    let validator = Validator { key, power: u64::MAX, beacon, wallet: wallet() };
    Validators(List::new(vec![validator; VALIDATORS]).unwrap()).to_leaf().unwrap();
    Shares::draw(&Beacon([3; 64]), &[1; 32], u64::MAX, PACKET_SHARES).unwrap().to_leaf().unwrap();
    Taken::none(PACKET_SHARES).unwrap().to_leaf().unwrap();
    let all = Amount(u64::MAX);
    let most = Transfer {
        amount: all,
        expires_ms: u64::MAX,
        state: TransferState::Returned { height: u64::MAX },
        next: Some(Due::Packet(id(1))),
        ..transfer()
    };
    most.to_leaf().unwrap();
    let members = MembersRoot([6; 32]);
    let (height, count) = (u64::MAX, u32::MAX);
    let opening = Opening { height, members, count, word: Some(ClaimKey([7; 32])) };
    let most = Packet {
        kind: PacketKind::PasswordFortune,
        amount: all,
        count,
        expires_ms: u64::MAX,
        members: Some(MembersHead { root: members, count }),
        opening: Some(opening),
        left: count,
        waiting: count,
        rest: all,
        returned: all,
        next: Some(Due::Packet(id(1))),
        ..packet()
    };
    most.to_leaf().unwrap();
    let paid = Paid { amount: all, slot: Some(count), height };
    Claim { height, paid: Some(paid), before: Some(ReceiveKey([8; 32])), ..claim() }
        .to_leaf()
        .unwrap();
    let books = Books {
        supply: all,
        balances: all,
        transfers: all,
        packets: all,
        fees: all,
        minted: all,
        day: u64::MAX,
        minted_today: all,
        burned_today: all,
    };
    assert!(!books.balance(), "sums that leave the amounts do not balance");
    books.to_leaf().unwrap();
    let (oldest, newest) = (Some(height), Some(height));
    Progress { height, time_ms: height, oldest, newest, beacons_from: height, ..progress() }
        .to_leaf()
        .unwrap();
    block_beacon(u64::MAX, u64::MAX, true).to_leaf().unwrap();
    let (seed, next) = (Some(Seed([9; 32])), Some(height));
    WaitingHeight { last: id(1), seed, next }.to_leaf().unwrap();
    let before = Some(id(2));
    WaitingPacket { last: ReceiveKey([2; 32]), claims: count, before }.to_leaf().unwrap();
}

#[test]
fn a_leaf_of_another_kind_is_not_read() {
    let bytes = Issuer { sequence: 3 }.to_leaf().unwrap();
    let error = LeafError::Kind { name: "account", expected: 1, found: 5 };
    assert_eq!(Account::from_leaf(&bytes), Err(error));
    assert_eq!(Account::from_leaf(&[]), Err(DecodeError::Empty("account").into()));
    assert_eq!(Account::from_leaf(&[1]), Err(DecodeError::Empty("account").into()));
}

#[test]
fn leaves_of_different_kinds_or_ids_have_different_keys() {
    let keys = [
        Transfer::key(&id(1)),
        Transfer::key(&id(2)),
        Packet::key(&id(1)),
        Shares::key(&id(1)),
        Taken::key(&id(1)),
        WaitingHeight::key(&1),
        BlockBeacon::key(&1),
        DueSecond::key(&1),
        Claim::key(&(id(1), ReceiveKey([2; 32]))),
        Claim::key(&(id(2), ReceiveKey([1; 32]))),
        Calendar::key(&(0, 1)),
        Calendar::key(&(1, 1)),
    ];
    let different: std::collections::BTreeSet<_> = keys.iter().collect();
    assert_eq!(different.len(), keys.len());
}

/// Reads bytes as one kind; what is read has no other spelling.
fn read<T: Leaf>(bytes: &[u8]) {
    let mut own = bytes.to_vec();
    own.insert(0, T::KIND);
    for bytes in [bytes, &own] {
        if let Ok(leaf) = T::from_leaf(bytes) {
            assert_eq!(leaf.to_leaf().unwrap(), bytes);
        }
    }
}

proptest! {
    #[test]
    fn random_bytes_never_panic_and_have_one_spelling(
        mut bytes in prop::collection::vec(any::<u8>(), 1..400), headed: bool,
    ) {
        if headed {
            bytes[0] = 1;
        }
        read::<Account>(&bytes);
        read::<Issuer>(&bytes);
        read::<Transfer>(&bytes);
        read::<Packet>(&bytes);
        read::<Claim>(&bytes);
        read::<Books>(&bytes);
        read::<Progress>(&bytes);
        read::<Validators>(&bytes);
        read::<FeeTurns>(&bytes);
        read::<Shares>(&bytes);
        read::<Taken>(&bytes);
        read::<WaitingHeight>(&bytes);
        read::<WaitingPacket>(&bytes);
        read::<BlockBeacon>(&bytes);
        read::<DueSecond>(&bytes);
        read::<Calendar>(&bytes);
    }
}
