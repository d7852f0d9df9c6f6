//! Making the group: the nodes, the owner's friends, and the group until every member sees all.

use crate::world::{
    Failed,
    person::Person,
    place::{Transport, config},
};
use futures::future::try_join_all;
use serde_json::{Value, json};
use std::path::Path;

/// `state` of a member who is in the group.
const IN: i64 = 1;
/// Friends whom the owner asks at one time.
const ASKED: usize = 8;

/// Starts the members' nodes; the first one's is the owner's.
pub(crate) async fn people(
    dir: &Path,
    file: &Path,
    transport: Transport,
    count: usize,
) -> Result<Vec<Person>, Failed> {
    let mut people = Vec::new();
    for number in 0..count {
        let config = config(dir.join(format!("person{number}")), file, transport)?;
        people.push(Person::start(config).await?);
    }
    Ok(people)
}

/// Makes everybody a friend of the first.
pub(crate) async fn befriend(people: &[Person]) -> Result<(), Failed> {
    let [owner, others @ ..] = people else { return Ok(()) };
    for some in others.chunks(ASKED) {
        try_join_all(some.iter().map(async |other| {
            owner.ask(&other.address).await?;
            other.accept(&owner.address).await?;
            owner.befriended(&other.address).await
        }))
        .await?;
    }
    Ok(())
}

/// Makes the group and waits until every member sees all; returns its id.
pub(crate) async fn group(people: &[Person]) -> Result<String, Failed> {
    let [owner, others @ ..] = people else { return Err("nobody is there".into()) };
    let list: Vec<Value> = others.iter().map(|other| json!({"cNdAdd": other.address})).collect();
    let params = json!({"groupName": "bench", "itemList": list});
    let made = owner.call("group", "createGroup", params).await?;
    let id = made["g_id"].as_str().ok_or("a group without id")?;
    try_join_all(people.iter().map(|person| {
        person.until("sees all members", async || Ok(members(person, id).await? == people.len()))
    }))
    .await?;
    Ok(id.to_owned())
}

/// Counts a group's members as somebody's node has them; none before it knows the group.
async fn members(person: &Person, id: &str) -> Result<usize, Failed> {
    let groups = person.call("group", "getAllGroups", json!({})).await?;
    let is_here = |rows: &Vec<Value>| rows.iter().any(|row| row["g_id"] == id);
    if !groups.as_array().is_some_and(is_here) {
        return Ok(0);
    }
    let rows =
        person.call("group", "getGroupItemByGid", json!({"gId": id, "isGetPs": false})).await?;
    Ok(rows.as_array().map_or(0, |rows| rows.iter().filter(|row| row["state"] == IN).count()))
}
