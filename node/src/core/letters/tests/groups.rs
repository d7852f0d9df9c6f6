//! A group of people who are no contacts of each other, through every way that frames go.

use super::{
    story::befriend,
    world::{At, World},
};
use serde_json::{Value, json};

pub(in crate::core) fn gid(made: &Value) -> String {
    made["g_id"].as_str().unwrap().to_owned()
}

fn chosen(world: &World, people: &[At]) -> Value {
    people.iter().map(|at| json!({"cNdAdd": world.address(*at)})).collect()
}

fn selected(world: &World, people: &[At]) -> Value {
    people.iter().map(|at| json!({"u_nd_add": world.address(*at)})).collect()
}

pub(in crate::core) fn make(world: &mut World, owner: At, others: &[At]) -> String {
    let items = chosen(world, others);
    let request = json!({"groupName": "家 family", "itemList": items});
    let made = world.call(owner, "group", "createGroup", request).unwrap();
    gid(&made)
}

pub(in crate::core) fn say(world: &mut World, from: At, group: &str, text: &str) -> String {
    let params =
        json!({"cnd": group, "cid": group, "conversationType": 1, "pub": "", "text": text});
    let sent = world.call(from, "chat", "sendTextMessage", params).unwrap();
    sent[0]["msg_id"].as_str().unwrap().to_owned()
}

pub(in crate::core) fn texts(world: &mut World, at: At, group: &str) -> Vec<String> {
    let params =
        json!({"conversationId": group, "startTime": -1, "pageSize": 1000, "orderBy": "ASC"});
    let rows = world.call(at, "chat", "getMessagesByConversationId", params).unwrap();
    let rows = rows.as_array().unwrap().iter().filter(|row| row["msg_type"] == json!(1));
    rows.map(|row| {
        let body: Value = serde_json::from_str(row["msg_cry"].as_str().unwrap()).unwrap();
        body["text"].as_str().unwrap().to_owned()
    })
    .collect()
}

pub(in crate::core) fn members(world: &mut World, at: At, group: &str) -> Vec<String> {
    let rows = world.call(at, "group", "getGroupItemByGid", json!({"gId": group})).unwrap();
    let rows = rows.as_array().unwrap().iter();
    rows.map(|row| row["u_nd_add"].as_str().unwrap().to_owned()).collect()
}

/// Alice with friends bob and carol, who are no contacts of each other.
pub(in crate::core) fn three(world: &mut World) -> (At, At, At) {
    let (alice, bob, carol) = (world.person(), world.person(), world.person());
    befriend(world, alice, bob);
    befriend(world, alice, carol);
    (alice, bob, carol)
}

#[test]
fn three_members_two_of_them_no_contacts_hear_each_other() {
    let mut world = World::new(3);
    let (alice, bob, carol) = three(&mut world);
    let group = make(&mut world, alice, &[bob, carol]);
    world.settle();
    for at in [alice, bob, carol] {
        assert_eq!(members(&mut world, at, &group).len(), 3, "{at}");
    }
    for (at, text) in [(alice, "alice is here"), (bob, "bob is here"), (carol, "carol is here")] {
        let id = say(&mut world, at, &group, text);
        world.settle();
        let row = world.call(at, "chat", "getMessageByIdChat", json!({"messageId": id})).unwrap();
        assert_eq!(row["msg_is_send"], json!(1), "stored at the super nodes");
    }
    say(&mut world, bob, &group, "so all are here");
    world.settle();
    let want = ["alice is here", "bob is here", "carol is here", "so all are here"];
    for at in [alice, bob, carol] {
        assert_eq!(texts(&mut world, at, &group), want, "{at}");
    }
}

fn leave_to(world: &mut World, at: At, method: &str, group: &str) {
    world.call(at, "group", method, json!({"gId": group})).unwrap();
    world.settle();
}

fn remove(world: &mut World, by: At, group: &str, who: At) {
    let items = selected(world, &[who]);
    let request = json!({"gId": group, "mSelectGroupItems": items});
    world.call(by, "sync", "removeGroupMemberWith", request).unwrap();
    world.settle();
}

fn standing(world: &mut World, at: At, group: &str) -> i64 {
    let row = world.call(at, "group", "getGroupByGid2", json!({"gId": group})).unwrap();
    row["state"].as_i64().unwrap()
}

#[test]
fn who_is_away_gets_all_with_only_super_nodes_up() {
    let mut world = World::new(3);
    let (alice, bob, carol) = three(&mut world);
    let group = make(&mut world, alice, &[bob, carol]);
    world.settle();
    say(&mut world, carol, &group, "before");
    world.settle();
    world.kill(bob);
    let mut want = vec!["before".to_owned()];
    for i in 0..10 {
        let text = format!("while away {i}");
        say(&mut world, if i % 2 == 0 { alice } else { carol }, &group, &text);
        want.push(text);
        world.pass(1_000);
    }
    world.settle();
    world.kill(alice);
    world.kill(carol);
    world.restart(bob);
    world.sign_in(bob);
    world.settle();
    assert_eq!(texts(&mut world, bob, &group), want);
}

#[test]
fn without_gossip_the_mailbox_carries_everything() {
    let mut world = World::new(3);
    world.deaf = true;
    let (alice, bob, carol) = three(&mut world);
    let group = make(&mut world, alice, &[bob, carol]);
    world.settle();
    for (at, text) in [(carol, "one"), (bob, "two"), (alice, "three")] {
        say(&mut world, at, &group, text);
        world.pass(120_000);
    }
    for at in [alice, bob, carol] {
        assert_eq!(texts(&mut world, at, &group), ["one", "two", "three"], "{at}");
    }
}

#[test]
fn a_removed_member_reads_nothing_that_is_said_later() {
    let mut world = World::new(3);
    let (alice, bob, carol) = three(&mut world);
    let group = make(&mut world, alice, &[bob, carol]);
    world.settle();
    for at in [alice, bob, carol] {
        say(&mut world, at, &group, "all here");
        world.settle();
    }
    remove(&mut world, alice, &group, carol);
    assert_eq!(standing(&mut world, carol, &group), 2, "carol knows that she is out");
    assert_eq!(members(&mut world, bob, &group).len(), 2);
    say(&mut world, bob, &group, "without carol");
    say(&mut world, alice, &group, "yes");
    world.settle();
    for at in [alice, bob] {
        assert_eq!(texts(&mut world, at, &group).len(), 5, "{at}");
    }
    assert_eq!(texts(&mut world, carol, &group).len(), 3);
    let params = json!({"cnd": group, "cid": group, "conversationType": 1, "pub": "", "text": "x"});
    assert_eq!(world.call(carol, "chat", "sendTextMessage", params), Err(20047));
}

#[test]
fn who_leaves_is_out_and_an_epoch_is_opened_without_them() {
    let mut world = World::new(3);
    let (alice, bob, carol) = three(&mut world);
    let group = make(&mut world, alice, &[bob, carol]);
    world.settle();
    say(&mut world, bob, &group, "before");
    world.settle();
    leave_to(&mut world, bob, "quiteGroup", &group);
    assert_eq!(standing(&mut world, bob, &group), 2);
    say(&mut world, carol, &group, "after");
    world.settle();
    assert_eq!(texts(&mut world, alice, &group), ["before", "after"]);
    assert_eq!(texts(&mut world, bob, &group), ["before"]);
    assert_eq!(world.call(alice, "group", "quiteGroup", json!({"gId": group})), Err(20039));
}

#[test]
fn a_late_joiner_hears_what_is_said_from_then_on() {
    let mut world = World::new(3);
    let (alice, bob, carol) = three(&mut world);
    let group = make(&mut world, alice, &[bob]);
    world.settle();
    say(&mut world, alice, &group, "early");
    say(&mut world, bob, &group, "bird");
    world.settle();
    let items = chosen(&world, &[carol]);
    let request = json!({"gId": group, "mContacts": items});
    world.call(alice, "sync", "addGroupMemberWith", request.clone()).unwrap();
    world.settle();
    assert_eq!(world.call(alice, "sync", "addGroupMemberWith", request), Err(20049));
    for (at, text) in [(carol, "hello"), (bob, "welcome"), (alice, "carol")] {
        say(&mut world, at, &group, text);
        world.settle();
    }
    let later = ["hello", "welcome", "carol"];
    assert_eq!(texts(&mut world, carol, &group), later);
    for at in [alice, bob] {
        assert_eq!(texts(&mut world, at, &group)[2..], later, "{at}");
    }
}

#[test]
fn a_transfer_is_accepted_by_itself_and_a_dissolved_group_is_read_only() {
    let mut world = World::new(3);
    let (alice, bob, carol) = three(&mut world);
    let group = make(&mut world, alice, &[bob, carol]);
    world.settle();
    let owner = selected(&world, &[bob])[0].clone();
    let request = json!({"gId": group, "owner": owner});
    assert_eq!(world.call(carol, "sync", "transferGroupWithGid", request.clone()), Err(20064));
    world.call(alice, "sync", "transferGroupWithGid", request).unwrap();
    world.settle();
    for at in [alice, bob, carol] {
        let rows = world.call(at, "group", "getGroupItemByGid", json!({"gId": group})).unwrap();
        assert_eq!(rows[0]["u_nd_add"], json!(world.address(bob)), "{at}");
        assert_eq!(rows[0]["g_is_owner"], json!(1), "{at}");
    }
    assert_eq!(world.call(alice, "group", "dissolveGroup", json!({"gId": group})), Err(20064));
    leave_to(&mut world, bob, "dissolveGroup", &group);
    for at in [alice, bob, carol] {
        assert_eq!(standing(&mut world, at, &group), 3, "{at}");
    }
    let params = json!({"cnd": group, "cid": group, "conversationType": 1, "pub": "", "text": "x"});
    assert_eq!(world.call(carol, "chat", "sendTextMessage", params), Err(20054));
}

#[test]
fn changes_of_a_group_reach_everybody_or_nobody() {
    let mut world = World::new(3);
    let (alice, bob, carol) = three(&mut world);
    let group = make(&mut world, alice, &[bob, carol]);
    world.settle();
    let edit = |kind: u8, text: &str| json!({"gId": group, "editContent": text, "type": kind});
    let renamed = world.call(bob, "sync", "updateGroupInfo", edit(5, "春节")).unwrap();
    assert_eq!(renamed["g_name"], json!("春节"));
    world.call(alice, "sync", "updateGroupInfo", edit(9, "notice")).unwrap();
    world.call(alice, "sync", "updateGroupInfo", edit(6, "3")).unwrap();
    let items = selected(&world, &[carol]);
    let admins = json!({"gId": group, "type": 2, "mSelectGroupItems": items});
    assert_eq!(world.call(bob, "sync", "updateGroupWithAdmins", admins.clone()), Err(20064));
    world.call(alice, "sync", "updateGroupWithAdmins", admins).unwrap();
    world.settle();
    for at in [alice, bob, carol] {
        let row = world.call(at, "group", "getGroupByGid2", json!({"gId": group})).unwrap();
        assert_eq!((&row["g_name"], &row["g_info"]), (&json!("春节"), &json!("notice")), "{at}");
        assert_eq!(row["g_pfp_id"], json!(3), "{at}");
    }
    let own = world.call(carol, "group", "getCurUserItem", json!({"gId": group})).unwrap();
    assert_eq!(own["g_is_admin"], json!(1));
    let remove_owner = selected(&world, &[alice]);
    let request = json!({"gId": group, "mSelectGroupItems": remove_owner});
    assert_eq!(world.call(carol, "sync", "removeGroupMemberWith", request), Err(20042));
    assert_eq!(world.call(bob, "group", "getGroupByGid2", json!({"gId": "no id"})), Err(20043));
    let none = json!({"groupName": "x", "itemList": []});
    assert_eq!(world.call(bob, "group", "createGroup", none), Err(20035));
    let stranger = chosen(&world, &[carol]);
    let request = json!({"groupName": "x", "itemList": stranger});
    assert_eq!(world.call(bob, "group", "createGroup", request), Err(20058));
}

#[test]
fn killed_members_and_super_nodes_lose_nothing() {
    let mut world = World::new(3);
    let (alice, bob, carol) = three(&mut world);
    let group = make(&mut world, alice, &[bob, carol]);
    world.settle();
    let mut said = std::collections::BTreeSet::new();
    for round in 0..12_usize {
        for (at, name) in [(alice, "alice"), (bob, "bob"), (carol, "carol")] {
            let text = format!("{name} {round}");
            say(&mut world, at, &group, &text);
            said.insert(text);
        }
        world.pass(37 * round as u64);
        let victim = [alice, bob, carol, 0, 1, 2][round % 6];
        world.kill(victim);
        world.pass(50);
        world.restart(victim);
        if victim > 2 {
            world.sign_in(victim);
        }
    }
    world.pass(10 * 60_000);
    let first = texts(&mut world, alice, &group);
    assert_eq!(first.iter().cloned().collect::<std::collections::BTreeSet<_>>(), said);
    assert_eq!(first.len(), said.len(), "nothing is doubled");
    for at in [bob, carol] {
        assert_eq!(texts(&mut world, at, &group), first, "{at}");
    }
}

#[test]
fn members_who_are_connected_pull_what_no_super_node_keeps() {
    let mut world = World::new(3);
    let (alice, bob, carol) = three(&mut world);
    let group = make(&mut world, alice, &[bob, carol]);
    world.settle();
    say(&mut world, alice, &group, "first");
    world.settle();
    world.deaf = true;
    for at in 0..3 {
        world.kill(at);
    }
    world.meet(alice, bob);
    let edit = json!({"gId": group, "editContent": "alone", "type": 5});
    world.call(alice, "sync", "updateGroupInfo", edit).unwrap();
    say(&mut world, alice, &group, "second");
    world.pass(15 * 60_000);
    // Both are friends of alice's, so both are connected to her.
    for at in [bob, carol] {
        assert_eq!(texts(&mut world, at, &group), ["first", "second"], "{at}");
        let row = world.call(at, "group", "getGroupByGid2", json!({"gId": group})).unwrap();
        assert_eq!(row["g_name"], json!("alone"), "{at}");
    }
}

/// The tables of the directory, whose records are public: records, forks, listed nodes.
const DIRECTORY: [u8; 3] = [0x21, 0x22, 0x23];
/// The table of mail by the time it expires: the account whose mailbox it is comes after the time.
const EXPIRY: u8 = 0x2a;

#[test]
fn beside_the_directory_a_super_node_names_nobody_but_whose_mailbox_it_is() {
    let mut world = World::new(3);
    let (alice, bob, carol) = three(&mut world);
    let group = make(&mut world, alice, &[bob, carol]);
    world.settle();
    say(&mut world, carol, &group, "plain words of a secret");
    world.settle();
    world.kill(bob);
    super::story::say(&mut world, alice, bob, "plain words for bob");
    say(&mut world, alice, &group, "plain words for all");
    world.settle();
    let people = [alice, bob, carol].map(|at| {
        let address: magpie_protocol::address::Address = world.address(at).parse().unwrap();
        *address.as_bytes()
    });
    for super_node in 0..3 {
        let mut frames = 0;
        for (key, value) in world.stored_rows(super_node) {
            let whole = [&key[..], &value[..]].concat();
            let holds = |needle: &[u8]| whole.windows(needle.len()).any(|window| window == needle);
            assert!(!holds(b"plain words") && !holds("家".as_bytes()), "{key:02x?}");
            frames += usize::from(key[0] == 0x2f);
            if DIRECTORY.contains(&key[0]) {
                continue;
            }
            let owner = if key[0] == EXPIRY { 9 } else { 1 };
            for address in people {
                let found = whole.windows(32).enumerate().filter(|(_, window)| *window == address);
                for (place, _) in found {
                    assert_eq!(place, owner, "an address in {key:02x?}");
                }
            }
        }
        assert!(frames > 0, "it keeps frames of the group");
    }
}
