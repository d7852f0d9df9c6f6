//! Finding the packet or transfer in what a caller sends back.

use crate::{
    api::{ApiError, ErrorCode},
    ledger::EntryId,
    limits::MONEY_UID_NESTING,
};
use serde_json::{Value, json};

/// Members in which content may lie, the nearest to it first: a message's row has `msg_cry`, whose
/// JSON has `text` in the document's examples; a call has `content` or `message`.
const WAYS: [&str; 4] = ["msg_cry", "content", "message", "text"];

/// Returns the id of the packet or transfer that `value` tells of: a message's row, its `msg_cry`,
/// or the content; each as an object or as a text that holds it.
///
/// `field` names the parameter in the error, which is 600 if there is no `uid`, or none that is
/// 64 hex digits.
pub fn uid_of(field: &str, value: &Value) -> Result<EntryId, ApiError> {
    let refused = |message: &str| {
        let message = format!("{field}: {message}");
        Err(ApiError { code: ErrorCode::BadParameter, message, data: json!({ "field": field }) })
    };
    match found(value, MONEY_UID_NESTING) {
        None => refused("must hold the uid of a packet or transfer"),
        Some(Value::String(uid)) => match uid.parse() {
            Ok(uid) => Ok(uid),
            Err(_) => refused("uid must be 64 hex digits"),
        },
        Some(_) => refused("uid must be a text"),
    }
}

/// Returns the nearest `uid` on one of the ways, at most `left` objects and texts away.
fn found(value: &Value, left: usize) -> Option<Value> {
    let left = left.checked_sub(1)?;
    match value {
        Value::String(text) => {
            let held: Value = serde_json::from_str(text).ok()?;
            held.is_object().then(|| found(&held, left)).flatten()
        }
        Value::Object(members) => match members.get("uid") {
            None | Some(Value::Null) => {
                WAYS.iter().filter_map(|way| members.get(*way)).find_map(|held| found(held, left))
            }
            Some(uid) => Some(uid.clone()),
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn uid() -> EntryId {
        EntryId([0xab; 32])
    }

    #[test]
    fn the_uid_is_found_in_a_row_its_msg_cry_and_the_content() {
        let content = json!({ "uid": uid(), "amount": 1 });
        let said = json!({ "text": content.to_string() });
        let ours = json!({ "type": 17, "content": content });
        for value in [
            content.clone(),
            json!(content.to_string()),
            said.clone(),
            json!(said.to_string()),
            ours.clone(),
            json!({ "msg_id": "1", "msg_cry": content.to_string() }),
            json!({ "msg_id": "1", "msg_cry": said.to_string() }),
            json!({ "msg_id": "1", "msg_cry": said }),
            json!(json!({ "msg_id": "1", "msg_cry": ours.to_string() }).to_string()),
            json!({ "uid": null, "content": content }),
            json!({ "msg_cry": "no JSON", "content": content }),
            json!({ "message": { "msg_cry": content.to_string() } }),
        ] {
            assert_eq!(uid_of("message", &value), Ok(uid()), "{value}");
        }
    }

    #[test]
    fn what_holds_no_uid_is_a_bad_parameter_that_names_the_field() {
        for (value, why) in [
            (json!({}), "must hold the uid"),
            (json!(""), "must hold the uid"),
            (json!([{ "uid": uid() }]), "must hold the uid"),
            (json!({ "other": { "uid": uid() } }), "must hold the uid"),
            (json!({ "uid": "xzcz" }), "uid must be 64 hex digits"),
            (json!({ "uid": "" }), "uid must be 64 hex digits"),
            (json!({ "uid": 7 }), "uid must be a text"),
        ] {
            let error = uid_of("message", &value).unwrap_err();
            assert_eq!(error.code, ErrorCode::BadParameter, "{value}");
            assert_eq!(error.data, json!({ "field": "message" }));
            assert!(error.message.starts_with(&format!("message: {why}")), "{value}: {error}");
        }
    }

    #[test]
    fn a_uid_that_lies_too_deep_is_not_looked_for() {
        let wrap = |times: usize| {
            (0..times).fold(json!({ "uid": uid() }), |held, _| json!({ "content": held }))
        };
        assert_eq!(uid_of("content", &wrap(MONEY_UID_NESTING - 1)), Ok(uid()));
        assert!(uid_of("content", &wrap(MONEY_UID_NESTING)).is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_a_uid_or_a_bad_parameter(text in ".{0,80}", way in 0..WAYS.len()) {
            for value in [json!(text), json!({ "uid": text }), json!({ WAYS[way]: text })] {
                if let Err(error) = uid_of("message", &value) {
                    prop_assert_eq!(error.code, ErrorCode::BadParameter);
                }
            }
        }
    }
}
