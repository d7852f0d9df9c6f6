//! The chapter in which bob's node is killed, written to while it is gone, and started again.

use super::{
    check::{continued, difference},
    person::COMPARED,
    room::{ALICE, BOB, Room, Who},
    tale::Tale,
    transfer::purse,
};
use crate::{error::Error, rows::list};
use magpie_protocol::ledger::Amount;
use serde_json::json;

/// Messages that each conversation gets while bob is away.
const AWAY: usize = 5;

/// A conversation that bob is in, and the two who write there in turns while he is away.
pub(super) type Written = (Room, [Who; 2]);

/// Bob's node is cut off in the middle and comes back with all he should have.
pub(super) fn crash(tale: &mut Tale, rooms: &[Written]) -> Result<(), Error> {
    tale.narrator.chapter("crash", "Bob's node is killed, and he loses nothing")?;
    let mut wanted = before(tale, rooms)?;
    let money = money(tale)?;
    // One more is on its way when it happens; whether it arrives before is up to chance.
    let direct = Room::Direct(ALICE, BOB);
    let last = tale.say(ALICE, &direct, "are you there?")?;
    tale.cut(BOB);
    let says = "bob's node is cut off: its connections drop, nobody is told, nothing is tidied up";
    tale.step("kill", says, &json!({"name": "bob"}))?;
    let mut all = Vec::new();
    for ((room, writers), want) in rooms.iter().zip(&mut wanted) {
        let mut ids = if *room == direct { vec![last.clone()] } else { Vec::new() };
        for n in 1..=AWAY {
            let writer = writers[n % 2];
            ids.push(tale.say(writer, room, &format!("while bob is away, {n}"))?);
            // The next one is written by somebody who has seen this one.
            heard(tale, room, &ids[ids.len() - 1])?;
        }
        tale.wait_sent(&ids)?;
        *want = continued(want, &ids, COMPARED.into());
        all.push(ids);
    }
    let count = rooms.len() * AWAY;
    let says = format!("{count} messages wait for him, sealed, at the super nodes");
    tale.step("stored", &says, &json!({"messages": all.concat()}))?;
    tale.start(BOB)?;
    tale.people[BOB].sign_in()?;
    tale.step(
        "restart",
        "bob's node starts from its disk, and he signs in",
        &json!({"name": "bob"}),
    )?;
    for (((room, _), ids), want) in rooms.iter().zip(&all).zip(&wanted) {
        same(tale, room, want)?;
        tale.delivered(ids, &format!("bob has all {} of {}", ids.len(), named(room)))?;
        tale.read(room, ids, "they are read")?;
    }
    // Again, now that all receipts have come and gone: nothing came twice meanwhile.
    for ((room, _), want) in rooms.iter().zip(&wanted) {
        let have = tale.people[BOB].texts(room.id(BOB, tale))?;
        if let Some(said) = difference(want, &have) {
            return Err(Error::Failed(format!("bob's messages of {}: {said}", named(room))));
        }
    }
    if self::money(tale)? != money {
        return Err(Error::Failed(format!("bob's wallet is not what it was: {money:?}")));
    }
    let lengths: Vec<usize> = wanted.iter().map(Vec::len).collect();
    let says = "nothing is lost, nothing is doubled, the order is kept";
    let (balance, records) = money.unzip();
    tale.step("whole", says, &json!({"messages": lengths, "balance": balance, "records": records}))
}

/// Returns what bob's wallet has, and why; nothing in a story without money.
fn money(tale: &Tale) -> Result<Option<(Amount, usize)>, Error> {
    if tale.transfer.is_none() {
        return Ok(None);
    }
    let balance = purse(tale, BOB)?.balance;
    let body = json!({"count": COMPARED, "page": 1});
    let records = tale.people[BOB].call("wallet", "records", &body)?;
    Ok(Some((balance, list(&records).len())))
}

/// Returns what bob has in each conversation, once that is what alice has.
fn before(tale: &Tale, rooms: &[Written]) -> Result<Vec<Vec<String>>, Error> {
    let lists = rooms.iter().map(|(room, _)| {
        let want = tale.people[ALICE].texts(room.id(ALICE, tale))?;
        same(tale, room, &want)?;
        Ok(want)
    });
    lists.collect()
}

/// Waits until bob has exactly these messages in this order.
fn same(tale: &Tale, room: &Room, want: &[String]) -> Result<(), Error> {
    let bob = &tale.people[BOB];
    let have = || bob.texts(room.id(BOB, tale));
    let what = || {
        let said = have().map(|have| difference(want, &have).unwrap_or_default());
        format!("bob has all of {}: {}", named(room), said.unwrap_or_default())
    };
    tale.ending.until(what, || Ok(difference(want, &have()?).is_none().then_some(())))
}

/// Waits until everybody but bob has a message.
fn heard(tale: &Tale, room: &Room, id: &str) -> Result<(), Error> {
    for who in room.others(BOB) {
        let what = || format!("{} hears what is said while bob is away", tale.name(who));
        tale.ending.until(what, || Ok(tale.people[who].message(id)?.map(drop)))?;
    }
    Ok(())
}

const fn named(room: &Room) -> &'static str {
    match room {
        Room::Direct(..) => "his conversation with alice",
        Room::Group(_) => "the group",
    }
}
