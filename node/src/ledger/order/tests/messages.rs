//! What one validator does with what its peers say.

use super::single::{PEER, Single, blames, certified, decides, sends};
use crate::ledger::order::{Effect, Input};
use magpie_protocol::{
    beacon::Proof,
    consensus::{Message, SignedVote},
    ledger::{Block, BlockHash, StateRoot, Step},
    sign::Signature,
};

fn hash(block: &Block) -> BlockHash {
    block.header.hash().unwrap()
}

const fn prevote(round: u32, block: Option<BlockHash>) -> (u32, Step, Option<BlockHash>) {
    (round, Step::Prevote, block)
}

#[test]
fn a_good_block_is_voted_for_and_decided() {
    let mut node = Single::new(1);
    let block = node.block(0, node.now);
    let effects = node.propose(&block, 0, None);
    assert_eq!(node.votes(&effects), [prevote(0, Some(hash(&block)))]);
    let others = node.others();
    let effects = node.vote(&others[..2], 0, Step::Prevote, Some(hash(&block)));
    assert_eq!(node.votes(&effects), [(0, Step::Precommit, Some(hash(&block)))]);
    let effects = node.vote(&others[..2], 0, Step::Precommit, Some(hash(&block)));
    assert!(decides(&effects));
    assert_eq!(node.order.head().tip.hash, hash(&block));
}

#[test]
fn a_block_that_breaks_a_rule_gets_no_vote() {
    let breaks: [&dyn Fn(&mut Block); 8] = [
        &|block| block.header.state = StateRoot([7; 32]),
        &|block| block.header.beacon = Proof([7; 80]),
        &|block| block.header.parent = BlockHash([7; 32]),
        &|block| block.header.time_ms += 2_001,
        &|block| block.header.time_ms -= 10_001,
        &|block| block.header.time_ms -= 60_000,
        &|block| block.header.next_validators.0 = [7; 32],
        // It was not this proposer's turn in the round that the block names.
        &|block| block.header.round = 1,
    ];
    for (number, change) in breaks.iter().enumerate() {
        let mut node = Single::new(1);
        let mut block = node.block(0, node.now);
        change(&mut block);
        if number > 2 && number < 6 {
            block.header.state = super::toy::next_state(node.toy.state(), &block.header);
        }
        let effects = node.propose(&block, 0, None);
        assert_eq!(node.votes(&effects), [prevote(0, None)], "change {number}");
    }
}

#[test]
fn the_clock_is_asked_for_a_new_block_alone() {
    // Late for us, but over two thirds took it in time.
    let mut node = Single::new(1);
    let block = node.block(0, node.now - 11_000);
    let effects = node.propose(&block, 0, None);
    assert_eq!(node.votes(&effects), [prevote(0, None)]);
    let others = node.others();
    let effects = node.vote(&others, 0, Step::Prevote, Some(hash(&block)));
    assert_eq!(node.votes(&effects), [(0, Step::Precommit, Some(hash(&block)))]);
    let effects = node.vote(&others[..2], 0, Step::Precommit, Some(hash(&block)));
    assert!(decides(&effects));
}

#[test]
fn a_block_that_only_the_clock_was_against_is_asked_for_after_a_restart() {
    let mut node = Single::new(1);
    let block = node.block(0, node.now - 11_000);
    node.propose(&block, 0, None);
    node.restart();
    let others = node.others();
    node.vote(&others, 0, Step::Prevote, Some(hash(&block)));
    let want = Message::Want { height: 1, round: 0, block: hash(&block) };
    assert!(sends(&node.wait(400)).contains(&want));
    let effects = node.propose(&block, 0, None);
    assert_eq!(node.votes(&effects), [(0, Step::Precommit, Some(hash(&block)))]);
}

#[test]
fn a_block_proposed_again_keeps_its_proposer_beacon_and_time() {
    let mut node = Single::new(3);
    let block = node.block(0, node.now - 11_000);
    let others = node.others();
    // Round 0 passes without us; a polka for the block was seen.
    node.vote(&others, 0, Step::Prevote, Some(hash(&block)));
    node.vote(&others, 0, Step::Precommit, None);
    node.wait(1_500);
    let effects = node.propose(&block, 1, Some(0));
    assert_eq!(node.votes(&effects), [prevote(1, Some(hash(&block)))]);
}

#[test]
fn a_block_of_an_earlier_round_without_a_polka_is_no_new_block() {
    let mut node = Single::new(3);
    let block = node.block(0, node.now);
    let others = node.others();
    node.vote(&others, 0, Step::Prevote, None);
    node.vote(&others, 0, Step::Precommit, None);
    let mut effects = node.wait(1_500);
    effects.extend(node.propose(&block, 1, None));
    effects.extend(node.wait(3_000));
    let votes = node.votes(&effects);
    assert!(votes.contains(&prevote(1, None)), "{votes:?}");
    assert!(votes.iter().all(|(.., block)| block.is_none()), "{votes:?}");
}

#[test]
fn a_proposal_without_its_block_is_asked_for() {
    let mut node = Single::new(1);
    let block = node.block(0, node.now);
    let signed = node.proposal(&block, 0, None);
    let effects = node.hear(Message::Proposal(signed, None));
    let want = Message::Want { height: 1, round: 0, block: hash(&block) };
    assert!(sends(&effects).contains(&want));
    assert_eq!(node.votes(&effects), []);
    let again = node.wait(1_100);
    assert!(sends(&again).contains(&want));
    let effects = node.propose(&block, 0, None);
    assert_eq!(node.votes(&effects), [prevote(0, Some(hash(&block)))]);
    // Who has it answers the same question, and not too often.
    let asked = sends(&node.hear(want.clone()));
    assert_eq!(asked, [Message::Proposal(signed, Some(Box::new(block)))]);
    let answers = (0..1_000).filter(|_| !sends(&node.hear(want.clone())).is_empty()).count();
    assert!(answers < 100, "{answers}");
}

#[test]
fn a_proposal_that_others_or_its_proposer_vote_for_is_asked_for() {
    let want = |block: &Block| Message::Want { height: 1, round: 0, block: hash(block) };
    let mut node = Single::new(1);
    let (block, proposer) = (node.block(0, node.now), node.proposer(0));
    let others: Vec<_> = node.others().into_iter().filter(|other| *other != proposer).collect();
    node.vote(&others[..1], 0, Step::Prevote, Some(hash(&block)));
    assert_eq!(sends(&node.wait(400)), []);
    node.vote(&others[1..], 0, Step::Prevote, Some(hash(&block)));
    assert!(sends(&node.wait(400)).contains(&want(&block)));
    let mut node = Single::new(1);
    node.vote(&[proposer], 0, Step::Prevote, Some(hash(&block)));
    assert!(sends(&node.wait(400)).contains(&want(&block)));
}

#[test]
fn forged_and_misplaced_proposals_are_blamed() {
    let node = || Single::new(1);
    let mut one = node();
    let block = one.block(0, one.now);
    let good = one.proposal(&block, 0, None);
    let mut forged = good;
    forged.signature = Signature([7; 64]);
    assert!(blames(&one.hear(Message::Proposal(forged, None))));
    let mut elsewhere = good;
    elsewhere.proposal.chain.0 = [7; 32];
    assert!(blames(&node().hear(Message::Proposal(elsewhere, None))));
    let mut turnless = good;
    turnless.validator = one.key(one.others()[2]);
    turnless.proposal.round = 2;
    assert!(blames(&node().hear(Message::Proposal(turnless, None))));
    let other = one.block(0, one.now - 1);
    assert!(blames(&node().hear(Message::Proposal(good, Some(Box::new(other))))));
    let mut swapped = block.clone();
    swapped.header.entries.0 = [7; 32];
    let signed = one.proposal(&swapped, 0, None);
    assert!(blames(&node().hear(Message::Proposal(signed, Some(Box::new(swapped))))));
}

#[test]
fn what_comes_too_early_waits_within_bounds() {
    let mut node = Single::new(1);
    let others = node.others();
    let early = |node: &Single, round| node.signed(others[0], 2, round, Step::Prevote, None);
    for round in 0..100 {
        let vote = early(&node, round);
        node.hear(Message::Vote(vote));
    }
    assert_eq!(node.order.ahead.len(), 16);
    // Another validator has a share of its own; strangers, forgers and the far future have none.
    let vote = node.signed(others[1], 2, 0, Step::Prevote, None);
    node.hear(Message::Vote(vote));
    node.hear(Message::Vote(vote));
    assert_eq!(node.order.ahead.len(), 17);
    let forged = SignedVote { signature: Signature([7; 64]), ..early(&node, 200) };
    node.hear(Message::Vote(SignedVote { validator: node.key(others[2]), ..forged }));
    let far = node.signed(others[2], 4, 0, Step::Prevote, None);
    node.hear(Message::Vote(far));
    let mut strange = vote;
    strange.validator.0 = [3; 32];
    node.hear(Message::Vote(strange));
    assert_eq!(node.order.ahead.len(), 17);
}

#[test]
fn a_started_node_is_not_started_again() {
    let mut node = Single::new(1);
    let block = node.block(0, node.now);
    node.propose(&block, 0, None);
    assert_eq!(node.step(Input::Started), []);
    let twin = node.block(0, node.now + 1);
    let effects = node.propose(&twin, 0, None);
    assert_eq!(node.votes(&effects), []);
}

#[test]
fn a_restart_says_nothing_and_goes_on_where_it_was() {
    let mut node = Single::new(1);
    let block = node.block(0, node.now);
    node.propose(&block, 0, None);
    let effects = node.restart();
    assert_eq!(node.votes(&effects), []);
    // The block is still there, the vote is still counted, and it is said again after a moment.
    let effects = node.wait(150);
    assert_eq!(node.votes(&effects), [prevote(0, Some(hash(&block)))]);
    let others = node.others();
    let effects = node.vote(&others[..2], 0, Step::Prevote, Some(hash(&block)));
    assert_eq!(node.votes(&effects), [(0, Step::Precommit, Some(hash(&block)))]);
    node.restart();
    let effects = node.vote(&others[..2], 0, Step::Precommit, Some(hash(&block)));
    assert!(decides(&effects));
    node.restart();
    assert_eq!(node.order.head().tip.hash, hash(&block));
}

#[test]
fn a_proposer_proposes_once_whatever_restarts() {
    let mut node = Single::new(0);
    let proposals = |effects: &[Effect]| {
        let made = |effect: &&Effect| matches!(effect, Effect::Publish(Message::Proposal(..)));
        effects.iter().filter(made).count()
    };
    node.now += 700;
    assert_eq!(proposals(&node.restart()), 0);
    assert_eq!(proposals(&node.wait(1_500)), 0);
}

#[test]
fn a_node_behind_asks_and_believes_certificates_alone() {
    let mut node = Single::new(1);
    let others = node.others();
    let block = node.block(0, node.now - 20_000);
    let answer = certified(&node, &block, &others);
    let effects = node.hear(Message::Status(1));
    assert_eq!(sends(&effects), []);
    assert!(sends(&node.wait(400)).contains(&Message::Sync(1)));
    let short = certified(&node, &block, &others[..2]);
    let effects = node.hear(short);
    assert!(blames(&effects) && !decides(&effects));
    node.hear(Message::Status(1));
    assert!(sends(&node.wait(400)).contains(&Message::Sync(1)));
    assert!(decides(&node.hear(answer.clone())));
    // Now it can tell others, and does not ask itself.
    assert_eq!(sends(&node.hear(Message::Sync(1))), [answer]);
    node.now += 100;
    for nothing in [0, 2, u64::MAX] {
        assert_eq!(sends(&node.hear(Message::Sync(nothing))), []);
    }
}

#[test]
fn a_peer_that_does_not_keep_its_word_is_asked_once() {
    let mut node = Single::new(1);
    let mut effects = node.hear(Message::Status(u64::MAX));
    effects.extend(node.wait(10_000));
    let sent = sends(&effects);
    assert_eq!(sent.iter().filter(|message| matches!(message, Message::Sync(_))).count(), 1);
}

#[test]
fn a_certified_block_that_our_rules_refuse_ends_the_node() {
    let mut node = Single::new(1);
    let mut block = node.block(0, node.now);
    block.header.state = StateRoot([7; 32]);
    node.hear(Message::Status(5));
    node.wait(100);
    let message = Box::new(certified(&node, &block, &node.others()));
    let halt = node.try_step(Input::Message { from: PEER, message }).unwrap_err();
    assert_eq!(halt.to_string(), "height 1 was decided with a block that this node's rules refuse");
}
