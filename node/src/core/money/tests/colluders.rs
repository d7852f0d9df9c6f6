//! All four validators execute and sign a wrong draw together: who holds the packet's card finds it, and
//! believes nothing of that ledger any more.

use super::world::{COIN, FORTUNE, INSERT, RICH, Said, Story};
use crate::core::{
    letters::tests::world::At,
    money::rows::{BREACH, OPERATIONS, PACKETS},
};
use magpie_protocol::{
    codec::decode,
    content::Audience,
    ledger::{EntryId, Tip, exchange::DecidedHeader, state::Transfer},
};
use magpie_storage::{engine::Order, overlay::Tx, table::Keys};
use serde_json::{Value, json};
use std::sync::Arc;

/// A packet of three shares: alice drew hers, then bob and carol theirs in one block.
struct Drawn {
    story: Story,
    uid: String,
    /// What bob and carol got.
    got: [u64; 2],
}

/// The same story each time, but for the validators' honesty.
fn drawn(collude: bool) -> Drawn {
    let mut story = Story::new();
    let (alice, bob, carol) = (story.alice, story.bob, story.carol);
    if collude {
        for validator in 0..4 {
            story.peers[validator].core.orderer.as_mut().unwrap().collude();
        }
    }
    let uid = story.packet(alice, FORTUNE, (9 * COIN, 3));
    // Hers makes the block before which theirs wait.
    story.claim(alice, &uid).unwrap();
    let calls = [bob, carol].map(|at| (at, story.put_claim(at, &uid)));
    for (at, call) in calls {
        story.answer_to(at, call).unwrap();
    }
    story.pass(10_000);
    let got = [bob, carol].map(|at| story.balance(at) - RICH * COIN);
    let tip = |at: At| -> Tip { story.peers[at].core.orderer.as_ref().unwrap().head().tip };
    assert!((1..4).all(|at| tip(at) == tip(0)), "all validators are of one mind");
    Drawn { story, uid, got }
}

fn detail(story: &mut Story, at: At, uid: &str) -> Said {
    story.wait(at, ("redpacket", "detail"), json!({"redPacketId": uid}))
}

/// What somebody signed so far.
fn signed(story: &Story, at: At) -> usize {
    let peer = &story.peers[at];
    let rows = Arc::clone(&peer.core.open.as_ref().unwrap().rows);
    let all = Keys::all();
    OPERATIONS.scan(&peer.store, &rows, &(), &all, Order::Ascending, 64).unwrap().len()
}

/// What a call is answered with that needs the ledger.
fn warning(story: &mut Story, at: At) -> (String, Value) {
    let call = story.put_call(at, ("wallet", "info"), json!({}), None);
    story.pass(0);
    let error = story.answer(at, call).expect("answered at once").unwrap_err();
    assert_eq!(error.code.number(), 500);
    (error.message, error.data)
}

/// What the ledger's status says to who may not believe it.
fn breach(story: &mut Story, at: At) -> Value {
    let status = story.call(at, "ledger", "status", json!({})).unwrap();
    let (no, null) = (&json!(false), &Value::Null);
    let shown = (&status["verified"], &status["settled"], &status["unconfirmed"]);
    assert_eq!(shown, (no, no, null), "{status}");
    status["breach"].clone()
}

#[test]
fn a_wrong_draw_is_refused_though_all_validators_signed_it() {
    let honest = drawn(false);
    let mut of = drawn(true);
    let [bob_got, carol_got] = honest.got;
    assert!(bob_got != carol_got && of.got == [carol_got, bob_got], "each has the other's share");
    let (alice, bob, carol) = (of.story.alice, of.story.bob, of.story.carol);
    // Who has not looked at the packet does not know yet; its maker does, and so does who got more.
    for at in [alice, bob, carol] {
        let before = signed(&of.story, at);
        assert_eq!(detail(&mut of.story, at, &of.uid), Err(500), "{at}");
        // The person is told with each call, and nothing is spent or taken.
        let (said, data) = warning(&mut of.story, at);
        assert!(said.contains("breaks its own rules") && said.contains("slot"), "{said}");
        assert_eq!(data["redPacketId"], json!(of.uid));
        let breach = breach(&mut of.story, at);
        let told = (&breach["kind"], &breach["red_packet_id"]);
        assert_eq!(told, (&json!("draw"), &json!(of.uid)));
        assert!(breach["why"].as_str().unwrap().contains("slot"), "{breach}");
        assert_eq!(breach["headers"][0]["height"], breach["height"]);
        let to = if at == alice { bob } else { alice };
        let params = of.story.transfer_of(at, to, COIN);
        assert_eq!(of.story.wait(at, INSERT, params), Err(500));
        assert_eq!(of.story.claim(at, &of.uid), Err(500));
        assert_eq!(of.story.wait(at, ("wallet", "info"), json!({})), Err(500));
        assert_eq!(signed(&of.story, at), before);
    }
    // What convicts the validators is kept, and so is the refusal.
    let kept = BREACH.get(&of.story.peers[alice].store, &()).unwrap().unwrap();
    let decided: DecidedHeader = decode(&kept.header).unwrap();
    assert_eq!(decided.header.height, kept.height);
    assert!(decided.certificate.signatures.len() >= 3);
    of.story.kill(alice);
    of.story.restart_now(alice);
    of.story.sign_in_now(alice);
    of.story.pass(5_000);
    assert_eq!(detail(&mut of.story, alice, &of.uid), Err(500));
    assert_eq!(warning(&mut of.story, alice).1["redPacketId"], json!(of.uid));
    assert_eq!(breach(&mut of.story, alice)["red_packet_id"], json!(of.uid));
    let params = of.story.transfer_of(alice, bob, COIN);
    assert_eq!(of.story.wait(alice, INSERT, params), Err(500));
}

#[test]
fn an_entry_that_waits_is_not_pressed_on_a_ledger_that_broke_its_rules() {
    let mut of = drawn(true);
    let (alice, bob) = (of.story.alice, of.story.bob);
    // No super node keeps what alice signs before she looks at the packet.
    let all: Vec<_> = (1..4).collect();
    all.iter().for_each(|at| of.story.part(alice, *at));
    of.story.swallows.insert(0);
    let params = of.story.transfer_of(alice, bob, COIN);
    let call = of.story.put_call(alice, INSERT, params, Some("k"));
    of.story.pass(1_000);
    assert!(of.story.answer(alice, call).is_none());
    assert_eq!(detail(&mut of.story, alice, &of.uid), Err(500));
    of.story.swallows.clear();
    all.iter().for_each(|at| of.story.meet(alice, *at));
    of.story.pass(15_000);
    let error = of.story.answer(alice, call).expect("answered in time").unwrap_err();
    assert_eq!(error.code.number(), 21009);
    // Whoever asks the super nodes sees that none of them got it: no such leaf, and nothing waits.
    let id: EntryId = error.data["uid"].as_str().unwrap().parse().unwrap();
    for at in 0..4 {
        let peer = &of.story.peers[at];
        let orderer = peer.core.orderer.as_ref().unwrap();
        assert_eq!(orderer.leaf::<Transfer>(&peer.store, &id), None, "{at}");
        assert!(!orderer.waits(), "{at}");
    }
}

#[test]
fn an_honest_draw_and_a_card_that_names_others_stop_nothing() {
    let mut of = drawn(false);
    let (alice, bob) = (of.story.alice, of.story.bob);
    let shown = detail(&mut of.story, alice, &of.uid).unwrap();
    assert_eq!(shown["recomputed"], json!(true), "{shown}");
    let status = of.story.call(alice, "ledger", "status", json!({})).unwrap();
    assert_eq!((&status["verified"], &status["breach"]), (&json!(true), &Value::Null));
    // Whoever sends a card can write whom he likes into it.
    let (packet, who): (EntryId, _) = (of.uid.parse().unwrap(), of.story.address(alice));
    let sender = of.story.address(alice).parse().unwrap();
    let peer = &mut of.story.peers[bob];
    let rows = Arc::clone(&peer.core.open.as_ref().unwrap().rows);
    let mut row = PACKETS.get(&peer.store, &rows, &packet, &sender).unwrap().unwrap();
    row.card.audience = Audience::One(who.parse().unwrap());
    let mut tx = Tx::new(&peer.store);
    PACKETS.put(&mut tx, &rows, (&packet, &sender), &row, &mut peer.rng).unwrap();
    let batch = tx.into_batch();
    peer.store.push(batch);
    peer.store.commit().unwrap();
    assert_eq!(detail(&mut of.story, bob, &of.uid), Err(500));
    assert_eq!(BREACH.get(&of.story.peers[bob].store, &()).unwrap(), None);
    for (from, to) in [(alice, bob), (bob, alice)] {
        let params = of.story.transfer_of(from, to, COIN);
        of.story.wait(from, INSERT, params).unwrap();
    }
}
