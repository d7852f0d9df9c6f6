//! Calls: who may make them, and that a refusal changes nothing.

use super::host::{Host, code};
use crate::core::{Call, Effect, Input, Scopes};
use magpie_protocol::api::{Auth, CATALOG, ErrorCode, Scope};
use magpie_storage::engine::Fault;
use serde_json::{Value, json};

#[test]
fn before_login_only_open_methods_answer() {
    let mut host = Host::new();
    for registered in [false, true] {
        for method in CATALOG.iter().copied().flatten() {
            let answer = host.call(method.module, method.method, json!({}));
            let locked = code(&answer) == Some(ErrorCode::NotLoggedIn);
            let name = (method.module, method.method, registered);
            assert_eq!(locked, method.auth == Auth::SignedIn, "{name:?}: {answer:?}");
        }
        if !registered {
            host.register().unwrap();
        }
    }
}

#[test]
fn a_token_does_only_what_its_scope_says() {
    let mut host = Host::signed_in();
    for method in CATALOG.iter().copied().flatten() {
        for scope in [Scope::Read, Scope::Chat, Scope::Wallet] {
            let id = host.next_call();
            let (module, name) = (method.module.to_owned(), method.method.to_owned());
            let params = json!({"nickname": "new"});
            let scopes = Scopes::from(scope);
            if scope == method.scope {
                continue;
            }
            let input = Input::Call(Call { id, module, method: name, params, scopes, key: None });
            let outcome = host.step(input).unwrap();
            assert!(outcome.batch.is_empty() && outcome.files.is_empty(), "{method:?}");
            let [Effect::Answer { answer, .. }] = &outcome.effects[..] else {
                panic!("{method:?}")
            };
            assert_eq!(code(answer), Some(ErrorCode::Failed), "{method:?} with {scope:?}");
        }
    }
}

#[test]
fn a_refused_call_changes_nothing() {
    let mut host = Host::signed_in();
    let before = host.profile();
    let update = |params: Value| ("user", "updateUserSingleInfo", params);
    for (module, method, params) in [
        update(json!({"nickname": ""})),
        update(json!({"nickname": 7})),
        update(json!({"nickname": "x".repeat(65)})),
        update(json!({"nickname": "new", "pfpId": "no number"})),
        update(json!({"nickname": "new", "mDomain": "alice.bird"})),
        update(json!([])),
        ("socketEvent", "addReceive", json!({})),
        ("socketEvent", "addReceive", json!({"id": "", "identifier": ""})),
        ("login", "register", json!({"type": "text"})),
        ("login", "exportLogin", json!({"password": 1})),
        ("login", "exportLogin", json!({"loginType": "text"})),
        ("login", "exportMnemonic", json!({})),
        ("chat", "noSuchMethod", json!({})),
        ("noSuchModule", "init", json!({})),
    ] {
        let input = host.input(module, method, params.clone());
        let outcome = host.step(input).unwrap();
        let name = format!("{module}.{method} {params}");
        assert!(outcome.batch.is_empty() && outcome.files.is_empty(), "{name}");
        let [Effect::Answer { answer: Err(error), .. }] = &outcome.effects[..] else {
            panic!("{name}: {outcome:?}")
        };
        let documented = [300, 600, 1000, 1001, 1002, 1004, 20014, 20041];
        let number = error.code.number();
        assert!(
            documented.contains(&number) || error.code == ErrorCode::Domain,
            "{name}: {number}"
        );
        host.publish(outcome);
    }
    assert_eq!(host.profile(), before);
    assert!(host.pushed.is_empty());
}

#[test]
fn a_profile_changes_field_by_field_and_survives() {
    let mut host = Host::signed_in();
    let first = host.profile();
    host.now += 5;
    let second = host.rename("早 \u{1F9E7}");
    assert_eq!(second["u_nick"], "早 \u{1F9E7}");
    assert_eq!(second["u_pfp_id"], first["u_pfp_id"]);
    assert_eq!(second["u_version"].as_u64(), first["u_version"].as_u64().map(|v| v + 1));
    assert_eq!(second["updated_time"], json!(host.now));
    // The same again is no change.
    let input = host.input("user", "updateUserSingleInfo", json!({"nickname": "早 \u{1F9E7}"}));
    assert!(host.step(input).unwrap().batch.is_empty());
    host.restart();
    host.login(super::host::LOGIN).unwrap();
    assert_eq!(host.profile(), second);
    let version = host.call("user", "getVersion", json!({})).unwrap();
    assert_eq!(version["userVersion"], second["u_version"]);
}

#[test]
fn after_logout_the_node_is_locked() {
    let mut host = Host::signed_in();
    assert_eq!(host.call("login", "exportLogout", json!({})), Ok(json!({"status": true})));
    assert_eq!(host.refused("user", "getUserSingleInfo", json!({})).0, 20061);
    assert_eq!(host.refused("login", "exportLogout", json!({})).0, 20061);
}

#[test]
fn a_store_that_fails_ends_the_node_and_nothing_is_published() {
    for module in ["read", "damage"] {
        let mut host = Host::signed_in();
        host.rename("before");
        if module == "read" {
            host.disk.inject(Fault::From(0));
        } else {
            host.disk.crash(0);
        }
        let input = host.input("user", "updateUserSingleInfo", json!({"nickname": "lost"}));
        let broken = host.step(input).unwrap_err();
        assert!(broken.to_string().starts_with("the store is broken"), "{broken}");
        host.restart();
        host.login(super::host::LOGIN).unwrap();
        assert_eq!(host.profile()["u_nick"], "before");
    }
}

#[test]
fn a_failed_commit_publishes_nothing_of_its_group() {
    let mut host = Host::signed_in();
    host.rename("before");
    let input = host.input("user", "updateUserSingleInfo", json!({"nickname": "lost"}));
    let outcome = host.step(input).unwrap();
    host.store.push(outcome.batch);
    host.disk.inject(Fault::From(0));
    assert!(host.store.commit().is_err());
    // The store stays closed to this process; the next one finds what was published.
    let input = host.input("user", "updateUserSingleInfo", json!({"nickname": "worse"}));
    assert!(host.step(input).is_err());
    host.restart();
    host.login(super::host::LOGIN).unwrap();
    assert_eq!(host.profile()["u_nick"], "before");
}

#[test]
fn steps_of_one_group_see_each_other_before_the_commit() {
    let mut host = Host::signed_in();
    for nickname in ["one", "two"] {
        let input = host.input("user", "updateUserSingleInfo", json!({"nickname": nickname}));
        let outcome = host.step(input).unwrap();
        host.store.push(outcome.batch);
    }
    let missed = host.missed(0);
    assert_eq!(missed.frames.len(), 2);
    host.store.commit().unwrap();
    host.restart();
    host.login(super::host::LOGIN).unwrap();
    assert_eq!(
        (&host.profile()["u_nick"], &host.profile()["u_version"]),
        (&json!("two"), &json!(3))
    );
}
