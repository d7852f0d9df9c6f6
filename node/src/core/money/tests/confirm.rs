//! Networks of which a node has seen nothing for over 30 days, and checkpoints of their files: what it
//! takes until money is spent there.

use super::world::{COIN, INSERT, RICH, Said, Story, WALLET, read, uid};
use crate::core::{
    letters::tests::world::{At, signing},
    money::rows::CHECKED,
    net::Fault,
};
use magpie_protocol::{
    bounded::List,
    codec::encode,
    keys::ConsensusKey,
    ledger::{
        BlockHash, CommitSignature, Rules, StateRoot, Step, Vote,
        exchange::{Answer, DecidedHeader},
    },
    limits::{DAY_MS, LIGHT_AGE_MS},
    network::Checkpoint,
};
use serde_json::{Value, json};

/// Longer than a node follows a ledger by itself.
const LONG_MS: u64 = LIGHT_AGE_MS + DAY_MS;

fn fee() -> u64 {
    Rules::usual().fees.transfer.0
}

fn info(story: &mut Story, at: At) -> Result<u64, String> {
    let call = story.put_call(at, ("wallet", "info"), json!({}), None);
    for _ in 0..150 {
        story.pass(100);
        if let Some(answer) = story.answer(at, call) {
            let info = answer.map_err(|error| error.message)?;
            return Ok(info["balance"].as_u64().unwrap());
        }
    }
    panic!("the call is not answered in time");
}

/// Sees that nothing is believed or spent, and returns why.
fn refused(story: &mut Story, at: At) -> String {
    let mint = story.mint_entry(at, 1);
    let said: Said = story.wait(at, ("ledger", "submit"), json!({"entry": mint}));
    assert_eq!(said, Err(500));
    let why = info(story, at).unwrap_err();
    let status = status(story, at);
    assert_eq!((&status["verified"], &status["settled"]), (&json!(false), &json!(false)));
    match status["unconfirmed"].as_str() {
        Some(told) => assert_eq!((told, &status["breach"]), (&why[..], &Value::Null)),
        None => assert!(why.starts_with(status["breach"]["why"].as_str().unwrap()), "{why}"),
    }
    why
}

fn status(story: &mut Story, at: At) -> Value {
    story.call(at, "ledger", "status", json!({})).unwrap()
}

/// The kind of the breach that a node shows, and the hashes of the headers that show it to others.
fn breach(story: &mut Story, at: At) -> (Value, Vec<Value>) {
    let breach = status(story, at)["breach"].clone();
    let headers = breach["headers"].as_array().unwrap();
    for header in headers {
        assert_eq!(header["height"], breach["height"]);
        assert!(header["certificate"]["signatures"].as_array().unwrap().len() >= 3);
    }
    (breach["kind"].clone(), headers.iter().map(|header| header["hash"].clone()).collect())
}

/// Somebody new, who is connected to these super nodes alone.
fn newcomer(story: &mut Story, near: &[At]) -> At {
    let at = story.peers.len();
    (0..4).filter(|to| !near.contains(to)).for_each(|to| story.part(at, to));
    story.person()
}

/// The newest header of a super node.
fn newest(story: &Story) -> Checkpoint {
    let tip = story.peers[0].core.orderer.as_ref().unwrap().head().tip;
    Checkpoint { height: tip.height, hash: tip.hash }
}

/// Lets all validators sign another header than the one that was decided.
fn forge(decided: &mut DecidedHeader) {
    let header = &mut decided.header;
    header.state = StateRoot([1; 32]);
    let (chain, height, block) = (header.chain, header.height, header.hash().unwrap());
    let certificate = &mut decided.certificate;
    certificate.block = block;
    let step = Step::Precommit;
    let vote = Vote { chain, height, round: certificate.round, step, block: Some(block) };
    let mut signatures: Vec<_> = (0..4)
        .map(|n| {
            let key = signing(150 + n);
            let validator = ConsensusKey(key.verifying_key().to_bytes());
            CommitSignature { validator, signature: vote.sign(&key).unwrap() }
        })
        .collect();
    signatures.sort_unstable_by_key(|signature| signature.validator);
    certificate.signatures = List::new(signatures).unwrap();
}

/// Lets a super node show other headers than were decided.
fn lie(story: &mut Story, liar: At, change: fn(&mut DecidedHeader)) {
    let lie = move |bytes: Vec<u8>| {
        let changed = match read(&bytes) {
            Answer::Proven(mut proven) => {
                change(&mut proven.newest.decided);
                Answer::Proven(proven)
            }
            Answer::Header(mut header) => {
                change(&mut header);
                Answer::Header(header)
            }
            other => other,
        };
        encode(&changed).unwrap()
    };
    story.lies.insert(liar, Box::new(lie));
}

#[test]
fn a_new_node_follows_an_old_network_once_two_super_nodes_name_one_header() {
    let mut story = Story::new();
    story.heartbeats_over(LONG_MS);
    let dave = newcomer(&mut story, &[1, 3]);
    assert_eq!(info(&mut story, dave), Ok(0));
    story.mint(dave, 5).unwrap();
    assert_eq!(info(&mut story, dave), Ok(5 * COIN));
    let status = status(&mut story, dave);
    assert_eq!((&status["verified"], &status["unconfirmed"]), (&json!(true), &Value::Null));
    assert_eq!(status["verified_by"].as_u64().map(|n| n >= 3), Some(true), "{status}");
    // It stays so after a restart, with one of them alone.
    story.kill(dave);
    story.part(dave, 3);
    story.restart_now(dave);
    story.sign_in_now(dave);
    assert_eq!(info(&mut story, dave), Ok(5 * COIN));
}

#[test]
fn one_super_node_alone_confirms_no_old_network() {
    let mut story = Story::new();
    story.heartbeats_over(LONG_MS);
    let dave = newcomer(&mut story, &[2]);
    let before = story.peers[dave].core.money.asked;
    for _ in 0..3 {
        let why = refused(&mut story, dave);
        assert!(why.contains("unconfirmed network") && why.contains("30 days"), "{why}");
        story.pass(60_000);
    }
    let asked = story.peers[dave].core.money.asked - before;
    assert!((3..=40).contains(&asked), "asked {asked} times in three minutes");
    // As soon as a second one is there.
    story.meet(dave, 0);
    assert_eq!(info(&mut story, dave), Ok(0));
}

#[test]
fn two_super_nodes_that_differ_confirm_nothing() {
    let mut story = Story::new();
    story.heartbeats_over(LONG_MS);
    lie(&mut story, 1, forge);
    let dave = newcomer(&mut story, &[1, 2]);
    let why = refused(&mut story, dave);
    assert!(why.contains("two certified headers of height"), "{why}");
    // Neither of them is chosen later, nor do others decide between them.
    story.pass(120_000);
    (0..4).for_each(|to| story.meet(dave, to));
    story.pass(120_000);
    assert_eq!(refused(&mut story, dave), why);
    assert_eq!(story.faults, [], "nobody can say which of them it is");
    let (kind, headers) = breach(&mut story, dave);
    assert!(kind == "fork" && headers.len() == 2 && headers[0] != headers[1], "{headers:?}");
    story.kill(dave);
    story.lies.clear();
    story.restart_now(dave);
    story.sign_in_now(dave);
    story.pass(2_000);
    assert_eq!(info(&mut story, dave), Ok(0));
}

#[test]
fn who_makes_headers_up_is_counted_and_left_out() {
    let lies: [fn(&mut DecidedHeader); 3] = [
        |of| of.header.state = StateRoot([1; 32]),
        |of| of.certificate.signatures = List::default(),
        |of| of.certificate.block = BlockHash([1; 32]),
    ];
    for change in lies {
        let mut story = Story::new();
        story.heartbeats_over(LONG_MS);
        lie(&mut story, 1, change);
        let dave = newcomer(&mut story, &[1, 2]);
        story.pass(20_000);
        assert!(story.faults.contains(&(dave, 1, Fault::Forged)), "{:?}", story.faults);
        assert!(refused(&mut story, dave).contains("unconfirmed network"));
        story.meet(dave, 3);
        story.pass(60_000);
        assert_eq!(info(&mut story, dave), Ok(0));
    }
}

#[test]
fn who_was_away_for_31_days_learns_what_became_of_a_payment_and_pays_again() {
    let mut story = Story::new();
    let (alice, bob) = (story.alice, story.bob);
    let params = story.transfer_of(alice, bob, COIN);
    story.balance(alice);
    let call = story.put_call(alice, INSERT, params.clone(), Some("k"));
    story.pass(0);
    assert!(story.answer(alice, call).is_none());
    // The super nodes have it, and alice does not hear of it.
    story.kill(alice);
    story.pass(5_000);
    story.heartbeats_over(LONG_MS);
    story.restart_now(alice);
    story.sign_in_now(alice);
    story.pass(10_000);
    story.assert_idle();
    // Nobody took it in time.
    assert_eq!(story.records(alice), [(4, COIN), (8, COIN)]);
    assert_eq!(story.balance(alice), RICH * COIN - fee());
    let made = story.transfer(alice, bob, 2 * COIN);
    story.accept(bob, &made, WALLET).unwrap();
    story.assert_sum(2 * fee());
    let another = story.wait_named(alice, INSERT, params, "k").unwrap();
    assert_ne!(uid(&another), made);
}

#[test]
fn a_node_that_runs_while_nothing_is_heard_for_31_days_goes_on() {
    let mut story = Story::new();
    let (alice, bob) = (story.alice, story.bob);
    story.heartbeats_over(LONG_MS);
    story.transfer(alice, bob, COIN);
    // The same for one that no gossip reaches, and whose super nodes stayed.
    story.deaf = true;
    for at in 0..4 {
        story.part(bob, at);
    }
    story.heartbeats_over(LONG_MS);
    for at in 0..2 {
        story.meet(bob, at);
    }
    story.transfer(bob, alice, COIN);
}

#[test]
fn nothing_over_30_days_old_confirms_a_network() {
    let mut story = Story::new();
    // No super node makes a block any more, but two show what they have.
    story.all_away();
    story.world.now += LONG_MS;
    (0..2).for_each(|at| story.restart_now(at));
    let dave = newcomer(&mut story, &[0, 1]);
    story.pass(10_000);
    let why = refused(&mut story, dave);
    assert!(why.contains("this machine's clock"), "{why}");
    (2..4).for_each(|at| story.restart_now(at));
    story.pass(70_000);
    assert_eq!(info(&mut story, dave), Ok(0));
}

#[test]
fn a_checkpoint_is_where_a_new_node_begins() {
    let mut story = Story::new();
    let checkpoint = newest(&story);
    story.transfer(story.alice, story.bob, COIN);
    story.vouch(Some(checkpoint));
    // One super node is enough to show it.
    let dave = newcomer(&mut story, &[3]);
    assert_eq!(info(&mut story, dave), Ok(0));
    let checked = CHECKED.get(&story.peers[dave].store, &()).unwrap().unwrap();
    assert_eq!((checked.height, checked.hash), (checkpoint.height, checkpoint.hash));
    // It is looked for once.
    story.kill(dave);
    story.restart_now(dave);
    assert_eq!(story.peers[dave].core.money.confirming.checkpoint, None);
    // A month later it is no place to go on from any more.
    story.heartbeats_over(LONG_MS);
    let erin = newcomer(&mut story, &[3]);
    assert!(refused(&mut story, erin).contains("30 days"));
    story.meet(erin, 0);
    assert_eq!(info(&mut story, erin), Ok(0));
    // A newer one is.
    let newer = newest(&story);
    story.vouch(Some(newer));
    let frank = newcomer(&mut story, &[3]);
    assert_eq!(info(&mut story, frank), Ok(0));
}

#[test]
fn a_ledger_without_the_checkpoint_of_the_file_is_not_believed() {
    let mut story = Story::new();
    let right = newest(&story);
    let alice = story.alice;
    story.transfer(alice, story.bob, COIN);
    // The others say something else than the file: for one that is new, and one that followed long.
    story.vouch(Some(Checkpoint { hash: BlockHash([1; 32]), ..right }));
    let dave = newcomer(&mut story, &[3]);
    story.kill(alice);
    story.restart_now(alice);
    story.sign_in_now(alice);
    for at in [dave, alice] {
        let why = refused(&mut story, at);
        assert!(why.contains("another header") && why.contains("checkpoint"), "{why}");
        story.pass(60_000);
        assert_eq!(refused(&mut story, at), why);
        let (kind, headers) = breach(&mut story, at);
        assert_eq!((kind, headers), (json!("checkpoint"), vec![json!(right.hash)]));
    }
    // One of a height that is still to come is waited for.
    story.vouch(Some(Checkpoint { height: right.height + 50, ..right }));
    story.kill(alice);
    story.restart_now(alice);
    story.sign_in_now(alice);
    let why = refused(&mut story, alice);
    assert!(why.contains("unconfirmed network") && why.contains("checkpoint"), "{why}");
    // With the right file all is well.
    story.vouch(Some(right));
    for at in [alice, dave] {
        story.kill(at);
        story.restart_now(at);
        story.sign_in_now(at);
        story.pass(2_000);
        info(&mut story, at).unwrap();
    }
    story.transfer(alice, story.bob, COIN);
}

#[test]
fn two_certified_headers_of_one_height_end_it_and_are_shown() {
    let mut story = Story::new();
    let alice = story.alice;
    lie(&mut story, 0, forge);
    (1..4).for_each(|to| story.part(alice, to));
    story.pass(70_000);
    let call = story.put_call(alice, ("wallet", "info"), json!({}), None);
    story.pass(20_000);
    assert!(story.answer(alice, call).expect("answered").is_err());
    (1..4).for_each(|to| story.meet(alice, to));
    for _ in 0..2 {
        let why = refused(&mut story, alice);
        assert!(why.contains("contradict each other"), "{why}");
        let (kind, headers) = breach(&mut story, alice);
        assert!(kind == "fork" && headers.len() == 2 && headers[0] != headers[1], "{headers:?}");
        story.kill(alice);
        story.lies.clear();
        story.restart_now(alice);
        story.sign_in_now(alice);
    }
}
