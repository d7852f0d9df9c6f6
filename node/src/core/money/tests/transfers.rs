//! Transfers: accepted, declined, returned, refused.

use super::world::{COIN, GAS, INSERT, RICH, Story, WALLET, uid};
use magpie_protocol::{ledger::Rules, limits::DAY_MS};
use serde_json::{Value, json};

fn fee() -> u64 {
    Rules::usual().fees.transfer.0
}

fn status(story: &mut Story, at: usize, uid: &str) -> Value {
    story.wait(at, ("remittance", "getRecord"), json!({"remittanceId": uid})).unwrap()
}

#[test]
fn a_transfer_is_the_payees_when_the_payee_takes_it() {
    let mut story = Story::new();
    let (alice, bob, carol) = (story.alice, story.bob, story.carol);
    let uid = story.transfer(alice, bob, 3 * COIN);
    assert_eq!(story.balance(alice), (RICH - 3) * COIN - fee());
    assert_eq!(story.balance(bob), RICH * COIN);
    assert_eq!(status(&mut story, bob, &uid)["status"], json!(1));
    assert_eq!(story.accept(carol, &uid, ""), Err(21006), "carol got no card");
    assert_eq!(story.accept(alice, &uid, ""), Err(21005), "it is for bob");
    assert_eq!(story.accept(bob, &uid, "wallet-2222222222"), Err(20010));
    assert_eq!(story.balance(bob), RICH * COIN);
    let taken = story.accept(bob, &uid, WALLET).unwrap();
    assert_eq!(taken["uid"], json!(uid));
    assert_eq!(story.balance(bob), (RICH + 3) * COIN);
    for at in [alice, bob] {
        let record = status(&mut story, at, &uid);
        assert_eq!(record["status"], json!(2), "{record}");
        assert_eq!(record["amount"], json!(3 * COIN), "{record}");
        assert!(record["height"].as_u64().unwrap() > 0, "{record}");
        assert!(record["receivedAt"].as_u64().unwrap() > 0, "{record}");
    }
    for password in ["", WALLET] {
        assert_eq!(story.accept(bob, &uid, password), Err(21008));
    }
    assert_eq!(story.decline(bob, &uid), Err(21008));
    assert_eq!(story.decline(alice, &uid), Err(400));
    assert_eq!(story.decline(carol, &uid), Err(21006));
    assert_eq!(story.records(alice), [(4, 3 * COIN)]);
    assert_eq!(story.records(bob), [(3, 3 * COIN)]);
    story.assert_sum(fee());
    story.assert_idle();
}

#[test]
fn what_is_declined_or_not_taken_in_a_day_goes_back() {
    let mut story = Story::new();
    let (alice, bob) = (story.alice, story.bob);
    let declined = story.transfer(alice, bob, 3 * COIN);
    let back = story.decline(bob, &declined).unwrap();
    assert_eq!((&back["remittanceId"], &back["status"]), (&json!(declined), &json!(3)));
    assert_eq!(story.balance(alice), RICH * COIN - fee());
    assert_eq!(status(&mut story, alice, &declined)["status"], json!(3));
    assert_eq!(story.accept(bob, &declined, ""), Err(21008));

    let late = story.transfer(alice, bob, 5 * COIN);
    story.heartbeats_over(DAY_MS);
    assert_eq!(story.accept(bob, &late, ""), Err(21004));
    assert_eq!(story.decline(bob, &late), Err(21004));
    assert_eq!(story.balance(alice), RICH * COIN - 2 * fee());
    assert_eq!(status(&mut story, alice, &late)["status"], json!(4));
    // What came back is recorded once, whoever looks; what was declined when it was looked at.
    assert_eq!(story.records(alice), [(4, 3 * COIN), (8, 3 * COIN), (4, 5 * COIN), (8, 5 * COIN)]);
    assert_eq!(story.records(bob), []);
    story.assert_sum(2 * fee());
    story.assert_idle();
}

#[test]
fn a_payment_that_cannot_be_made_moves_nothing() {
    let mut story = Story::new();
    let (alice, bob) = (story.alice, story.bob);
    let good = story.transfer_of(alice, bob, COIN);
    let with = |field: &str, value: Value| {
        let mut params = good.clone();
        params[field] = value;
        params
    };
    let least = Rules::usual().limits.transfer_least.0;
    let other = story.wallet(bob);
    let stranger = story.wallet(alice);
    let refused = [
        (with("amount", json!(RICH * COIN)), 21001),
        (with("gas", json!(fee() - 1)), 600),
        (with("amount", json!(least - 1)), 21007),
        (with("amount", json!(1_000_001 * COIN)), 21007),
        (with("password", json!("wallet-2222222222")), 20010),
        (with("srcAddress", json!(other)), 600),
        (with("cnd", json!(stranger)), 21010),
    ];
    for (params, code) in refused {
        let said = story.wait(alice, INSERT, params.clone());
        assert_eq!(said, Err(code), "{params}");
    }
    // All there is, to the last unit.
    let all = RICH * COIN - fee();
    assert_eq!(story.wait(alice, INSERT, with("amount", json!(all + 1))), Err(21001));
    assert_eq!(story.balance(alice), RICH * COIN);
    let mut params = with("amount", json!(all));
    params["gas"] = json!(fee());
    story.wait(alice, INSERT, params).unwrap();
    assert_eq!(story.balance(alice), 0);
    assert_eq!(story.wait(alice, INSERT, good), Err(21001));
    story.assert_idle();
}

#[test]
fn payments_at_once_take_numbers_one_after_the_other() {
    let mut story = Story::new();
    let (alice, bob) = (story.alice, story.bob);
    let params = story.transfer_of(alice, bob, COIN);
    let calls: Vec<_> =
        (0..5).map(|_| story.put_call(alice, INSERT, params.clone(), None)).collect();
    let mut made: Vec<String> =
        calls.into_iter().map(|call| uid(&story.answer_to(alice, call).unwrap())).collect();
    made.sort();
    made.dedup();
    assert_eq!(made.len(), 5);
    assert_eq!(story.balance(alice), (RICH - 5) * COIN - 5 * fee());
    story.assert_idle();
    // What waits is counted against the balance.
    let mut params = story.transfer_of(alice, bob, 60 * COIN);
    params["gas"] = json!(GAS);
    let calls: Vec<_> =
        (0..2).map(|_| story.put_call(alice, INSERT, params.clone(), None)).collect();
    let said: Vec<_> = calls.into_iter().map(|call| story.answer_to(alice, call)).collect();
    assert_eq!(said.iter().filter(|said| **said == Err(21001)).count(), 1, "{said:?}");
    story.assert_idle();
}

#[test]
fn a_payment_whose_password_takes_long_comes_after_those_that_were_faster() {
    let mut story = Story::new();
    let (alice, bob) = (story.alice, story.bob);
    let params = story.transfer_of(alice, bob, COIN);
    story.balance(alice);
    // The key of the second is derived while the first settles.
    story.hold_keys(alice, 1);
    let fast = story.put_call(alice, INSERT, params.clone(), None);
    let slow = story.put_call(alice, INSERT, params, None);
    story.answer_to(alice, fast).unwrap();
    story.release_keys();
    story.answer_to(alice, slow).unwrap();
    assert_eq!(story.balance(alice), (RICH - 2) * COIN - 2 * fee());
    story.assert_idle();
}

#[test]
fn what_came_back_while_one_was_away_is_recorded_after_the_login() {
    let mut story = Story::new();
    let (alice, bob) = (story.alice, story.bob);
    let sent: Vec<_> = (0..20).map(|_| story.transfer(alice, bob, COIN / 10)).collect();
    story.accept(bob, &sent[0], "").unwrap();
    story.decline(bob, &sent[1]).unwrap();
    story.kill(alice);
    story.heartbeats_over(DAY_MS);
    story.restart_now(alice);
    story.sign_in_now(alice);
    story.pass(20_000);
    story.assert_idle();
    let back = story.records(alice).into_iter().filter(|record| *record == (8, COIN / 10)).count();
    assert_eq!(back, 19);
}
