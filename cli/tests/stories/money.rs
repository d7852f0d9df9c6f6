//! Money over four super nodes, all of them processes, driven by commands: a packet is shared, and
//! payments whose payer is killed, and a super node with him, are made once.

use crate::{
    node::{Node, WALLET, eventually, failed, said},
    people::{NETWORK_TIME, Network, Person, befriend},
};
use magpie_protocol::ledger::{Amount, Rules};
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    thread,
    time::{Duration, Instant},
};

/// How long the ledger may take with a super node gone: a round with a dead proposer takes longer.
const LEDGER_TIME: Duration = Duration::from_secs(60);
/// How long after the call for a payment its payer's node is killed: before it is signed, while it is
/// handed on, and when it may stand in a block already.
const KILLED_AFTER_MS: [u64; 4] = [50, 400, 800, 1_500];
/// What each of the payments is, in units.
const PAYMENT: u64 = Amount::COIN.0 / 4;

/// Returns a person's balance in units, once their node has seen the ledger.
#[track_caller]
fn balance(person: &Person) -> u64 {
    eventually("the wallet is shown", LEDGER_TIME, || {
        let output = person.place.magpie(&["--json", "wallet", "show"]);
        let info: Value = serde_json::from_str(&said_or(&output)?).unwrap();
        info["balance"].as_u64()
    })
}

/// Returns what a command said, or nothing if it was a conflict or time-out, or its thing is not
/// there yet.
#[track_caller]
fn said_or(output: &std::process::Output) -> Option<String> {
    match output.status.code() {
        Some(5 | 6) => None,
        _ => Some(said(output)),
    }
}

/// Runs a command until what it names is there; returns its data.
#[track_caller]
fn eventually_says(what: &str, person: &Person, args: &[&str]) -> Value {
    let args = [&["--json"], args].concat();
    let text = eventually(what, LEDGER_TIME, || said_or(&person.place.magpie(&args)));
    serde_json::from_str(&text).unwrap()
}

/// Returns a file with the wallet password.
fn password(person: &Person) -> String {
    person.place.file("wallet", WALLET)
}

/// Returns the rows of a person's records.
fn records(person: &Person, kind: u64) -> Vec<Value> {
    let rows = person.says(&["wallet", "records", "--count", "1000"]);
    let all = rows.as_array().unwrap().iter();
    all.filter(|row| row["type"] == kind).cloned().collect()
}

/// The issuer makes `coins` for alice, who shares 9 of them in the group by a draw.
fn share(network: &Network, people: [&Person; 3], group: &str, minted: Amount) {
    let [alice, bob, carol] = people;
    let wallet = eventually_says("alice has a wallet", alice, &["wallet", "show"]);
    let (wallet, units) = (wallet["address"].as_str().unwrap(), minted.0.to_string());
    let (issuer, pw) = (network.issuer(), password(alice));
    alice.says(&["wallet", "mint", wallet, &units, "--issuer-key", &issuer]);
    assert_eq!(balance(alice), minted.0);

    let new =
        ["packet", "new", group, "9coin", "3", "--remark", "恭喜发财", "--password-file", &pw];
    let packet = alice.says(&new);
    let uid = packet["uid"].as_str().unwrap();
    let mut got = Vec::new();
    for person in [bob, carol, alice] {
        let open = ["packet", "open", group, uid];
        let share = eventually_says("the packet's card is there", person, &open);
        got.push((person.address.clone(), share["amount"].as_u64().expect("the share is drawn")));
        failed(&person.place.magpie(&open), 6, "21003");
    }
    assert_eq!(got.iter().map(|(_, units)| units).sum::<u64>(), 9 * Amount::COIN.0);
    got.sort();
    for person in people {
        let shown = eventually("all shares are shown", LEDGER_TIME, || {
            let detail = person.says(&["packet", "show", uid]);
            let users = detail["users"].as_array().unwrap().iter();
            let user =
                |user: &Value| Some((user["userId"].as_str()?.to_owned(), user["price"].as_u64()?));
            let mut users: Vec<_> = users.filter_map(user).collect();
            users.sort();
            (users == got).then_some(detail)
        });
        assert_eq!(shown["total_price"], 9 * Amount::COIN.0);
    }
    assert_eq!(balance(bob), got.iter().find(|(who, _)| *who == bob.address).unwrap().1);
}

/// Makes a payment by a call of its own, whose caller may be left without an answer.
fn pay(node: &Node, wallet: &str, to: &str, key: &str) -> Option<Value> {
    node.try_call(
        "chat",
        "insertTransfer",
        &json!({"cnd": to, "gas": 200_000, "amount": PAYMENT, "password": WALLET,
            "srcAddress": wallet, "senderNickname": "", "senderNodeAddress": "", "remark": key,
            "__IDEMPOTENCY_KEY": key}),
    )
}

#[test]
fn a_payment_is_made_once_though_payer_and_super_node_are_killed() {
    let network = Network::of(4);
    let mut supers = network.supers();
    let [alice, bob, carol] = std::array::from_fn(|_| Person::new(&network));
    let (_alice, _carol) = (alice.run(), carol.run());
    let mut bob_node = bob.run();
    for (one, other) in [(&alice, &bob), (&alice, &carol), (&bob, &carol)] {
        befriend(one, other);
    }
    let made = alice.says(&["group", "new", "money", &bob.address, &carol.address]);
    let group = made["g_id"].as_str().unwrap();
    for person in [&bob, &carol] {
        eventually("all are in the group", NETWORK_TIME, || {
            person.place.magpie(&["group", "show", group]).status.success().then_some(())
        });
    }
    let minted = Amount(100 * Amount::COIN.0);
    share(&network, [&alice, &bob, &carol], group, minted);

    // So that bob can pay whatever the draw gave him.
    let pw = password(&alice);
    let gift = alice.says(&["wallet", "send", &bob.address, "5coin", "--password-file", &pw]);
    let gift = gift["uid"].as_str().unwrap();
    assert_eq!(eventually_says("the gift's card", &bob, &["wallet", "accept", gift])["status"], 2);
    let (had, hers) = (balance(&bob), balance(&carol));

    let wallet = bob.says(&["wallet", "show"])["address"].as_str().unwrap().to_owned();
    let mut uids = BTreeSet::new();
    for (round, after) in KILLED_AFTER_MS.into_iter().enumerate() {
        let key = format!("payment {round}");
        thread::scope(|scope| {
            let (node, wallet, to, key) = (&bob_node, &wallet, &carol.address, &key);
            scope.spawn(move || pay(node, wallet, to, key));
            // One super node dies with him the first time, and is back for the third.
            if round == 0 {
                supers[3].1.as_ref().unwrap().signal_kill();
            }
            thread::sleep(Duration::from_millis(after));
            node.signal_kill();
        });
        bob_node.kill();
        bob_node = bob.run();
        // The same call again: it is the payment that was made, or the first one.
        let asked = || {
            let answer = pay(&bob_node, &wallet, &carol.address, &key).expect("the node answers");
            (answer["code"] == 200).then(|| answer["data"]["uid"].as_str().unwrap().to_owned())
        };
        let uid = eventually("the payment is final", LEDGER_TIME, asked);
        assert_eq!(asked().as_ref(), Some(&uid), "the key stands for one payment");
        assert!(uids.insert(uid), "each payment is one of its own");
        if round == 1 {
            let (place, node) = &mut supers[3];
            node.take().unwrap().kill();
            *node = Some(network.start(place));
        }
    }
    let (count, fees) = (uids.len() as u64, Rules::usual().fees);
    assert_eq!(balance(&bob), had - count * (PAYMENT + fees.transfer.0), "each was paid once");
    let sent: BTreeSet<String> =
        records(&bob, 4).iter().map(|row| row["uid"].as_str().unwrap().to_owned()).collect();
    assert_eq!(sent, uids);
    assert_eq!(records(&bob, 4).len(), uids.len(), "each is recorded once");

    // Their cards were not sent yet: who is killed in between sends them later.
    let contact = bob.says(&["contact", "show", &carol.address]);
    for uid in &uids {
        let card = json!({"cnd": carol.address, "cid": carol.address, "conversationType": 0,
            "pub": contact["c_pub_curve"], "content": {"uid": uid}});
        bob_node.ok("chat", "sendTransferMessage", card);
        let taken = eventually_says("the card is there", &carol, &["wallet", "accept", uid]);
        assert_eq!(taken["status"], 2);
        failed(&carol.place.magpie(&["wallet", "accept", uid]), 6, "21008");
    }
    assert_eq!(balance(&carol), hers + count * PAYMENT);

    // Nothing came from nowhere, nothing is gone but the fees.
    let paid = (count + 1) * fees.transfer.0 + Rules::usual().packet_fee(3).0;
    let all: u64 = [&alice, &bob, &carol].into_iter().map(balance).sum();
    assert_eq!(all + paid, minted.0);
    agree(&[&alice, &bob, &carol]);
    bob_node.stop();
}

/// Waits until the people's nodes believe one state at one height.
#[track_caller]
fn agree(people: &[&Person]) {
    let end = Instant::now() + LEDGER_TIME;
    loop {
        let status = |person: &&Person| person.says(&["call", "ledger", "status"]);
        let seen: Vec<Value> = people.iter().map(status).collect();
        if seen.iter().all(|it| it["height"] == seen[0]["height"]) {
            assert!(seen.iter().all(|it| it["state_root"] == seen[0]["state_root"]), "{seen:?}");
            assert!(seen[0]["verified_by"].as_u64() >= Some(3), "{seen:?}");
            return;
        }
        assert!(Instant::now() < end, "three nodes are never at one height: {seen:?}");
    }
}
