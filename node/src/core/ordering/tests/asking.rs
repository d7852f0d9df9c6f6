//! What is shown to who asks is believed by a wallet that follows the chain from its genesis.

use super::{
    people::{CREATED, account, mint, wallet},
    world::{STRANGER, World},
};
use magpie_protocol::{
    bounded::List,
    ledger::{
        Amount, ValidatorsHash,
        exchange::{Answer, Proven, Refusal, Request},
        state::{Account, Leaf, LeafKey},
    },
    limits::PROVEN_LEAVES,
};
use magpie_wallet::light::{Followed, Light};

fn prove(world: &mut World, at: usize, keys: Vec<LeafKey>) -> Answer {
    let knows = world.network.validators().hash();
    world.ask(at, STRANGER, &Request::Prove { knows, keys: List::new(keys).unwrap() })
}

fn proven(answer: Answer) -> Proven {
    match answer {
        Answer::Proven(proven) => *proven,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_wallet_believes_what_every_super_node_proves() {
    let mut world = World::new(4, 11);
    world.pass(1_000);
    let absent = LeafKey([9; 32]);
    for (number, at) in [0_u64, 1, 2].into_iter().zip([3, 0, 1]) {
        let entry = mint(world.network.id(), number, 7, world.now);
        let id = entry.id().unwrap();
        assert_eq!(world.submit(at, entry), Answer::Waits(id));
        world.pass(3_000);
    }
    for at in 0..4 {
        let set = world.network.validators().clone();
        let mut light = Light::from_genesis(world.network.id(), CREATED, set);
        let Proven { newest, proofs } = proven(prove(&mut world, at, vec![account(), absent]));
        assert_eq!((newest.next, proofs.len()), (None, 2));
        let (header, certificate) = (newest.decided.header, newest.decided.certificate);
        let height = header.height;
        assert_eq!(height, world.height(at));
        assert_eq!(
            light.follow(header.clone(), certificate, None, header.time_ms),
            Ok(Followed::Newest)
        );
        let believed = light.believed(height, header.time_ms).unwrap();
        let leaf = believed.verify_leaf(&account(), &proofs[0]).unwrap().unwrap();
        let balance = Account::from_leaf(leaf).unwrap().balance;
        assert_eq!(balance, Amount(3 * 7 * 100_000_000), "{}", wallet());
        assert_eq!(believed.verify_leaf(&absent, &proofs[1]), Ok(None));
        assert!(believed.verify_leaf(&absent, &proofs[0]).is_err());
        let shown = world.ask(at, STRANGER, &Request::Header(height));
        let Answer::Header(shown) = shown else { panic!("{shown:?}") };
        assert_eq!(shown.header, header);
    }
    assert_eq!(world.faults, []);
}

#[test]
fn who_knows_other_validators_is_told_who_votes() {
    let mut world = World::new(1, 12);
    world.pass(11_000);
    let knows = ValidatorsHash([3; 32]);
    let answer = world.ask(0, STRANGER, &Request::Prove { knows, keys: List::default() });
    let next = proven(answer).newest.next.unwrap().verify().unwrap();
    assert_eq!(&next, world.network.validators());
}

#[test]
fn before_the_first_block_there_is_nothing_to_show() {
    let mut world = World::new(4, 13);
    world.pass(0);
    let none = Answer::Refused(Refusal::NoHeader);
    assert_eq!(prove(&mut world, 0, vec![account()]), none);
    world.pass(15_000);
    assert!(matches!(prove(&mut world, 0, vec![account()]), Answer::Proven(_)));
    for height in [0, world.height(0) + 1, u64::MAX] {
        assert_eq!(world.ask(0, STRANGER, &Request::Header(height)), none);
    }
}

#[test]
fn proofs_are_bounded_and_paid_for() {
    let mut world = World::new(1, 14);
    world.pass(11_000);
    let keys: Vec<_> = (0..PROVEN_LEAVES as u8).map(|n| LeafKey([n; 32])).collect();
    assert_eq!(proven(prove(&mut world, 0, keys.clone())).proofs.len(), PROVEN_LEAVES);
    let mut served = 1;
    let wait = loop {
        match prove(&mut world, 0, keys.clone()) {
            Answer::Proven(_) => served += 1,
            Answer::Refused(Refusal::Wait(seconds)) => break seconds,
            other => panic!("{other:?}"),
        }
    };
    assert!((50..500).contains(&served), "{served}");
    world.pass(u64::from(wait) * 1_000);
    assert!(matches!(prove(&mut world, 0, keys), Answer::Proven(_)));
    assert_eq!(world.faults, []);
}
