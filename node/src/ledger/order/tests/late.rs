//! Contradictions that are heard after their height is decided, and evidence that outlives a crash.

use super::{
    scene::{CHAIN, public, signing_key},
    single::{Single, blames, decides},
};
use crate::ledger::order::Effect;
use magpie_protocol::{
    consensus::{Message, SignedVote},
    ledger::{BlockHash, Evidence, Instruction, Step},
    sign::Signature,
};

fn found(effects: &[Effect]) -> Vec<Evidence> {
    let one = |effect: &Effect| match effect {
        Effect::Evidence(of) => Some(**of),
        _ => None,
    };
    effects.iter().filter_map(one).collect()
}

#[test]
fn a_contradiction_is_found_after_its_height_is_decided() {
    for (step, restarts) in
        [(Step::Prevote, false), (Step::Precommit, false), (Step::Precommit, true)]
    {
        let mut node = Single::new(1);
        node.decide();
        if restarts {
            // The certificate is on disk.
            node.restart();
        }
        let others = node.others();
        let other = node.signed(others[0], 1, 0, step, Some(BlockHash([7; 32])));
        let evidence = found(&node.hear(Message::Vote(other)));
        assert_eq!(evidence.len(), 1, "{step:?} {restarts}");
        assert_eq!(evidence[0].accused, other.validator);
        // Once is enough.
        assert_eq!(found(&node.hear(Message::Vote(other))), []);
    }
}

#[test]
fn evidence_outlives_a_restart() {
    let mut node = Single::new(1);
    let others = node.others();
    for block in [None, Some(BlockHash([7; 32]))] {
        let vote = node.signed(others[2], 1, 0, Step::Prevote, block);
        node.hear(Message::Vote(vote));
    }
    let evidence = found(&node.decide());
    assert_eq!(evidence.len(), 1);
    assert!(!decides(&node.wait(10)));
    assert_eq!(found(&node.restart()), evidence);
    assert_eq!(found(&node.restart()), evidence);
}

/// Returns a node that keeps evidence, and that.
fn shown() -> (Single, Evidence) {
    let mut node = Single::new(1);
    node.decide();
    let other = node.signed(node.others()[0], 1, 0, Step::Precommit, None);
    let evidence = found(&node.hear(Message::Vote(other)));
    (node, evidence[0])
}

#[test]
fn evidence_goes_with_the_block_that_holds_it_whoever_reports_it() {
    let (mut node, evidence) = shown();
    let key = signing_key(77);
    let evidence = Evidence { reporter: public(&key), ..evidence };
    let entry = Instruction::from(evidence).sign(CHAIN, &key).unwrap();
    // It proposes at height 2.
    node.now += 600;
    node.toy.pool.push(entry);
    let held = |effect: &Effect| match effect {
        Effect::Decided(decided) => decided.block.entries.len(),
        _ => 0,
    };
    assert_eq!(node.decide().iter().map(held).sum::<usize>(), 1);
    assert_eq!(found(&node.restart()), []);
}

#[test]
fn evidence_goes_when_it_is_too_old_for_a_block() {
    let (mut node, evidence) = shown();
    for left in [vec![evidence], vec![]] {
        node.toy.pace.evidence_heights = 2;
        node.now += 600;
        node.decide();
        assert_eq!(found(&node.restart()), left);
    }
}

#[test]
fn evidence_against_one_validator_is_bounded() {
    let (mut node, _) = shown();
    let mut rows = 1;
    for height in 2..10 {
        node.now += 600;
        node.decide();
        let other = node.signed(node.others()[0], height, 0, Step::Precommit, None);
        rows += found(&node.hear(Message::Vote(other))).len();
    }
    assert_eq!(rows, 4);
}

#[test]
fn a_late_vote_that_nobody_signed_is_blamed() {
    let mut node = Single::new(1);
    node.decide();
    let other = node.signed(node.others()[0], 1, 0, Step::Precommit, None);
    let forged = SignedVote { signature: Signature([7; 64]), ..other };
    let effects = node.hear(Message::Vote(forged));
    assert!(blames(&effects));
    assert_eq!(found(&effects), []);
}
