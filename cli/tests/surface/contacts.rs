//! `contact`: each order is the one call of the documents, each answer a line.

use crate::{
    magpie::magpie,
    node::{Node, on, refuse},
};
use serde_json::{Value, json};

/// The address of the first key of RFC 8032's test vectors.
pub(crate) const BOB: &str = "FVen3X669xLzsi6N2V91DoiyzHzg1uAgqiT8jZ9nS96Z";

/// A contact's row as the node answers it.
pub(crate) fn row(address: &str) -> Value {
    json!({"c_id": address, "c_nd_add": address, "c_nic": "bob", "c_pfp_id": 6, "c_pfp_url": "",
        "c_pub_curve": "ab12", "c_ps": "", "c_state": 1, "c_black_state": 0})
}

#[test]
fn orders_become_the_documented_calls() {
    let only = json!({"nodeId": BOB});
    for (args, path, body) in [
        (
            vec!["add", BOB, "--message", "你好"],
            "contact/addFriend",
            json!({"nodeId": BOB, "content": "你好", "remark": ""}),
        ),
        (
            vec!["accept", BOB, "--remark", "b"],
            "contact/agreeApplySync",
            json!({"nodeId": BOB, "remark": "b"}),
        ),
        (
            vec!["remark", BOB, "Bob"],
            "contact/updateRemake",
            json!({"nodeId": BOB, "remake": "Bob", "isUpdateP2p": true}),
        ),
        (vec!["delete", BOB], "contact/deleteFriend", only.clone()),
        (vec!["block", BOB], "contact/onBlack", only.clone()),
        (vec!["unblock", BOB], "contact/deleteBlack", only),
    ] {
        let node = Node::script([on(path, body, json!({}))]);
        let args: Vec<&str> = ["contact"].into_iter().chain(args).collect();
        assert!(magpie(node.dir(), &args).ok().ends_with(&format!("{BOB}\n")), "{args:?}");
        node.finish();
    }
}

#[test]
fn lists_are_lines_or_the_rows_themselves() {
    let rows = json!([row(BOB), {"c_nd_add": "evil", "c_nic": "x\u{1b}]0;t\n", "c_ps": ""}]);
    let node = Node::script([
        on("contact/getContacts", json!({}), rows.clone()),
        on("contact/getContacts", json!({}), rows.clone()),
        on("contact/getContacts", json!({}), json!([])),
        on("contact/getApplyList", json!({}), json!([{"nodeId": BOB, "applyRemark": "hi"}])),
    ]);
    assert_eq!(magpie(node.dir(), &["contact", "list", "--json"]).json(), rows);
    let text = magpie(node.dir(), &["contact", "list"]);
    let lines: Vec<&str> = text.ok().lines().collect();
    assert_eq!(lines[0], format!("{BOB}  bob"));
    assert!(lines[1].starts_with("evil ") && lines[1].ends_with("x\\u{1b}]0;t\\n"), "{lines:?}");
    assert_eq!(magpie(node.dir(), &["contact", "list"]).ok(), "");
    assert_eq!(magpie(node.dir(), &["contact", "requests"]).ok(), format!("{BOB}  -  hi\n"));
    node.finish();
}

#[test]
fn blocked_reads_all_pages() {
    let page = |n: usize| json!({"keyword": "", "page": n, "size": 100});
    let rows = |n: usize| json!(vec![json!({"ndAdd": BOB, "nic": "b"}); n]);
    let node = Node::script([
        on("contact/getBlacklist", page(1), rows(100)),
        on("contact/getBlacklist", page(2), rows(3)),
    ]);
    let data = magpie(node.dir(), &["contact", "blocked", "--json"]).json();
    assert_eq!(data.as_array().unwrap().len(), 103);
    node.finish();
}

#[test]
fn show_tells_a_friend_from_a_stranger() {
    let body = json!({"nodeId": BOB});
    let node = Node::script([
        on("contact/getContactByNoId", body.clone(), row(BOB)),
        refuse("contact/getContactByNoId", body.clone(), 20058, "no"),
        on("contact/getContactByNoId", body, json!({})),
    ]);
    let shown = magpie(node.dir(), &["contact", "show", BOB]);
    assert!(shown.ok().contains("curve    ab12\n"), "{shown:?}");
    magpie(node.dir(), &["contact", "show", BOB]).failed(5, "is no contact");
    magpie(node.dir(), &["contact", "show", BOB]).failed(5, "is no contact");
    node.finish();
}

#[test]
fn what_is_no_address_is_never_sent() {
    let node = Node::script([]);
    let weak = "1".repeat(32);
    for bad in ["", "bob", "0OIl", &BOB[4..], &weak] {
        for verb in ["add", "accept", "show", "delete", "block", "unblock"] {
            let run = magpie(node.dir(), &["contact", verb, bad]);
            assert_eq!(run.code, 2, "{verb} {bad} {run:#?}");
        }
    }
    node.finish();
}
