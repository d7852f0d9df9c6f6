//! The bytes of operations and states, and what decoders refuse.

use super::world::*;
use crate::{
    bounded::{List, Text},
    codec::{decode, encode},
    golden,
    group::*,
    record::Avatar,
};
use proptest::prelude::*;

fn actions() -> Vec<Action> {
    let mut world = World::new();
    let create = world.graph.get(world.root).unwrap().action().clone();
    let account = world.address(MIA);
    let epoch = world.epoch();
    vec![
        create,
        world.add(STAN),
        world.remove(MIA),
        Leave.into(),
        world.role(MIA, true),
        world.transfer(MIA),
        AcceptTransfer { transfer: OperationId([1; 32]) }.into(),
        Dissolve.into(),
        world.rename("name"),
        SetAvatar { avatar: Avatar::default() }.into(),
        SetAnnouncement { text: Text::new("今天").unwrap() }.into(),
        world.nickname("nick"),
        SetConfig { switch: Switch::MaxMembers(500) }.into(),
        SetKeywords { keywords: List::new(vec![Text::new("word").unwrap()]).unwrap() }.into(),
        Ban { account, epoch: Some(epoch) }.into(),
        Unban { account }.into(),
        NewDeviceList { list: list_without_second(&world.people[NED]), epoch: None }.into(),
        OpenEpoch { epoch }.into(),
        Checkpoint { state: StateHash([2; 32]) }.into(),
        Adopt { operations: List::new(vec![OperationId([3; 32])]).unwrap() }.into(),
        Action::Unknown { number: 999, body: vec![1, 2, 3] },
    ]
}

#[test]
fn golden_actions() {
    for action in actions() {
        let (number, body) = action.to_parts().unwrap();
        golden::check(&format!("group_action_{number}"), body.clone());
        assert_eq!(Action::from_parts(number, &body), Ok(action));
    }
}

#[test]
fn golden_operation_ids_and_state() {
    let (world, head) = World::with_admins();
    let first = world.graph.get(world.root).unwrap();
    golden::check("group_operation_first", encode(first.signed()).unwrap());
    golden::check("group_id", first.group().0.to_vec());
    golden::check("group_operation_first_id", first.id().0.to_vec());
    let bytes = encode(world.graph.get(head).unwrap().signed()).unwrap();
    golden::check("group_operation", bytes.clone());
    let read = SignedOperation::from_bytes(&bytes).unwrap().verify().unwrap();
    golden::check("group_operation_id", read.id().0.to_vec());
    golden::check("group_state_hash", world.fold().state().hash().0.to_vec());
}

#[test]
fn a_newer_version_of_an_action_is_kept() {
    let (number, mut body) = World::new().rename("name").to_parts().unwrap();
    body[0] = 2;
    assert_eq!(
        Action::from_parts(number, &body),
        Ok(Action::Unknown { number, body: body.clone() })
    );
    body.truncate(0);
    assert!(Action::from_parts(number, &body).is_err());
}

#[test]
fn shapes_that_no_author_signs_are_refused() {
    let mut world = World::new();
    let name = world.rename("name");
    let head = world.on(&[world.root], NED, name.clone());
    let good = world.sign(&[world.root, head], NED, Some(head), name).operation().clone();
    let check = |change: &dyn Fn(&mut Operation)| {
        let mut operation = good.clone();
        change(&mut operation);
        operation.sign(&world.people[NED].primary).unwrap().verify().map(drop)
    };
    assert_eq!(check(&|_| {}), Ok(()));
    let shape = |result| matches!(result, Err(OperationError::Shape { .. }));
    assert!(shape(check(&|it| it.group = None)));
    assert!(shape(check(&|it| it.depth = 0)));
    assert!(shape(check(&|it| it.parents = List::default())));
    assert!(shape(check(&|it| {
        it.parents = List::new(it.parents.iter().rev().copied().collect()).unwrap();
    })));
    assert!(shape(check(&|it| it.parents = List::new(vec![it.parents[0]; 2]).unwrap())));
    // A rename's body is no creation.
    assert!(matches!(check(&|it| it.number = 1), Err(OperationError::Decode(_))));
    let mut forged = good.clone().sign(&world.people[NED].primary).unwrap();
    forged.operation.time_ms += 1;
    assert!(matches!(forged.verify(), Err(OperationError::Signature { .. })));
    let stolen = good.sign(&world.people[MIA].primary).unwrap();
    assert!(matches!(stolen.verify(), Err(OperationError::Signature { .. })));
}

#[test]
fn keys_and_lists_that_their_account_did_not_sign_are_refused() {
    let mut world = World::new();
    let mut stan = proof(&world.people[STAN]);
    stan.keys.keys.curve.0[0] ^= 1;
    let sign = |world: &mut World, members: Vec<NewMember>| {
        let action = Add { via: Via::Invitation, members: List::new(members).unwrap() }.into();
        let plain = world.rename("plain");
        let operation = world.sign(&[world.root], NED, None, plain).operation().clone();
        let operation = operation.with_action(&action).unwrap();
        operation.sign(&world.people[NED].primary).unwrap().verify().map(drop)
    };
    assert!(matches!(sign(&mut world, vec![stan]), Err(OperationError::Record(_))));
    let mut stan = proof(&world.people[STAN]);
    stan.devices = world.people[MIA].list();
    assert!(matches!(sign(&mut world, vec![stan]), Err(OperationError::Record(_))));
    let stan = proof(&world.people[STAN]);
    let twice = sign(&mut world, vec![stan.clone(), stan.clone()]);
    assert!(matches!(twice, Err(OperationError::Shape { .. })));
    assert!(matches!(sign(&mut world, vec![]), Err(OperationError::Shape { .. })));
    assert_eq!(sign(&mut world, vec![stan]), Ok(()));
}

proptest! {
    #[test]
    fn random_bytes_are_no_operation(bytes in proptest::collection::vec(any::<u8>(), 0..800)) {
        prop_assert!(
            SignedOperation::from_bytes(&bytes).and_then(SignedOperation::verify).is_err()
        );
    }

    #[test]
    fn random_bodies_never_panic_and_only_canonical_ones_decode(
        number in 0u16..24, mut body in proptest::collection::vec(any::<u8>(), 1..400)
    ) {
        body[0] = 1;
        if let Ok(action) = Action::from_parts(number, &body) {
            prop_assert_eq!(action.to_parts().unwrap(), (number, body));
        }
    }

    #[test]
    fn a_garbled_operation_never_verifies(at: usize, bit in 0u8..8) {
        let (world, head) = World::with_admins();
        let mut bytes = encode(world.graph.get(head).unwrap().signed()).unwrap();
        let at = at % bytes.len();
        bytes[at] ^= 1 << bit;
        let read = decode::<SignedOperation>(&bytes).map_err(OperationError::from);
        prop_assert!(read.and_then(SignedOperation::verify).is_err());
    }
}
