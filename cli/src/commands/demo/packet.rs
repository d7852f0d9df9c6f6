//! The chapter of the red packet: units are issued, shared by a draw, and every node says the same.

use super::{
    room::{ALICE, BOB, CAROL, Room, Who},
    tale::Tale,
};
use crate::{
    amount::coins,
    commands::wallet::mint,
    error::Error,
    rows::{list, number, text},
};
use magpie_protocol::ledger::Amount;
use serde_json::{Value, json};

/// What the issuer makes for alice.
const FUNDS: Amount = Amount(100 * Amount::COIN.0);
/// What she shares; many times what a share is at least, so that each can be divided again.
const SHARED: Amount = Amount(88 * Amount::COIN.0 + 88 * Amount::COIN.0 / 100);
/// Who shares it.
const SHARERS: [Who; 3] = [BOB, CAROL, ALICE];
/// What she wishes.
const WISH: &str = "恭喜发财";
/// The code of a packet that one took a share of.
const OPENED: i64 = 21003;

/// Alice is given units and gives most of them to the group, by a draw.
pub(super) fn packet(tale: &mut Tale, room: &Room) -> Result<(), Error> {
    tale.narrator.chapter("packet", "A red packet, by a ledger that every node verifies")?;
    fund(tale)?;
    let group = room.id(ALICE, tale).to_owned();
    let uid = give(tale, &group)?;
    for who in SHARERS {
        open(tale, who, &group, &uid)?;
    }
    let shares = drawn(tale, &uid)?;
    for (who, share) in SHARERS.iter().zip(&shares) {
        let name = tale.name(*who);
        let data = json!({"name": name, "packet": uid, "amount": share});
        tale.step("share", &format!("{name} got {}", coins(*share)), &data)?;
    }
    let total = Amount::checked_sum(shares.iter().copied());
    if total != Some(SHARED) {
        return Err(Error::Failed(format!("the shares are {total:?}, not {SHARED:?}")));
    }
    let says = format!("the shares are {} together, and all nodes say the same", coins(SHARED));
    tale.step("sum", &says, &json!({"packet": uid, "total": SHARED}))
}

/// The issuer makes units in alice's wallet.
fn fund(tale: &Tale) -> Result<(), Error> {
    let alice = &tale.people[ALICE];
    let what = || "alice's node has seen the ledger".to_owned();
    let before = tale.ending.until(what, || alice.purse())?;
    mint(alice.client()?, &tale.network.issuer()?, before.address, FUNDS)?;
    let want = before.balance.checked_add(FUNDS);
    let what = || format!("alice's node shows the {}", coins(FUNDS));
    let after = tale
        .ending
        .until(what, || Ok(alice.purse()?.filter(|purse| Some(purse.balance) == want)))?;
    let data = json!({"name": "alice", "wallet": after.address, "amount": FUNDS,
        "balance": after.balance});
    tale.step("fund", &format!("the network's issuer makes {} for alice", coins(FUNDS)), &data)
}

/// Alice pays for the packet and sends its card; returns its id.
fn give(tale: &mut Tale, group: &str) -> Result<String, Error> {
    let alice = &tale.people[ALICE];
    let what = json!({"gId": group, "amount": SHARED, "count": SHARERS.len(), "remark": WISH,
        "cover": 1});
    let method = ("group", "groupFortuneInsertRedEnvelope");
    let funded = alice.pay(&tale.ending, method, &what)?;
    let uid = text(&funded, "uid").to_owned();
    let card = json!({"cnd": group, "cid": group, "conversationType": 1, "pub": "",
        "content": funded});
    alice.call("chat", "sendRedPacketMessage", &card)?;
    tale.packet = Some(uid.clone());
    let says =
        format!("alice gives the group {} in {} shares: {WISH}", coins(SHARED), SHARERS.len());
    tale.step("give", &says, &json!({"packet": uid, "amount": SHARED, "count": SHARERS.len()}))?;
    Ok(uid)
}

/// Somebody takes a share.
fn open(tale: &Tale, who: Who, group: &str, uid: &str) -> Result<(), Error> {
    let person = &tale.people[who];
    let what = || format!("{} sees the card of the packet", person.name);
    let card = tale.ending.until(what, || person.card(group, uid))?;
    let body = json!({"cnd": person.address, "gId": group, "groupPassword": "",
        "receiveNodeId": person.address, "receiveNickName": person.name, "message": card});
    person.decide(&tale.ending, ("group", "groupReceiveEnvelope"), &body, OPENED)?;
    let notice = json!({"cnd": group, "cid": group, "conversationType": 1, "pub": "",
        "msgId": text(&card, "msg_id"), "content": {"uid": uid}});
    person.call("chat", "sendReceivedRedPacketMessage", &notice)?;
    let says = format!("{} opens it; how much it is nobody knows yet", person.name);
    tale.step("open", &says, &json!({"name": person.name, "packet": uid}))
}

/// Waits until every node shows all shares drawn; returns them in the order of [`SHARERS`]. Error:
/// two nodes say different things, or somebody's balance is not what the share makes it.
fn drawn(tale: &Tale, uid: &str) -> Result<Vec<Amount>, Error> {
    let mut all: Vec<Vec<Amount>> = Vec::new();
    for on in [ALICE, BOB, CAROL] {
        let what = || format!("{}'s node shows all shares of the packet", tale.name(on));
        all.push(tale.ending.until(what, || shown(tale, on, uid))?);
    }
    match all.as_slice() {
        [one, others @ ..] if others.iter().all(|other| other == one) => Ok(one.clone()),
        _ => Err(Error::Failed(format!("the nodes do not agree on the shares: {all:?}"))),
    }
}

/// Returns the shares as somebody's node shows them, once all are drawn and it stands by the draw.
fn shown(tale: &Tale, on: Who, uid: &str) -> Result<Option<Vec<Amount>>, Error> {
    let Some(detail) = detail(tale, on, uid)? else { return Ok(None) };
    if number(&detail, "count") != SHARERS.len() as i64 || detail["total_price"] != json!(SHARED) {
        return Err(Error::Failed(format!("{}'s node shows another packet", tale.name(on))));
    }
    let of = |who: &Who| share(&detail, &tale.people[*who].address);
    let shares: Option<Vec<Amount>> = SHARERS.iter().map(of).collect();
    Ok(shares.filter(|_| list(&detail["users"]).len() == SHARERS.len()))
}

/// Returns what an account got of a packet, once it is drawn.
pub(super) fn share(detail: &Value, address: &str) -> Option<Amount> {
    let user = list(&detail["users"]).iter().find(|user| text(user, "userId") == address)?;
    user["price"].as_u64().filter(|units| *units > 0).map(Amount)
}

/// Returns a packet as somebody's node shows it, once it does.
pub(super) fn detail(tale: &Tale, on: Who, uid: &str) -> Result<Option<Value>, Error> {
    tale.people[on].look("redpacket", "detail", &json!({"redPacketId": uid}))
}
