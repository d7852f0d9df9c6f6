//! The story, chapter by chapter. What an earlier demo on the same directory did is not done again:
//! accounts, friends and the group are found, and new messages are written.

use super::{
    crash, group, packet,
    room::{ALICE, BOB, CAROL, Room, Who},
    tale::Tale,
    told, transfer,
};
use crate::error::Error;
use serde_json::json;

/// Tells all of it.
pub(super) fn tell(tale: &mut Tale) -> Result<(), Error> {
    network(tale)?;
    accounts(tale)?;
    friends(tale)?;
    chat(tale)?;
    let room = group::group(tale)?;
    packet::packet(tale, &room)?;
    transfer::transfer(tale)?;
    transfer::outage(tale)?;
    crash::crash(tale, &[(room, [ALICE, CAROL]), (Room::Direct(ALICE, BOB), [ALICE, ALICE])])?;
    told::agree(tale)
}

/// Super nodes come up.
pub(super) fn network(tale: &mut Tale) -> Result<(), Error> {
    tale.narrator.chapter("network", "A network of four super nodes, on this machine alone")?;
    tale.network.start_supers()?;
    for (name, _, node) in &tale.network.supers {
        let data =
            json!({"name": name, "peer_id": node.node_id().to_string(), "listen": node.listen()});
        tale.step(
            "super",
            &format!("{name} relays, keeps sealed mail and votes on the ledger"),
            &data,
        )?;
    }
    Ok(())
}

/// Everybody has an account, which is a key of their own and nothing else.
pub(super) fn accounts(tale: &mut Tale) -> Result<(), Error> {
    tale.narrator.chapter("accounts", "Three people, each with a node")?;
    for who in [ALICE, BOB, CAROL] {
        tale.start(who)?;
        let is_new = tale.people[who].sign_in()?;
        let (name, address) = (tale.name(who), tale.people[who].address.clone());
        let data = json!({"name": name, "address": address, "new": is_new});
        let says = if is_new { "makes an account" } else { "signs in again" };
        tale.step("account", &format!("{name} {says}: {address}"), &data)?;
    }
    Ok(())
}

/// Alice becomes a friend of both, knowing nothing of them but their addresses.
pub(super) fn friends(tale: &mut Tale) -> Result<(), Error> {
    tale.narrator.chapter("friends", "Alice finds her friends by their addresses alone")?;
    befriend(tale, ALICE, BOB)?;
    befriend(tale, ALICE, CAROL)
}

/// One asks the other to be a friend, unless they are friends already.
pub(super) fn befriend(tale: &Tale, a: Who, b: Who) -> Result<(), Error> {
    let (asks, asked) = (&tale.people[a], &tale.people[b]);
    let data = json!({"from": asks.name, "to": asked.name});
    let were_friends = asked.is_friend(asks)? && asks.is_friend(asked)?;
    if !asked.is_friend(asks)? {
        let body = json!({"nodeId": asked.address, "content": format!("I am {}", asks.name)});
        asks.call("contact", "addFriend", &body)?;
        tale.step("ask", &format!("{} asks {}", asks.name, asked.name), &data)?;
        let what = || format!("{} sees the request of {}", asked.name, asks.name);
        tale.ending.until(what, || Ok(asked.is_asked_by(asks)?.then_some(())))?;
        asked.call("contact", "agreeApplySync", &json!({"nodeId": asks.address}))?;
    }
    for (one, other) in [(asks, asked), (asked, asks)] {
        let what = || format!("{} is a friend of {}", other.name, one.name);
        tale.ending.until(what, || Ok(one.is_friend(other)?.then_some(())))?;
    }
    let says = if were_friends { "are friends still" } else { "are friends" };
    tale.step("friends", &format!("{} and {} {says}", asks.name, asked.name), &data)
}

/// Both ways, with receipts.
pub(super) fn chat(tale: &mut Tale) -> Result<(), Error> {
    tale.narrator.chapter("chat", "They write, end to end encrypted, and know what was read")?;
    for (by, to, words) in [
        (ALICE, BOB, "你好 bob 🧧"),
        (BOB, ALICE, "你好 alice 👋"),
        (ALICE, CAROL, "hello carol"),
        (CAROL, ALICE, "hello alice"),
    ] {
        let room = Room::Direct(by, to);
        let ids = [tale.say(by, &room, words)?];
        let (from, to) = (tale.name(by), tale.name(to));
        tale.delivered(&ids, &format!("{to} has it, and {from}'s node knows"))?;
        tale.read(&room, &ids, &format!("{to} read it, and {from}'s node knows"))?;
    }
    Ok(())
}
