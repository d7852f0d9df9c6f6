//! Money while super nodes, gossip or one's own node are away.

use super::world::{COIN, FORTUNE, INSERT, ORDINARY, RICH, Story, WALLET, uid};
use magpie_protocol::ledger::Rules;
use serde_json::json;

fn fee() -> u64 {
    Rules::usual().fees.transfer.0
}

#[test]
fn what_was_signed_settles_when_the_super_nodes_are_back() {
    let mut story = Story::new();
    let (alice, bob) = (story.alice, story.bob);
    let params = story.transfer_of(alice, bob, COIN);
    story.balance(alice);
    story.all_away();
    let made = story.pending(alice, INSERT, params, "k");
    let info = story.wait(alice, ("wallet", "info"), json!({})).unwrap();
    assert_eq!(info["balance"], json!(RICH * COIN), "as it was");
    story.all_back();
    story.pass(5_000);
    story.assert_idle();
    assert_eq!(story.records(alice), [(4, COIN)]);
    assert_eq!(story.balance(alice), (RICH - 1) * COIN - fee());
    story.send_transfer_card(alice, bob, &made).unwrap();
    story.pass(2_000);
    story.accept(bob, &made, WALLET).unwrap();
    story.assert_sum(fee());
}

#[test]
fn a_restart_between_signing_and_settling_pays_once() {
    let mut story = Story::new();
    let (alice, bob) = (story.alice, story.bob);
    let params = story.transfer_of(alice, bob, COIN);
    story.balance(alice);
    story.all_away();
    let call = story.put_call(alice, INSERT, params, Some("k"));
    story.pass(0);
    assert!(story.answer(alice, call).is_none());
    story.kill(alice);
    story.restart_now(alice);
    story.sign_in_now(alice);
    story.all_back();
    story.pass(5_000);
    story.assert_idle();
    assert_eq!(story.records(alice), [(4, COIN)]);
    assert_eq!(story.balance(alice), (RICH - 1) * COIN - fee());
}

#[test]
fn a_restart_opens_the_packet_and_learns_the_share() {
    let mut story = Story::new();
    let (alice, bob) = (story.alice, story.bob);
    let params = story.packet_of(alice, 2 * COIN, 2, true);
    let call = story.put_call(alice, FORTUNE, params, None);
    story.pass(0);
    assert!(story.answer(alice, call).is_none());
    story.kill(alice);
    story.restart_now(alice);
    story.sign_in_now(alice);
    story.pass(5_000);
    story.assert_idle();
    let packet = story.last_packet(alice);
    story.send_card(alice, &packet).unwrap();
    story.pass(2_000);
    // Bob's claim stands, and is not drawn yet.
    story.claim(bob, &packet).unwrap();
    assert_eq!(story.records(bob), []);
    story.kill(bob);
    story.restart_now(bob);
    story.sign_in_now(bob);
    story.pass(10_000);
    story.assert_idle();
    let own = story.records(bob);
    assert_eq!(own.len(), 1, "{own:?}");
    assert_eq!(own[0].0, 6);
    assert_eq!(story.balance(bob), RICH * COIN + own[0].1);
}

#[test]
fn a_packet_that_was_never_made_is_not_opened() {
    let mut story = Story::new();
    let alice = story.alice;
    let params = story.packet_of(alice, 2 * COIN, 2, false);
    story.balance(alice);
    story.all_away();
    let lost = story.pending(alice, ORDINARY, params, "k");
    // Its card would promise what nobody knows to be there.
    assert_eq!(story.send_card(alice, &lost), Err(21009));
    story.pass(5_000);
    story.world.now += Rules::usual().lifetimes.entry;
    story.all_back();
    story.pass(5_000);
    story.assert_idle();
    assert_eq!(story.send_card(alice, &lost), Err(21006));
    assert_eq!(story.balance(alice), RICH * COIN);
    story.kill(alice);
    story.restart_now(alice);
    story.sign_in_now(alice);
    story.assert_idle();
}

#[test]
fn money_moves_without_gossip() {
    let mut story = Story::new();
    let (alice, bob, carol) = (story.alice, story.bob, story.carol);
    let packet = story.packet(alice, FORTUNE, (2 * COIN, 2));
    story.deaf = true;
    let params = story.transfer_of(alice, bob, COIN);
    story.wait(alice, INSERT, params).unwrap();
    story.claim(carol, &packet).unwrap();
    story.pass(20_000);
    assert_eq!(story.records(carol).len(), 1);
    story.assert_idle();
}

#[test]
fn a_payment_below_one_that_never_happened_takes_its_number() {
    let mut story = Story::new();
    let (alice, bob) = (story.alice, story.bob);
    story.mint(bob, 1).unwrap();
    story.balance(alice);
    story.all_away();
    let params = story.transfer_of(alice, bob, COIN);
    let lost = story.pending(alice, INSERT, params.clone(), "lost");
    // As long as what was shown is fresh.
    story.pass(30_000);
    let later = story.pending(alice, INSERT, params.clone(), "later");
    // The first is over when the super nodes are back, the second is not.
    story.pass(Rules::usual().lifetimes.entry / 2 - 55_000);
    story.all_back();
    story.pass(10_000);
    assert_eq!(story.records(alice), []);
    let anew = uid(&story.wait_named(alice, INSERT, params.clone(), "lost").unwrap());
    assert_ne!(anew, lost);
    story.pass(5_000);
    assert_eq!(uid(&story.wait_named(alice, INSERT, params, "later").unwrap()), later);
    assert_eq!(story.balance(alice), (RICH - 2) * COIN - 2 * fee());
    story.assert_idle();
}

#[test]
fn a_super_node_that_answers_nobody_costs_a_second() {
    let mut story = Story::new();
    let (alice, bob, carol) = (story.alice, story.bob, story.carol);
    let packet = story.packet(alice, FORTUNE, (2 * COIN, 2));
    for at in [bob, carol] {
        story.claim(at, &packet).unwrap();
    }
    story.pass(5_000);
    // Killed, it stays connected until the transport gives it up: whoever it is.
    for mute in 0..4 {
        story.hush(Some(mute));
        story.pass(10_000);
        let begun = story.now;
        let params = story.transfer_of(alice, bob, COIN / 100);
        story.wait(alice, INSERT, params).unwrap();
        story.balance(alice);
        let (open, paid_in) = (story.now, story.now - begun);
        // A dead proposer's round is 3 s.
        assert!(paid_in < 6_000, "{mute}: {paid_in}");
        let money = &mut story.peers[alice].core.money;
        money.forget_headers();
        let detail = ("redpacket", "detail");
        let shown = story.wait(alice, detail, json!({"redPacketId": packet})).unwrap();
        assert_eq!(shown["recomputed"], json!(true), "{shown}");
        let shown_in = story.now - open;
        assert!(shown_in < 5_000, "{mute}: {shown_in}");
    }
}

/// For how long the ledger stands still, milliseconds.
const STANDS_STILL_MS: u64 = 10_000;
/// How often a node asks meanwhile, at most: five times a second, and a few times when it begins.
const ASKED: usize = 5 * 10 + 10;

#[test]
fn a_super_node_that_is_behind_is_not_asked_as_fast_as_it_answers() {
    let mut story = Story::new();
    let (alice, bob) = (story.alice, story.bob);
    let params = story.transfer_of(alice, bob, COIN);
    story.balance(alice);
    // The one that is left answers, and has nothing new to show.
    (1..4).for_each(|at| story.kill(at));
    let before = story.world.peers[alice].core.money.asked;
    let call = story.put_call(alice, INSERT, params, Some("k"));
    story.pass(STANDS_STILL_MS);
    assert!(story.answer(alice, call).is_none());
    let asked = story.world.peers[alice].core.money.asked - before;
    assert!((5..=ASKED).contains(&asked), "{asked} requests");
}
