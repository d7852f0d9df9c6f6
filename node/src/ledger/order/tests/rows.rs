//! Golden bytes of every row, and what is read from random ones.

use super::scene::{CHAIN, signing_key};
use crate::ledger::order::{
    rows::{CANDIDATES, Candidate, EVIDENCE, LOG, LogEntry, Value},
    timers::{RoundTimer, Wait},
};
use magpie_protocol::{
    bounded::List,
    codec::{Format, decode, encode},
    consensus::{Polka, SignedProposal, SignedVote},
    keys::ConsensusKey,
    ledger::{BlockHash, CommitSignature, Proposal, Step, Vote},
    sign::Signature,
};
use proptest::prelude::*;
use std::fmt::Debug;

const BLOCK: BlockHash = BlockHash([0xb1; 32]);
const KEY: ConsensusKey = ConsensusKey([0xa1; 32]);
const SEAL: Signature = Signature([0x5e; 64]);

fn golden<T: Format + PartialEq + Debug>(row: &T) -> String {
    let bytes = encode(row).unwrap();
    assert_eq!(&decode::<T>(&bytes).unwrap(), row);
    hex::encode(&bytes)
}

#[test]
fn golden_bytes_of_the_log() {
    let of = |byte: &str, len: usize| byte.repeat(len);
    let (chain, block, key, seal) = (of("c4", 32), of("b1", 32), of("a1", 32), of("5e", 64));
    let vote = Vote { chain: CHAIN, height: 300, round: 2, step: Step::Precommit, block: None };
    let vote = LogEntry::Vote(SignedVote { vote, validator: KEY, signature: SEAL });
    assert_eq!(golden(&vote), format!("0100{chain}fb2c01020100{key}{seal}"));
    let proposal =
        Proposal { chain: CHAIN, height: 300, round: 2, block: BLOCK, polka_round: Some(1) };
    let proposal = SignedProposal { proposal, validator: KEY, signature: SEAL };
    let expected = format!("0101{chain}fb2c0102{block}0101{key}{seal}");
    assert_eq!(golden(&LogEntry::Proposal(proposal)), expected);
    let value = Value { round: 2, block: BLOCK, proposer: KEY, valid: true };
    assert_eq!(golden(&LogEntry::Value(value)), format!("010202{block}{key}01"));
    let timer = |wait| LogEntry::Timeout(RoundTimer { round: 2, wait });
    assert_eq!(golden(&timer(Wait::Propose)), "01030200");
    assert_eq!(golden(&timer(Wait::Prevote)), "01030201");
    assert_eq!(golden(&timer(Wait::Precommit)), "01030202");
    assert_eq!(golden(&timer(Wait::Rebroadcast)), "01030203");
    let signatures = List::new(vec![CommitSignature { validator: KEY, signature: SEAL }]).unwrap();
    let polka = LogEntry::Polka(Polka { height: 300, round: 2, block: BLOCK, signatures });
    assert_eq!(golden(&polka), format!("0104fb2c0102{block}01{key}{seal}"));
}

#[test]
fn the_tags_are_the_orders_own() {
    assert_eq!([LOG.tag(), CANDIDATES.tag(), EVIDENCE.tag()], [0x50, 0x51, 0x52]);
}

#[test]
fn an_entry_is_spoken_by_who_signed_it_or_made_the_block() {
    let value = LogEntry::Value(Value { round: 2, block: BLOCK, proposer: KEY, valid: true });
    assert_eq!(value.spoken_by(KEY), Some(2));
    assert_eq!(value.spoken_by(ConsensusKey(signing_key(0).verifying_key().to_bytes())), None);
    let timeout = LogEntry::Timeout(RoundTimer { round: 2, wait: Wait::Propose });
    assert_eq!(timeout.spoken_by(KEY), None);
}

fn refused_or_canonical<T: Format>(bytes: &[u8]) {
    if let Ok(row) = decode::<T>(bytes) {
        assert_eq!(encode(&row).unwrap(), bytes);
    }
}

proptest! {
    #[test]
    fn random_bytes_are_a_row_or_refused(
        bytes in prop::collection::vec(any::<u8>(), 0..500), kind in 0..6_u8
    ) {
        for bytes in [bytes.clone(), [&[1, kind], bytes.as_slice()].concat()] {
            refused_or_canonical::<LogEntry>(&bytes);
            refused_or_canonical::<Candidate>(&bytes);
        }
    }
}
