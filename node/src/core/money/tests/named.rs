//! Calls under a key of the caller's: the same one never moves money twice.

use super::world::{ACCEPT, CLAIM, COIN, INSERT, ORDINARY, REFUND, RICH, Story, WALLET, uid};
use magpie_protocol::ledger::Rules;
use serde_json::json;

fn fee() -> u64 {
    Rules::usual().fees.transfer.0
}

#[test]
fn the_same_key_gives_the_same_transfer_also_after_a_restart() {
    let mut story = Story::new();
    let (alice, bob) = (story.alice, story.bob);
    let params = story.transfer_of(alice, bob, COIN);
    let first = uid(&story.wait_named(alice, INSERT, params.clone(), "k").unwrap());
    let again = uid(&story.wait_named(alice, INSERT, params.clone(), "k").unwrap());
    assert_eq!(again, first);
    let mut other = params.clone();
    other["amount"] = json!(2 * COIN);
    assert_eq!(story.wait_named(alice, INSERT, other, "k"), Err(600));
    let packet = story.packet_of(alice, COIN, 1, true);
    assert_eq!(story.wait_named(alice, ORDINARY, packet, "k"), Err(600));
    story.kill(alice);
    story.restart_now(alice);
    story.sign_in_now(alice);
    let again = uid(&story.wait_named(alice, INSERT, params.clone(), "k").unwrap());
    assert_eq!(again, first);
    assert_eq!(story.balance(alice), (RICH - 1) * COIN - fee());
    // Another key, or none, is another transfer.
    let second = uid(&story.wait_named(alice, INSERT, params.clone(), "l").unwrap());
    let third = uid(&story.wait(alice, INSERT, params).unwrap());
    assert!(first != second && second != third);
    assert_eq!(story.balance(alice), (RICH - 3) * COIN - 3 * fee());
    assert_eq!(story.records(alice), [(4, COIN); 3]);
    story.assert_idle();
}

#[test]
fn the_same_key_waits_for_the_same_entry_while_it_is_pending() {
    let mut story = Story::new();
    let (alice, bob) = (story.alice, story.bob);
    let params = story.transfer_of(alice, bob, COIN);
    story.balance(alice);
    story.all_away();
    let first = story.pending(alice, INSERT, params.clone(), "k");
    assert_eq!(story.pending(alice, INSERT, params.clone(), "k"), first);
    let mut other = params.clone();
    other["remark"] = json!("dinner");
    assert_eq!(story.wait_named(alice, INSERT, other, "k"), Err(600));
    story.kill(alice);
    story.restart_now(alice);
    story.sign_in_now(alice);
    assert_eq!(story.pending(alice, INSERT, params.clone(), "k"), first);
    // One call waits while the super nodes come back.
    let call = story.put_call(alice, INSERT, params, Some("k"));
    story.pass(1_000);
    story.all_back();
    assert_eq!(uid(&story.answer_to(alice, call).unwrap()), first);
    assert_eq!(story.balance(alice), (RICH - 1) * COIN - fee());
    story.assert_idle();
}

#[test]
fn the_same_call_twice_at_once_is_one_transfer() {
    let mut story = Story::new();
    let (alice, bob) = (story.alice, story.bob);
    let params = story.transfer_of(alice, bob, COIN);
    let calls: Vec<_> =
        (0..3).map(|_| story.put_call(alice, INSERT, params.clone(), Some("k"))).collect();
    let said: Vec<_> = calls.into_iter().map(|call| story.answer_to(alice, call)).collect();
    assert!(said[0].is_ok(), "{said:?}");
    assert_eq!(said[1..], [Err(21009), Err(21009)]);
    assert_eq!(story.balance(alice), (RICH - 1) * COIN - fee());
    let again = uid(&story.wait_named(alice, INSERT, params, "k").unwrap());
    assert_eq!(again, uid(said[0].as_ref().unwrap()));
    story.assert_idle();
}

#[test]
fn what_never_happened_is_made_anew_under_the_same_key() {
    let mut story = Story::new();
    let (alice, bob) = (story.alice, story.bob);
    let params = story.transfer_of(alice, bob, COIN);
    story.balance(alice);
    story.all_away();
    let lost = story.pending(alice, INSERT, params.clone(), "k");
    let still = story.pending(alice, INSERT, params.clone(), "k");
    assert_eq!(still, lost);
    story.world.now += Rules::usual().lifetimes.entry;
    story.all_back();
    story.pass(5_000);
    story.assert_idle();
    assert_eq!(story.balance(alice), RICH * COIN);
    assert_eq!(story.records(alice), []);
    assert_eq!(story.send_transfer_card(alice, bob, &lost), Err(21006));
    let anew = uid(&story.wait_named(alice, INSERT, params.clone(), "k").unwrap());
    assert_ne!(anew, lost);
    assert_eq!(story.balance(alice), (RICH - 1) * COIN - fee());
    // The key stands for the later one as long as that is young.
    story.heartbeats_over(30 * 24 * 60 * 60 * 1_000 - 60_000);
    story.wait_named(alice, INSERT, params.clone(), "other").unwrap();
    let again = uid(&story.wait_named(alice, INSERT, params, "k").unwrap());
    assert_eq!(again, anew);
    story.assert_idle();
}

#[test]
fn the_same_key_answers_a_claim_again() {
    let mut story = Story::new();
    let (alice, bob) = (story.alice, story.bob);
    let packet = story.packet(alice, ORDINARY, (4 * COIN, 2));
    let other = story.packet(alice, ORDINARY, (4 * COIN, 2));
    let params = story.claim_of(&packet);
    let twice: Vec<_> =
        (0..2).map(|_| story.put_call(bob, CLAIM, params.clone(), Some("k"))).collect();
    let said: Vec<_> = twice.into_iter().map(|call| story.answer_to(bob, call)).collect();
    assert!(said[0].is_ok() && said[1] == Err(21009), "{said:?}");
    story.pass(5_000);
    for _ in 0..2 {
        let again = story.wait_named(bob, CLAIM, params.clone(), "k").unwrap();
        assert_eq!(uid(&again), packet);
        // What is the same for all, and that bob has a share.
        let first = said[0].as_ref().unwrap();
        for field in ["uid", "amount", "count", "status", "fromAddress"] {
            assert_eq!(again[field], first[field], "{field}");
        }
        story.kill(bob);
        story.restart_now(bob);
        story.sign_in_now(bob);
    }
    let another = story.claim_of(&other);
    assert_eq!(story.wait_named(bob, CLAIM, another, "k"), Err(600));
    assert_eq!(story.wait_named(bob, CLAIM, params.clone(), "l"), Err(21003), "another call");
    assert_eq!(story.wait(bob, CLAIM, params), Err(21003));
    assert_eq!(story.records(bob), [(6, 2 * COIN)]);
    story.assert_idle();
}

#[test]
fn the_same_key_answers_an_acceptance_and_a_refund_again() {
    let mut story = Story::new();
    let (alice, bob) = (story.alice, story.bob);
    let taken = story.transfer(alice, bob, COIN);
    let back = story.transfer(alice, bob, 2 * COIN);
    let refund = json!({"remittanceId": back});
    let accept = Story::acceptance_of(&taken, WALLET);
    for _ in 0..2 {
        for _ in 0..2 {
            let said = story.wait_named(bob, ACCEPT, accept.clone(), "take").unwrap();
            assert_eq!(uid(&said), taken);
            let said = story.wait_named(bob, REFUND, refund.clone(), "back").unwrap();
            assert_eq!((&said["remittanceId"], &said["status"]), (&json!(back), &json!(3)));
        }
        story.kill(bob);
        story.restart_now(bob);
        story.sign_in_now(bob);
    }
    assert_eq!(story.wait_named(bob, REFUND, refund.clone(), "take"), Err(600));
    assert_eq!(story.wait_named(bob, REFUND, refund, "new"), Err(21008));
    assert_eq!(story.records(bob), [(3, COIN)]);
    story.assert_idle();
}

#[test]
fn a_claim_that_waits_is_answered_to_who_asks_again_with_the_same_key() {
    let mut story = Story::new();
    let (alice, bob) = (story.alice, story.bob);
    let packet = story.packet(alice, ORDINARY, (4 * COIN, 2));
    // What was shown is fresh: the claim is signed, and nobody takes it.
    let _shown = story.wait(bob, ("redpacket", "detail"), json!({"redPacketId": packet}));
    story.all_away();
    let params = story.claim_of(&packet);
    assert_eq!(story.pending(bob, CLAIM, params.clone(), "k"), packet);
    assert_eq!(story.pending(bob, CLAIM, params.clone(), "k"), packet);
    let call = story.put_call(bob, CLAIM, params, Some("k"));
    story.pass(1_000);
    story.all_back();
    assert_eq!(uid(&story.answer_to(bob, call).unwrap()), packet);
    story.pass(5_000);
    assert_eq!(story.records(bob), [(6, 2 * COIN)]);
    story.assert_idle();
}
