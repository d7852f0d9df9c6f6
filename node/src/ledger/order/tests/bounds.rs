//! What one peer can make a validator keep, do and wait for.

use super::{
    pacing::entry,
    single::{OTHER, PEER, Single, certified, decides, sends, sends_to},
};
use crate::ledger::order::{
    Effect,
    rows::{LogEntry, SHARE, Shares, Value},
};
use magpie_protocol::{
    consensus::Message,
    keys::ConsensusKey,
    ledger::{Block, BlockHash, Step},
};

fn hash(block: &Block) -> BlockHash {
    block.header.hash().unwrap()
}

#[test]
fn contradictions_said_again_and_again_fill_no_log() {
    let mut node = Single::new(1);
    let others = node.others();
    for turn in 0..200_u8 {
        // The same two, and later others.
        let said = if turn < 100 { turn % 2 } else { turn % 7 };
        let block = (said > 0).then_some(BlockHash([said; 32]));
        for step in [Step::Prevote, Step::Precommit] {
            let vote = node.signed(others[0], 1, 0, step, block);
            node.hear(Message::Vote(vote));
        }
    }
    let said = node.log();
    assert!(said.len() <= 4, "{}", said.len());
    node.restart();
    assert_eq!(node.log(), said);
}

#[test]
fn a_validators_share_of_the_log_is_bounded_in_each_round() {
    let (by, other) = (ConsensusKey([1; 32]), ConsensusKey([2; 32]));
    let value = |proposer, round| {
        LogEntry::Value(Value { round, block: BlockHash([0; 32]), proposer, valid: true })
    };
    let mut shares = Shares::default();
    for _ in 0..SHARE - 1 {
        shares.count(&value(by, 3));
    }
    assert!(shares.has_room((Some(by), 3), 1) && !shares.has_room((Some(by), 3), 2));
    shares.count(&value(by, 3));
    assert!(!shares.has_room((Some(by), 3), 1));
    assert!(shares.has_room((Some(by), 4), SHARE) && shares.has_room((Some(other), 3), SHARE));
}

#[test]
fn a_log_that_is_full_ends_the_node_and_is_not_read_in_part() {
    let mut node = Single::new(1);
    let block = node.block(0, node.now);
    node.propose(&block, 0, None);
    let log = node.log();
    assert_eq!(node.log_below(log.len() + 1).unwrap(), log);
    let halt = node.log_below(log.len()).unwrap_err();
    assert_eq!(halt.to_string(), "the order's rows at height 1: the log is full");
}

#[test]
fn a_proposal_said_again_without_its_block_uses_up_nobody_elses_turn() {
    let mut node = Single::new(1);
    let block = node.block(0, node.now);
    let signed = node.proposal(&block, 0, None);
    let want = Message::Want { height: 1, round: 0, block: hash(&block) };
    let mut asked = 0;
    for _ in 0..40 {
        let effects = node.hear(Message::Proposal(signed, None));
        asked += sends(&effects).iter().filter(|sent| **sent == want).count();
    }
    assert_eq!(asked, 1);
    let mut effects = node.hear_from(OTHER, Message::Proposal(signed, None));
    effects.extend(node.wait(1_100));
    assert!(sends_to(OTHER, &effects).contains(&want));
    // Who does not answer is asked a few times, and again when it speaks of it.
    let effects = node.wait(60_000);
    assert!(sends(&effects).len() < 40, "{}", sends(&effects).len());
    let mut effects = node.hear(Message::Proposal(signed, None));
    effects.extend(node.wait(1_100));
    assert!(sends(&effects).contains(&want));
}

#[test]
fn a_peer_that_answers_one_block_at_a_time_holds_up_nothing() {
    let mut node = Single::new(1);
    let mut effects = Vec::new();
    for peer in [PEER, OTHER] {
        effects.extend(node.hear_from(peer, Message::Status(100)));
    }
    effects.extend(node.wait(10));
    assert_eq!(sends(&effects), [Message::Sync(1)]);
    let others = node.others();
    let block = node.block(0, node.now - 20_000);
    let answer = certified(&node, &block, &others);
    let effects = node.hear(answer);
    assert!(decides(&effects));
    // The next question is for another.
    let mut effects = effects;
    effects.extend(node.wait(10));
    assert_eq!(sends_to(OTHER, &effects), [Message::Sync(2)]);
    // A late answer is as good as one in time.
    let block = node.block(0, node.now - 10_000);
    let answer = certified(&node, &block, &others);
    node.wait(20_000);
    assert!(decides(&node.hear_from(OTHER, answer)));
}

#[test]
fn nobody_proposes_before_the_interval_is_over_whoever_speaks_of_the_height() {
    let proposals = |effects: &[Effect]| {
        let made = |effect: &&Effect| matches!(effect, Effect::Publish(Message::Proposal(..)));
        effects.iter().filter(made).count()
    };
    // It proposes at height 2.
    let mut node = Single::new(1);
    node.decide();
    let others = node.others();
    let vote = node.signed(others[0], 2, 0, Step::Prevote, None);
    let mut effects = node.hear(Message::Vote(vote));
    effects.extend(node.wait(450));
    assert_eq!(proposals(&effects), 0);
    assert_eq!(proposals(&node.wait(100)), 1);
}

#[test]
fn a_block_is_filled_once_whatever_is_said_meanwhile() {
    let mut node = Single::new(1);
    node.toy.busy = false;
    node.decide();
    node.toy.pool.push(entry());
    node.toy.refuses = true;
    let before = node.toy.fills;
    node.wait(600);
    for _ in 0..50 {
        node.hear(Message::Status(0));
    }
    assert_eq!(node.toy.fills - before, 1);
}
