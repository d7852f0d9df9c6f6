//! What an attacker would try against the state.

use super::world::{CHAIN, World, key, members, payee, receive, wallet};
use crate::{
    beacon::SecretKey,
    ids::NetworkId,
    ledger::{
        Amount, ClaimPacket, EntryError, HeaderError, Instruction, Members, OpenPacket, PacketKind,
        VerifyError,
        execution::{Context, ContextError, Deed, Refusal, check, execute},
        state::Transfer,
    },
    limits::DAY_MS,
};

const START: u64 = 100_000_000;

#[test]
fn money_is_not_spent_twice() {
    let mut world = World::of_people(3);
    let one = world.transfer(0, 1, 60_000_000);
    let Instruction::Transfer(mut body) = one.instruction().clone() else { unreachable!() };
    body.payee = payee(2);
    let two = world.signed(*body, 0);
    let used = Refusal::Sequence { expected: 1, found: 0 };
    assert_eq!(world.invalid(&[one.clone(), two.clone()]), (1, used.clone()));
    // The next number does not help where the money is gone.
    body.payment.sequence = 1;
    let poor = world.signed(*body, 0);
    let ahead = Refusal::Sequence { expected: 0, found: 1 };
    assert_eq!(world.refusal(&poor), ahead);
    let (at, refusal) = world.invalid(&[one.clone(), poor.clone()]);
    assert!(at == 1 && matches!(refusal, Refusal::Funds { .. }));
    world.block(&[one]);
    assert_eq!(world.refusal(&two), used);
    assert!(matches!(world.refusal(&poor), Refusal::Funds { .. }));
    assert_eq!(world.leaves.get::<Transfer>(&two.id()), None, "it never happened");
}

#[test]
fn an_entry_counts_once() {
    let mut world = World::of_people(2);
    let sent = world.transfer(0, 1, 1_000);
    let taken = world.accept(1, sent.id());
    assert_eq!(world.invalid(&[sent.clone(), sent.clone()]).0, 1);
    assert_eq!(world.invalid(&[sent.clone(), taken.clone(), taken.clone()]).0, 2);
    world.block(&[sent.clone(), taken.clone()]);
    assert_eq!(world.refusal(&sent), Refusal::Sequence { expected: 1, found: 0 });
    assert_eq!(world.refusal(&taken), Refusal::Settled(sent.id()));
    let back = world.decline(1, sent.id());
    assert_eq!(world.refusal(&back), Refusal::Settled(sent.id()));
    let minted = world.mint(0, 5);
    world.block(std::slice::from_ref(&minted));
    assert!(matches!(world.refusal(&minted), Refusal::Sequence { .. }));
    assert_eq!(world.balance(1), START + 1_000);
}

#[test]
fn an_entry_of_one_chain_is_nothing_on_another() {
    let mut world = World::of_people(1);
    let sent = world.transfer(0, 1, 1_000);
    let other = NetworkId([0xdd; 32]);
    let error = EntryError::Chain { expected: other, found: CHAIN };
    // Verified for its own chain, and slipped into the execution of the other.
    let refused = check(&world.rules, &world.leaves, other, world.time_ms, &sent).unwrap();
    assert_eq!(refused, Err(Refusal::Entry(error.clone())));
    assert_eq!(sent.entry().clone().verify(other, &world.rules), Err(error.into()));
}

#[test]
fn only_the_payee_settles_a_transfer() {
    let mut world = World::of_people(3);
    let sent = world.transfer(0, 1, 1_000);
    let transfer = sent.id();
    world.block(&[sent]);
    for other in [0, 2] {
        let refusal = Refusal::NotPayee { transfer, receive: receive(other) };
        assert_eq!(world.refusal(&world.accept(other, transfer)), refusal);
        assert_eq!(world.refusal(&world.decline(other, transfer)), refusal);
    }
    // The money goes to the wallet that the transfer names, whatever the payee has elsewhere.
    let accepted = world.accept(1, transfer);
    world.block(&[accepted]);
    assert_eq!(world.balance(1), START + 1_000);
}

#[test]
fn nobody_claims_twice() {
    for kind in [PacketKind::Ordinary, PacketKind::Fortune] {
        let mut world = World::of_people(2);
        let (id, members) = world.opened(0, kind, 1_000, 5, 2);
        let claim = world.claim(1, id, kind, &members);
        let twice = Refusal::Claimed { packet: id, receive: receive(1) };
        assert_eq!(world.invalid(&[claim.clone(), claim.clone()]), (1, twice.clone()));
        world.block(std::slice::from_ref(&claim));
        for _ in 0..4 {
            assert_eq!(world.refusal(&claim), twice);
            world.block(&[]);
        }
        assert_eq!(world.packet(id).left, 4);
    }
}

#[test]
fn of_more_claims_than_shares_so_many_are_paid_as_there_are_shares() {
    for kind in [PacketKind::Ordinary, PacketKind::Fortune] {
        let mut world = World::of_people(1);
        let (id, members) = world.opened(0, kind, 1_000_000, 1_000, 1_200);
        let claims = (0..1_200).map(|person| world.claim(person, id, kind, &members));
        let claims: Vec<_> = claims.collect();
        let by = world.turn();
        let (executed, refused) = world.block_of_valid(by, &claims);
        assert_eq!(executed.entries.len(), 1_000);
        assert_eq!(refused, vec![Refusal::Empty(id); 200]);
        world.block(&[]);
        world.block(&[]);
        let paid = (0..1_200).filter_map(|person| world.claimed(id, person)?.paid);
        let paid: Vec<_> = paid.map(|paid| paid.amount.0).collect();
        assert_eq!((paid.len(), paid.iter().sum::<u64>()), (1_000, 1_000_000));
        assert_eq!(world.packet(id).rest, Amount::ZERO);
        // Who already has a share is told so, others that nothing is left.
        let twice = Refusal::Claimed { packet: id, receive: receive(0) };
        assert_eq!(world.refusal(&claims[0]), twice);
        assert_eq!(world.refusal(&claims[1_199]), Refusal::Empty(id));
    }
}

#[test]
fn a_path_to_other_members_opens_nothing() {
    let mut world = World::of_people(4);
    let kind = PacketKind::Ordinary;
    // The packet is for persons 0 and 1; person 2 joined later, or builds a tree of its own.
    let (id, _) = world.opened(0, kind, 1_000, 2, 2);
    let not = |person| Refusal::NotMember { packet: id, receive: receive(person) };
    let later = members(3);
    assert_eq!(world.refusal(&world.claim(2, id, kind, &later)), not(2));
    assert_eq!(world.refusal(&world.claim(1, id, kind, &later)), not(1));
    let own = Members::new(&[payee(2), payee(3)]).unwrap();
    assert_eq!(world.refusal(&world.claim(2, id, kind, &own)), not(2));
    // Another's path with one's own key, and one's own key with another's wallet.
    let two = members(2);
    assert_eq!(world.refusal(&world.claim(2, id, kind, &two)), not(2));
    let path = two.path(&payee(1)).unwrap();
    let robbed = crate::ledger::Payee { wallet: wallet(2), ..payee(1) };
    let robbed = ClaimPacket { packet: id, payee: robbed, path, word: None };
    assert_eq!(world.refusal(&world.signed(robbed, 3)), not(1));
}

#[test]
fn who_names_anothers_receive_key_takes_nothing_by_it() {
    for kind in [PacketKind::Ordinary, PacketKind::Fortune] {
        let mut world = World::of_people(3);
        // Person 2 published the receive key of person 1 beside a wallet of its own.
        let foreign = crate::ledger::Payee { wallet: wallet(2), ..payee(1) };
        let members = Members::new(&[payee(0), payee(1), foreign]).unwrap();
        let created = world.create(0, kind, 1_000, 3);
        let id = created.id();
        world.block(&[created]);
        let opening = world.open(0, id, kind, &members);
        world.block(&[opening]);
        let by_foreign = |members: &Members| {
            let path = members.path(&foreign).unwrap();
            ClaimPacket { packet: id, payee: foreign, path, word: None }
        };
        assert!(Instruction::from(by_foreign(&members)).sign(CHAIN, &key(5)).is_err());
        let claim = world.claim(1, id, kind, &members);
        world.block(&[claim]);
        world.block(&[]);
        world.block(&[]);
        assert_eq!(world.claimed(id, 1).unwrap().wallet, wallet(1));
        // The key that claimed does not claim once more by the other leaf.
        let again = world.signed(by_foreign(&members), 3);
        assert_eq!(world.refusal(&again), Refusal::Claimed { packet: id, receive: receive(1) });
    }
}

#[test]
fn a_claim_that_was_seen_is_of_no_use_to_others() {
    let mut world = World::of_people(3);
    let kind = PacketKind::Password;
    let (id, members) = world.opened(0, kind, 1_000, 1, 3);
    let seen = world.claim(1, id, kind, &members);
    let Instruction::ClaimPacket(body) = seen.instruction().clone() else { unreachable!() };
    // The word's proof of one payee under another, who signs it.
    let stolen =
        ClaimPacket { payee: payee(2), path: members.path(&payee(2)).unwrap(), ..(*body).clone() };
    let entry = Instruction::from(stolen.clone()).sign(CHAIN, &key(5)).unwrap();
    let error = entry.verify(CHAIN, &world.rules).unwrap_err();
    assert!(matches!(
        error,
        VerifyError::Entry(EntryError::Signature { kind: "packet claim", .. })
    ));
    // A word of one's own choice is not the packet's.
    let guessed = stolen.with_word(CHAIN, &key(9)).unwrap();
    assert_eq!(world.refusal(&world.signed(guessed, 5)), Refusal::Word(id));
    // In another packet for the same members the same claim says nothing.
    let (other, _) = world.opened(0, kind, 1_000, 1, 3);
    let moved = ClaimPacket { packet: other, ..*body };
    let entry = Instruction::from(moved).sign(CHAIN, &key(3)).unwrap();
    assert!(entry.verify(CHAIN, &world.rules).is_err());
    world.block(&[seen]);
    assert_eq!(world.balance(1), START + 1_000);
}

#[test]
fn an_opening_without_claimable_members_only_delays_the_refund() {
    let mut world = World::of_people(1);
    let kind = PacketKind::Ordinary;
    let created = world.create(0, kind, 1_000, 2);
    let packet = created.id();
    world.block(&[created]);
    let nobody = crate::ledger::MembersRoot([0; 32]);
    let receive = receive(0);
    let opening = OpenPacket { packet, receive, members: nobody, count: 65_536, word: None };
    let opening = world.signed(opening, 1);
    world.block(&[opening]);
    assert_eq!(world.settle(200_000), [Deed::Refunded { packet, amount: Amount(1_000) }]);
}

#[test]
fn the_order_of_a_block_decides_no_share() {
    let mut world = World::of_people(1);
    let kind = PacketKind::Fortune;
    let (id, members) = world.opened(0, kind, 10_000, 10, 8);
    let claims: Vec<_> = (0..8).map(|person| world.claim(person, id, kind, &members)).collect();
    let mut turned = claims.clone();
    turned.reverse();
    turned.swap(1, 4);
    let drawn = [claims, turned].map(|claims| {
        let mut world = world.clone();
        world.block(&claims);
        world.block(&[]);
        world.block(&[]);
        (0..8).map(|person| world.claimed(id, person).unwrap().paid.unwrap()).collect::<Vec<_>>()
    });
    assert_eq!(drawn[0], drawn[1]);
}

#[test]
fn a_claim_that_a_proposer_leaves_out_stands_in_the_next_block() {
    let mut world = World::of_people(2);
    let (id, members) = world.opened(0, PacketKind::Fortune, 1_000, 2, 2);
    let claim = world.claim(1, id, PacketKind::Fortune, &members);
    world.block(&[]);
    world.block(&[]);
    world.block(&[claim]);
    world.settle(0);
    assert!(world.claimed(id, 1).unwrap().paid.is_some());
}

#[test]
fn no_header_goes_on_from_a_state_but_its_next() {
    let world = World::of_people(1);
    let verify = |header| Context::verify(&world.leaves, CHAIN, &header).unwrap().unwrap_err();
    let secret = SecretKey::from_bytes([2; 32]);
    let by = super::world::proposer(1);
    let propose = |proposer, secret: &SecretKey, time_ms| {
        Context::propose(&world.leaves, CHAIN, proposer, secret, time_ms).unwrap()
    };
    let (context, proof) = propose(by, &secret, world.time_ms).unwrap();
    let good = world.header(2, 1, proof);
    assert_eq!(Context::verify(&world.leaves, CHAIN, &good).unwrap(), Ok(context));
    let mut other = good.clone();
    other.chain = NetworkId([0xdd; 32]);
    assert!(matches!(verify(other), ContextError::Header(HeaderError::Chain { .. })));
    for height in [0, 1, 3, u64::MAX] {
        let mut other = good.clone();
        other.height = height;
        let error = HeaderError::Height { expected: 2, found: height };
        assert_eq!(verify(other), error.into());
    }
    let mut other = good.clone();
    other.rules += 1;
    let newer = HeaderError::Rules { height: 2, known: 1, found: 2 };
    assert_eq!(verify(other), newer.into());
    for back in [1_000, 1_001, u64::MAX - 1] {
        let mut other = good.clone();
        other.time_ms = world.time_ms.saturating_sub(back);
        assert!(matches!(verify(other), ContextError::Header(HeaderError::Order { .. })));
    }
    let mut other = good.clone();
    other.validators = crate::ledger::ValidatorsHash([0; 32]);
    assert!(matches!(verify(other), ContextError::Header(HeaderError::Validators { .. })));
    let mut other = good.clone();
    other.proposer = super::world::proposer(9);
    assert!(matches!(verify(other), ContextError::Proposer { height: 2, .. }));
    // Another validator's proof, and one of another height.
    let mut other = good.clone();
    other.proposer = super::world::proposer(2);
    assert!(matches!(verify(other), ContextError::Beacon(_)));
    let mut later = world.clone();
    later.block(&[]);
    let mut other = good;
    other.height = 3;
    other.time_ms = later.time_ms;
    let error = Context::verify(&later.leaves, CHAIN, &other).unwrap().unwrap_err();
    assert!(matches!(error, ContextError::Beacon(_)));
    let stranger = propose(super::world::proposer(2), &secret, world.time_ms).unwrap_err();
    assert!(matches!(stranger, ContextError::Proposer { .. }));
}

#[test]
fn a_block_with_one_bad_entry_changes_nothing() {
    let mut world = World::of_people(2);
    let before = world.leaves.leaves.clone();
    let (good, bad) = (world.transfer(0, 1, 1), world.transfer(1, 0, START));
    let context = world.context(world.turn());
    let entries = [good.clone(), bad];
    let invalid = execute(&world.rules, &world.leaves, context, &entries).unwrap().unwrap_err();
    assert!(matches!(invalid.refusal, Refusal::Funds { .. }));
    assert_eq!((invalid.at, invalid.entry), (1, entries[1].id()));
    // Who builds a block leaves the bad one out and comes to what the good one alone does.
    let alone = execute(&world.rules, &world.leaves, context, &[good]).unwrap().unwrap();
    let by = world.turn();
    let (mixed, refused) = world.block_of_valid(by, &entries);
    assert_eq!(refused, [invalid.refusal]);
    assert_eq!(mixed, alone);
    assert_ne!(world.leaves.leaves, before);
}

#[test]
fn a_refused_entry_leaves_no_trace_in_the_books() {
    let mut world = World::of_people(1);
    // The first entry of a new day starts the day's sums anew, and is refused after that.
    world.time_ms += DAY_MS;
    let over = world.mint(0, world.rules.limits.mint_day.0 + 1);
    let context = world.context(world.turn());
    let alone = execute(&world.rules, &world.leaves, context, &[]).unwrap().unwrap();
    let by = world.turn();
    let (mixed, refused) = world.block_of_valid(by, &[over]);
    assert!(matches!(refused[..], [Refusal::Issue { .. }]));
    assert_eq!(mixed, alone);
}
