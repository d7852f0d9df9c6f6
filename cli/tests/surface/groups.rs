//! `group`: members are named by address, and who may what is the node's to say.

use crate::{
    contacts::BOB,
    magpie::magpie,
    node::{Node, on, refuse},
};
use serde_json::{Value, json};

const GID: &str = "5b1f0c3a9d2e48f7865a1b0c9d8e7f605b1f0c3a9d2e48f7865a1b0c9d8e7f60";
/// The address of the second key of RFC 8032's test vectors.
const CAROL: &str = "586Z7H2vpX9qNhN2T4e9Utugie3ogjbxzGaMtM3E6HR5";

fn item(address: &str, state: i64, owner: i64, admin: i64) -> Value {
    json!({"id": format!("{GID}{address}"), "g_id": GID, "u_nd_add": address, "state": state,
        "g_nick": "n", "g_ps": "", "g_is_admin": admin, "g_is_owner": owner})
}

#[test]
fn people_are_named_by_address() {
    let people = json!([{"cNdAdd": BOB}, {"cNdAdd": CAROL}]);
    let node = Node::script([
        on(
            "group/createGroup",
            json!({"groupName": "群", "itemList": people}),
            json!({"g_id": GID}),
        ),
        refuse(
            "group/createGroup",
            json!({"groupName": "g", "itemList": [people[0]]}),
            20058,
            "no",
        ),
        on("sync/addGroupMemberWith", json!({"gId": GID, "mContacts": [people[1]]}), json!({})),
        refuse(
            "sync/addGroupMemberWith",
            json!({"gId": GID, "mContacts": [people[1]]}),
            20049,
            "is a member",
        ),
    ]);
    let run = |args: &[&str]| magpie(node.dir(), args);
    assert_eq!(run(&["group", "new", "群", BOB, CAROL]).ok(), format!("made {GID}\n"));
    run(&["group", "new", "g", BOB]).failed(5, "20058");
    assert_eq!(run(&["group", "add", GID, CAROL]).ok(), format!("added 1 to {GID}\n"));
    run(&["group", "add", GID, CAROL]).failed(6, "is a member");
    node.finish();
}

#[test]
fn a_group_needs_members_and_members_have_addresses() {
    let node = Node::script([]);
    for bad in [
        &["new", "g"][..],
        &["new", "g", "bob"],
        &["add", GID],
        &["add", "../x", BOB],
        &["remove", GID, "b"],
        &["admin", GID, "make", BOB],
        &["admin", GID, "add"],
        &["transfer", GID],
        &["rename", GID],
    ] {
        assert_eq!(magpie(node.dir(), &[&["group"], bad].concat()).code, 2, "{bad:?}");
    }
    node.finish();
}

#[test]
fn members_are_chosen_by_address() {
    let chosen = json!([{"u_nd_add": BOB}]);
    let remove = json!({"gId": GID, "mSelectGroupItems": chosen});
    let admin = |kind: i64| json!({"gId": GID, "type": kind, "mSelectGroupItems": chosen});
    for (args, path, body) in [
        (&["remove", GID, BOB][..], "sync/removeGroupMemberWith", remove.clone()),
        (&["admin", GID, "add", BOB], "sync/updateGroupWithAdmins", admin(2)),
        (&["admin", GID, "remove", BOB], "sync/updateGroupWithAdmins", admin(3)),
        (
            &["transfer", GID, BOB],
            "sync/transferGroupWithGid",
            json!({"gId": GID, "owner": chosen[0]}),
        ),
    ] {
        let node = Node::script([on(path, body, json!({}))]);
        magpie(node.dir(), &[&["group"], args].concat()).ok();
        node.finish();
    }
    let node = Node::script([refuse("sync/removeGroupMemberWith", remove, 20048, "no member")]);
    magpie(node.dir(), &["group", "remove", GID, BOB]).failed(5, "no member");
    node.finish();
}

#[test]
fn a_group_is_listed_shown_changed_left_and_ended() {
    let group = json!({"g_id": GID, "g_name": "birds", "state": 1});
    let by_id = json!({"gId": GID});
    let edit = |what: &str, kind: i64| json!({"gId": GID, "editContent": what, "type": kind});
    let node = Node::script([
        on("group/getAllGroups", json!({}), json!([group])),
        on("group/getGroupByGid2", by_id.clone(), group),
        refuse("group/getGroupByGid2", by_id.clone(), 20043, "no"),
        on(
            "group/getGroupConfigByGId",
            json!({"gid": GID}),
            json!({"g_is_all_chat": 1, "g_num": 1000, "g_admin_num": 10}),
        ),
        on(
            "group/getGroupItemByGid",
            json!({"gId": GID, "isGetPs": true}),
            json!([item(BOB, 1, 1, 0), item(CAROL, 0, 0, 0)]),
        ),
        on("sync/updateGroupInfo", edit("new", 5), json!({})),
        on("sync/updateGroupInfo", edit("at eight", 9), json!({})),
        on("group/quiteGroup", by_id.clone(), json!({"status": true})),
        on("group/dissolveGroup", by_id, json!({"status": false})),
    ]);
    let run = |args: &[&str]| magpie(node.dir(), args);
    assert_eq!(run(&["group", "list"]).ok(), format!("{GID}  birds  open\n"));
    assert!(run(&["group", "show", GID]).ok().contains("birds"));
    run(&["group", "show", GID]).failed(5, "is no group");
    let settings = run(&["group", "settings", GID]).ok().to_owned();
    let ends = |line: &str, end: &str| line.split_whitespace().last() == Some(end);
    assert!(settings.lines().any(|l| l.starts_with("only administrators write") && ends(l, "yes")));
    assert!(settings.lines().any(|l| l.starts_with("members are") && ends(l, "no")));
    assert!(settings.lines().any(|l| l.starts_with("members at most") && ends(l, "1000")));
    // Who has left is no member.
    assert_eq!(run(&["group", "members", GID]).ok(), format!("{BOB}  n  (owner)\n"));
    run(&["group", "rename", GID, "new"]).ok();
    run(&["group", "announce", GID, "at eight"]).ok();
    assert_eq!(run(&["group", "leave", GID]).ok(), format!("left {GID}\n"));
    run(&["group", "dissolve", GID]).failed(1, "says no");
    node.finish();
}
