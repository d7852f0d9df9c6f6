//! A group of people who are no contacts of each other, through every way that frames go.

use super::{
    story::befriend,
    world::{At, World},
};
use serde_json::{Value, json};

pub(super) fn gid(made: &Value) -> String {
    made["g_id"].as_str().unwrap().to_owned()
}

fn chosen(world: &World, people: &[At]) -> Value {
    people.iter().map(|at| json!({"cNdAdd": world.address(*at)})).collect()
}

fn selected(world: &World, people: &[At]) -> Value {
    people.iter().map(|at| json!({"u_nd_add": world.address(*at)})).collect()
}

fn make(world: &mut World, owner: At, others: &[At]) -> String {
    let items = chosen(world, others);
    let request = json!({"groupName": "家 family", "itemList": items});
    let made = world.call(owner, "group", "createGroup", request).unwrap();
    gid(&made)
}

fn say(world: &mut World, from: At, group: &str, text: &str) -> String {
    let params =
        json!({"cnd": group, "cid": group, "conversationType": 1, "pub": "", "text": text});
    let sent = world.call(from, "chat", "sendTextMessage", params).unwrap();
    sent[0]["msg_id"].as_str().unwrap().to_owned()
}

fn texts(world: &mut World, at: At, group: &str) -> Vec<String> {
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

fn members(world: &mut World, at: At, group: &str) -> Vec<String> {
    let rows = world.call(at, "group", "getGroupItemByGid", json!({"gId": group})).unwrap();
    let rows = rows.as_array().unwrap().iter();
    rows.map(|row| row["u_nd_add"].as_str().unwrap().to_owned()).collect()
}

/// Alice with friends bob and carol, who are no contacts of each other.
fn three(world: &mut World) -> (At, At, At) {
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
