use super::*;
use crate::ledger::{
    chain::tests::{recount::Leaves as Map, town},
    order::tests::scene::{BEGIN, CHAIN, validators},
};
use magpie_protocol::ledger::{
    Amount, Entry, EntryId, PacketKind, Rules,
    execution::{Refusal, genesis_changes},
    state::{Account, Books, Leaf, LeafKey, Leaves, Opening, Packet, Transfer, TransferState},
};
use std::convert::Infallible;

struct Memory(Map);

impl Leaves for Memory {
    type Error = Infallible;

    fn leaf(&self, key: &LeafKey) -> Result<Option<Vec<u8>>, Infallible> {
        Ok(self.0.get(key).cloned())
    }
}

struct Fixture {
    leaves: Memory,
    pool: Mempool,
    rules: Rules,
    now_ms: u64,
}

const TRANSFER: EntryId = EntryId([1; 32]);
const PACKET: EntryId = EntryId([2; 32]);

impl Fixture {
    /// A state with one wallet that has money, one transfer for person 1, and one open packet.
    fn new() -> Self {
        let (_, set) = validators(1);
        let changes = genesis_changes(BEGIN, &[town::issuer()], &set).unwrap();
        let leaves = changes.into_iter().map(|(key, bytes)| (key, bytes.unwrap())).collect();
        let (pool, rules) = (Mempool::default(), town::rules());
        let mut fixture = Self { leaves: Memory(leaves), pool, rules, now_ms: BEGIN + 1 };
        let pots = [Amount(1 << 60); 3];
        let [balances, transfers, packets] = pots;
        let supply = Amount::checked_sum(pots).unwrap();
        let books = Books { supply, balances, transfers, packets, ..Books::default() };
        fixture.put(&(), &books);
        fixture.put(&town::wallet(0), &Account { balance: Amount(10_000), sequence: 5 });
        fixture.transfer(TransferState::Waiting);
        fixture.packet(3);
        fixture
    }

    fn put<T: Leaf>(&mut self, id: &T::Id, leaf: &T) {
        self.leaves.0.insert(T::key(id), leaf.to_leaf().unwrap());
    }

    fn transfer(&mut self, state: TransferState) {
        let (from, payee, amount) = (town::wallet(0), town::payee(1), Amount(5));
        let expires_ms = BEGIN + 60_000;
        self.put(&TRANSFER, &Transfer { from, payee, amount, expires_ms, state, next: None });
    }

    fn packet(&mut self, left: u32) {
        let members = town::members(PacketKind::Ordinary);
        let (root, count) = (members.root(), members.count());
        let opening = Some(Opening { height: 1, members: root, count, word: None });
        let packet = Packet {
            from: town::wallet(0),
            receive: town::receive(0),
            kind: PacketKind::Ordinary,
            amount: Amount(30),
            count: 3,
            expires_ms: BEGIN + 60_000,
            members: None,
            opening,
            left,
            waiting: 0,
            rest: Amount(10 * u64::from(left)),
            over: false,
            returned: Amount::ZERO,
            next: None,
        };
        self.put(&PACKET, &packet);
    }

    fn admit(&mut self, entry: Entry) -> Result<Admission, NotAdmitted> {
        let terms = Terms { chain: CHAIN, rules: &self.rules, now_ms: self.now_ms };
        self.pool.admit(&terms, &self.leaves, entry).unwrap()
    }

    fn pay(&mut self, amount: u64, sequence: u64) -> Result<Admission, NotAdmitted> {
        self.admit(town::transfer(0, 1, amount, sequence, self.now_ms))
    }

    fn settle(&mut self, touched: &Touched) {
        let terms = Terms { chain: CHAIN, rules: &self.rules, now_ms: self.now_ms };
        self.pool.settle(&terms, &self.leaves, touched).unwrap();
    }

    fn waiting(&self) -> Vec<Place> {
        self.pool.first(usize::MAX).map(|(key, _)| key.place).collect()
    }
}

fn claim(by: u16) -> Entry {
    town::claim(by, PACKET, PacketKind::Ordinary).unwrap()
}

#[test]
fn a_wallet_waits_in_order_without_a_gap_and_within_its_money() {
    let mut fixture = Fixture::new();
    let expected = |expected, found| {
        let refusal = Refusal::Sequence { expected, found };
        Err::<Admission, NotAdmitted>(refusal.into())
    };
    assert_eq!(fixture.pay(100, 6), expected(5, 6));
    for sequence in 5..8 {
        assert!(matches!(fixture.pay(2_000, sequence), Ok(Admission::New(_))), "{sequence}");
    }
    assert_eq!(fixture.pay(10, 9), expected(8, 9));
    // Three times 2,000 and the fee of 1,000 leave 1,000, which is the fee alone.
    assert!(matches!(fixture.pay(1, 8), Err(NotAdmitted::Refused(Refusal::Funds { .. }))));
    assert_eq!(fixture.waiting(), [5, 6, 7].map(Place::Sequence));
}

#[test]
fn one_key_waits_once_whatever_is_signed() {
    let mut fixture = Fixture::new();
    let first = fixture.pay(100, 5).unwrap();
    let Admission::New(first) = first else { panic!("{first:?}") };
    assert_eq!(fixture.pay(101, 5), Err(NotAdmitted::Occupied(first)));
    assert_eq!(fixture.pay(100, 5), Ok(Admission::Known(first)));
    assert!(matches!(fixture.admit(claim(1)), Ok(Admission::New(_))));
    assert!(matches!(fixture.admit(claim(1)), Ok(Admission::Known(_))));
    assert_eq!(fixture.pool.len(), 2);
}

#[test]
fn no_more_claims_wait_than_shares_are_left() {
    let mut fixture = Fixture::new();
    fixture.packet(2);
    assert!(matches!(fixture.admit(claim(1)), Ok(Admission::New(_))));
    assert!(matches!(fixture.admit(claim(2)), Ok(Admission::New(_))));
    assert_eq!(fixture.admit(claim(3)), Ok(Admission::Full));
}

#[test]
fn a_lane_and_the_pool_have_ends() {
    let mut fixture = Fixture::new();
    fixture.put(&town::wallet(0), &Account { balance: Amount(1 << 59), sequence: 0 });
    for sequence in 0..LANE_ENTRIES as u64 {
        assert!(matches!(fixture.pay(1, sequence), Ok(Admission::New(_))));
    }
    assert_eq!(fixture.pay(1, LANE_ENTRIES as u64), Err(NotAdmitted::Lane));
    assert!(fixture.pool.has_room(POOL_BYTES - fixture.pool.bytes()));
    assert!(!fixture.pool.has_room(POOL_BYTES - fixture.pool.bytes() + 1));
    let keys: Vec<_> = fixture.pool.first(usize::MAX).map(|(key, _)| key).collect();
    keys.into_iter().for_each(|key| fixture.pool.refuse(key));
    assert_eq!((fixture.pool.len(), fixture.pool.bytes()), (0, 0));
    assert!(fixture.pool.is_empty());
}

#[test]
fn what_is_over_goes_with_what_came_after_it() {
    let mut fixture = Fixture::new();
    fixture.pay(1, 5).unwrap();
    fixture.now_ms += 10_000;
    fixture.pay(1, 6).unwrap();
    fixture.admit(claim(1)).unwrap();
    fixture.pool.expire(BEGIN + 20_000);
    assert_eq!(fixture.pool.len(), 3);
    fixture.pool.expire(BEGIN + 20_001);
    assert_eq!(fixture.waiting().len(), 1);
    // A claim says of itself no end: it lives as long as entries do.
    fixture.pool.expire(fixture.now_ms + fixture.rules.lifetimes.entry);
    assert!(fixture.pool.is_empty());
}

#[test]
fn a_block_takes_what_it_did_and_what_it_made_void() {
    let mut fixture = Fixture::new();
    fixture.pay(2_000, 5).unwrap();
    fixture.pay(2_000, 6).unwrap();
    fixture.admit(town::accept(1, TRANSFER)).unwrap();
    fixture.admit(claim(1)).unwrap();
    // Another entry of the same number was decided, and took nearly all; and the last share is gone.
    let other = town::transfer(0, 2, 8_000, 5, fixture.now_ms);
    let other = other.verify(CHAIN, &fixture.rules).unwrap();
    fixture.put(&town::wallet(0), &Account { balance: Amount(1_000), sequence: 6 });
    fixture.packet(0);
    let theirs = claim(2).verify(CHAIN, &fixture.rules).unwrap();
    let keys = [&other, &theirs].map(|entry| Key::of(entry.instruction()).unwrap());
    fixture.settle(&Touched { keys: keys.to_vec(), over: vec![] });
    let accept = Place::About { target: TRANSFER, kind: 2 };
    assert_eq!(fixture.waiting(), [accept]);
    // Its transfer went back.
    fixture.transfer(TransferState::Returned { height: 3 });
    fixture.settle(&Touched { keys: vec![], over: vec![TRANSFER] });
    assert!(fixture.pool.is_empty());
}

#[test]
fn what_a_block_left_valid_stays() {
    let mut fixture = Fixture::new();
    for sequence in 5..8 {
        fixture.pay(1_000, sequence).unwrap();
    }
    fixture.put(&town::wallet(0), &Account { balance: Amount(8_000), sequence: 6 });
    let done = fixture.pool.first(1).map(|(key, _)| key).collect();
    fixture.settle(&Touched { keys: done, over: vec![] });
    assert_eq!(fixture.waiting(), [6, 7].map(Place::Sequence));
    assert!(matches!(fixture.pay(1_000, 8), Ok(Admission::New(_))));
}

#[test]
fn forged_and_unexecuted_entries_are_refused() {
    let mut fixture = Fixture::new();
    let forged = town::transfer(0, 1, 5, 5, fixture.now_ms);
    let mut bytes = forged.to_bytes().unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    let forged = Entry::from_bytes(&bytes).unwrap();
    assert!(matches!(fixture.admit(forged), Err(NotAdmitted::Entry(_))));
    let stranger = town::accept(2, TRANSFER);
    assert!(matches!(fixture.admit(stranger), Err(NotAdmitted::Refused(_))));
    assert!(fixture.pool.is_empty());
}
