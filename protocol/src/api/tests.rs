//! The contract against the documents' tables and examples, and against whatever else comes.

use super::{
    CONTRACT, ErrorCode, MethodInfo,
    catalog::check,
    contract::{Auth, SchemaOf, Scope},
};
use crate::limits;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The document's request examples of these methods, and ours of those that it does not have.
const EXAMPLES: &str = include_str!("../../vectors/api-examples.json");
/// The document's tables of these methods, with contradictions settled; then the older document's
/// (`wallet`, `redpacket`, `remittance`), with ids as the texts they are here, and our own
/// (`ledger`).
const FIELDS: &str = include_str!("../../vectors/api-fields.json");
/// One line a method: who may call it. Change it together with the tables, and with care.
const SNAPSHOT: &str = include_str!("../../vectors/api-catalog.txt");

fn vectors(text: &str) -> Vec<Value> {
    serde_json::from_str(text).unwrap()
}

/// The document's examples, with an address of ours in place of every one of another network: the
/// document's addresses are 32 bytes too, but not all are keys.
fn examples() -> Vec<Value> {
    fn ours(value: &mut Value) {
        match value {
            Value::String(text)
                if bs58::decode(text.trim()).into_vec().is_ok_and(|bytes| bytes.len() == 32) =>
            {
                // Spaces around it stay as they are.
                *text = text.replace(text.trim(), "GmaDrppBC7P5ARKV8g3djiwP89vz1jLK23V2GBjuAEGB");
            }
            Value::Array(items) => items.iter_mut().for_each(ours),
            Value::Object(members) => members.values_mut().for_each(ours),
            _ => {}
        }
    }
    let mut rows = vectors(EXAMPLES);
    rows.iter_mut().for_each(ours);
    rows
}

fn name(row: &Value) -> (&str, &str) {
    (row["module"].as_str().unwrap(), row["method"].as_str().unwrap())
}

fn methods() -> impl Iterator<Item = &'static MethodInfo> {
    CONTRACT.iter().copied().flatten()
}

fn info((module, method): (&str, &str)) -> &'static MethodInfo {
    methods().find(|m| m.module == module && m.method == method).unwrap()
}

fn code_of((module, method): (&str, &str), params: Value) -> u16 {
    match check(module, method, params).expect("the method exists") {
        Ok(()) => 200,
        Err(bad) => bad.code.number(),
    }
}

/// Follows references and optionality to the schema that says what a value is.
fn resolved(mut schema: Value, all: &[(String, Value)]) -> Value {
    loop {
        let parts = schema.get("oneOf").or(schema.get("allOf")).and_then(Value::as_array);
        if let Some(parts) = parts {
            let some = parts.iter().find(|part| part["type"] != "null").unwrap().clone();
            schema = some;
        } else if let Some(path) = schema.get("$ref").and_then(Value::as_str) {
            let wanted = path.rsplit('/').next().unwrap();
            schema = all.iter().find(|(name, _)| name == wanted).expect(path).1.clone();
        } else {
            return schema;
        }
    }
}

fn schema(of: SchemaOf) -> (Value, Vec<(String, Value)>) {
    let mut all = Vec::new();
    let root = serde_json::to_value(of(&mut all)).unwrap();
    let all: Vec<_> = all.into_iter().map(|(n, s)| (n, serde_json::to_value(s).unwrap())).collect();
    (resolved(root, &all), all)
}

/// Whether a schema's type is the document's word for it; a JSON text may stand for an object.
fn is_of_type(schema: &Value, documented: &str) -> bool {
    let kinds: Vec<&str> = match &schema["type"] {
        Value::String(kind) => vec![kind],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => vec![],
    };
    let wanted = match documented {
        "int" => "integer",
        "double" => "number",
        other => other,
    };
    kinds.contains(&wanted)
}

#[test]
fn every_documented_example_decodes() {
    for row in examples() {
        let (module, method) = name(&row);
        let result = check(module, method, row["params"].clone()).expect("the method exists");
        assert_eq!(result, Ok(()), "{module}.{method}");
    }
}

#[test]
fn every_documented_field_is_in_the_contract_with_its_type() {
    for row in vectors(FIELDS) {
        let info = info(name(&row));
        let (request, all) = schema(info.request_schema);
        for (field, about) in row["request"].as_object().unwrap() {
            let found = resolved(request["properties"][field].clone(), &all);
            let kind = about["type"].as_str().unwrap();
            assert!(is_of_type(&found, kind), "{info:?}: {field} is {kind}, not {found}");
            for (member, about) in about["members"].as_object().into_iter().flatten() {
                let item = resolved(found["items"].clone(), &all);
                let inner = resolved(item["properties"][member].clone(), &all);
                let kind = about["type"].as_str().unwrap();
                assert!(is_of_type(&inner, kind), "{info:?}: {field}.{member}: {inner}");
            }
        }
        let (mut data, all) = schema(info.response_schema);
        assert!(is_of_type(&data, row["data"].as_str().unwrap()), "{info:?}: data is {data}");
        if data["type"] == "array" {
            data = resolved(data["items"].clone(), &all);
        }
        for (field, kind) in row["members"].as_object().unwrap() {
            let found = resolved(data["properties"][field].clone(), &all);
            let kind = kind.as_str().unwrap();
            assert!(is_of_type(&found, kind), "{info:?}: answers {field}: {kind}, not {found}");
        }
    }
}

#[test]
fn funding_and_claiming_answer_with_all_that_the_card_of_it_is_made_of() {
    let rows = vectors(FIELDS);
    for (send, answers) in [
        (
            "sendRedPacketMessage",
            [
                "groupOrdinaryInsertRedEnvelope",
                "groupFortuneInsertRedEnvelope",
                "groupReceiveEnvelope",
            ]
            .as_slice(),
        ),
        ("sendTransferMessage", &["insertTransfer", "receiveTransfer"]),
    ] {
        let row = rows.iter().find(|row| name(row).1 == send).unwrap();
        for method in answers {
            let row_of_method = rows.iter().find(|row| name(row).1 == *method).unwrap();
            let (data, all) = schema(info(name(row_of_method)).response_schema);
            for (field, kind) in row["content"].as_object().unwrap() {
                let found = resolved(data["properties"][field].clone(), &all);
                let kind = kind.as_str().unwrap();
                assert!(is_of_type(&found, kind), "{method} answers {field}: {kind}, not {found}");
            }
        }
    }
}

#[test]
fn what_is_required_is_missed_and_what_has_another_type_is_refused() {
    for (row, example) in vectors(FIELDS).iter().zip(examples()) {
        assert_eq!(name(row), name(&example));
        for (field, about) in row["request"].as_object().unwrap() {
            let required = about["required"] == true;
            let mut params = example["params"].clone();
            params[field] = Value::Null;
            let want = if required { 1000 } else { 200 };
            assert_eq!(code_of(name(row), params.clone()), want, "{:?}: {field} null", name(row));
            params.as_object_mut().unwrap().remove(field);
            assert_eq!(code_of(name(row), params.clone()), want, "{:?}: no {field}", name(row));
            let wrong = if about["type"] == "boolean" { json!(7) } else { json!(true) };
            params[field] = wrong;
            assert_eq!(code_of(name(row), params), 1002, "{:?}: {field} wrong", name(row));
        }
    }
}

#[test]
fn documented_causes_have_their_codes_in_the_methods_that_people_use() {
    let rows = examples();
    let code = |method: &str, field: &str, value: Value| {
        let row = rows.iter().find(|row| name(row).1 == method).unwrap();
        let mut params = row["params"].clone();
        params[field] = value;
        code_of(name(row), params)
    };
    let address = "GmaDrppBC7P5ARKV8g3djiwP89vz1jLK23V2GBjuAEGB";
    let person = json!({ "cNdAdd": address });
    for (want, method, field, value) in [
        (200, "sendTextMessage", "conversationType", json!("1")),
        (1004, "sendTextMessage", "conversationType", json!(2)),
        (1004, "recallMessageById", "conversationType", json!(0)),
        (200, "recallMessageById", "conversationType", json!(2)),
        (1002, "sendTextMessage", "text", json!(7)),
        (200, "sendTextMessage", "text", json!("你".repeat(10_000))),
        (600, "sendTextMessage", "text", json!("你".repeat(10_001))),
        (600, "sendTextMessage", "cnd", json!("no address")),
        (1001, "addFriend", "nodeId", json!("")),
        (600, "addFriend", "nodeId", json!("0OIl")),
        (1004, "register", "type", json!("retina")),
        (1001, "exportLogin", "password", json!("")),
        (1004, "getMessagesByConversationId", "orderBy", json!("UP")),
        (1004, "getMessagesByConversationId", "pageSize", json!(1_001)),
        (1004, "getMessagesByConversationId", "startTime", json!(-2)),
        (1005, "getMessageByIds", "messageIds", json!([])),
        (1003, "getMessageByIds", "messageIds", json!(["a", "a"])),
        (1001, "getMessageByIds", "messageIds", json!(["a", ""])),
        (600, "getMessageByIds", "messageIds", (0..1_001).map(|i| i.to_string()).collect()),
        (200, "createGroup", "itemList", json!([])),
        (200, "createGroup", "itemList", json!([person])),
        (200, "createGroup", "itemList", json!(json!([person]).to_string())),
        (1003, "createGroup", "itemList", json!([person, person])),
        (1000, "createGroup", "itemList", json!([{ "cNic": "nobody" }])),
        (1004, "updateGroupInfo", "type", json!(7)),
        (1004, "updateGroupWithAdmins", "type", json!(1)),
    ] {
        let shown: String = value.to_string().chars().take(60).collect();
        assert_eq!(code(method, field, value), want, "{method}: {field} = {shown}");
    }
    let uid = "ab".repeat(32);
    for (want, method, field, value) in [
        (200, "groupOrdinaryInsertRedEnvelope", "count", json!(3)),
        (200, "groupOrdinaryInsertRedEnvelope", "gId", json!(uid)),
        (200, "groupFortuneInsertRedEnvelope", "gId", json!("no group")),
        (1001, "groupFortuneInsertRedEnvelope", "gId", json!("")),
        (200, "groupFortuneInsertRedEnvelope", "amount", json!(u64::MAX)),
        (200, "groupFortuneInsertRedEnvelope", "count", json!(100_000)),
        (1004, "groupFortuneInsertRedEnvelope", "count", json!(-1)),
        (1004, "groupFortuneInsertRedEnvelope", "amount", json!(-1)),
        (1002, "groupFortuneInsertRedEnvelope", "amount", json!(0.5)),
        (1004, "groupFortuneInsertRedEnvelope", "gas", json!(-1)),
        (1004, "groupFortuneInsertRedEnvelope", "cover", json!(3)),
        (1001, "groupFortuneInsertRedEnvelope", "password", json!("")),
        (600, "groupFortuneInsertRedEnvelope", "srcAddress", json!("0OIl")),
        (1001, "groupFortuneInsertRedEnvelope", "srcAddress", json!("  ")),
        (600, "groupFortuneInsertRedEnvelope", "remark", json!("你".repeat(257))),
        (200, "groupReceiveEnvelope", "groupPassword", json!("")),
        (200, "groupReceiveEnvelope", "gId", json!(uid)),
        (200, "groupReceiveEnvelope", "message", json!({ "uid": uid })),
        (200, "groupReceiveEnvelope", "message", json!("no JSON")),
        (1002, "groupReceiveEnvelope", "message", json!([])),
        (200, "receiveTransfer", "password", json!("")),
        (600, "receiveTransfer", "password", json!("x".repeat(10_000))),
        (200, "sendRedPacketMessage", "content", json!({ "uid": uid })),
        (1004, "sendRedPacketMessage", "conversationType", json!(2)),
        (1002, "sendTransferMessage", "content", json!(7)),
        (1001, "sendReceivedTransferMessage", "msgId", json!("")),
        (1001, "exportChangeWalletPwd", "newPwd", json!("")),
        (200, "detail", "redPacketId", json!("no uid")),
        (1001, "detail", "redPacketId", json!("")),
        (1004, "records", "count", json!(1_001)),
        (1004, "records", "page", json!(0)),
        (1001, "submit", "entry", json!("")),
        (600, "submit", "entry", json!("0x01")),
        (600, "submit", "entry", json!("01".repeat(limits::ENTRY))),
        (600, "submit", "entry", json!("01".repeat(limits::ENTRY + 1))),
        (600, "issuer", "key", json!("ab")),
        (1004, "header", "height", json!(-1)),
    ] {
        let shown: String = value.to_string().chars().take(60).collect();
        assert_eq!(code(method, field, value), want, "{method}: {field} = {shown}");
    }
    let either = code_of(("socketEvent", "addReceive"), json!({ "id": "a", "identifier": "b" }));
    assert_eq!((either, code_of(("socketEvent", "addReceive"), json!({ "id": "a" }))), (200, 200));
}

#[test]
fn every_call_that_moves_money_of_this_account_takes_a_key_for_its_repetition() {
    let key = "__IDEMPOTENCY_KEY";
    let longest = "k".repeat(limits::IDEMPOTENCY_KEY_CHARS);
    // An entry that was signed elsewhere is its own key, and sending a card moves nothing twice.
    let exempt = ["submit", "sendRedPacketMessage"];
    for info in methods().filter(|m| m.scope == Scope::Wallet && !exempt.contains(&m.method)) {
        let example = examples().into_iter().find(|row| name(row) == (info.module, info.method));
        let code = |value: Value| {
            let mut params = example.as_ref().unwrap()["params"].clone();
            params[key] = value;
            code_of((info.module, info.method), params)
        };
        assert!(schema(info.request_schema).0["properties"][key].is_object(), "{info:?}");
        for (want, value) in [
            (200, Value::Null),
            (200, json!("一")),
            (200, json!(longest)),
            (600, json!(format!("{longest}k"))),
            (1001, json!("")),
            (1002, json!(7)),
        ] {
            assert_eq!(code(value.clone()), want, "{info:?}: {value}");
        }
    }
}

#[test]
fn names_are_unique_and_every_method_is_explained() {
    let names: BTreeSet<_> = methods().map(|m| (m.module, m.method)).collect();
    assert_eq!(names.len(), methods().count());
    assert!(methods().all(|m| m.doc.trim_end().ends_with('.')));
    let documented: BTreeSet<_> = vectors(FIELDS).iter().map(|r| name(r).1.to_owned()).collect();
    assert!(methods().all(|m| documented.contains(m.method)), "each is in the document");
}

#[test]
fn who_may_call_what_is_as_written_down() {
    let mut lines: Vec<String> = methods()
        .map(|m| {
            let open = if m.auth == Auth::Open { " open" } else { "" };
            let later = if m.later { " later" } else { "" };
            format!("{}.{} {}{open}{later}\n", m.module, m.method, m.scope.name())
        })
        .collect();
    lines.sort();
    assert_eq!(lines.concat(), SNAPSHOT);
}

#[test]
fn an_unknown_method_is_300_whatever_its_name() {
    let long = "x".repeat(1 << 20);
    let error = super::ApiError::unknown_method("chat", &long);
    assert_eq!(error.code, ErrorCode::NotImplemented);
    assert!(error.message.len() < 200);
    assert!(super::find("login", "noSuchMethod").is_none() && super::find("x", "init").is_none());
    assert!(super::find("login", "init").is_some());
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,50}".prop_map(Value::from),
        (0_i64..4).prop_map(Value::from),
        prop::sample::select(vec!["{}", "[]", "[{}]", "{\"id\":1}", "-1", "1", "ASC", "text"])
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map("[a-zA-Z_]{0,8}", inner.clone(), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
            inner.prop_map(|value| Value::String(value.to_string())),
        ]
    })
}

proptest! {
    #[test]
    fn any_json_is_a_request_or_a_documented_fault(junk in any_json(), pick: prop::sample::Index) {
        let documented = [200, 600, 1000, 1001, 1002, 1003, 1004, 1005];
        for row in examples() {
            prop_assert!(documented.contains(&code_of(name(&row), junk.clone())));
            let mut params = row["params"].clone();
            let keys: Vec<String> = params.as_object().unwrap().keys().cloned().collect();
            params[&keys[pick.index(keys.len())]] = junk.clone();
            prop_assert!(documented.contains(&code_of(name(&row), params)));
        }
    }
}
