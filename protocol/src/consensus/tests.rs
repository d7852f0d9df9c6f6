//! Golden bytes of every message, and what a quorum is not.

use super::*;
use crate::{
    address::Address,
    beacon::Proof,
    bounded::List,
    codec::{decode, encode},
    golden,
    ids::NetworkId,
    keys::{BeaconKey, ConsensusKey},
    ledger::{
        Block, BlockHash, Certificate, CommitSignature, Conflict, Evidence, Header, Proposal,
        StateRoot, Step, Validator, ValidatorSet, Vote, entries_root,
    },
    sign::Signature,
};
use ed25519_dalek::SigningKey;
use proptest::prelude::*;

const CHAIN: NetworkId = NetworkId([0xc4; 32]);
const BLOCK: BlockHash = BlockHash([0xb1; 32]);
const SEEDS: [u8; 4] = [0xa1, 0xa2, 0xa3, 0xa4];

fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

fn public(seed: u8) -> ConsensusKey {
    ConsensusKey(key(seed).verifying_key().to_bytes())
}

fn set() -> ValidatorSet {
    let validator = |seed| {
        let beacon = BeaconKey(public(seed ^ 0x10).0);
        let wallet = Address::from_bytes(public(seed ^ 0x20).0).unwrap();
        Validator { key: public(seed), power: 10, beacon, wallet }
    };
    ValidatorSet::new(SEEDS.map(validator).to_vec()).unwrap()
}

fn vote(step: Step, block: Option<BlockHash>) -> Vote {
    Vote { chain: CHAIN, height: 7, round: 2, step, block }
}

fn signed(seed: u8) -> SignedVote {
    let vote = vote(Step::Prevote, Some(BLOCK));
    SignedVote { vote, validator: public(seed), signature: vote.sign(&key(seed)).unwrap() }
}

fn proposal(seed: u8, polka_round: Option<u32>) -> SignedProposal {
    let proposal = Proposal { chain: CHAIN, height: 7, round: 2, block: BLOCK, polka_round };
    let signature = proposal.sign(&key(seed)).unwrap();
    SignedProposal { proposal, validator: public(seed), signature }
}

fn signatures(step: Step, seeds: &[u8]) -> Vec<CommitSignature> {
    let vote = vote(step, Some(BLOCK));
    let one = |seed: &u8| CommitSignature {
        validator: public(*seed),
        signature: vote.sign(&key(*seed)).unwrap(),
    };
    let mut all: Vec<_> = seeds.iter().map(one).collect();
    all.sort_by_key(|each| each.validator);
    all
}

fn polka(signatures: Vec<CommitSignature>) -> Polka {
    Polka { height: 7, round: 2, block: BLOCK, signatures: List::new(signatures).unwrap() }
}

fn round_end(kind: RoundEndKind, step: Step, seeds: &[u8]) -> RoundEnd {
    let of = |CommitSignature { validator, signature }| RoundVote {
        validator,
        step,
        block: Some(BLOCK),
        signature,
    };
    let votes = signatures(step, seeds).into_iter().map(of).collect();
    RoundEnd { height: 7, round: 2, kind, votes: List::new(votes).unwrap() }
}

fn block() -> Block {
    let header = Header {
        chain: CHAIN,
        rules: Header::RULES,
        height: 7,
        round: 2,
        proposer: public(SEEDS[0]),
        parent: BLOCK,
        time_ms: 300,
        entries: entries_root(&[]),
        state: StateRoot([0xb2; 32]),
        validators: set().hash(),
        next_validators: set().hash(),
        beacon: Proof([0xb3; 80]),
    };
    Block { header, entries: List::default() }
}

fn messages() -> Vec<(&'static str, Message)> {
    let certificate = Certificate {
        height: 7,
        round: 2,
        block: BLOCK,
        signatures: List::new(signatures(Step::Precommit, &SEEDS[..3])).unwrap(),
    };
    let decided = DecidedBlock { block: block(), certificate };
    let first = Message::Proposal(proposal(SEEDS[1], None), Some(Box::new(block())));
    let end = round_end(RoundEndKind::Skip, Step::Prevote, &SEEDS[..2]);
    vec![
        ("vote", Message::Vote(signed(SEEDS[0]))),
        ("proposal", first),
        ("proposal_again", Message::Proposal(proposal(SEEDS[1], Some(1)), None)),
        ("polka", Message::Polka(polka(signatures(Step::Prevote, &SEEDS[..3])))),
        ("round_end", Message::RoundEnd(end)),
        ("status", Message::Status(300)),
        ("want", Message::Want { height: 7, round: 2, block: BLOCK }),
        ("sync", Message::Sync(300)),
        ("decided", Message::Decided(List::new(vec![decided]).unwrap())),
    ]
}

#[test]
fn golden_messages() {
    for (name, message) in messages() {
        let bytes = golden::check(&format!("consensus_{name}"), encode(&message).unwrap());
        assert_eq!(decode::<Message>(&bytes).unwrap(), message, "{name}");
    }
}

#[test]
fn a_vote_and_a_proposal_hold_for_who_signed_them() {
    let (vote, proposal) = (signed(SEEDS[0]), proposal(SEEDS[1], None));
    assert!(vote.holds() && proposal.holds());
    assert!(!SignedVote { validator: public(SEEDS[1]), ..vote }.holds());
    assert!(!SignedProposal { validator: public(SEEDS[0]), ..proposal }.holds());
    let moved = Vote { round: 3, ..vote.vote };
    assert!(!SignedVote { vote: moved, ..vote }.holds());
}

#[test]
fn a_polka_needs_over_two_thirds_of_different_validators() {
    let good = signatures(Step::Prevote, &SEEDS[..3]);
    assert_eq!(polka(good.clone()).verify(CHAIN, &set()), Ok(()));
    let refused = |signatures| polka(signatures).verify(CHAIN, &set()).unwrap_err();
    let few = QuorumError::Power { height: 7, power: 20, total: 40 };
    assert_eq!(refused(good[..2].to_vec()), few);
    let twice = vec![good[0], good[1], good[1]];
    let validator = good[1].validator;
    assert_eq!(refused(twice), QuorumError::Order { height: 7, validator });
    let back = vec![good[1], good[0], good[2]];
    let validator = good[0].validator;
    assert_eq!(refused(back), QuorumError::Order { height: 7, validator });
    let strange = signatures(Step::Prevote, &[SEEDS[0], SEEDS[1], 0xee]);
    let validator = public(0xee);
    assert_eq!(refused(strange), QuorumError::Stranger { height: 7, validator });
    // Precommits are no prevotes.
    let other = signatures(Step::Precommit, &SEEDS[..3]);
    assert!(matches!(refused(other), QuorumError::Signature { .. }));
    let elsewhere = polka(good).verify(NetworkId([0; 32]), &set());
    assert!(matches!(elsewhere, Err(QuorumError::Signature { .. })));
}

#[test]
fn a_round_ends_by_over_a_third_ahead_or_by_over_two_thirds_of_precommits() {
    let verify = |kind, step, seeds: &[u8]| round_end(kind, step, seeds).verify(CHAIN, &set());
    let (skip, all) = (RoundEndKind::Skip, RoundEndKind::Precommits);
    assert_eq!(verify(skip, Step::Prevote, &SEEDS[..2]), Ok(()));
    assert_eq!(verify(skip, Step::Precommit, &SEEDS[..2]), Ok(()));
    let power = |power| Err(QuorumError::Power { height: 7, power, total: 40 });
    assert_eq!(verify(skip, Step::Prevote, &SEEDS[..1]), power(10));
    assert_eq!(verify(all, Step::Precommit, &SEEDS[..3]), Ok(()));
    assert_eq!(verify(all, Step::Precommit, &SEEDS[..2]), power(20));
    assert!(matches!(verify(all, Step::Prevote, &SEEDS[..3]), Err(QuorumError::Step { .. })));
    let mut twice = round_end(skip, Step::Prevote, &SEEDS[..1]);
    let one = twice.votes[0];
    twice.votes.push(RoundVote { step: Step::Precommit, ..one }).unwrap();
    assert!(matches!(twice.verify(CHAIN, &set()), Err(QuorumError::Order { .. })));
    let mut forged = round_end(skip, Step::Prevote, &SEEDS[..2]).votes.into_vec();
    forged[1].signature = Signature([7; 64]);
    let votes = List::new(forged).unwrap();
    let forged = RoundEnd { votes, ..round_end(skip, Step::Prevote, &[]) };
    assert!(matches!(forged.verify(CHAIN, &set()), Err(QuorumError::Signature { .. })));
}

#[test]
fn validators_propose_in_turn_and_a_failed_round_passes_the_turn_on() {
    let set = set();
    let at = |height, round| set.proposer(height, round).unwrap().key;
    let turn: Vec<_> = (0..4).map(|height| at(height, 0)).collect();
    assert_eq!(turn, set.validators().iter().map(|each| each.key).collect::<Vec<_>>());
    assert_eq!(at(4, 0), at(0, 0));
    assert_eq!(at(6, 3), at(9, 0));
    assert_eq!(at(u64::MAX, u32::MAX), at(u64::MAX % 4, u32::MAX % 4));
}

#[test]
fn two_votes_or_proposals_of_one_round_are_evidence_in_one_order() {
    let sign = |block| {
        let vote = vote(Step::Prevote, block);
        (vote, vote.sign(&key(SEEDS[0])).unwrap())
    };
    let (a, b) = (sign(Some(BLOCK)), sign(None));
    let evidence = Evidence::of_votes(public(SEEDS[1]), public(SEEDS[0]), a, b);
    assert_eq!(evidence.check(CHAIN), Ok(()));
    assert_eq!(evidence, Evidence::of_votes(public(SEEDS[1]), public(SEEDS[0]), b, a));
    assert!(evidence.check(NetworkId([0; 32])).is_err());
    assert!(Evidence::of_votes(public(SEEDS[1]), public(SEEDS[0]), a, a).check(CHAIN).is_err());
    assert!(Evidence { accused: public(SEEDS[2]), ..evidence }.check(CHAIN).is_err());
    let propose = |polka_round| {
        let signed = proposal(SEEDS[0], polka_round);
        (signed.proposal, signed.signature)
    };
    let (a, b) = (propose(Some(1)), propose(None));
    let evidence = Evidence::of_proposals(public(SEEDS[1]), public(SEEDS[0]), a, b);
    assert_eq!(evidence.check(CHAIN), Ok(()));
    assert!(matches!(
        evidence.conflict,
        Conflict::Proposals(Proposal { polka_round: None, .. }, _)
    ));
}

proptest! {
    #[test]
    fn random_bytes_are_a_message_or_refused(
        bytes in prop::collection::vec(any::<u8>(), 0..600), kind in 0..9_u8
    ) {
        let framed = [&[1, kind], bytes.as_slice()].concat();
        for bytes in [&bytes, &framed] {
            if let Ok(message) = decode::<Message>(bytes) {
                prop_assert_eq!(&encode(&message).unwrap(), bytes);
            }
        }
    }

    #[test]
    fn a_message_with_a_bit_flipped_never_panics(at in 0..9_usize, bit: u16) {
        let (_, message) = messages().swap_remove(at);
        let mut bytes = encode(&message).unwrap();
        let len = bytes.len() * 8;
        let bit = usize::from(bit) % len;
        bytes[bit / 8] ^= 1 << (bit % 8);
        if let Ok(Message::Polka(polka)) = decode::<Message>(&bytes) {
            prop_assert!(polka.verify(CHAIN, &set()).is_err());
        }
    }
}
