//! Messages about money: the cards of red packets and transfers, and the notices that somebody took
//! or decided.

use crate::{
    amount::coins_of,
    client::{Client, ClientError},
    conversation::{Conversation, content_of, last_messages},
    output::visible,
    rows::{first, number, text},
};
use magpie_protocol::ledger::EntryId;
use serde_json::Value;

/// `msg_type` of a message about a red packet.
const PACKET: i64 = 17;
/// `msg_type` of a message about a transfer.
const TRANSFER: i64 = 18;
/// `msgType` of a card; the other one is a notice.
const CARD: i64 = 1;
/// Messages among which a card is looked for.
const LOOKED_AT: u16 = 1000;

/// Tells the others of a conversation that one took a share, or decided about a transfer, where its
/// card is among the last messages. Nothing depends on it: what counts is on the ledger.
pub(crate) fn tell(client: &Client, at: &Conversation, uid: EntryId, method: &str) {
    if let Ok(Some(card)) = find(client, at, uid) {
        let _ = at.send_notice(client, method, &card, uid);
    }
}

/// Returns the id of the message with the card of a packet or transfer.
fn find(client: &Client, at: &Conversation, uid: EntryId) -> Result<Option<String>, ClientError> {
    let rows = last_messages(client, at.id(), LOOKED_AT)?;
    let uid = uid.to_string();
    let is_card = |row: &&Value| {
        let content = content_of(row);
        is_money(row) && number(&content, "msgType") == CARD && text(&content, "uid") == uid
    };
    Ok(rows.iter().find(is_card).map(|row| text(row, "msg_id").to_owned()))
}

fn is_money(row: &Value) -> bool {
    matches!(number(row, "msg_type"), PACKET | TRANSFER)
}

/// Says in words what a message about money is, with the id that the commands take; nothing for
/// other messages.
pub(crate) fn said(row: &Value) -> Option<String> {
    let content = content_of(row);
    let uid = first(&content, &["uid"]);
    let is_packet = match number(row, "msg_type") {
        PACKET => true,
        TRANSFER => false,
        _ => return None,
    };
    if number(&content, "msgType") != CARD {
        let did = match text(&content, "msgContent") {
            "" => "something happened to".into(),
            did => visible(did),
        };
        let of = if is_packet { " of red packet" } else { " transfer" };
        return Some(format!("[{did}{of} {uid}]"));
    }
    let amount = coins_of(&content, "amount");
    let what = match (is_packet, number(&content, "count")) {
        (false, _) => format!("transfer of {amount}"),
        (true, 1) => format!("red packet of {amount} in one share"),
        (true, count) => format!("red packet of {amount} in {count} shares"),
    };
    let remark = match text(&content, "remark") {
        "" => String::new(),
        remark => format!(", {}", visible(remark)),
    };
    Some(format!("[{what}{remark}: {uid}]"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn row(kind: i64, content: Value) -> Value {
        json!({"msg_id": "m", "msg_type": kind, "msg_cry": content.to_string()})
    }

    #[test]
    fn cards_and_notices_become_words_that_name_them() {
        let mut card = json!({"uid": "ab12", "amount": 900_000_000, "count": 3, "msgType": 1,
            "remark": "恭喜\u{1b}发财"});
        let said = |kind: i64, content: &Value| said(&row(kind, content.clone())).unwrap();
        assert_eq!(said(17, &card), "[red packet of 9 coins in 3 shares, 恭喜\\u{1b}发财: ab12]");
        card["count"] = 1.into();
        card["remark"] = "".into();
        assert_eq!(said(17, &card), "[red packet of 9 coins in one share: ab12]");
        assert_eq!(said(18, &card), "[transfer of 9 coins: ab12]");
        let notice = |did: &str| json!({"uid": "ab12", "msgType": 2, "msgContent": did});
        assert_eq!(said(17, &notice("took a share")), "[took a share of red packet ab12]");
        assert_eq!(said(18, &notice("accepted")), "[accepted transfer ab12]");
        assert_eq!(super::said(&row(1, json!({"text": "hi"}))), None);
    }
}
