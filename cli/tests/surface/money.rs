//! `wallet` and `packet`: each order is the calls of the documents, paid once however often it is
//! asked for, and a password is never an argument.

use crate::{
    contacts::{BOB, row},
    magpie::{Run, magpie, magpie_with},
    node::{Node, Step, on, on_keyed, refuse, refuse_keyed},
};
use serde_json::{Value, json};
use std::fs;

const GID: &str = "5b1f0c3a9d2e48f7865a1b0c9d8e7f605b1f0c3a9d2e48f7865a1b0c9d8e7f60";
const UID: &str = "abababababababababababababababababababababababababababababababab";
/// The address of the second key of RFC 8032's test vectors.
const WALLET: &str = "586Z7H2vpX9qNhN2T4e9Utugie3ogjbxzGaMtM3E6HR5";

fn wallet(has_password: bool) -> Step {
    let info = json!({"address": WALLET, "balance": 1_230_000_000, "settled": true, "height": 7,
        "hasPaymentPassword": has_password, "asOf": 1_700_000_000_000_u64});
    on("wallet/info", json!({}), info)
}

fn friend() -> Step {
    on("contact/getContactByNoId", json!({"nodeId": BOB}), row(BOB))
}

fn group() -> Step {
    on("group/getGroupByGid2", json!({"gId": GID}), json!({"g_id": GID}))
}

/// A transfer's data as funding answers them.
fn transfer() -> Value {
    json!({"uid": UID, "hash": UID, "amount": 150_000_000, "count": 1, "fromAddress": WALLET,
        "expirationTime": 5, "senderNickname": "", "senderNodeAddress": BOB, "toAddress": "",
        "password": "", "msgContent": "", "toAddressPublicKey": "", "toNodeAddr": BOB, "toNic": "",
        "remark": "lunch", "isExpire": false, "receives": [], "type": 1, "cover": 1, "status": 1,
        "conversationType": 1, "msgType": 1})
}

/// What pays for a transfer, but for the key of the payment.
fn funding(password: &str) -> Value {
    json!({"cnd": BOB, "amount": 150_000_000, "remark": "lunch", "senderNickname": "",
        "senderNodeAddress": "", "gas": 200_000, "srcAddress": WALLET, "password": password})
}

fn card(to: &str, kind: i64, curve: &str, content: Value) -> Value {
    json!({"cnd": to, "cid": to, "conversationType": kind, "pub": curve, "content": content})
}

fn record(status: i64) -> Value {
    json!({"type": 1, "remittanceId": UID, "payerUID": BOB, "payeeUID": WALLET, "remittedAt": 1,
        "receivedAt": 0, "refundedAt": 0, "chatId": BOB, "description": "lunch",
        "amount": 150_000_000, "status": status, "expiresAt": 9, "fromAddress": WALLET,
        "toAddress": WALLET, "height": 0, "asOfHeight": 7})
}

fn send(node: &Node, more: &[&str], password: &str) -> Run {
    let args = ["wallet", "send", BOB, "1.5coin", "--remark", "lunch", "--password-file", "-"];
    magpie_with(node.dir(), &[&args, more].concat(), &[], password.as_bytes())
}

#[test]
fn the_wallet_and_its_records_are_shown() {
    let records = json!([{"type": 4, "amount": 150_000_000, "remarks": "lunch", "uid": UID},
        {"type": 6, "amount": 1, "remarks": "", "uid": UID}]);
    let node = Node::script([
        wallet(true),
        wallet(true),
        on("wallet/records", json!({"count": 20, "page": 1}), records.clone()),
        on("wallet/records", json!({"count": 5, "page": 1}), records.clone()),
    ]);
    let run = |args: &[&str]| magpie(node.dir(), args);
    let shown = format!("address  {WALLET}\nbalance  12.3 coins (1230000000 units)\n");
    assert_eq!(run(&["wallet", "show"]).ok(), shown);
    assert_eq!(run(&["wallet", "show", "--json"]).json()["balance"], 1_230_000_000);
    let listed = run(&["wallet", "records"]).ok().to_owned();
    let lines: Vec<_> = listed.lines().collect();
    assert!(lines[0].starts_with("transfer sent      1.5 coins "), "{listed}");
    assert!(lines[0].ends_with(&format!("  {UID}  lunch")), "{listed}");
    assert!(lines[1].starts_with("share of a packet  0.00000001 coins "), "{listed}");
    assert_eq!(run(&["--json", "wallet", "records", "--count", "5"]).json(), records);
    node.finish();
}

#[test]
fn a_transfer_is_paid_and_its_card_sent() {
    let node = Node::script([
        friend(),
        wallet(true),
        on_keyed("chat/insertTransfer", funding("pay me "), transfer()),
        on("chat/sendTransferMessage", card(BOB, 0, "ab12", transfer()), json!({"msg_id": "m"})),
    ]);
    let said = format!("sent 1.5 coins to {BOB}; the transfer is {UID}\n");
    assert_eq!(send(&node, &[], "pay me \n").ok(), said);
    node.finish();
    // An account without passwords is not asked for one.
    let node = Node::script([
        friend(),
        wallet(false),
        on_keyed("chat/insertTransfer", funding("none"), transfer()),
        on("chat/sendTransferMessage", card(BOB, 0, "ab12", transfer()), json!({"msg_id": "m"})),
    ]);
    let args = ["--json", "wallet", "send", BOB, "150000000", "--remark", "lunch"];
    assert_eq!(magpie(node.dir(), &args).json()["uid"], UID);
    node.finish();
}

#[test]
fn a_payment_that_is_not_decided_is_asked_for_again_under_one_key() {
    let pending = || refuse_keyed("chat/insertTransfer", funding("pw"), 21009, "not yet");
    let node = Node::script([
        friend(),
        wallet(true),
        pending(),
        pending(),
        on_keyed("chat/insertTransfer", funding("pw"), transfer()),
        on("chat/sendTransferMessage", card(BOB, 0, "ab12", transfer()), json!({"msg_id": "m"})),
    ]);
    send(&node, &[], "pw").ok();
    node.finish();
    let keys = node.keys();
    assert_eq!(keys.len(), 3);
    assert!(keys.iter().all(|key| *key == keys[0] && key.len() == 32), "{keys:?}");
}

#[test]
fn a_payment_whose_card_was_not_sent_can_be_gone_on_with() {
    let steps = |sent: Step| {
        let paid = on_keyed("chat/insertTransfer", funding("pw"), transfer());
        [friend(), wallet(true), paid, sent]
    };
    let body = || card(BOB, 0, "ab12", transfer());
    let refused = refuse("chat/sendTransferMessage", body(), 20074, "blocked");
    let sent = on("chat/sendTransferMessage", body(), json!({"msg_id": "m"}));
    let node = Node::script(steps(refused).into_iter().chain(steps(sent)));
    let run = send(&node, &[], "pw");
    let key = node.keys().pop().unwrap();
    run.failed(1, &format!("the same order with --key {key} goes on with this payment"));
    send(&node, &["--key", &key], "pw").ok();
    node.finish();
    assert_eq!(node.keys(), [key.clone(), key]);
}

#[test]
fn refusals_of_a_payment_end_it_with_their_code() {
    for (code, exit) in [(20010, 4), (21001, 1), (21007, 1), (21010, 1), (600, 2)] {
        let refused = refuse_keyed("chat/insertTransfer", funding("pw"), code, "because");
        let node = Node::script([friend(), wallet(true), refused]);
        let run = send(&node, &[], "pw");
        run.failed(exit, &format!("{code}: because"));
        assert!(!run.stderr.contains("--key"), "{run:?}");
        node.finish();
    }
    let none = refuse("contact/getContactByNoId", json!({"nodeId": BOB}), 20058, "no");
    let node = Node::script([none]);
    send(&node, &[], "pw").failed(5, "no contact");
    node.finish();
}

#[test]
fn what_is_no_order_is_never_sent() {
    let node = Node::script([]);
    for bad in [
        &["wallet", "send", BOB, "1.5"][..],
        &["wallet", "send", BOB, "0"],
        &["wallet", "send", "bob", "1"],
        &["wallet", "send", BOB, "1", "secret"],
        &["wallet", "send", BOB, "1", "--password", "secret"],
        &["wallet", "send", BOB, "1", "--key", ""],
        &["wallet", "accept", "ab"],
        &["packet", "new", GID, "9coin"],
        &["packet", "new", GID, "9coin", "0"],
        &["packet", "new", GID, "9coin", "3", "--fortune", "--equal"],
        &["packet", "open", GID, "xy"],
        &["packet", "open", "../x", UID],
    ] {
        assert_eq!(magpie(node.dir(), bad).code, 2, "{bad:?}");
    }
    node.finish();
}

#[test]
fn a_transfer_is_taken_sent_back_and_shown() {
    let accept = json!({"gas": 0, "password": "", "receiveNodeId": "", "receiveNickName": "",
        "message": {"uid": UID}});
    let shown =
        |status: i64| on("remittance/getRecord", json!({"remittanceId": UID}), record(status));
    // The first answer came too late, the second says that the first call did it.
    let node = Node::script([
        refuse("chat/receiveTransfer", accept.clone(), 21009, "not yet"),
        refuse("chat/receiveTransfer", accept.clone(), 21008, "decided"),
        shown(2),
        friend(),
        history(json!([{"msg_id": "m", "msg_type": 18, "msg_cry": transfer()}])),
        on("chat/sendReceivedTransferMessage", notice(BOB, 0, "ab12"), json!([])),
    ]);
    assert_eq!(magpie(node.dir(), &["wallet", "accept", UID]).ok(), "accepted 1.5 coins\n");
    node.finish();
    // To who asks for the first time it says that it was taken before.
    let node = Node::script([refuse("chat/receiveTransfer", accept, 21008, "decided")]);
    magpie(node.dir(), &["wallet", "accept", UID]).failed(6, "21008");
    node.finish();
    let node = Node::script([
        on("remittance/refund", json!({"remittanceId": UID}), record(3)),
        shown(3),
        friend(),
        history(json!([])),
        shown(1),
        refuse("remittance/getRecord", json!({"remittanceId": UID}), 21006, "none"),
    ]);
    assert_eq!(magpie(node.dir(), &["wallet", "refund", UID]).ok(), "sent back 1.5 coins\n");
    let status = magpie(node.dir(), &["wallet", "status", UID]);
    assert!(
        status.ok().contains("state     waiting for the payee, as of height 7\n"),
        "{status:?}"
    );
    magpie(node.dir(), &["wallet", "status", UID]).failed(5, "21006");
    node.finish();
}

fn history(rows: Value) -> Step {
    let conversation = BOB;
    on(
        "chat/getMessagesByConversationId",
        json!({"conversationId": conversation, "startTime": -1, "pageSize": 1000,
            "orderBy": "DESC"}),
        rows,
    )
}

fn notice(to: &str, kind: i64, curve: &str) -> Value {
    json!({"cnd": to, "cid": to, "conversationType": kind, "pub": curve, "msgId": "m",
        "content": {"uid": UID}})
}

#[test]
fn a_packet_is_paid_for_the_group_and_its_card_sent() {
    let mut data = transfer();
    (data["count"], data["type"], data["toNodeAddr"]) = (3.into(), 2.into(), "".into());
    for (flags, method) in [
        (&[][..], "group/groupFortuneInsertRedEnvelope"),
        (&["--fortune"], "group/groupFortuneInsertRedEnvelope"),
        (&["--equal"], "group/groupOrdinaryInsertRedEnvelope"),
    ] {
        let what = json!({"gId": GID, "amount": 900_000_000, "count": 3, "remark": "恭喜发财",
            "cover": 1, "gas": 5, "srcAddress": WALLET, "password": "pw"});
        let node = Node::script([
            group(),
            wallet(true),
            on_keyed(method, what, data.clone()),
            on("chat/sendRedPacketMessage", card(GID, 1, "", data.clone()), json!({})),
        ]);
        let file = node.dir().join("pw");
        fs::write(&file, "pw\n").unwrap();
        let args = [
            "packet",
            "new",
            GID,
            "9coin",
            "3",
            "--remark",
            "恭喜发财",
            "--gas",
            "5",
            "--password-file",
            file.to_str().unwrap(),
        ];
        let run = magpie(node.dir(), &[&args, flags].concat());
        assert!(run.ok().ends_with(&format!("the packet is {UID}\n")), "{run:?}");
        node.finish();
    }
}

#[test]
fn a_share_is_taken_and_waited_for_until_it_is_drawn() {
    let claim = json!({"cnd": "", "groupPassword": "", "receiveNodeId": "", "receiveNickName": "",
        "message": {"uid": UID}, "gId": GID});
    let detail = |price: i64| {
        on(
            "redpacket/detail",
            json!({"redPacketId": UID}),
            json!({"redPacketId": UID, "total_price": 900_000_000, "count": 3, "left": 2,
                "from": BOB, "title": "恭喜", "isExpire": false, "asOfHeight": 9, "returned": 0,
                "users": [{"userId": BOB, "wallet": WALLET, "price": price}]}),
        )
    };
    let rows = on(
        "chat/getMessagesByConversationId",
        json!({"conversationId": GID, "startTime": -1, "pageSize": 1000, "orderBy": "DESC"}),
        json!([]),
    );
    let node = Node::script([
        group(),
        on("group/groupReceiveEnvelope", claim.clone(), json!({})),
        rows,
        wallet(true),
        detail(0),
        detail(310_000_000),
        detail(310_000_000),
        group(),
        refuse("group/groupReceiveEnvelope", claim.clone(), 21003, "opened"),
        group(),
        refuse("group/groupReceiveEnvelope", claim, 21002, "empty"),
    ]);
    let run = |args: &[&str]| magpie(node.dir(), args);
    assert_eq!(run(&["packet", "open", GID, UID]).ok(), "got 3.1 coins\n");
    let shown = run(&["packet", "show", UID]).ok().to_owned();
    assert!(shown.contains("shares  1 of 3 taken\n"), "{shown}");
    assert!(shown.contains(&format!("{BOB}  3.1 coins\n")), "{shown}");
    run(&["packet", "open", GID, UID]).failed(6, "21003");
    run(&["packet", "open", GID, UID]).failed(1, "21002");
    node.finish();
}

#[test]
fn a_recharge_needs_the_issuers_own_key_file() {
    let node = Node::script([]);
    let file = node.dir().join("issuer.key");
    let path = file.to_str().unwrap();
    let mint = || magpie(node.dir(), &["wallet", "mint", WALLET, "1coin", "--issuer-key", path]);
    mint().failed(1, "there is no such file");
    fs::write(&file, "no key").unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
        mint().failed(1, "lets others in");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    }
    mint().failed(1, "issuer.key");
    node.finish();
}
