//! Each fault has its documented code and says where it is.

use super::{BadParams, decode};
use crate::{
    address::Address,
    api::{
        ErrorCode,
        field::{
            AddressOrGroup, Bit, JsonObject, JsonText, MaybeSecret, NonEmptyText, OneOrGroup,
            PageSize, Secret, Text,
        },
    },
    limits,
};
use proptest::prelude::*;
use serde::{Deserialize, de};
use serde_json::{Value, json};

#[derive(Debug, PartialEq, Deserialize)]
struct Inner {
    text: Text<5>,
    bit: Option<Bit>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Outer {
    name: NonEmptyText<8>,
    conversation_type: OneOrGroup,
    size: Option<PageSize>,
    items: Option<Vec<Inner>>,
    one: Option<Inner>,
    json: Option<JsonText>,
    flag: Option<bool>,
    byte: Option<u8>,
    who: Option<AddressOrGroup>,
}

fn with(key: &str, value: Value) -> Result<Outer, BadParams> {
    let mut params = json!({ "name": "n", "conversationType": 0, "unknown": [1, { "x": null }] });
    params[key] = value;
    decode(params)
}

fn fault(key: &str, value: Value) -> (u16, String) {
    let bad = with(key, value).unwrap_err();
    (bad.code.number(), bad.field.unwrap_or_default())
}

fn at(code: u16, field: &str) -> (u16, String) {
    (code, field.to_owned())
}

#[test]
fn what_is_missing_is_1000() {
    let bad = decode::<Outer>(json!({ "name": "n" })).unwrap_err();
    assert_eq!((bad.code, bad.field.as_deref()), (ErrorCode::Missing, Some("conversationType")));
    assert_eq!(bad.to_string(), "conversationType: is required");
    assert_eq!(fault("name", Value::Null), at(1000, "name"));
    assert_eq!(fault("items", json!([{ "text": "a" }, {}])), at(1000, "items[1].text"));
    assert_eq!(fault("one", json!({ "text": null })), at(1000, "one.text"));
    assert_eq!(decode::<Outer>(Value::Null).unwrap_err().code, ErrorCode::Missing);
    #[derive(Debug, Deserialize)]
    struct Held {
        #[expect(dead_code, reason = "only whether it decodes is asked")]
        text: Option<JsonText>,
        #[expect(dead_code, reason = "only whether it decodes is asked")]
        object: JsonObject,
    }
    let bad = decode::<Held>(json!({ "object": null })).unwrap_err();
    assert_eq!((bad.code, bad.field.as_deref()), (ErrorCode::Missing, Some("object")));
    let bad = decode::<Held>(json!({ "object": {}, "text": 7 })).unwrap_err();
    assert_eq!((bad.code, bad.field.as_deref()), (ErrorCode::WrongType, Some("text")));
    assert_eq!(with("flag", Value::Null).unwrap().flag, None);
}

#[test]
fn empty_text_is_1001_where_it_means_nothing() {
    assert_eq!(fault("name", json!("")), at(1001, "name"));
    assert_eq!(fault("who", json!("")), at(1001, "who"));
    assert_eq!(decode::<Secret>(json!("")).unwrap_err().code, ErrorCode::EmptyText);
    assert_eq!(decode::<Address>(json!("")).unwrap_err().code, ErrorCode::EmptyText);
    assert!(with("one", json!({ "text": "" })).is_ok());
    assert_eq!(decode::<MaybeSecret>(json!("")).unwrap().get(), None);
    let word: MaybeSecret = decode(json!("芝麻开门")).unwrap();
    assert_eq!(word.get().unwrap().expose(), "芝麻开门");
    assert_eq!(serde_json::to_value(&word).unwrap(), json!("芝麻开门"));
}

#[test]
fn another_type_is_1002() {
    assert_eq!(fault("name", json!(7)), at(1002, "name"));
    assert_eq!(
        with("name", json!(7)).unwrap_err().to_string(),
        "name: must be a text, not a number"
    );
    for wrong in
        [json!(true), json!("two"), json!("+2"), json!("2.0"), json!(""), json!(2.5), json!([])]
    {
        assert_eq!(
            fault("conversationType", wrong.clone()),
            at(1002, "conversationType"),
            "{wrong}"
        );
    }
    assert_eq!(fault("flag", json!(1)), at(1002, "flag"));
    assert_eq!(fault("one", json!("not json")), at(1002, "one"));
    assert_eq!(fault("one", json!("[]")), at(1002, "one"));
    assert_eq!(fault("items", json!({})), at(1002, "items"));
    assert_eq!(fault("items", json!([7])), at(1002, "items[0]"));
    assert_eq!(fault("json", json!(7)), at(1002, "json"));
    assert_eq!(decode::<Outer>(json!([])).unwrap_err().code, ErrorCode::WrongType);
}

#[test]
fn a_value_outside_its_range_is_1004() {
    assert_eq!(fault("conversationType", json!(2)), at(1004, "conversationType"));
    assert_eq!(fault("size", json!(0)), at(1004, "size"));
    assert_eq!(fault("size", json!(1001)), at(1004, "size"));
    assert_eq!(fault("byte", json!(256)), at(1004, "byte"));
    assert_eq!(fault("byte", json!(-1)), at(1004, "byte"));
    assert_eq!(fault("one", json!({ "text": "", "bit": 2 })), at(1004, "one.bit"));
}

#[test]
fn other_faults_are_600_and_repetition_and_emptiness_have_their_codes() {
    assert_eq!(fault("name", json!("123456789")), at(600, "name"));
    assert_eq!(fault("who", json!("0OIl")), at(600, "who"));
    assert_eq!(decode::<Address>(json!("0OIl")).unwrap_err().code, ErrorCode::BadParameter);
    let empty = <BadParams as de::Error>::invalid_length(0, &"a list");
    let twice = <BadParams as de::Error>::duplicate_field("member");
    assert_eq!((empty.code, twice.code), (ErrorCode::EmptyArray, ErrorCode::Duplicate));
}

#[test]
fn integers_come_as_integral_texts_and_floats() {
    for one in [json!(1), json!("1"), json!(1.0)] {
        assert_eq!(with("conversationType", one).unwrap().conversation_type, OneOrGroup::Group);
    }
    assert_eq!(decode::<i64>(json!("-9")).unwrap(), -9);
    assert_eq!(decode::<u64>(json!(u64::MAX)).unwrap(), u64::MAX);
    assert!(decode::<i64>(json!(1e300)).is_err());
}

#[test]
fn an_object_may_come_as_json_and_the_reverse() {
    let inner = || Inner { text: Text::new("a").unwrap(), bit: Some(Bit(true)) };
    assert_eq!(with("one", json!(r#"{"text":"a","bit":1}"#)).unwrap().one, Some(inner()));
    assert_eq!(
        with("items", json!(r#"[{"text":"a","bit":1}]"#)).unwrap().items,
        Some(vec![inner()])
    );
    assert_eq!(fault("one", json!(r#"{"text":7}"#)), at(1002, "one.text"));
    assert_eq!(&*with("json", json!({ "a": [1] })).unwrap().json.unwrap(), r#"{"a":[1]}"#);
    assert_eq!(&*with("json", json!("{ }")).unwrap().json.unwrap(), "{ }");
}

#[test]
fn nesting_is_bounded_inside_texts_too() {
    let nest = |levels: usize| (0..levels).fold(json!(1), |inner, _| json!([inner]));
    assert!(decode::<Value>(nest(limits::API_NESTING)).is_ok());
    assert!(decode::<Value>(nest(limits::API_NESTING + 1)).is_err());
    let text = |levels| Value::String(json!({ "text": "", "x": nest(levels) }).to_string());
    assert!(with("one", text(limits::API_NESTING - 2)).is_ok());
    assert_eq!(fault("one", text(limits::API_NESTING)), at(600, "one"));
    assert_eq!(fault("one", text(10_000)).0, 1002);
}

#[test]
fn a_message_never_repeats_a_value() {
    for value in [json!("0OIl-secret"), json!(["secret"]), json!({ "secret": 1 })] {
        for key in ["name", "conversationType", "who", "flag", "items", "one"] {
            let bad = with(key, value.clone()).unwrap_err().to_string();
            assert!(!bad.contains("secret"), "{bad}");
        }
    }
    assert_eq!(format!("{:?}", decode::<Secret>(json!("hunter2")).unwrap()), "Secret(…)");
    let maybe: MaybeSecret = decode(json!("hunter2")).unwrap();
    assert_eq!(format!("{maybe:?}"), "MaybeSecret(Some(Secret(…)))");
}

proptest! {
    #[test]
    fn every_path_names_a_field_that_exists(index in 0_usize..5) {
        let items: Vec<_> = (0..5).map(|i| json!({ "text": if i == index { json!(1) } else { json!("") } })).collect();
        prop_assert_eq!(fault("items", json!(items)), at(1002, &format!("items[{index}].text")));
    }
}
