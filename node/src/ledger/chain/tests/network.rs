//! Four validators with the real chain: money is where it should be, whatever the network does.

use super::{
    place::{Bent, Place, Shared},
    recount::Leaves,
    town::{self, KINDS, Town},
};
use crate::ledger::{
    order::tests::{
        scene::{CHAIN, Scene},
        world::World,
    },
    store,
};
use magpie_protocol::ledger::{
    Amount, Instruction,
    state::{Claim, Packet, Transfer, TransferState},
};
use std::collections::BTreeSet;

pub(super) struct Run {
    pub(super) world: World<Place>,
    pub(super) town: Town,
    pub(super) shared: Shared,
}

/// The leaves at the node that has decided most, and that node.
pub(super) fn newest(world: &World<Place>) -> Option<(usize, Leaves)> {
    let heights = world.heights();
    let at = (0..heights.len()).max_by_key(|at| heights[*at])?;
    let (overlay, _) = world.place(at)?;
    Some((at, store::all_leaves(overlay).unwrap()))
}

pub(super) fn run(scene: Scene, bent: Option<Bent>, seconds: u64) -> Run {
    let shared = Shared { bent, ..Shared::default() };
    let mut world = World::<Place>::with(scene, shared.clone());
    let mut town = Town::new(scene.seed);
    world.run_for(100);
    for _ in 0..seconds {
        world.run_for(1_000);
        let Some((_, leaves)) = newest(&world) else { continue };
        for entry in town.act(&leaves, world.now) {
            (0..scene.nodes).for_each(|node| world.offer(node, entry.clone()));
        }
    }
    world.run_for(5_000);
    Run { world, town, shared }
}

/// Runs a scene twice, and checks what must hold of every run.
fn passes(scene: Scene, bent: Option<Bent>, seconds: u64) -> Run {
    let found = run(scene, bent, seconds);
    let Run { world, shared, .. } = &found;
    assert_eq!(world.checker.broken, BTreeSet::new());
    assert_eq!(shared.seen.borrow().wrong, BTreeSet::new());
    let last = world.heights().into_iter().flatten().max().unwrap();
    // Crashes and lost messages cost a round now and then, of two seconds or more.
    assert!(last > seconds / 4, "{last} heights in {seconds} s");
    check_claims(&found, last);
    let again = run(scene, bent, seconds);
    assert_eq!(world.trace(), again.world.trace());
    found
}

/// Checks that nobody claimed twice, and that each packet's money is all accounted for.
fn check_claims(run: &Run, last: u64) {
    let (node, leaves) = newest(&run.world).unwrap();
    let mut claimed = BTreeSet::new();
    for height in 1..=last {
        for entry in run.world.decided(node, height).unwrap().block.entries.to_vec() {
            let entry = entry.verify(CHAIN, &town::rules()).unwrap();
            if let Instruction::ClaimPacket(body) = entry.instruction() {
                assert!(claimed.insert((body.packet, body.payee.receive)), "a double claim");
            }
        }
    }
    for (id, ..) in &run.town.packets {
        let Some(packet) = town::leaf::<Packet>(&leaves, id) else { continue };
        let own = claimed.iter().filter(|(of, _)| of == id);
        let paid = own.map(|claim| town::leaf::<Claim>(&leaves, claim).unwrap().paid);
        let paid = Amount::checked_sum(paid.flatten().map(|paid| paid.amount));
        let all = Amount::checked_sum([paid.unwrap(), packet.rest, packet.returned]);
        assert_eq!(all, Some(packet.amount));
    }
}

fn scene(seed: u64) -> Scene {
    let mut scene = Scene::calm(4, 1);
    scene.seed = seed;
    scene
}

#[test]
fn transfers_and_packets_of_every_kind_go_through_their_lives() {
    let Run { world, town, shared } = passes(scene(1), None, 120);
    let (_, leaves) = newest(&world).unwrap();
    let transfers = town.transfers.iter().filter_map(|(id, _)| town::leaf(&leaves, id));
    let states: Vec<_> = transfers.map(|transfer: Transfer| transfer.state).collect();
    let some = |is: fn(&TransferState) -> bool| states.iter().any(is);
    assert!(some(|state| matches!(state, TransferState::Accepted { .. })));
    assert!(some(|state| matches!(state, TransferState::Declined { .. })));
    assert!(some(|state| matches!(state, TransferState::Returned { .. })));
    for kind in KINDS {
        let of_kind = town.packets.iter().filter(|(.., of)| *of == kind);
        let packets: Vec<Packet> = of_kind.filter_map(|(id, ..)| town::leaf(&leaves, id)).collect();
        assert!(packets.iter().any(|packet| packet.left == 0), "{kind:?} is never emptied");
    }
    assert!(shared.seen.borrow().refused.is_empty());
    assert!(world.halted.is_empty());
}

#[test]
fn crashes_loss_and_partitions_move_no_money() {
    let mut crashes = 0;
    for seed in 0..3 {
        let mut scene = scene(seed);
        (scene.crashes, scene.loss, scene.twice) = (8, 3, 3);
        scene.splits = seed == 2;
        crashes += passes(scene, None, 60).world.crashes;
    }
    assert!(crashes > 20, "{crashes}");
}

#[test]
fn blocks_of_one_that_does_not_keep_the_rules_are_refused() {
    for (bent, reason) in [(Bent::Root, "root"), (Bent::Entry, "entry"), (Bent::Claim, "claim")] {
        let Run { shared, .. } = passes(scene(4), Some(bent), 60);
        let seen = shared.seen.borrow();
        assert!(seen.bent > 3, "{bent:?} {}", seen.bent);
        assert!(seen.refused[reason] > 3, "{bent:?} {:?}", seen.refused);
    }
}

#[test]
fn a_validator_that_executes_otherwise_is_found_out_and_stops() {
    let mut scene = scene(5);
    scene.halts = true;
    let Run { world, shared, .. } = run(scene, Some(Bent::Rule), 60);
    assert_eq!(world.halted.first().map(|(node, _)| *node), Some(3), "{:?}", world.halted);
    assert!(world.halted.iter().all(|(node, _)| *node == 3));
    assert!(shared.seen.borrow().refused.contains_key("root"));
    assert_eq!(world.checker.broken, BTreeSet::new());
    assert_eq!(shared.seen.borrow().wrong, BTreeSet::new());
}
