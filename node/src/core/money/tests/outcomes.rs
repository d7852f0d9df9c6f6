//! What became of an entry, told by leaves that were shown under headers of different heights.

use crate::core::money::{
    memory::{Money, Shown},
    outcome::{Outcome, outcome},
};
use magpie_protocol::{
    address::Address,
    api::ErrorCode,
    keys::{IssuerKey, ReceiveKey},
    ledger::{
        Accept, Amount, Burn, ClaimPacket, CreatePacket, Decline, EntryId, Instruction, Members,
        MembersRoot, Mint, OpenPacket, PacketKind, Payee, Payment, Transfer,
        state::{self, Account, Claim, Issuer, Leaf, LeafKey, Opening, Packet, TransferState},
    },
};

const ID: EntryId = EntryId([1; 32]);
const RECEIVE: ReceiveKey = ReceiveKey([2; 32]);
const ISSUER: IssuerKey = IssuerKey([3; 32]);
/// Until when the entries of these tests are valid.
const UNTIL: u64 = 1_000;
/// When the packets and transfers of these tests expire.
const EXPIRES: u64 = 2_000;

fn wallet() -> Address {
    "GmaDrppBC7P5ARKV8g3djiwP89vz1jLK23V2GBjuAEGB".parse().unwrap()
}

fn payee() -> Payee {
    Payee { receive: RECEIVE, wallet: wallet() }
}

fn payment() -> Payment {
    Payment { wallet: wallet(), sequence: 5, valid_until_ms: UNTIL, gas: Amount(1) }
}

/// What was shown: leaves, each under a height and a time.
#[derive(Default)]
struct Seen(Money);

impl Seen {
    fn with<T: Leaf>(mut self, id: &T::Id, at: (u64, u64), leaf: Option<&T>) -> Self {
        let (height, time_ms) = at;
        let bytes = leaf.map(|leaf| leaf.to_leaf().unwrap());
        self.0.show(T::key(id), Shown { height, time_ms, bytes });
        self
    }

    fn told(&self, entry: &Instruction) -> Told {
        match outcome(&self.0, ID, entry) {
            Outcome::Open(keys) => Told::Open(keys),
            Outcome::Final(height) => Told::Final(height),
            Outcome::Never(code, _) => Told::Never(code),
        }
    }
}

#[derive(Debug, PartialEq)]
enum Told {
    Open(Vec<LeafKey>),
    Final(u64),
    Never(ErrorCode),
}

fn transfer() -> Instruction {
    Transfer { payment: payment(), amount: Amount(9), payee: payee() }.into()
}

fn create() -> Instruction {
    let (kind, amount, count) = (PacketKind::Fortune, Amount(9), 3);
    CreatePacket {
        payment: payment(),
        kind,
        amount,
        count,
        lifetime_ms: 1,
        receive: RECEIVE,
        members: None,
    }
    .into()
}

fn transfer_leaf(state: TransferState) -> state::Transfer {
    let (from, expires_ms) = (wallet(), EXPIRES);
    state::Transfer { from, payee: payee(), amount: Amount(9), expires_ms, state, next: None }
}

fn packet_leaf(left: u32, is_open: bool, over: bool) -> Packet {
    let opening = Opening { height: 1, members: MembersRoot([0; 32]), count: 3, word: None };
    Packet {
        members: None,
        from: wallet(),
        receive: RECEIVE,
        kind: PacketKind::Fortune,
        amount: Amount(9),
        count: 3,
        expires_ms: EXPIRES,
        opening: is_open.then_some(opening),
        left,
        waiting: 0,
        rest: Amount(9),
        over,
        returned: Amount::ZERO,
        next: None,
    }
}

fn account(sequence: u64) -> Account {
    Account { balance: Amount(9), sequence }
}

/// An entry that a wallet pays for, its leaf, and that leaf if it stands.
fn spent_case<T: Leaf>(entry: &Instruction, id: &T::Id, leaf: &T) {
    let wallet = wallet();
    let both = || Told::Open(vec![T::key(id), Account::key(&wallet)]);
    let none = || Seen::default().with::<T>(id, (7, 10), None);
    assert_eq!(Seen::default().told(entry), both(), "nothing was shown");
    assert_eq!(Seen::default().with(id, (7, 10), Some(leaf)).told(entry), Told::Final(7));
    // Even long after its time: what stands, stands.
    assert_eq!(Seen::default().with(id, (9, 9_999), Some(leaf)).told(entry), Told::Final(9));
    assert_eq!(none().told(entry), both(), "the account was not shown");
    // A block of the time until which it is valid cannot hold it, nor can one before show that.
    let late = |time| Seen::default().with::<T>(id, (7, time), None).told(entry);
    assert_eq!(late(UNTIL), Told::Never(ErrorCode::Expired));
    assert_eq!(late(UNTIL - 1), both());
    // Its number was used, and not by it: only if the leaf is missing there or later.
    let used = |height, next| none().with(&wallet, (height, 10), Some(&account(next))).told(entry);
    assert_eq!(used(7, 6), Told::Never(ErrorCode::Failed));
    assert_eq!(used(6, 6), Told::Never(ErrorCode::Failed), "the account before the leaf");
    assert_eq!(used(8, 6), both(), "it may stand in the block between");
    assert_eq!(used(7, 5), both(), "its number is the next");
    let wallets = || Told::Open(vec![Account::key(&wallet)]);
    assert_eq!(used(7, 0), wallets(), "others come before it");
    assert_eq!(none().with::<Account>(&wallet, (7, 10), None).told(entry), wallets());
    // Of a time at which no block takes it, the number that is not used tells enough.
    let over =
        |sequence| Seen::default().with(&wallet, (7, UNTIL), Some(&account(sequence))).told(entry);
    assert_eq!(over(5), Told::Never(ErrorCode::Expired));
    assert_eq!(over(0), Told::Never(ErrorCode::Expired));
    assert_eq!(over(6), both(), "something has used its number in time");
}

#[test]
fn payments_leave_a_leaf_or_lose_their_number_or_their_time() {
    spent_case(&transfer(), &ID, &transfer_leaf(TransferState::Waiting));
    spent_case(&transfer(), &ID, &transfer_leaf(TransferState::Returned { height: 8 }));
    spent_case(&create(), &ID, &packet_leaf(3, false, false));
}

#[test]
fn a_transfer_is_decided_once_and_by_one_of_both() {
    let accept: Instruction = Accept { transfer: ID, receive: RECEIVE }.into();
    let decline: Instruction = Decline { transfer: ID, receive: RECEIVE }.into();
    let open = || Told::Open(vec![state::Transfer::key(&ID)]);
    let told = |state: Option<TransferState>, entry: &Instruction| {
        let leaf = state.map(transfer_leaf);
        Seen::default().with(&ID, (7, 9_999), leaf.as_ref()).told(entry)
    };
    for entry in [&accept, &decline] {
        assert_eq!(Seen::default().told(entry), open());
        assert_eq!(told(None, entry), open());
        // Its time is over, and the block that returns it is still to come.
        assert_eq!(told(Some(TransferState::Waiting), entry), open());
        let returned = Some(TransferState::Returned { height: 6 });
        assert_eq!(told(returned, entry), Told::Never(ErrorCode::Expired));
    }
    let (accepted, declined) =
        (Some(TransferState::Accepted { height: 6 }), Some(TransferState::Declined { height: 6 }));
    assert_eq!(told(accepted, &accept), Told::Final(7));
    assert_eq!(told(accepted, &decline), Told::Never(ErrorCode::AlreadyDecided));
    assert_eq!(told(declined, &decline), Told::Final(7));
    assert_eq!(told(declined, &accept), Told::Never(ErrorCode::AlreadyDecided));
}

#[test]
fn a_packet_is_opened_or_over() {
    let members = MembersRoot([0; 32]);
    let entry: Instruction =
        OpenPacket { packet: ID, receive: RECEIVE, members, count: 3, word: None }.into();
    let told = |leaf: Option<Packet>, time| {
        Seen::default().with(&ID, (7, time), leaf.as_ref()).told(&entry)
    };
    let open = || Told::Open(vec![Packet::key(&ID)]);
    assert_eq!(Seen::default().told(&entry), open());
    assert_eq!(told(None, 9_999), open(), "it may be made yet");
    assert_eq!(told(Some(packet_leaf(3, false, false)), EXPIRES - 1), open());
    let over = Told::Never(ErrorCode::Expired);
    assert_eq!(told(Some(packet_leaf(3, false, false)), EXPIRES), over);
    assert_eq!(told(Some(packet_leaf(3, false, true)), 10), over);
    assert_eq!(told(Some(packet_leaf(3, true, true)), 9_999), Told::Final(7));
}

#[test]
fn a_claim_is_a_leaf_or_missing_where_the_packet_ended_or_later() {
    let path = Members::new(&[payee()]).unwrap().path(&payee()).unwrap();
    let entry: Instruction = ClaimPacket { packet: ID, payee: payee(), path, word: None }.into();
    let id = (ID, RECEIVE);
    let both = || Told::Open(vec![Packet::key(&ID), Claim::key(&id)]);
    let claim = Claim { wallet: wallet(), height: 6, paid: None, before: None };
    let told = |packet: (u64, u64, Option<Packet>), claim: (u64, Option<Claim>)| {
        Seen::default()
            .with(&ID, (packet.0, packet.1), packet.2.as_ref())
            .with(&id, (claim.0, 10), claim.1.as_ref())
            .told(&entry)
    };
    assert_eq!(Seen::default().told(&entry), both());
    assert_eq!(Seen::default().with::<Claim>(&id, (7, 10), None).told(&entry), both());
    for left in [0, 3] {
        let packet = Some(packet_leaf(left, true, true));
        assert_eq!(told((9, 9_999, packet), (7, Some(claim))), Told::Final(7), "{left}");
        assert_eq!(told((7, 9_999, packet), (9, Some(claim))), Told::Final(9), "{left}");
    }
    let going = Some(packet_leaf(3, true, false));
    assert_eq!(told((7, EXPIRES - 1, going), (7, None)), both());
    assert_eq!(told((7, 10, None), (7, None)), both());
    // Missing where it ended, or later; before, it may stand in the block between.
    let ends = [
        (10, packet_leaf(0, true, false), ErrorCode::PacketEmpty),
        (10, packet_leaf(3, true, true), ErrorCode::Expired),
        (EXPIRES, packet_leaf(3, true, false), ErrorCode::Expired),
    ];
    for (time, packet, code) in ends {
        assert_eq!(told((7, time, Some(packet)), (7, None)), Told::Never(code));
        assert_eq!(told((7, time, Some(packet)), (8, None)), Told::Never(code));
        assert_eq!(told((8, time, Some(packet)), (7, None)), both());
    }
}

#[test]
fn an_issuers_entry_uses_its_number_or_loses_its_time() {
    let (sequence, valid_until_ms, amount) = (5, UNTIL, Amount(9));
    let (issuer, reference) = (ISSUER, [0; 32]);
    let mint = Mint { issuer, sequence, valid_until_ms, wallet: wallet(), amount, reference };
    let burn = Burn { issuer, sequence, valid_until_ms, amount, reference };
    for entry in [Instruction::from(mint), Instruction::from(burn)] {
        let told = |time, next: Option<u64>| {
            let leaf = next.map(|sequence| Issuer { sequence });
            Seen::default().with(&ISSUER, (7, time), leaf.as_ref()).told(&entry)
        };
        let open = || Told::Open(vec![Issuer::key(&ISSUER)]);
        assert_eq!(Seen::default().told(&entry), open());
        assert_eq!(told(10, Some(5)), open());
        assert_eq!(told(UNTIL - 1, None), open());
        assert_eq!(told(UNTIL, Some(5)), Told::Never(ErrorCode::Expired));
        assert_eq!(told(UNTIL, Some(6)), Told::Final(7));
        assert_eq!(told(10, Some(9)), Told::Final(7));
    }
}

#[test]
fn what_no_block_takes_never_happens() {
    let unknown = Instruction::Unknown { number: 99, body: vec![] };
    assert_eq!(Seen::default().told(&unknown), Told::Never(ErrorCode::NotImplemented));
}
