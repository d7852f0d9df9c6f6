//! The named cases of page 6: who wins when operations do not know of each other.

use super::world::*;
use crate::group::*;
use std::collections::BTreeSet;

fn void(world: &World, id: OperationId) -> Void {
    match world.fold().verdict(id) {
        Some(Verdict::Void(void)) => void,
        other => panic!("{id} is {other:?}"),
    }
}

fn valid(world: &World, id: OperationId) {
    assert_eq!(world.fold().verdict(id), Some(Verdict::Valid));
}

#[test]
fn a_backdated_admin_has_no_say() {
    let (mut world, head) = World::with_admins();
    let talk = world.nickname("m");
    let talked = world.on(&[head], MIA, talk);
    let demotion = world.role(ADAM, false);
    world.on(&[talked], OLIVE, demotion);
    // Adam signs as if he had not seen it, even below what Olive built on.
    let removal = world.remove(MIA);
    let backdated = world.on(&[head], ADAM, removal);
    assert_eq!(void(&world, backdated), Void::Role(Role::Admin));
    assert!(world.fold().state().members.contains_key(&world.address(MIA)));
}

fn transferred(variant: u64) -> (World, OperationId, OperationId) {
    let (mut world, head) = World::with_admins();
    world.vary(variant);
    let offer = world.transfer(MIA);
    let transfer = world.on(&[head], OLIVE, offer);
    let accepted = world.on(&[transfer], MIA, AcceptTransfer { transfer }.into());
    (world, head, accepted)
}

#[test]
fn a_transfer_counts_with_its_acceptance_alone() {
    let (mut world, head) = World::with_admins();
    let offer = world.transfer(MIA);
    let transfer = world.on(&[head], OLIVE, offer);
    assert_eq!(world.fold().state().owner, world.address(OLIVE));
    let stranger = world.on(&[transfer], NED, AcceptTransfer { transfer }.into());
    assert_eq!(void(&world, stranger), Void::NotOffered(transfer));
    world.on(&[stranger], MIA, AcceptTransfer { transfer }.into());
    let state = world.fold().state().clone();
    assert_eq!((state.owner, state.generation), (world.address(MIA), 1));
    assert_eq!(state.role(world.address(OLIVE)), Some(Role::Member));
}

#[test]
fn a_backdated_ex_owner_does_not_take_the_group_back() {
    // Whatever the hashes say: many tries, each another operation.
    for at in 0..24 {
        let (mut world, head, accepted) = transferred(at as u64);
        let transfer = world.graph.get(accepted).unwrap().operation().parents[0];
        let removal = world.remove(MIA);
        // Before the offer, a fork; after it, unseen by Mia; on top of it, as what Olive is now.
        let over = [head, transfer, accepted][at % 3];
        let removed = world.on(&[over], OLIVE, removal);
        let expected = if at % 3 == 0 { Void::Fork } else { Void::Role(Role::Admin) };
        assert_eq!(void(&world, removed), expected, "{at}");
        assert_eq!(world.fold().state().owner, world.address(MIA), "{at}");
    }
}

#[test]
fn an_ex_owners_checkpoint_beside_the_transfer_settles_nothing() {
    for variant in 0..16 {
        let over_offer = variant % 2 == 0;
        let (mut world, head, accepted) = transferred(variant);
        let transfer = world.graph.get(accepted).unwrap().operation().parents[0];
        let over = if over_offer { transfer } else { head };
        let checkpoint = world.checkpoint(&[over]);
        let backdated = world.on(&[over], OLIVE, checkpoint);
        let expected = if over_offer { Void::Role(Role::Admin) } else { Void::Fork };
        assert_eq!(void(&world, backdated), expected);
        assert_eq!(world.fold().state().owner, world.address(MIA));
    }
}

#[test]
fn of_two_accepted_transfers_one_counts_and_the_ledger_may_say_which() {
    let (mut world, head) = World::with_admins();
    let mut ends = Vec::new();
    for who in [MIA, NED] {
        let offer = world.transfer(who);
        let transfer = world.on(&[head], OLIVE, offer);
        ends.push((transfer, world.on(&[transfer], who, AcceptTransfer { transfer }.into()), who));
    }
    let fold = world.fold();
    let counts: Vec<_> =
        ends.iter().filter(|(_, end, _)| fold.verdict(*end) == Some(Verdict::Valid)).collect();
    assert_eq!(counts.len(), 1);
    assert_eq!(fold.state().owner, world.address(counts[0].2));
    assert_eq!(fold.state().generation, 1);
    assert_eq!(fold.forks().len(), 1);
    for (transfer, _, who) in ends {
        let fold = Fold::of(&world.graph, &BTreeSet::from([transfer])).unwrap();
        assert_eq!(fold.state().owner, world.address(who));
    }
}

#[test]
fn the_owner_wins_when_an_admin_removes_a_member_while_the_owner_removes_the_admin() {
    for variant in 0..8 {
        let (mut world, head) = World::with_admins();
        world.vary(variant);
        let talk = world.nickname("n");
        let talked = world.on(&[head], NED, talk);
        let by_admin = world.remove(MIA);
        let by_admin = world.on(&[head], ADAM, by_admin);
        let by_owner = world.remove(ADAM);
        let by_owner = world.on(&[talked], OLIVE, by_owner);
        valid(&world, by_owner);
        assert_eq!(void(&world, by_admin), Void::NotMember(world.address(ADAM)));
        let fold = world.fold();
        assert!(fold.state().members.contains_key(&world.address(MIA)));
        assert!(!fold.state().members.contains_key(&world.address(ADAM)));
        assert!(!fold.state().epoch_due);
    }
}

#[test]
fn an_owner_who_forks_keeps_one_branch_and_is_shown() {
    let (mut world, head) = World::with_admins();
    let names = ["one", "two"].map(|name| world.rename(name));
    let [one, two] = names.map(|name| world.on(&[head], OLIVE, name));
    let more = world.rename("more");
    let first = one.min(two);
    let other = one.max(two);
    let over = world.on(&[other], OLIVE, more);
    valid(&world, first);
    assert_eq!(void(&world, other), Void::Fork);
    assert_eq!(void(&world, over), Void::Fork);
    let fold = world.fold();
    let author = world.address(OLIVE);
    assert_eq!(fold.forks(), [Fork { author, previous: Some(head), kept: first, void: other }]);
    // The next honest one goes on from the branch that counts.
    assert_eq!(fold.previous(author), Some(first));
    let next = world.rename("next");
    let next = world.on_after(&[first, over], OLIVE, Some(first), next);
    valid(&world, next);
}

#[test]
fn an_operation_withheld_past_a_checkpoint_counts_only_when_adopted() {
    let (mut world, head) = World::with_admins();
    let addition = world.add(STAN);
    let withheld = world.on(&[head], NED, addition);
    let checkpoint = world.checkpoint(&[head]);
    let settled = world.on(&[head], ADAM, checkpoint);
    assert_eq!(void(&world, withheld), Void::Settled(settled));
    assert_eq!(world.fold().settled(), [settled]);
    assert_eq!(world.fold().passed_over().collect::<Vec<_>>(), [withheld]);

    let adoption = Adopt { operations: crate::bounded::List::new(vec![withheld]).unwrap() };
    let adopted = world.on(&[settled, withheld], BEA, adoption.into());
    assert_eq!(world.fold().verdict(withheld), Some(Verdict::Adopted(adopted)));
    assert!(world.fold().state().members.contains_key(&world.address(STAN)));
}

#[test]
fn who_lacks_the_role_adopts_nothing() {
    let (mut world, head) = World::with_admins();
    let removal = world.remove(NED);
    let withheld = world.on(&[head], ADAM, removal);
    let checkpoint = world.checkpoint(&[head]);
    let settled = world.on(&[head], OLIVE, checkpoint);
    let adoption = Adopt { operations: crate::bounded::List::new(vec![withheld]).unwrap() };
    let by_member = world.on(&[settled, withheld], MIA, adoption.clone().into());
    assert_eq!(void(&world, withheld), Void::Settled(settled));
    let by_admin = world.on(&[by_member], BEA, adoption.into());
    assert_eq!(world.fold().verdict(withheld), Some(Verdict::Adopted(by_admin)));
    assert!(!world.fold().state().members.contains_key(&world.address(NED)));
}

#[test]
fn of_two_concurrent_checkpoints_the_higher_role_settles_then_the_one_with_more_behind() {
    let (mut world, head) = World::with_admins();
    let name = world.rename("name");
    let renamed = world.on(&[head], NED, name);
    let short = world.checkpoint(&[head]);
    let short = world.on(&[head], ADAM, short);
    let long = world.checkpoint(&[renamed]);
    let long = world.on(&[renamed], BEA, long);
    assert_eq!(void(&world, short), Void::Settled(long));
    valid(&world, renamed);

    let owners = world.checkpoint(&[head]);
    let owners = world.on(&[head], OLIVE, owners);
    valid(&world, owners);
    assert_eq!(void(&world, long), Void::Settled(owners));
    assert_eq!(void(&world, renamed), Void::Settled(owners));
}

#[test]
fn a_checkpoint_that_voids_its_own_authors_role_settles_nothing() {
    let mut world = World::new();
    let promotion = world.role(ADAM, true);
    let promoted = world.on(&[world.root], OLIVE, promotion);
    let checkpoint = world.checkpoint(&[world.root]);
    let early = world.on(&[world.root], ADAM, checkpoint);
    assert_eq!(void(&world, early), Void::Overruled);
    valid(&world, promoted);
}

#[test]
fn two_admins_re_adding_and_removing_one_member_agree() {
    for variant in 0..8 {
        let (mut world, head) = World::with_admins();
        world.vary(variant);
        let removal = world.remove(MIA);
        let gone = world.on(&[head], OLIVE, removal);
        let back = [ADAM, BEA].map(|who| {
            let addition = world.add(MIA);
            world.on(&[gone], who, addition)
        });
        let fold = world.fold();
        let counts = back.iter().filter(|id| fold.verdict(**id) == Some(Verdict::Valid)).count();
        assert_eq!(counts, 1);
        // One adds her once more, the other removes her meanwhile.
        let removal = world.remove(MIA);
        let out = world.on(&back, ADAM, removal);
        let addition = world.add(MIA);
        let again = world.on(&back, BEA, addition);
        let fold = world.fold();
        let there = fold.state().members.contains_key(&world.address(MIA));
        assert_eq!(fold.verdict(out), Some(Verdict::Valid));
        // She was there when Bea added her, or back after Adam's removal: by order alone.
        assert_eq!(fold.verdict(again) == Some(Verdict::Valid), there);
    }
}

#[test]
fn two_removals_unaware_of_each_other_ask_for_an_epoch() {
    let (mut world, head) = World::with_admins();
    let removals = [(ADAM, MIA), (BEA, NED)].map(|(who, whom)| {
        let removal = world.remove(whom);
        world.on(&[head], who, removal)
    });
    assert!(world.fold().state().epoch_due);
    let epoch = world.epoch();
    world.on(&removals, OLIVE, OpenEpoch { epoch }.into());
    let state = world.fold().state().clone();
    assert!(!state.epoch_due);
    assert_eq!(state.epoch().unwrap().key, epoch);
    assert_eq!(state.epochs.len(), 4);
}
