//! What one validator believes of what is not true.

use super::single::{PEER, Single, blames, decides};
use crate::ledger::order::Effect;
use magpie_protocol::{
    bounded::List,
    consensus::{Message, Polka, RoundEnd, RoundEndKind, RoundVote, SignedVote},
    ledger::{Block, BlockHash, CommitSignature, Step},
    sign::Signature,
};

fn hash(block: &Block) -> BlockHash {
    block.header.hash().unwrap()
}

/// Returns the signature under the last vote among effects.
fn last_signature(effects: &[Effect]) -> Signature {
    let vote = |effect: &Effect| match effect {
        Effect::Publish(Message::Vote(of)) => Some(of.signature),
        _ => None,
    };
    effects.iter().rev().find_map(vote).unwrap()
}

#[test]
fn our_own_signature_makes_no_vote_of_another() {
    let mut node = Single::new(1);
    let block = node.block(0, node.now);
    let signature = last_signature(&node.propose(&block, 0, None));
    let mut effects = Vec::new();
    for step in [Step::Prevote, Step::Precommit] {
        for other in node.others() {
            let forged = node.signed(other, 1, 0, step, Some(hash(&block)));
            let forged = SignedVote { signature, ..forged };
            effects.extend(node.hear(Message::Vote(forged)));
        }
    }
    assert_eq!(node.votes(&effects), []);
    assert!(!decides(&effects));
}

#[test]
fn a_claimed_polka_excuses_no_late_block() {
    let mut node = Single::new(1);
    let block = node.block(0, node.now - 11_000);
    // Who proposes in round 0 proposes in round 4 again, and says that two thirds voted for it.
    let mut effects = node.propose(&block, 4, Some(0));
    effects.extend(node.propose(&block, 0, None));
    assert_eq!(node.votes(&effects), [(0, Step::Prevote, None)]);
    // What two thirds want all the same is decided.
    let others = node.others();
    let effects = node.vote(&others, 0, Step::Prevote, Some(hash(&block)));
    assert_eq!(node.votes(&effects), [(0, Step::Precommit, Some(hash(&block)))]);
}

#[test]
fn a_claimed_polka_excuses_no_late_block_of_a_round_to_come() {
    let mut node = Single::new(1);
    let block = node.block(2, node.now - 11_000);
    node.propose(&block, 2, None);
    node.propose(&block, 6, Some(2));
    let others = node.others();
    // Two are in round 2 already.
    let effects = node.vote(&others[..2], 2, Step::Precommit, None);
    assert_eq!(node.votes(&effects), [(2, Step::Prevote, None)]);
}

fn polka(node: &Single, round: u32, block: BlockHash) -> Polka {
    let vote = |by: &usize| node.signed(*by, 1, round, Step::Prevote, Some(block));
    let votes = node.others();
    let mut votes: Vec<_> = votes.iter().map(vote).collect();
    votes.sort_by_key(|vote| vote.validator);
    let one =
        |vote: SignedVote| CommitSignature { validator: vote.validator, signature: vote.signature };
    let signatures = List::new(votes.into_iter().map(one).collect()).unwrap();
    Polka { height: 1, round, block, signatures }
}

#[test]
fn a_late_block_proposed_again_waits_for_its_polka() {
    let mut node = Single::new(3);
    let block = node.block(0, node.now - 11_000);
    let others = node.others();
    node.vote(&others, 0, Step::Prevote, None);
    node.vote(&others, 0, Step::Precommit, None);
    node.wait(1_500);
    let effects = node.propose(&block, 1, Some(0));
    assert_eq!(node.votes(&effects), []);
    let message = Message::Polka(polka(&node, 0, hash(&block)));
    let effects = node.hear(message);
    assert_eq!(node.votes(&effects), [(1, Step::Prevote, Some(hash(&block)))]);
    assert!(!blames(&effects));
}

#[test]
fn signatures_that_do_not_hold_are_blamed_at_the_running_height() {
    let mut node = Single::new(1);
    let block = node.block(0, node.now);
    node.propose(&block, 0, None);
    let others = node.others();
    let good = node.signed(others[0], 1, 0, Step::Prevote, Some(hash(&block)));
    let forged = SignedVote { signature: Signature([7; 64]), ..good };
    assert!(blames(&node.hear(Message::Vote(forged))));
    let mut forged = polka(&node, 0, hash(&block));
    let mut signatures = forged.signatures.into_vec();
    signatures[0].signature = Signature([7; 64]);
    forged.signatures = List::new(signatures).unwrap();
    assert!(blames(&node.hear(Message::Polka(forged))));
    let vote =
        |validator, signature| RoundVote { validator, step: Step::Prevote, block: None, signature };
    let mut votes: Vec<_> =
        others.iter().map(|by| vote(node.key(*by), Signature([7; 64]))).collect();
    votes.sort_by_key(|vote| vote.validator);
    let votes = List::new(votes).unwrap();
    let end = RoundEnd { height: 1, round: 2, kind: RoundEndKind::Skip, votes };
    assert!(blames(&node.hear(Message::RoundEnd(end))));
    // What holds is not, however often it comes.
    assert!(!blames(&node.hear(Message::Vote(good))));
    assert!(!blames(&node.hear(Message::Vote(good))));
}

#[test]
fn a_block_that_is_not_its_proposals_does_not_wait_in_its_place() {
    let mut node = Single::new(1);
    let first = node.block(0, node.now);
    node.propose(&first, 0, None);
    // A block of the next height, as far as it can be made here.
    let mut block = node.block(0, node.now + 500);
    block.header.height = 2;
    let mut other = block.clone();
    other.header.time_ms += 1;
    let by = node.place_of(2, 0);
    let signed = node.signed_proposal(by, 2, 0, hash(&block));
    let effects = node.hear(Message::Proposal(signed, Some(Box::new(other))));
    assert!(effects.contains(&Effect::Blame(PEER)));
    assert_eq!(node.order.ahead.len(), 0);
    let effects = node.hear(Message::Proposal(signed, Some(Box::new(block))));
    assert!(!blames(&effects));
    assert_eq!(node.order.ahead.len(), 1);
}
