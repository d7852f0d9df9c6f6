//! Any delivery order of any history gives the same state.

use super::world::*;
use crate::group::*;
use rand_chacha::{
    ChaCha20Rng,
    rand_core::{Rng, SeedableRng},
};
use std::collections::BTreeSet;

const HISTORIES: u64 = 200;
const ORDERS: u64 = 50;

fn below(rng: &mut ChaCha20Rng, limit: usize) -> usize {
    usize::try_from(rng.next_u32()).unwrap() % limit
}

fn shuffle<T>(rng: &mut ChaCha20Rng, values: &mut [T]) {
    for at in (1..values.len()).rev() {
        values.swap(at, below(rng, at + 1));
    }
}

/// A history of several authors who see little of each other, and some of whom fork.
fn history(seed: u64) -> World {
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    let (mut world, head) = World::with_admins();
    let mut all = vec![world.root, head];
    for step in 0..20 {
        let who = below(&mut rng, 6);
        let whom = below(&mut rng, 6);
        let recent = all.len().min(6);
        let mut parents: Vec<_> = (0..1 + below(&mut rng, 3))
            .map(|_| all[all.len() - 1 - below(&mut rng, recent)])
            .collect();
        parents.sort_unstable();
        parents.dedup();
        let offer = all.iter().rev().copied().find(|id| {
            let behind = |head: &OperationId| head == id || world.graph.is_before(*id, *head);
            matches!(world.graph.get(*id).unwrap().action(), Action::Transfer(_))
                && parents.iter().any(behind)
        });
        let action = match below(&mut rng, 12) {
            0 | 1 => world.remove(whom),
            2 | 3 => world.add(whom),
            4 => world.role(whom, step % 2 == 0),
            5 | 6 => world.transfer(whom),
            7 => world.checkpoint(&parents),
            8 => Adopt {
                operations: crate::bounded::List::new({
                    let mut some: Vec<_> = all.iter().rev().take(4).copied().collect();
                    some.sort_unstable();
                    some
                })
                .unwrap(),
            }
            .into(),
            9 => Leave.into(),
            10 => Ban { account: world.address(whom), epoch: None }.into(),
            _ => world.rename(&step.to_string()),
        };
        let (who, action) = match offer {
            Some(transfer) if below(&mut rng, 3) == 0 => {
                let Action::Transfer(to) = world.graph.get(transfer).unwrap().action() else {
                    unreachable!()
                };
                let who = (0..6).find(|who| world.address(*who) == to.to).unwrap();
                (who, AcceptTransfer { transfer }.into())
            }
            _ => (who, action),
        };
        all.push(world.on(&parents, who, action));
    }
    world
}

#[test]
fn ten_thousand_delivery_orders_give_one_state_each() {
    let mut forks = 0;
    let mut settled = 0;
    let mut transfers = 0;
    let mut adopted = 0;
    for seed in 0..HISTORIES {
        let world = history(seed);
        let expected = world.fold();
        forks += expected.forks().len();
        settled += expected.passed_over().count();
        transfers += expected.state().generation;
        adopted += expected
            .order()
            .iter()
            .filter(|id| matches!(expected.verdict(**id), Some(Verdict::Adopted(_))))
            .count();
        let hash = expected.state().hash();
        let first = world.graph.get(world.root).unwrap().clone();
        let mut rest: Vec<_> =
            world.graph.operations().filter(|it| it.id() != world.root).cloned().collect();
        let mut rng = ChaCha20Rng::seed_from_u64(seed ^ 0xfeed);
        for _ in 0..ORDERS {
            shuffle(&mut rng, &mut rest);
            let mut graph = Graph::new(first.clone()).unwrap();
            for operation in &rest {
                graph.insert(operation.clone()).unwrap();
            }
            assert_eq!(graph.missing().count(), 0);
            assert_eq!(graph.heads(), world.graph.heads());
            let fold = Fold::of(&graph, &BTreeSet::new()).unwrap();
            assert_eq!(fold.state().hash(), hash, "history {seed}");
            assert_eq!(fold.order(), expected.order(), "history {seed}");
        }
    }
    // The histories are ones in which the rules have something to do.
    assert!(
        forks > 50 && settled > 50 && transfers > 10 && adopted > 0,
        "{forks} forks, {settled} passed over, {transfers} transfers, {adopted} adopted"
    );
}

#[test]
fn every_operation_is_placed_once_and_after_its_parents() {
    for seed in 1_000..1_060 {
        let world = history(seed);
        let fold = world.fold();
        let places: std::collections::BTreeMap<_, _> =
            fold.order().iter().enumerate().map(|(at, id)| (*id, at)).collect();
        assert_eq!(places.len(), world.graph.operations().len());
        assert_eq!(fold.order().len(), places.len());
        for operation in world.graph.operations() {
            for parent in operation.operation().parents.iter() {
                assert!(places[parent] < places[&operation.id()]);
            }
        }
        let owners = fold.state().members.values().filter(|it| it.role == Role::Owner).count();
        assert_eq!(owners, 1, "history {seed}");
        assert_eq!(fold.state().role(fold.state().owner), Some(Role::Owner));
    }
}
