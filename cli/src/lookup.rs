//! Finding people and groups by what a person types, and the rows that other calls want of them.

use crate::{
    client::{Client, ClientError},
    error::Error,
    rows::{list, number, text},
};
use magpie_protocol::address::Address;
use serde_json::{Value, json};

/// The code of a contact that is not there.
const NO_CONTACT: i64 = 20058;
/// The code of a group that is not there.
const NO_GROUP: i64 = 20043;
/// The state of a member that is in the group.
const MEMBER: i64 = 1;

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

/// Returns the rows by which group calls name the contacts of these addresses, in their order.
pub(crate) fn invitations(client: &Client, addresses: &[Address]) -> Result<Vec<Value>, Error> {
    let invitation = |address: &Address| {
        let address = address.to_string();
        let row = contact(client, &address)?
            .ok_or_else(|| Error::NotFound(format!("{address} is no contact")))?;
        Ok(json!({
            "cId": if text(&row, "c_id").is_empty() { address.as_str() } else { text(&row, "c_id") },
            "cPfpId": number(&row, "c_pfp_id"),
            "cPfpUrl": text(&row, "c_pfp_url"),
            "cNic": text(&row, "c_nic"),
            "cNdAdd": address,
            "cPs": text(&row, "c_ps"),
            "cPubCurve": text(&row, "c_pub_curve"),
        }))
    };
    addresses.iter().map(invitation).collect()
}

/// Returns the rows of a group's members, those who have left not among them.
pub(crate) fn members(client: &Client, gid: &str) -> Result<Vec<Value>, ClientError> {
    let rows = client.call("group", "getGroupItemByGid", &json!({"gId": gid, "isGetPs": true}))?;
    Ok(list(&rows).iter().filter(|row| number(row, "state") == MEMBER).cloned().collect())
}

/// Returns the member rows of these addresses, in their order.
pub(crate) fn chosen(
    client: &Client,
    gid: &str,
    addresses: &[Address],
) -> Result<Vec<Value>, Error> {
    let members = members(client, gid)?;
    let member = |address: &Address| {
        let address = address.to_string();
        members
            .iter()
            .find(|row| text(row, "u_nd_add") == address)
            .cloned()
            .ok_or_else(|| Error::NotFound(format!("{address} is no member of {gid}")))
    };
    addresses.iter().map(member).collect()
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
        assert!(address("4gNMzkydbVCMpn3oz62BKcVGjkstFnjFuWBFbiiXuNP0").is_err());
    }
}
