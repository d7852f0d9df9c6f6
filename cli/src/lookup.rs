//! Finding people and groups by what a person types.

use crate::{
    client::{Client, ClientError},
    rows::text,
};
use magpie_protocol::{address::Address, ledger::EntryId};
use serde_json::{Value, json};

/// The code of a contact that is not there.
const NO_CONTACT: i64 = 20058;
/// The code of a group that is not there.
const NO_GROUP: i64 = 20043;

/// Reads an account's address from the command line.
pub(crate) fn address(text: &str) -> Result<Address, String> {
    text.parse().map_err(|error| format!("{error}"))
}

/// Reads the id of a group or a conversation from the command line.
pub(crate) fn id(text: &str) -> Result<String, String> {
    if text.is_empty() || text.len() > 64 || !text.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Err("an id is up to 64 letters and digits".into());
    }
    Ok(text.to_owned())
}

/// Reads the id of a red packet or transfer from the command line.
pub(crate) fn entry(text: &str) -> Result<EntryId, String> {
    text.parse().map_err(|_| "the id of a packet or transfer is 64 hex digits".into())
}

/// Returns the contact's row, or nothing when the account is no contact.
pub(crate) fn contact(client: &Client, address: &str) -> Result<Option<Value>, ClientError> {
    found(client.call("contact", "getContactByNoId", &json!({"nodeId": address})), NO_CONTACT)
        .map(|row| row.filter(|row| !text(row, "c_pub_curve").is_empty()))
}

/// Returns the group's row, or nothing when this account has no such group.
pub(crate) fn group(client: &Client, gid: &str) -> Result<Option<Value>, ClientError> {
    found(client.call("group", "getGroupByGid2", &json!({"gId": gid})), NO_GROUP)
        .map(|row| row.filter(|row| !text(row, "g_id").is_empty()))
}

fn found(answer: Result<Value, ClientError>, absent: i64) -> Result<Option<Value>, ClientError> {
    match answer {
        Ok(row) => Ok(Some(row)),
        Err(error) if error.is_code(absent) => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_addresses_are_read_strictly() {
        assert_eq!(id("2Fg9pmL6HxLPxck7cbYSZqwQES46hbxK3zuBSu89EU2R").unwrap().len(), 44);
        for bad in ["", "a b", "群", "../x", &"a".repeat(65)] {
            assert!(id(bad).is_err(), "{bad}");
        }
        assert!(entry(&"ab".repeat(32)).is_ok());
        for bad in [&"ab".repeat(31)[..], "", &"xy".repeat(32)] {
            assert!(entry(bad).is_err(), "{bad}");
        }
        assert!(address("4gNMzkydbVCMpn3oz62BKcVGjkstFnjFuWBFbiiXuNP0").is_err());
    }
}
