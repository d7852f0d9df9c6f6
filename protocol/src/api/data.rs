//! What a call answers with: JSON that is written once, by who has it, and read by who wants it.

use serde::{Deserialize, Serialize};
use serde_json::{
    Value,
    value::{RawValue, to_raw_value},
};
use std::fmt;

/// The `data` of an answer, as JSON text.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Data(Box<RawValue>);

impl Data {
    /// Writes an answer down. Error: a map with keys that are no texts, which no answer has.
    pub fn of<T: Serialize + ?Sized>(data: &T) -> Result<Self, serde_json::Error> {
        to_raw_value(data).map(Self)
    }

    /// Returns the JSON text.
    pub fn text(&self) -> &str {
        self.0.get()
    }

    /// Reads it as a tree.
    pub fn value(&self) -> Value {
        self.read().expect("what was written as JSON is read as JSON")
    }

    /// Reads it as something else. Error: it is not.
    pub fn read<'a, T: Deserialize<'a>>(&'a self) -> Result<T, serde_json::Error> {
        serde_json::from_str(self.0.get())
    }
}

impl From<Value> for Data {
    fn from(value: Value) -> Self {
        Self::of(&value).expect("a tree of JSON is JSON")
    }
}

impl PartialEq for Data {
    fn eq(&self, other: &Self) -> bool {
        self.0.get() == other.0.get()
    }
}

impl Eq for Data {}

/// Shows how long it is: one answer holds the account's words.
impl fmt::Debug for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Data({} bytes)", self.0.get().len())
    }
}

impl fmt::Display for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.get())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_written_is_read_as_it_was() {
        let value = json!({"text": "早 \"\u{1F9E7}\"", "number": 7, "list": [null, true, 0.5]});
        let data = Data::from(value.clone());
        assert_eq!(data.value(), value);
        assert_eq!(data.to_string(), value.to_string());
        assert_eq!(serde_json::to_value(&data).unwrap(), value);
        assert_eq!(serde_json::from_str::<Data>(data.text()).unwrap(), data);
        assert!(data.read::<Vec<u8>>().is_err());
        assert_eq!(format!("{:?}", Data::from(json!("secret"))), "Data(8 bytes)");
    }
}
