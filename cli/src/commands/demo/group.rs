//! The chapter of the group, whose members need not all know each other.

use super::{
    check::difference,
    room::{ALICE, BOB, CAROL, Room},
    tale::Tale,
};
use crate::{
    commands::group::people,
    error::Error,
    rows::{list, number, text},
};
use magpie_protocol::address::Address;
use serde_json::json;

/// The group's name.
const NAME: &str = "鹊桥 the bridge";
/// `state` of a group that one is in, and of a member who is in it.
const IN: i64 = 1;

/// Alice brings bob and carol together, all talk, and an answer stands behind what it answers.
pub(super) fn group(tale: &mut Tale) -> Result<Room, Error> {
    tale.narrator.chapter("group", "A group of three")?;
    let (id, is_new) = find_or_make(tale)?;
    for who in [ALICE, BOB, CAROL] {
        let what = || format!("{} sees all members of the group", tale.name(who));
        tale.ending
            .until(what, || Ok((members(tale, who, &id)? == everybody(tale)).then_some(())))?;
    }
    // In an earlier story they may have become friends; in a new one nobody made them.
    let are_friends = tale.people[BOB].is_friend(&tale.people[CAROL])?;
    if is_new && are_friends {
        return Err(Error::Failed("bob and carol are friends, which nobody made them".into()));
    }
    let data = json!({"group": id, "name": NAME, "members": ["alice", "bob", "carol"]});
    let says = if are_friends { "friends since then" } else { "no friends" };
    let says = format!("alice, bob and carol are in it; bob and carol are {says}");
    tale.step("group", &says, &data)?;
    let room = Room::Group(id);
    let mut ids = Vec::new();
    for who in [ALICE, BOB, CAROL] {
        ids.push(tale.say(who, &room, &format!("{} is here", tale.name(who)))?);
    }
    tale.delivered(&ids, "everybody hears everybody")?;
    ids.push(tale.say(BOB, &room, "so all are here")?);
    tale.delivered(&ids[3..], "everybody hears the answer")?;
    tale.read(&room, &ids, "everybody reads all of it")?;
    check_order(tale, &room, &ids)?;
    let says = "the answer stands behind what it answers, and all see one order";
    tale.step("order", says, &json!({"messages": ids}))?;
    Ok(room)
}

/// Returns the id of the group that an earlier demo made, or of a new one; and whether it is new.
fn find_or_make(tale: &Tale) -> Result<(String, bool), Error> {
    let alice = &tale.people[ALICE];
    let rows = alice.call("group", "getAllGroups", &json!({}))?;
    let is_ours =
        |row: &&serde_json::Value| text(row, "g_name") == NAME && number(row, "state") == IN;
    if let Some(row) = list(&rows).iter().find(is_ours) {
        return Ok((text(row, "g_id").to_owned(), false));
    }
    let address = |who: usize| -> Result<Address, Error> {
        let person = &tale.people[who];
        let bad = |_| Error::Failed(format!("{} has no address", person.name));
        person.address.parse().map_err(bad)
    };
    let list = people(&[address(BOB)?, address(CAROL)?]);
    let made = alice.call("group", "createGroup", &json!({"groupName": NAME, "itemList": list}))?;
    Ok((text(&made, "g_id").to_owned(), true))
}

/// Returns the addresses of a group's members as somebody's node has them; none before it knows.
fn members(tale: &Tale, who: usize, id: &str) -> Result<Vec<String>, Error> {
    let person = &tale.people[who];
    let groups = person.call("group", "getAllGroups", &json!({}))?;
    if !list(&groups).iter().any(|row| text(row, "g_id") == id) {
        return Ok(Vec::new());
    }
    let body = json!({"gId": id, "isGetPs": false});
    let rows = person.call("group", "getGroupItemByGid", &body)?;
    let here = list(&rows).iter().filter(|row| number(row, "state") == IN);
    let mut addresses: Vec<String> = here.map(|row| text(row, "u_nd_add").to_owned()).collect();
    addresses.sort();
    Ok(addresses)
}

fn everybody(tale: &Tale) -> Vec<String> {
    let mut all: Vec<String> = tale.people.iter().map(|person| person.address.clone()).collect();
    all.sort();
    all
}

/// Checks that the last one of `ids` stands last, and that all nodes have one list.
fn check_order(tale: &Tale, room: &Room, ids: &[String]) -> Result<(), Error> {
    let texts = |who: usize| tale.people[who].texts(room.id(who, tale));
    let want = texts(ALICE)?;
    if want.last() != ids.last() {
        return Err(Error::Failed("the answer does not stand behind what it answers".into()));
    }
    for who in [BOB, CAROL] {
        if let Some(said) = difference(&want, &texts(who)?) {
            let name = tale.name(who);
            return Err(Error::Failed(format!("{name}'s group is not alice's: {said}")));
        }
    }
    Ok(())
}
