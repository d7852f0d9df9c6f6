//! The password locks: what a wrong password costs, and that no crash makes it cheaper.

use super::host::{Host, LOGIN, WALLET, code};
use crate::core::{Effect, FileChange, jobs::JOBS};
use magpie_protocol::api::ErrorCode;
use serde_json::json;

const WRONG: &str = "im-2222222222";
const SECOND: u64 = 1_000;

fn registered() -> Host {
    let mut host = Host::new();
    host.register().unwrap();
    host
}

/// Tries a wrong password; returns the code and the seconds to wait, 0 without.
fn wrong(host: &mut Host) -> (u16, u64) {
    let error = host.login(WRONG).unwrap_err();
    (error.code.number(), error.data["seconds"].as_u64().unwrap_or_default())
}

#[test]
fn the_fifth_and_the_tenth_wrong_password_start_their_waits() {
    let mut host = registered();
    for _ in 0..4 {
        assert_eq!(wrong(&mut host), (20010, 0));
    }
    assert_eq!(wrong(&mut host), (20011, 30));
    for _ in 6..=9 {
        host.now += 30 * SECOND;
        assert_eq!(wrong(&mut host), (20011, 30));
    }
    host.now += 30 * SECOND;
    assert_eq!(wrong(&mut host), (20012, 300));
    host.now += 299 * SECOND;
    assert_eq!(code(&host.login(LOGIN)), Some(ErrorCode::WrongPasswordTenTimes), "still waiting");
    host.now += SECOND;
    host.login(LOGIN).unwrap();
    // The count begins anew.
    assert_eq!(wrong(&mut host), (20010, 0));
}

#[test]
fn an_attempt_during_a_wait_is_answered_at_once_and_not_tried() {
    let mut host = registered();
    for _ in 0..5 {
        wrong(&mut host);
    }
    host.now += 10 * SECOND;
    let login = json!({"password": LOGIN, "loginType": "text"});
    let call = host.begin("login", "exportLogin", login);
    assert!(host.derivations.is_empty());
    let refused = host.answer(call).unwrap().unwrap_err();
    assert_eq!((refused.code.number(), &refused.data["seconds"]), (20011, &json!(20)));
    // Another process on the same files waits as well.
    host.restart();
    assert_eq!(wrong(&mut host), (20011, 20));
    host.now += 20 * SECOND;
    host.login(LOGIN).unwrap();
}

#[test]
fn an_attempt_is_on_the_disk_before_it_is_tried() {
    let mut host = registered();
    for _ in 0..5 {
        let params = json!({"password": WRONG, "loginType": "text"});
        let input = host.input("login", "exportLogin", params);
        let outcome = host.step(input).unwrap();
        assert!(matches!(outcome.files[..], [FileChange::Keys(_)]), "{outcome:?}");
        assert!(matches!(outcome.effects[..], [Effect::Derive { .. }]), "{outcome:?}");
        let before = host.files.keys.clone();
        host.write_files(outcome.files);
        assert!(host.files.keys != before);
        // The process is killed while the password is being tried.
        host.restart();
    }
    assert_eq!(wrong(&mut host), (20011, 30));
}

#[test]
fn what_cannot_be_a_password_counts_like_any_wrong_one() {
    let mut host = registered();
    for _ in 0..4 {
        assert_eq!(code(&host.login("x")), Some(ErrorCode::WrongPassword));
    }
    assert_eq!(wrong(&mut host), (20011, 30));
}

#[test]
fn the_two_locks_count_apart() {
    let mut host = registered();
    host.login(LOGIN).unwrap();
    for _ in 0..4 {
        let refused = host.refused("login", "exportMnemonic", json!({"password": LOGIN}));
        assert_eq!(refused.0, 20010);
    }
    let refused = host.refused("login", "exportMnemonic", json!({"password": LOGIN}));
    assert_eq!(refused, (20011, json!({"seconds": 30})));
    assert_eq!(wrong(&mut host), (20010, 0));
    host.login(LOGIN).unwrap();
    host.now += 30 * SECOND;
    host.call("login", "exportMnemonic", json!({"password": WALLET})).unwrap();
    let refused = host.refused("login", "exportMnemonic", json!({"password": LOGIN}));
    assert_eq!(refused.0, 20010, "the right one ended the count");
}

#[test]
fn a_second_login_disturbs_nobody_and_a_wrong_one_signs_nobody_out() {
    let mut host = Host::signed_in();
    host.login(LOGIN).unwrap();
    assert_eq!(wrong(&mut host), (20010, 0));
    assert!(host.core.is_signed_in());
    assert!(host.closed.is_empty());
}

#[test]
fn only_so_many_passwords_are_tried_at_once() {
    let mut host = registered();
    let params = json!({"password": LOGIN, "loginType": "text"});
    for _ in 0..JOBS {
        // Past every wait, so that each of them is tried.
        host.now += 300 * SECOND;
        host.begin("login", "exportLogin", params.clone());
    }
    assert_eq!(host.derivations.len(), JOBS);
    host.now += 300 * SECOND;
    let input = host.input("login", "exportLogin", params);
    let outcome = host.step(input).unwrap();
    assert!(outcome.files.is_empty() && outcome.batch.is_empty());
    let [Effect::Answer { answer, .. }] = &outcome.effects[..] else { panic!("{outcome:?}") };
    assert_eq!(code(answer), Some(ErrorCode::RateLimited));
    host.derive();
    assert!(host.core.is_signed_in());
    host.login(LOGIN).unwrap();
}

#[test]
fn nothing_that_is_shown_holds_a_password() {
    let mut host = Host::new();
    let register = json!({"imPwd": LOGIN, "walletPwd": WALLET, "type": "text"});
    let mut shown = String::new();
    for (method, params) in
        [("register", register), ("exportLogin", json!({"password": LOGIN, "loginType": "text"}))]
    {
        let input = host.input("login", method, params);
        shown += &format!("{input:?}");
        let outcome = host.step(input).unwrap();
        shown += &format!("{outcome:?} {:?}", host.core);
        host.publish(outcome);
        host.derive();
        shown += &format!("{:?}", host.core);
    }
    assert!(host.core.is_signed_in());
    assert!(shown.contains("Derive"), "{shown}");
    assert!(!shown.contains(LOGIN) && !shown.contains(WALLET), "{shown}");
}
