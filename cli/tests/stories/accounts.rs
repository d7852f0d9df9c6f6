//! Making the account, by `init` and by the API, and finding it again.

use crate::node::{LOGIN, Place, WALLET, failed, said, tree};
use serde_json::{Value, json};

const WORDS: &str = "legal winner thank year wave sausage worth useful legal winner thank yellow";
const ADDRESS: &str = "8SscZXfok3FdFTTKS2Rr8ECVgQKoutdcPNfLwvTPDc2z";

fn init(place: &Place, more: &[&str], stdin: &str) -> std::process::Output {
    let (login, wallet) = (place.file("login", LOGIN), place.file("wallet", WALLET));
    let args = ["init", "--password-file", &login, "--wallet-password-file", &wallet];
    place.magpie_with(&[&args, more].concat(), stdin)
}

#[test]
fn a_registered_account_and_its_profile_outlive_the_process() {
    let place = Place::new();
    let node = place.start_signed_in();
    let me = node.profile();
    let changed = node.ok("user", "updateUserSingleInfo", json!({"nickname": "早 bird"}));
    assert_eq!((&changed["u_nick"], &changed["u_nd_add"]), (&json!("早 bird"), &me["u_nd_add"]));
    let machine = node.ok("user", "getMachineId", json!({}));
    node.stop();

    let node = place.start(&[]);
    assert_eq!(node.call("user", "getUserSingleInfo", json!({})).0, 20061);
    assert_eq!(node.ok("user", "getMachineId", json!({})), machine);
    node.login();
    assert_eq!(node.profile(), changed);
    assert_eq!(node.call("login", "register", json!({"type": "text"})).0, 20014);
    node.stop();
}

#[test]
fn init_makes_an_account_that_run_signs_in_unattended() {
    let place = Place::new();
    let made: Value = serde_json::from_str(&said(&init(&place, &["--json"], ""))).unwrap();
    let words = made["mnemonic"].as_str().unwrap();
    assert_eq!(words.split(' ').count(), 12);
    assert!(!place.data().join("api.json").exists(), "init opens no door");
    let file = place.file("pw", &format!("{LOGIN}\n"));
    let node = place.start(&["--password-file", &file]);
    let me = crate::node::eventually("the node signs in", crate::http::ANSWER_TIME, || {
        let (code, me) = node.call("user", "getUserSingleInfo", json!({}));
        (code == 200).then_some(me)
    });
    assert_eq!(me["u_nd_add"], made["address"]);
    let shown = node.ok("login", "exportMnemonic", json!({"password": WALLET}));
    assert_eq!(shown["mnemonic"], words);
    // A second account, or another process, is a conflict.
    failed(&init(&place, &[], ""), 6, "in use by another node");
    node.stop();
    failed(&init(&place, &[], ""), 6, "has an account already");
    let logged = place.logged();
    assert!(logged.contains("signed in") && !logged.contains(LOGIN), "{logged}");
}

#[test]
fn a_mnemonic_brings_its_account_and_is_not_repeated() {
    let place = Place::new();
    assert_eq!(said(&init(&place, &["--mnemonic-stdin"], WORDS)), format!("{ADDRESS}\n"));
    let node = place.start(&[]);
    node.login();
    assert_eq!(node.profile()["u_nd_add"], ADDRESS);
    node.stop();
}

#[test]
fn an_anonymous_account_opens_without_a_password() {
    let place = Place::new();
    let text = said(&place.magpie(&["init", "--anonymous"]));
    let (_, address) = text.trim().split_once('\n').unwrap();
    let node = place.start(&[]);
    node.ok("login", "exportLogin", json!({"loginType": "text"}));
    assert_eq!(node.profile()["u_nd_add"], address);
    node.stop();
}

#[test]
fn what_init_cannot_use_leaves_no_trace() {
    let place = Place::new();
    let (good, short) = (place.file("good", LOGIN), place.file("short", "12345"));
    let (none, twelve) = (place.data().join("none"), WORDS.replace("yellow", "winner"));
    let none = none.to_str().unwrap();
    let passwords = ["--password-file", &good, "--wallet-password-file", &good];
    for (args, stdin, code, said) in [
        (&["--password-file", &short, "--wallet-password-file", &good][..], "", 2, "5 characters"),
        (&["--password-file", &good, "--wallet-password-file", none], "", 1, none),
        (&["--password-file", "-", "--wallet-password-file", "-"], "x", 2, "only one"),
        (&["--mnemonic-stdin", "--password-file", "-"], WORDS, 2, "only one"),
        (&["--anonymous", "--password-file", &good], "", 2, "cannot be used with"),
        (&[&passwords[..], &["--mnemonic-stdin"]].concat(), &twelve, 2, "do not belong together"),
        (&[&passwords[..], &["--mnemonic-stdin"]].concat(), "", 2, "the mnemonic is empty"),
    ] {
        let run = place.magpie_with(&[&["init"], args].concat(), stdin);
        failed(&run, code, said);
        assert!(tree(&place.data()).is_empty(), "{args:?}");
    }
}

#[test]
fn a_wrong_password_file_leaves_the_node_running_and_locked() {
    let place = Place::new();
    said(&init(&place, &[], ""));
    let wrong = place.file("wrong", "im-2222222222");
    let node = place.start(&["--password-file", &wrong]);
    crate::node::eventually("the refusal is logged", crate::http::ANSWER_TIME, || {
        place.logged().contains("20010").then_some(())
    });
    assert_eq!(node.call("user", "getUserSingleInfo", json!({})).0, 20061);
    node.login();
    node.stop();
    // Before an account is there, the file opens nothing, and the node stays up too.
    let empty = Place::new();
    let node = empty.start(&["--password-file", &wrong]);
    crate::node::eventually("the refusal is logged", crate::http::ANSWER_TIME, || {
        empty.logged().contains("20008").then_some(())
    });
    node.stop();
}
