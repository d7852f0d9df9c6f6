//! Signing in and out while the ledger is asked, and the wallet password.

use super::world::{COIN, FORTUNE, INSERT, RICH, Story, WALLET};
use magpie_protocol::ledger::Rules;
use serde_json::json;

const OUT: (&str, &str) = ("login", "exportLogout");

fn fee() -> u64 {
    Rules::usual().fees.transfer.0
}

#[test]
fn who_signs_out_is_answered_and_what_was_signed_settles_later() {
    let mut story = Story::new();
    let (alice, bob) = (story.alice, story.bob);
    let entry = story.mint_entry(alice, 1);
    let transfer = story.transfer_of(alice, bob, COIN);
    let packet = story.packet_of(alice, COIN, 1, true);
    story.balance(alice);
    story.all_away();
    story.pass(70_000);
    // One waits for its leaves, one for its password, one is signed, one is anybody's.
    let look = story.put_call(alice, ("wallet", "info"), json!({}), None);
    let foreign = story.put_call(alice, ("ledger", "submit"), json!({"entry": entry}), None);
    story.pass(0);
    story.hold_keys(alice, 1);
    let first = story.put_call(alice, INSERT, transfer, None);
    let second = story.put_call(alice, FORTUNE, packet, None);
    story.pass(0);
    story.call(alice, OUT.0, OUT.1, json!({})).unwrap();
    for call in [look, first, second] {
        let said = story.answer(alice, call).unwrap().unwrap_err();
        assert_eq!(said.code.number(), 20061);
    }
    story.release_keys();
    story.pass(0);
    assert!(story.answer(alice, second).is_none(), "one answer is enough");
    story.pass(15_000);
    let said = story.answer(alice, foreign).unwrap().unwrap_err();
    assert_eq!(said.code.number(), 21009);
    story.all_back();
    story.sign_in_now(alice);
    story.pass(5_000);
    story.assert_idle();
    // Nothing was signed for want of the ledger, so nothing moved.
    assert_eq!(story.balance(alice), RICH * COIN);
}

#[test]
fn the_ledger_is_asked_again_after_signing_out_while_it_was() {
    let mut story = Story::new();
    let (alice, bob) = (story.alice, story.bob);
    let params = story.transfer_of(alice, bob, COIN);
    // A request for leaves is on its way, and its answer comes after the account is closed.
    story.pass(1_000);
    story.mint(bob, 1).unwrap();
    let (entry, other) = (story.mint_entry(alice, 1), story.mint_entry(alice, 2));
    let call = story.put_call(alice, INSERT, params, None);
    let out = story.put_call(alice, OUT, json!({}), None);
    story.pass(0);
    story.answer(alice, out).unwrap().unwrap();
    assert_eq!(story.answer(alice, call).unwrap().unwrap_err().code.number(), 20061);
    story.wait(alice, ("ledger", "submit"), json!({"entry": entry})).unwrap();
    story.sign_in_now(alice);
    story.wait(alice, ("ledger", "submit"), json!({"entry": other})).unwrap();
    let all = story.balance(alice);
    assert!(all == (RICH + 3) * COIN || all == (RICH + 2) * COIN - fee(), "{all}");
    story.assert_idle();
}

#[test]
fn what_is_anybodys_is_answered_while_somebody_signs_out() {
    let mut story = Story::new();
    let alice = story.alice;
    let entry = story.mint_entry(alice, 1);
    let foreign = story.put_call(alice, ("ledger", "submit"), json!({"entry": entry}), None);
    let header = story.put_call(alice, ("ledger", "header"), json!({"height": 1}), None);
    let out = story.put_call(alice, OUT, json!({}), None);
    story.pass(0);
    story.answer(alice, out).unwrap().unwrap();
    story.answer_to(alice, foreign).unwrap();
    story.answer_to(alice, header).unwrap();
}

#[test]
fn the_wallet_password_is_changed_by_who_knows_the_old_one() {
    let mut story = Story::new();
    let (alice, bob) = (story.alice, story.bob);
    let new = "wallet-2222222222";
    let change = |old: &str, new: &str| json!({"oldWallet": old, "newPwd": new});
    let method = ("login", "exportChangeWalletPwd");
    let set = story.call(alice, "login", "exportIsSettingWallet", json!({})).unwrap();
    assert_eq!(set["status"], json!(true));
    let refused = [
        (change("wallet-3333333333", new), 20092),
        (change("x", new), 20092),
        (change(WALLET, "short"), 20065),
        (change(WALLET, WALLET), 20090),
    ];
    for (params, code) in refused {
        assert_eq!(story.wait(alice, method, params.clone()), Err(code), "{params}");
    }
    assert_eq!(story.wait(alice, method, change(WALLET, new)).unwrap()["status"], json!(true));
    let mut params = story.transfer_of(alice, bob, COIN);
    assert_eq!(story.wait(alice, INSERT, params.clone()), Err(20010));
    // It holds after a restart, and the login password is what it was.
    story.kill(alice);
    story.restart_now(alice);
    story.sign_in_now(alice);
    params["password"] = json!(new);
    story.wait(alice, INSERT, params).unwrap();
    assert_eq!(story.balance(alice), (RICH - 1) * COIN - fee());
    assert_eq!(story.wait(alice, method, change(WALLET, new)), Err(20092));
    story.assert_idle();
}

#[test]
fn wrong_wallet_passwords_make_one_wait() {
    let mut story = Story::new();
    let (alice, bob) = (story.alice, story.bob);
    let mut wrong = story.transfer_of(alice, bob, COIN);
    wrong["password"] = json!("wallet-3333333333");
    for _ in 0..4 {
        assert_eq!(story.wait(alice, INSERT, wrong.clone()), Err(20010));
    }
    assert_eq!(story.wait(alice, INSERT, wrong), Err(20011));
    let right = story.transfer_of(alice, bob, COIN);
    assert_eq!(story.wait(alice, INSERT, right), Err(20011), "a right one waits, too");
    assert_eq!(story.balance(alice), RICH * COIN);
    story.assert_idle();
}
