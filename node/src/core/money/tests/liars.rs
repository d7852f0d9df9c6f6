//! Super nodes that lie to people: nothing of it is believed, and each lie is counted.

use super::world::{COIN, INSERT, RICH, Said, Story, read, uid};
use crate::core::net::Fault;
use magpie_protocol::{
    bounded::List,
    codec::encode,
    ledger::{
        BlockHash, EntryId, Rules, StateRoot, ValidatorsHash,
        exchange::{Answer, Proven, Refusal},
    },
};
use serde_json::json;
use std::{cell::RefCell, rc::Rc};

/// The super node that lies.
const LIAR: usize = 0;

/// What the liar changes of what it shows.
type Change = fn(&mut Proven);

/// Lets one super node change what it shows.
fn show(story: &mut Story, mut lie: impl FnMut(&mut Proven) + 'static) {
    let lie = move |bytes: Vec<u8>| match read(&bytes) {
        Answer::Proven(mut proven) => {
            lie(&mut proven);
            encode(&Answer::Proven(proven)).unwrap()
        }
        _ => bytes,
    };
    story.lies.insert(LIAR, Box::new(lie));
}

/// Moves money and looks at it until the liar was asked; returns how often it was caught.
fn live(story: &mut Story) -> usize {
    let (alice, bob) = (story.alice, story.bob);
    let mut all = story.balance(alice);
    let begun = story.answers_changed;
    for n in 0..12 {
        // Super nodes are asked in turn: now and then one more, so that each is asked everything.
        if n % 2 == 1 {
            header(story, 1).unwrap();
        }
        let params = story.transfer_of(alice, bob, COIN / 100);
        story.wait(alice, INSERT, params).unwrap();
        all -= COIN / 100 + Rules::usual().fees.transfer.0;
        assert_eq!(story.balance(alice), all);
        let is_caught = !story.faults.is_empty();
        if story.lies.is_empty() || is_caught || story.answers_changed >= begun + 8 {
            break;
        }
    }
    let faults = std::mem::take(&mut story.faults);
    assert!(faults.iter().all(|(_, liar, fault)| (*liar, *fault) == (LIAR, Fault::Forged)));
    faults.iter().filter(|(by, ..)| *by == alice).count()
}

#[test]
fn lies_about_headers_and_leaves_are_counted_and_not_believed() {
    let mut story = Story::new();
    let alice = story.alice;
    assert_eq!(live(&mut story), 0, "nobody lies yet");
    // Of a header that gossip brought before, the certificate is of no interest.
    story.deaf = true;
    let lies: [(&str, Change); 6] = [
        ("another state", |of| of.newest.decided.header.state = StateRoot([1; 32])),
        ("another set", |of| of.newest.decided.header.validators = ValidatorsHash([1; 32])),
        ("the far future", |of| of.newest.decided.header.height += 1_000_000),
        ("another certificate", |of| of.newest.decided.certificate.block = BlockHash([1; 32])),
        ("no signatures", |of| of.newest.decided.certificate.signatures = List::default()),
        ("too few proofs", |of| {
            let mut proofs = of.proofs.clone().into_vec();
            proofs.pop();
            of.proofs = List::new(proofs).unwrap();
            // Without any proof asked for there is none too few.
            of.newest.decided.header.round += u32::from(of.proofs.is_empty());
        }),
    ];
    let balance = story.balance(alice);
    for (name, lie) in lies {
        show(&mut story, lie);
        // Only the liar is near, and what was shown before is not fresh any more.
        (1..4).for_each(|at| story.part(alice, at));
        story.pass(70_000);
        let call = story.put_call(alice, ("wallet", "info"), json!({}), None);
        story.pass(2_000);
        let faults = std::mem::take(&mut story.faults);
        assert!(faults.contains(&(alice, LIAR, Fault::Forged)), "{name}");
        assert!(story.answer(alice, call).is_none(), "{name}");
        (1..4).for_each(|at| story.meet(alice, at));
        let info = story.answer_to(alice, call).unwrap();
        assert_eq!(info["balance"], json!(balance), "{name}");
        story.faults.clear();
    }
    story.lies.clear();
    assert_eq!(live(&mut story), 0);
    story.assert_idle();
}

#[test]
fn proofs_of_other_leaves_or_of_other_times_are_not_believed() {
    let mut story = Story::new();
    // The first proofs that it ever gave, under each new header.
    let kept = Rc::new(RefCell::new(None));
    show(&mut story, move |of| {
        if of.proofs.is_empty() {
            return;
        }
        let mut kept = kept.borrow_mut();
        let first = kept.get_or_insert_with(|| of.proofs.clone());
        let all = first.iter().cycle().take(of.proofs.len()).cloned().collect();
        of.proofs = List::new(all).unwrap();
    });
    assert!(live(&mut story) + live(&mut story) > 0);
    story.assert_idle();
}

#[test]
fn garbage_is_counted_and_what_is_newer_is_not() {
    let mut story = Story::new();
    let garbage: [(&str, Vec<u8>); 4] = [
        ("nothing", vec![]),
        ("no answer", vec![1, 99, 7]),
        ("another answer", encode(&Answer::Done).unwrap()),
        ("another entry", encode(&Answer::Waits(EntryId([1; 32]))).unwrap()),
    ];
    for (name, bytes) in garbage {
        story.lies.insert(LIAR, Box::new(move |_| bytes.clone()));
        assert!(live(&mut story) > 0, "{name}");
    }
    for honest in [vec![200, 1, 2], encode(&Answer::Refused(Refusal::Full)).unwrap()] {
        story.lies.insert(LIAR, Box::new(move |_| honest.clone()));
        assert_eq!(live(&mut story), 0);
    }
    story.assert_idle();
}

#[test]
fn an_older_header_takes_nothing_back() {
    let mut story = Story::new();
    // It shows what it showed before, all of it proven, as long as that is kept.
    let kept = Rc::new(RefCell::new(Vec::<(usize, Vec<u8>)>::new()));
    let lie = move |bytes: Vec<u8>| {
        let Answer::Proven(proven) = read(&bytes) else { return bytes };
        let mut kept = kept.borrow_mut();
        kept.push((proven.proofs.len(), bytes.clone()));
        let back = kept.len().saturating_sub(6);
        let old = kept[back..].iter().find(|(proofs, _)| *proofs == proven.proofs.len());
        old.map_or(bytes, |(_, old)| old.clone())
    };
    story.lies.insert(LIAR, Box::new(lie));
    live(&mut story);
    live(&mut story);
    story.assert_idle();
}

#[test]
fn refusals_of_some_hold_nothing_up() {
    let mut story = Story::new();
    for at in [0, 1] {
        let refused = encode(&Answer::Refused(Refusal::Entry)).unwrap();
        story.lies.insert(at, Box::new(move |_| refused.clone()));
    }
    assert_eq!(live(&mut story), 0);
    story.assert_idle();
}

#[test]
fn entries_that_are_thrown_away_are_handed_to_others() {
    let mut story = Story::new();
    let (alice, bob) = (story.alice, story.bob);
    for at in [0, 1, 2] {
        story.part(alice, at);
    }
    story.pass(0);
    // The only super node that is near takes entries and does nothing: nobody else hears of them.
    story.swallows.insert(3);
    let params = story.transfer_of(alice, bob, COIN);
    let call = story.put_call(alice, INSERT, params, Some("k"));
    story.pass(4_000);
    assert!(story.answer(alice, call).is_none());
    for at in [0, 1, 2] {
        story.meet(alice, at);
    }
    story.answer_to(alice, call).unwrap();
    story.assert_idle();
}

fn header(story: &mut Story, height: u64) -> Said {
    story.wait(story.alice, ("ledger", "header"), json!({"height": height}))
}

#[test]
fn headers_that_are_asked_for_are_verified() {
    let mut story = Story::new();
    let alice = story.alice;
    let status = story.call(alice, "ledger", "status", json!({})).unwrap();
    let tip = status["height"].as_u64().unwrap();
    assert_eq!(status["verified_by"].as_u64().map(|n| n >= 3), Some(true), "{status}");
    for height in [1, tip - 1, tip] {
        let said = header(&mut story, height).unwrap();
        assert_eq!(said["height"], json!(height));
    }
    assert_eq!(header(&mut story, 0), Err(1004));
    assert_eq!(header(&mut story, tip + 1_000), Err(1004));
    let lies: [fn(Vec<u8>) -> Vec<u8>; 4] = [
        |_| vec![1, 99],
        |_| encode(&Answer::Done).unwrap(),
        |bytes| match read(&bytes) {
            Answer::Header(mut header) => {
                header.header.state = StateRoot([1; 32]);
                encode(&Answer::Header(header)).unwrap()
            }
            _ => bytes,
        },
        |bytes| match read(&bytes) {
            Answer::Header(mut header) => {
                header.certificate.signatures = List::default();
                encode(&Answer::Header(header)).unwrap()
            }
            _ => bytes,
        },
    ];
    for lie in lies {
        story.lies.insert(LIAR, Box::new(lie));
        story.world.peers[alice].core.money.forget_headers();
        // Only the liar is near.
        (1..4).for_each(|at| story.part(alice, at));
        story.pass(0);
        let call = story.put_call(alice, ("ledger", "header"), json!({"height": 2}), None);
        story.pass(2_000);
        let faults = std::mem::take(&mut story.faults);
        assert!(faults.contains(&(alice, LIAR, Fault::Forged)), "{faults:?}");
        assert!(story.answer(alice, call).is_none());
        (1..4).for_each(|at| story.meet(alice, at));
        assert_eq!(story.answer_to(alice, call).unwrap()["height"], json!(2));
        story.faults.clear();
    }
    story.lies.clear();
    story.all_away();
    story.world.peers[alice].core.money.forget_headers();
    assert_eq!(header(&mut story, 2), Err(20000));
    story.assert_idle();
}

#[test]
fn an_issuer_is_shown_and_who_is_none_is_not() {
    let mut story = Story::new();
    let key = hex::encode(crate::core::letters::tests::world::signing(99).verifying_key());
    let said = story.wait(story.bob, ("ledger", "issuer"), json!({"key": key})).unwrap();
    assert_eq!(said["sequence"], json!(3));
    let other = hex::encode(crate::core::letters::tests::world::signing(98).verifying_key());
    let said = story.wait(story.bob, ("ledger", "issuer"), json!({"key": other}));
    assert_eq!(said, Err(1004));
}

#[test]
fn an_entry_signed_elsewhere_is_final_or_refused() {
    let mut story = Story::new();
    let bob = story.bob;
    let entry = story.mint_entry(bob, 5);
    let submit = ("ledger", "submit");
    let said = story.wait(bob, submit, json!({"entry": entry})).unwrap();
    assert_eq!(said["state"], json!("final"));
    assert_eq!(story.balance(bob), (RICH + 5) * COIN);
    // Again it is final again, and moves nothing.
    let again = story.wait(bob, submit, json!({"entry": entry})).unwrap();
    assert_eq!(uid(&again), uid(&said));
    assert_eq!(story.balance(bob), (RICH + 5) * COIN);
    let mut damaged = entry.into_bytes();
    let last = damaged.len() - 1;
    damaged[last] = if damaged[last] == b'0' { b'1' } else { b'0' };
    let damaged = String::from_utf8(damaged).unwrap();
    assert_eq!(story.wait(bob, submit, json!({"entry": damaged})), Err(600));
    // One whose number is far off holds nowhere.
    for _ in 0..5 {
        story.mint_entry(bob, 1);
    }
    let far = story.mint_entry(bob, 1);
    assert_eq!(story.wait(bob, submit, json!({"entry": far})), Err(500));
    story.all_away();
    let lost = story.mint_entry(bob, 1);
    assert_eq!(story.wait(bob, submit, json!({"entry": lost})), Err(21009));
    story.assert_idle();
}
