//! Fields of the node's answers, read leniently: a caller may get more than is documented.

use crate::{error::Error, output::visible};
use serde_json::Value;

/// Returns a text field, or "" where it is absent or no text.
pub(crate) fn text<'a>(row: &'a Value, key: &str) -> &'a str {
    row.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// Returns an integer field, also where it is spelled as text; 0 where it is absent.
pub(crate) fn number(row: &Value, key: &str) -> i64 {
    match row.get(key) {
        Some(Value::Number(number)) => number.as_i64().unwrap_or_default(),
        Some(Value::String(digits)) => digits.parse().unwrap_or_default(),
        _ => 0,
    }
}

/// Returns the first of the fields that is not empty, fit for a terminal.
pub(crate) fn first(row: &Value, keys: &[&str]) -> String {
    visible(keys.iter().map(|key| text(row, key)).find(|value| !value.is_empty()).unwrap_or("-"))
}

/// Turns the `status: false` by which some methods say no into a failure.
pub(crate) fn said_yes(data: &Value, otherwise: &str) -> Result<(), Error> {
    match data.get("status") {
        Some(Value::Bool(false)) => Err(Error::Failed(otherwise.into())),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn absent_and_odd_fields_read_as_nothing() {
        let row = json!({"a": "x\u{7}", "n": 3, "s": "4", "b": true, "e": ""});
        assert_eq!((text(&row, "a"), text(&row, "n"), text(&row, "?")), ("x\u{7}", "", ""));
        assert_eq!((number(&row, "n"), number(&row, "s"), number(&row, "b")), (3, 4, 0));
        assert_eq!(first(&row, &["e", "a"]), "x\\u{7}");
        assert_eq!(first(&row, &["e"]), "-");
    }

    #[test]
    fn only_a_plain_no_is_a_no() {
        assert!(said_yes(&json!({"status": false}), "no").is_err());
        for yes in [json!({"status": true}), json!({}), json!(null), json!([])] {
            assert!(said_yes(&yes, "no").is_ok());
        }
    }
}
