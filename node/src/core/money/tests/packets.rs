//! Red packets of a group: made, opened, claimed, empty, over.

use super::world::{COIN, FORTUNE, ORDINARY, RICH, Said, Story, uid};
use magpie_protocol::{ledger::Rules, limits::DAY_MS};
use serde_json::{Value, json};

fn fee(shares: u32) -> u64 {
    Rules::usual().packet_fee(shares).0
}

fn detail(story: &mut Story, at: usize, uid: &str) -> Said {
    story.wait(at, ("redpacket", "detail"), json!({"redPacketId": uid}))
}

fn shares(detail: &Value) -> Vec<u64> {
    let users = detail["users"].as_array().unwrap().iter();
    users.map(|user| user["price"].as_u64().unwrap()).collect()
}

#[test]
fn everybody_draws_a_share_of_a_fortune_packet() {
    let mut story = Story::new();
    let (alice, bob, carol) = (story.alice, story.bob, story.carol);
    let uid = story.packet(alice, FORTUNE, (9 * COIN, 3));
    assert_eq!(story.balance(alice), (RICH - 9) * COIN - fee(3));
    // All at once: claimers do not hold each other up.
    let calls = [alice, bob, carol].map(|at| (at, story.put_claim(at, &uid)));
    for (at, call) in calls {
        let said = story.answer_to(at, call).unwrap();
        assert_eq!(said["uid"], json!(uid));
    }
    story.pass(10_000);
    let shown = detail(&mut story, bob, &uid).unwrap();
    assert_eq!(shares(&shown).iter().sum::<u64>(), 9 * COIN, "{shown}");
    assert_eq!(shown["left"], json!(0));
    for at in [alice, bob, carol] {
        assert_eq!(story.claim(at, &uid), Err(21003), "{at}");
        let own = story.records(at).pop().unwrap();
        assert_eq!(own.0, 6, "{at}");
        assert!(shares(&shown).contains(&own.1), "{at}");
    }
    story.assert_sum(fee(3));
    story.assert_idle();
}

#[test]
fn a_packet_without_a_group_is_opened_by_its_card() {
    let mut story = Story::new();
    let (alice, bob, carol) = (story.alice, story.bob, story.carol);
    let params = story.packet_of(alice, 4 * COIN, 2, false);
    let made = uid(&story.wait(alice, ORDINARY, params).unwrap());
    assert_eq!(story.claim(alice, &made), Err(21009), "nobody can claim before it is opened");
    assert_eq!(story.claim(bob, &made), Err(21006), "bob has no card");
    story.send_card(alice, &made).unwrap();
    // The card is faster than the ledger: the claim waits for the opening.
    story.pass(0);
    story.claim(bob, &made).unwrap();
    assert_eq!(story.balance(bob), (RICH + 2) * COIN);
    // Sent again it is the same packet, for the same people.
    story.send_card(alice, &made).unwrap();
    story.claim(carol, &made).unwrap();
    assert_eq!(story.claim(alice, &made), Err(21002), "all is taken");
    assert_eq!(story.claim(carol, &made), Err(21003));
    assert_eq!(story.records(carol), [(6, 2 * COIN)]);
    story.assert_sum(fee(2));
    story.assert_idle();
}

#[test]
fn who_came_later_cannot_claim_and_who_is_no_member_knows_nothing() {
    let mut story = Story::new();
    let (alice, bob, carol) = (story.alice, story.bob, story.carol);
    let dave = story.person();
    crate::core::letters::tests::story::befriend(&mut story, alice, dave);
    let first = story.packet(alice, ORDINARY, (4 * COIN, 4));
    assert_eq!(story.claim(dave, &first), Err(21006));
    assert_eq!(story.claim(dave, &"0".repeat(64)), Err(21006));
    let items = json!([{"cNdAdd": story.address(dave)}]);
    let group = story.group.clone();
    let request = json!({"gId": group, "mContacts": items});
    story.call(alice, "sync", "addGroupMemberWith", request).unwrap();
    story.settle();
    // The card comes to dave again, and says who the members were.
    story.send_card(alice, &first).unwrap();
    story.settle();
    let said = story.claim(dave, &first);
    assert!(matches!(said, Err(21005 | 21006)), "{said:?}");
    story.claim(bob, &first).unwrap();
    let second = story.packet(alice, ORDINARY, (4 * COIN, 4));
    for at in [bob, carol, dave] {
        story.claim(at, &second).unwrap();
    }
    story.assert_idle();
}

#[test]
fn a_packet_that_nobody_took_goes_back_after_a_day() {
    let mut story = Story::new();
    let (alice, bob) = (story.alice, story.bob);
    let opened = story.packet(alice, FORTUNE, (9 * COIN, 3));
    story.claim(bob, &opened).unwrap();
    let params = story.packet_of(alice, 4 * COIN, 2, false);
    let asleep = uid(&story.wait(alice, ORDINARY, params).unwrap());
    story.heartbeats_over(DAY_MS);
    assert_eq!(story.claim(story.carol, &opened), Err(21004));
    assert_eq!(story.claim(alice, &asleep), Err(21004));
    let shown = detail(&mut story, alice, &opened).unwrap();
    let got = shares(&shown)[0];
    assert_eq!(shown["returned"], json!(9 * COIN - got), "{shown}");
    assert_eq!(shown["isExpire"], json!(true));
    assert_eq!(story.balance(alice), RICH * COIN - fee(3) - fee(2) - got);
    story.assert_sum(fee(3) + fee(2));
    let back: Vec<_> = story.records(alice).into_iter().filter(|(kind, _)| *kind == 7).collect();
    assert_eq!(back.iter().map(|(_, amount)| amount).sum::<u64>(), 13 * COIN - got, "{back:?}");
    assert_eq!(back.len(), 2);
    // Opening it now is refused, and forgotten.
    let _ = story.send_card(alice, &asleep);
    story.settle();
    story.assert_idle();
}

#[test]
fn a_packet_that_cannot_be_made_moves_nothing() {
    let mut story = Story::new();
    let alice = story.alice;
    let good = story.packet_of(alice, 3 * COIN, 3, true);
    let with = |field: &str, value: Value| {
        let mut params = good.clone();
        params[field] = value;
        params
    };
    let mut too_many = with("count", json!(1_001));
    too_many["gas"] = json!(COIN);
    let refused = [
        (too_many, 21007),
        (with("amount", json!(RICH * COIN)), 21001),
        (with("gas", json!(fee(3) - 1)), 600),
        (with("count", json!(0)), 21007),
        (with("count", json!(400)), 21007),
        (with("amount", json!(601 * COIN)), 21007),
        (with("amount", json!(0)), 21007),
        (with("password", json!("wallet-2222222222")), 20010),
        (with("gId", json!("no group")), 20043),
    ];
    for (params, code) in refused {
        for kind in [FORTUNE, ORDINARY] {
            assert_eq!(story.wait(alice, kind, params.clone()), Err(code), "{params}");
        }
    }
    assert_eq!(story.balance(alice), RICH * COIN);
    story.assert_idle();
}
