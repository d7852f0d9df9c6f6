//! Making the account, and what a crash in the middle of it leaves.

use super::host::{Host, LOGIN, WALLET, code};
use crate::core::{Input, Register};
use magpie_protocol::api::ErrorCode;
use magpie_wallet::{kdf::Password, mnemonic::Entropy};
use serde_json::json;

const WORDS: &str = "legal winner thank year wave sausage worth useful legal winner thank yellow";
const ADDRESS: &str = "8SscZXfok3FdFTTKS2Rr8ECVgQKoutdcPNfLwvTPDc2z";

fn password(text: &str) -> Password {
    Password::new(text.into()).unwrap()
}

#[test]
fn an_account_is_made_opened_and_shown() {
    let mut host = Host::new();
    assert_eq!(host.register(), Ok(json!([])));
    assert!(host.core.is_registered() && !host.core.is_signed_in());
    assert_eq!(host.login(LOGIN), Ok(json!({"value": -2})));
    let me = host.profile();
    assert_eq!(me["created_time"], json!(host.now));
    assert_eq!(me["u_id"], me["u_nd_add"]);
    assert_eq!(me["c_pub_curve"].as_str().unwrap().len(), 64);
    let words = host.call("login", "exportMnemonic", json!({"password": WALLET})).unwrap();
    let entropy = Entropy::parse(words["mnemonic"].as_str().unwrap()).unwrap();
    assert_eq!(entropy.keys().address().to_string(), me["u_nd_add"]);

    host.restart();
    assert!(host.core.is_registered() && !host.core.is_signed_in());
    host.login(LOGIN).unwrap();
    assert_eq!(host.profile(), me);
}

#[test]
fn a_mnemonic_brings_its_account() {
    let mut host = Host::new();
    let call = host.next_call();
    let entropy = Some(Entropy::parse(WORDS).unwrap());
    let passwords = Some((password(LOGIN), password(WALLET)));
    host.put(Input::Register(Register { call, entropy, passwords }));
    host.derive();
    assert_eq!(host.answer(call), Some(Ok(json!([]))));
    host.login(LOGIN).unwrap();
    assert_eq!(host.profile()["u_nd_add"], ADDRESS);
}

#[test]
fn there_is_one_account_and_one_registration_at_a_time() {
    let mut host = Host::new();
    let params = json!({"imPwd": LOGIN, "walletPwd": WALLET, "type": "text"});
    let first = host.begin("login", "register", params.clone());
    assert_eq!(host.refused("login", "register", params.clone()).0, 20014);
    assert_eq!(host.answer(first), Some(Ok(json!([]))));
    let before = host.files.keys.clone();
    for params in [params, json!({"type": "text"})] {
        assert_eq!(host.refused("login", "register", params).0, 20014);
    }
    let call = host.next_call();
    host.put(Input::Register(Register { call, entropy: None, passwords: None }));
    assert_eq!(code(&host.answer(call).unwrap()), Some(ErrorCode::PasswordExists));
    assert_eq!((host.files.keys == before, &host.files.fast), (true, &None));
    host.login(LOGIN).unwrap();
}

#[test]
fn passwords_come_in_pairs_and_in_bounds() {
    let mut host = Host::new();
    for (params, want) in [
        (json!({"imPwd": LOGIN}), 1000),
        (json!({"walletPwd": WALLET}), 1000),
        (json!({"imPwd": "12345", "walletPwd": WALLET}), ErrorCode::PasswordFormat.number()),
        (json!({"imPwd": LOGIN, "walletPwd": "x".repeat(129)}), ErrorCode::PasswordFormat.number()),
    ] {
        let mut params = params;
        params["type"] = "text".into();
        let input = host.input("login", "register", params.clone());
        let outcome = host.step(input).unwrap();
        assert!(outcome.files.is_empty() && outcome.batch.is_empty(), "{params}");
        assert_eq!(host.refused("login", "register", params).0, want);
    }
    assert!(!host.core.is_registered());
    assert_eq!(host.login(LOGIN).unwrap_err().code, ErrorCode::NotRegistered);
}

#[test]
fn a_crash_between_the_files_and_the_store_leaves_a_node_without_account() {
    let mut host = Host::new();
    let params = json!({"imPwd": LOGIN, "walletPwd": WALLET, "type": "text"});
    host.begin("login", "register", params);
    // The login key comes back, then the wallet key, whose outcome is the account.
    for _ in 0..2 {
        let outcome = host.derived_once();
        host.write_files(outcome.files);
        if host.files.keys.is_none() {
            host.carry_out(outcome.effects);
        }
    }
    assert!(host.files.keys.is_some(), "the slots were written");
    host.restart();
    assert!(!host.core.is_registered());
    assert_eq!(host.login(LOGIN).unwrap_err().code, ErrorCode::NotRegistered);
    host.register().unwrap();
    host.restart();
    host.login(LOGIN).unwrap();
}

#[test]
fn a_registration_that_is_interrupted_while_a_key_is_made_left_nothing() {
    let mut host = Host::new();
    let params = json!({"imPwd": LOGIN, "walletPwd": WALLET, "type": "text"});
    host.begin("login", "register", params);
    host.restart();
    assert!(host.files.keys.is_none());
    host.register().unwrap();
    host.login(LOGIN).unwrap();
}

#[test]
fn an_anonymous_account_opens_without_a_password() {
    let mut host = Host::new();
    host.call("login", "register", json!({"type": "text"})).unwrap();
    assert!(host.files.fast.is_some());
    host.restart();
    host.call("login", "exportLogin", json!({"loginType": "text"})).unwrap();
    let me = host.profile();
    let words = host.call("login", "exportMnemonic", json!({"password": "any at all"})).unwrap();
    let entropy = Entropy::parse(words["mnemonic"].as_str().unwrap()).unwrap();
    assert_eq!(entropy.keys().address().to_string(), me["u_nd_add"]);
    // No password opens it either.
    host.call("login", "exportLogout", json!({})).unwrap();
    assert_eq!(host.refused("login", "exportLogin", json!({"password": LOGIN})).0, 20010);
}

#[test]
fn a_fast_login_that_a_crash_left_does_not_outlive_the_next_registration() {
    let mut host = Host::new();
    let input = host.input("login", "register", json!({"type": "text"}));
    let outcome = host.step(input).unwrap();
    host.write_files(outcome.files);
    host.restart();
    assert!(host.files.fast.is_some() && !host.core.is_registered());
    host.register().unwrap();
    assert!(host.files.fast.is_none());
    host.restart();
    assert_eq!(host.refused("login", "exportLogin", json!({"loginType": "text"})).0, 1000);
    host.login(LOGIN).unwrap();
}
