//! What each role may do, and what each action does.

use super::world::*;
use crate::{
    bounded::{List, Text},
    group::*,
    limits::DAY_MS,
};

fn verdict(world: &World, id: OperationId) -> Result<(), Void> {
    match world.fold().verdict(id).unwrap() {
        Verdict::Void(void) => Err(void),
        Verdict::Valid | Verdict::Adopted(_) => Ok(()),
    }
}

/// The verdict on one action by each of owner, administrator, member and stranger.
fn by_each(action: impl Fn(&mut World) -> Action) -> [Result<(), Void>; 4] {
    [OLIVE, ADAM, NED, STAN].map(|who| {
        let (mut world, head) = World::with_admins();
        let action = action(&mut world);
        let id = world.on(&[head], who, action);
        verdict(&world, id)
    })
}

#[test]
fn each_role_may_do_what_is_its_own() {
    let stan = World::new().address(STAN);
    let stranger = Err(Void::NotMember(stan));
    let admin = Err(Void::Role(Role::Admin));
    let owner = Err(Void::Role(Role::Owner));
    let (anyone, admins, owners) = (
        [Ok(()), Ok(()), Ok(()), stranger],
        [Ok(()), Ok(()), admin, stranger],
        [Ok(()), owner, owner, stranger],
    );
    let switch = |switch| move |_: &mut World| SetConfig { switch }.into();
    assert_eq!(by_each(|world| world.rename("x")), anyone);
    assert_eq!(by_each(|world| world.nickname("x")), anyone);
    assert_eq!(by_each(|world| world.add(STAN)), anyone);
    assert_eq!(by_each(|_| Action::Unknown { number: 999, body: vec![1] }), anyone);
    assert_eq!(by_each(|world| world.remove(MIA)), admins);
    let text = Text::new("today").unwrap();
    assert_eq!(by_each(|_| SetAnnouncement { text: text.clone() }.into()), admins);
    assert_eq!(by_each(switch(Switch::MutedForAll(true))), admins);
    assert_eq!(by_each(|world| OpenEpoch { epoch: world.epoch() }.into()), admins);
    assert_eq!(by_each(|_| SetKeywords { keywords: Keywords::default() }.into()), admins);
    assert_eq!(by_each(|_| Ban { account: stan, epoch: None }.into()), admins);
    assert_eq!(by_each(switch(Switch::MaxAdmins(3))), owners);
    assert_eq!(by_each(|world| world.role(MIA, true)), owners);
    assert_eq!(by_each(|world| world.transfer(MIA)), owners);
    assert_eq!(by_each(|_| Dissolve.into()), owners);
}

#[test]
fn admins_touch_neither_each_other_nor_the_owner() {
    let (mut world, mut head) = World::with_admins();
    for whom in [OLIVE, BEA] {
        let removal = world.remove(whom);
        head = world.on(&[head], ADAM, removal);
        assert_eq!(verdict(&world, head), Err(Void::Protected(world.address(whom))));
    }
    let ban = Ban { account: world.address(OLIVE), epoch: None };
    let (mut world, head) = World::with_admins();
    let ban = world.on(&[head], ADAM, ban.into());
    assert_eq!(verdict(&world, ban), Err(Void::Protected(world.address(OLIVE))));
}

#[test]
fn leaving_asks_for_an_epoch_and_the_owner_stays() {
    let mut world = World::new();
    let stays = world.on(&[world.root], OLIVE, Leave.into());
    assert_eq!(verdict(&world, stays), Err(Void::Owner));
    let left = world.on(&[stays], NED, Leave.into());
    let fold = world.fold();
    assert_eq!(fold.verdict(left), Some(Verdict::Valid));
    assert!(fold.state().epoch_due);
    assert_eq!(fold.state().former[&world.address(NED)].ended_by, left);
    let epoch = world.epoch();
    world.on(&[left], OLIVE, OpenEpoch { epoch }.into());
    assert!(!world.fold().state().epoch_due);
}

#[test]
fn the_banned_are_out_until_the_ban_ends() {
    let mut world = World::new();
    let ban = Ban { account: world.address(NED), epoch: Some(world.epoch()) };
    let banned = world.on(&[world.root], OLIVE, ban.into());
    let addition = world.add(NED);
    let added = world.on(&[banned], MIA, addition.clone());
    assert_eq!(verdict(&world, added), Err(Void::Banned(world.address(NED))));
    assert!(!world.fold().state().epoch_due);
    let unban = Unban { account: world.address(NED) };
    let free = world.on(&[added], OLIVE, unban.into());
    let added = world.on(&[free], MIA, addition);
    assert_eq!(verdict(&world, added), Ok(()));
    assert!(world.fold().state().former.is_empty());
}

#[test]
fn switches_bind() {
    let mut world = World::new();
    let mut head = world.root;
    let switches = [
        Switch::RenameRestricted(true),
        Switch::JoinByQr(false),
        Switch::JoinNeedsApproval(true),
        Switch::MaxMembers(5),
    ];
    for switch in switches {
        head = world.on(&[head], OLIVE, SetConfig { switch }.into());
    }
    let rename = world.rename("mine");
    head = world.on(&[head], NED, rename);
    assert_eq!(verdict(&world, head), Err(Void::Role(Role::Admin)));
    let addition = world.add(STAN);
    head = world.on(&[head], NED, addition.clone());
    assert_eq!(verdict(&world, head), Err(Void::Role(Role::Admin)));
    head = world.on(&[head], OLIVE, addition);
    assert_eq!(verdict(&world, head), Err(Void::Full));
    let members = List::new(vec![proof(&world.people[STAN])]).unwrap();
    head = world.on(&[head], OLIVE, Add { via: Via::Qr, members }.into());
    assert_eq!(verdict(&world, head), Err(Void::NoQr));
    let switch = Switch::MaxMembers(1_001);
    head = world.on(&[head], OLIVE, SetConfig { switch }.into());
    assert_eq!(verdict(&world, head), Err(Void::Config));
    let switch = Switch::MaxAdmins(0);
    head = world.on(&[head], OLIVE, SetConfig { switch }.into());
    let role = world.role(NED, true);
    head = world.on(&[head], OLIVE, role);
    assert_eq!(verdict(&world, head), Err(Void::Full));
    assert_eq!(world.fold().state().config.max_members, 5);
}

#[test]
fn a_device_that_left_the_list_signs_nothing_more() {
    let mut world = World::new();
    let list = list_without_second(&world.people[NED]);
    let epoch = Some(world.epoch());
    // Mia brings Ned's newer list.
    let newer = world.on(&[world.root], MIA, NewDeviceList { list: list.clone(), epoch }.into());
    assert_eq!(verdict(&world, newer), Ok(()));
    assert!(!world.fold().state().epoch_due);
    let again = world.on(&[newer], MIA, NewDeviceList { list, epoch: None }.into());
    assert_eq!(verdict(&world, again), Err(Void::ListOld(world.address(NED))));
    let device = second_device(&world.people[NED]);
    let name = world.rename("lost device");
    let mut operation = world.sign(&[again], NED, None, name).operation().clone();
    operation.device = device;
    let operation = operation.sign(&world.people[NED].second).unwrap().verify().unwrap();
    let id = operation.id();
    world.graph.insert(operation).unwrap();
    assert_eq!(verdict(&world, id), Err(Void::NotDevice(device)));
    assert!(!world.fold().state().is_device(world.address(NED), device));
}

#[test]
fn the_owners_primary_alone_dissolves_and_nothing_follows() {
    let mut world = World::new();
    let mut operation =
        world.sign(&[world.root], OLIVE, Some(world.root), Dissolve.into()).operation().clone();
    operation.device = second_device(&world.people[OLIVE]);
    let operation = operation.sign(&world.people[OLIVE].second).unwrap().verify().unwrap();
    let second = operation.id();
    world.graph.insert(operation).unwrap();
    assert_eq!(verdict(&world, second), Err(Void::NotPrimary));
    let dissolved = world.on(&[second], OLIVE, Dissolve.into());
    let rename = world.rename("too late");
    let late = world.on(&[dissolved], NED, rename);
    assert_eq!(verdict(&world, late), Err(Void::Dissolved));
    assert_eq!(world.fold().state().dissolved, Some(dissolved));
}

#[test]
fn epochs_are_fresh_and_heard_for_thirty_days_at_most_eight() {
    let mut world = World::new();
    let mut head = world.root;
    let mut keys = Vec::new();
    for _ in 0..10 {
        let epoch = world.epoch();
        keys.push(epoch);
        head = world.on(&[head], OLIVE, OpenEpoch { epoch }.into());
    }
    let stale = world.on(&[head], OLIVE, OpenEpoch { epoch: keys[0] }.into());
    assert_eq!(verdict(&world, stale), Err(Void::Epoch(keys[0])));
    let state = world.fold().state().clone();
    let heard = |now| state.listened(now).map(|epoch| epoch.key).collect::<Vec<_>>();
    assert_eq!(heard(NOW + 100), keys[2..]);
    assert_eq!(heard(NOW + 31 * DAY_MS), keys[9..]);
    assert_eq!(state.epoch().unwrap().key, keys[9]);
}

#[test]
fn checkpoints_are_due_by_count_and_by_age() {
    let mut world = World::new();
    assert!(!world.fold().checkpoint_due(NOW + 8 * DAY_MS));
    let mut head = world.root;
    for at in 0..100 {
        assert!(!world.fold().checkpoint_due(NOW));
        let name = world.rename(&at.to_string());
        head = world.on(&[head], NED, name);
    }
    let fold = world.fold();
    assert!(fold.checkpoint_due(NOW));
    let checkpoint = world.checkpoint(&[head]);
    world.on(&[head], OLIVE, checkpoint);
    let fold = world.fold();
    assert!(!fold.checkpoint_due(NOW + 8 * DAY_MS));
    assert_eq!(fold.settled().len(), 1);
}
