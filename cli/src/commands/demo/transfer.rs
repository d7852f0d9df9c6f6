//! The chapters of transfers: among friends, and with a super node gone.

use super::{
    packet,
    purse::Purse,
    room::{BOB, CAROL, Who},
    story::befriend,
    tale::Tale,
};
use crate::{
    amount::coins,
    error::Error,
    rows::{number, text},
};
use magpie_protocol::ledger::Amount;
use serde_json::{Value, json};

/// The least that a transfer may be in a new network.
const LEAST: Amount = Amount(Amount::COIN.0 / 100);
/// What a transfer may cost at most, in units.
const FEE_MOST: u64 = 200_000;
/// The code of a transfer that is decided.
const DECIDED: i64 = 21008;
/// `status` of a transfer that was taken.
const ACCEPTED: i64 = 2;

/// Bob gives carol half of his share.
pub(super) fn transfer(tale: &mut Tale) -> Result<(), Error> {
    tale.narrator.chapter("transfer", "Bob gives carol half of his share")?;
    befriend(tale, BOB, CAROL)?;
    let uid = tale.packet.clone().unwrap_or_default();
    let what = || "bob's node shows his share".to_owned();
    let share = tale.ending.until(what, || {
        let detail = packet::detail(tale, BOB, &uid)?;
        Ok(detail.and_then(|detail| packet::share(&detail, &tale.people[BOB].address)))
    })?;
    let half = Amount(share.0 / 2).max(LEAST);
    let made = pay(tale, BOB, CAROL, half, "half of mine")?;
    tale.transfer = Some(made);
    Ok(())
}

/// A super node stops, and a transfer still settles; then it comes back, and another one stops: now
/// nothing settles without the first one, which has to know what was decided meanwhile.
pub(super) fn outage(tale: &mut Tale) -> Result<(), Error> {
    tale.narrator.chapter("outage", "One of four super nodes stops, and the ledger goes on")?;
    let first = stop(tale, "three of four validators are left, which is enough")?;
    pay(tale, CAROL, BOB, LEAST, "thank you")?;
    start(tale, &first)?;
    let other = stop(tale, &format!("without {first} nothing would be decided now"))?;
    pay(tale, BOB, CAROL, LEAST, "you are welcome")?;
    start(tale, &other)
}

/// Cuts off the super node that runs for the longest time; returns its name.
fn stop(tale: &mut Tale, why: &str) -> Result<String, Error> {
    let name = tale.network.cut_super()?;
    tale.step("stop", &format!("{name} is cut off: {why}"), &json!({"name": name}))?;
    Ok(name)
}

fn start(tale: &mut Tale, name: &str) -> Result<(), Error> {
    tale.network.start_super(name)?;
    tale.step("back", &format!("{name} starts again from its disk"), &json!({"name": name}))
}

/// Somebody makes a transfer, sends its card, and the friend takes it; checks both balances.
fn pay(tale: &Tale, from: Who, to: Who, amount: Amount, remark: &str) -> Result<String, Error> {
    let (payer, payee) = (&tale.people[from], &tale.people[to]);
    let before = [purse(tale, from)?, purse(tale, to)?];
    let what = json!({"cnd": payee.address, "amount": amount, "remark": remark,
        "senderNickname": payer.name, "senderNodeAddress": payer.address});
    let made = payer.pay(&tale.ending, ("chat", "insertTransfer"), &what)?;
    let uid = text(&made, "uid").to_owned();
    let card = json!({"cnd": payee.address, "cid": payee.address, "conversationType": 0, "pub": "",
        "content": made});
    payer.call("chat", "sendTransferMessage", &card)?;
    let data = json!({"from": payer.name, "to": payee.name, "transfer": uid, "amount": amount});
    let says = format!("{} sends {} {}: {remark}", payer.name, payee.name, coins(amount));
    tale.step("transfer", &says, &data)?;
    let what = || format!("{} sees the card of the transfer", payee.name);
    let card = tale.ending.until(what, || payee.card(&payer.address, &uid))?;
    if purse(tale, to)?.balance != before[1].balance {
        return Err(Error::Failed(format!("{} has what was not accepted yet", payee.name)));
    }
    let body = json!({"gas": 0, "password": "", "receiveNodeId": payee.address,
        "receiveNickName": payee.name, "message": card});
    payee.decide(&tale.ending, ("chat", "receiveTransfer"), &body, DECIDED)?;
    let notice = json!({"cnd": payer.address, "cid": payer.address, "conversationType": 0,
        "pub": "", "msgId": text(&card, "msg_id"), "content": {"uid": uid}});
    payee.call("chat", "sendReceivedTransferMessage", &notice)?;
    for who in [from, to] {
        let what = || format!("{}'s node shows the transfer as taken", tale.name(who));
        tale.ending.until(what, || {
            let row = record(tale, who, &uid)?;
            Ok(row.filter(|row| number(row, "status") == ACCEPTED).map(drop))
        })?;
    }
    check(tale, [(from, before[0]), (to, before[1])], amount)?;
    tale.step("accept", &format!("{} takes it, and both nodes say so", payee.name), &data)?;
    Ok(uid)
}

/// Checks that the payee has the amount, and that it cost the payer no more than that and a fee.
fn check(tale: &Tale, before: [(Who, Purse); 2], amount: Amount) -> Result<(), Error> {
    let [(from, had), (to, got)] = before;
    let want = got.balance.checked_add(amount);
    let has = purse(tale, to)?.balance;
    let paid = had.balance.checked_sub(purse(tale, from)?.balance);
    let fee = paid.and_then(|paid| paid.checked_sub(amount));
    if Some(has) == want && fee.is_some_and(|fee| fee.0 <= FEE_MOST) {
        return Ok(());
    }
    Err(Error::Failed(format!(
        "a transfer of {amount:?} cost {paid:?} and made {has:?} of {got:?}"
    )))
}

/// Returns somebody's wallet.
pub(super) fn purse(tale: &Tale, who: Who) -> Result<Purse, Error> {
    let what = || format!("{}'s node has seen the ledger", tale.name(who));
    tale.ending.until(what, || tale.people[who].purse())
}

/// Returns a transfer as somebody's node shows it, once it does.
pub(super) fn record(tale: &Tale, on: Who, uid: &str) -> Result<Option<Value>, Error> {
    tale.people[on].look("remittance", "getRecord", &json!({"remittanceId": uid}))
}
