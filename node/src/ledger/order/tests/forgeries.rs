//! What one validator believes of what is not true.

use super::single::{Single, decides};
use crate::ledger::order::Effect;
use magpie_protocol::{
    consensus::{Message, SignedVote},
    ledger::{Block, BlockHash, Step},
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
