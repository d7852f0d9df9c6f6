//! `group`: members are named by address; the rows that the calls want are looked up.

use crate::{
    contacts::{BOB, row},
    magpie::magpie,
    node::{Node, Step, on, refuse},
};
use serde_json::{Value, json};

const GID: &str = "2Fg9pmL6HxLPxck7cbYSZqwQES46hbxK3zuBSu89EU2R";
/// The address of the second key of RFC 8032's test vectors.
const CAROL: &str = "586Z7H2vpX9qNhN2T4e9Utugie3ogjbxzGaMtM3E6HR5";

fn item(address: &str, state: i64) -> Value {
    json!({"id": format!("{GID}{address}"), "g_id": GID, "u_nd_add": address, "state": state,
        "g_nick": "n", "g_ps": "", "g_is_admin": 0, "g_is_owner": 0})
}

fn members() -> Step {
    let body = json!({"gId": GID, "isGetPs": true});
    on("group/getGroupItemByGid", body, json!([item(BOB, 1), item(CAROL, 0)]))
}

fn invitation(address: &str) -> Value {
    json!({"cId": address, "cPfpId": 6, "cPfpUrl": "", "cNic": "bob", "cNdAdd": address,
        "cPs": "", "cPubCurve": "ab12"})
}

fn contact(address: &str) -> Step {
    on("contact/getContactByNoId", json!({"nodeId": address}), row(address))
}

#[test]
fn create_and_invite_name_contacts_by_their_rows() {
    let list = json!([invitation(BOB), invitation(CAROL)]);
    let node = Node::script([
        contact(BOB),
        contact(CAROL),
        on("group/createGroup", json!({"groupName": "群", "itemList": list}), json!({"g_id": GID})),
        contact(BOB),
        on(
            "group/createGroup",
            json!({"groupName": "g", "itemList": [invitation(BOB)]}),
            json!({}),
        ),
        contact(CAROL),
        on(
            "sync/addGroupMemberWith",
            json!({"gId": GID, "mContacts": [invitation(CAROL)]}),
            json!({}),
        ),
    ]);
    let run = magpie(node.dir(), &["group", "create", "群", BOB, CAROL]);
    assert_eq!(run.ok(), format!("created {GID}\n"));
    assert!(magpie(node.dir(), &["group", "create", "g", BOB]).ok().contains("magpie group list"));
    magpie(node.dir(), &["group", "invite", GID, CAROL]).ok();
    node.finish();
}

#[test]
fn a_stranger_among_the_members_makes_no_group() {
    let node = Node::script([
        contact(BOB),
        refuse("contact/getContactByNoId", json!({"nodeId": CAROL}), 20058, "no"),
    ]);
    let run = magpie(node.dir(), &["group", "create", "g", BOB, CAROL]);
    run.failed(5, &format!("{CAROL} is no contact"));
    node.finish();
}

#[test]
fn members_are_chosen_by_their_rows() {
    let chosen = json!([item(BOB, 1)]);
    for (args, path, body) in [
        (
            vec!["remove", GID, BOB],
            "sync/removeGroupMemberWith",
            json!({"gId": GID, "mSelectGroupItems": chosen}),
        ),
        (
            vec!["admin", GID, "add", BOB],
            "sync/updateGroupWithAdmins",
            json!({"gId": GID, "type": 2, "mSelectGroupItems": chosen}),
        ),
        (
            vec!["admin", GID, "remove", BOB],
            "sync/updateGroupWithAdmins",
            json!({"gId": GID, "type": 3, "mSelectGroupItems": chosen}),
        ),
        (
            vec!["transfer", GID, BOB],
            "sync/transferGroupWithGid",
            json!({"gId": GID, "owner": item(BOB, 1)}),
        ),
    ] {
        let node = Node::script([members(), on(path, body, json!({}))]);
        let args: Vec<&str> = ["group"].into_iter().chain(args).collect();
        magpie(node.dir(), &args).ok();
        node.finish();
    }
    let node = Node::script([members()]);
    magpie(node.dir(), &["group", "remove", GID, CAROL]).failed(5, "is no member");
    node.finish();
}

#[test]
fn a_group_is_listed_shown_renamed_left_and_ended() {
    let group = json!({"g_id": GID, "g_name": "birds", "state": 1});
    let by_id = json!({"gId": GID});
    let node = Node::script([
        on("group/getAllGroups", json!({}), json!([group])),
        on("group/getGroupByGid2", by_id.clone(), group),
        refuse("group/getGroupByGid2", by_id.clone(), 20043, "no"),
        members(),
        on("sync/updateGroupInfo", json!({"gId": GID, "editContent": "new", "type": 5}), json!({})),
        on("group/quiteGroup", by_id.clone(), json!({"status": true})),
        on("group/dissolveGroup", by_id, json!({"status": false})),
    ]);
    let run = |args: &[&str]| magpie(node.dir(), args);
    assert_eq!(run(&["group", "list"]).ok(), format!("{GID}  birds  open\n"));
    assert!(run(&["group", "show", GID]).ok().contains("birds"));
    run(&["group", "show", GID]).failed(5, "is no group");
    // Who has left is no member.
    assert_eq!(run(&["group", "members", GID]).ok(), format!("{BOB}  n\n"));
    run(&["group", "rename", GID, "new"]).ok();
    assert_eq!(run(&["group", "leave", GID]).ok(), format!("left {GID}\n"));
    run(&["group", "dissolve", GID]).failed(1, "says no");
    node.finish();
}
