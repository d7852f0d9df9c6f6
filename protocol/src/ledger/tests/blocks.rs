//! Headers, blocks, certificates and sets of validators.

use super::fixtures::{CHAIN, NOW, address, entries, key, public, rules};
use crate::{
    beacon::Proof,
    bounded::List,
    codec::{DecodeError, decode, encode},
    golden,
    ids::NetworkId,
    keys::{BeaconKey, ConsensusKey},
    ledger::{
        Block, BlockError, BlockHash, Certificate, CertificateError, CertifiedHeader,
        CommitSignature, EntriesRoot, EntryId, Header, HeaderError, StateRoot, Step, Tip,
        Validator, ValidatorSet, Validators, ValidatorsError, ValidatorsHash, Vote, entries_root,
        entry_path,
    },
    limits::{VALIDATORS, VOTING_POWER},
};
use proptest::prelude::*;

const SEEDS: [u8; 4] = [0xa1, 0xa2, 0xa3, 0xa4];

fn validator(seed: u8, power: u64) -> Validator {
    let (beacon, wallet) = (BeaconKey(public(seed ^ 0x10)), address(seed ^ 0x20));
    Validator { key: ConsensusKey(public(seed)), power, beacon, wallet }
}

fn set() -> ValidatorSet {
    ValidatorSet::new(SEEDS.map(|seed| validator(seed, 10)).to_vec()).unwrap()
}

fn genesis() -> Tip {
    Tip::genesis(CHAIN, NOW - 1_000, set().hash())
}

fn ids() -> Vec<EntryId> {
    entries().iter().map(|entry| entry.id().unwrap()).collect()
}

fn header() -> Header {
    Header {
        chain: CHAIN,
        rules: Header::RULES,
        height: 1,
        round: 2,
        proposer: ConsensusKey(public(SEEDS[0])),
        parent: BlockHash(CHAIN.0),
        time_ms: NOW,
        entries: entries_root(&ids()),
        state: StateRoot([0xb2; 32]),
        validators: set().hash(),
        next_validators: set().hash(),
        beacon: Proof([0xb3; 80]),
    }
}

/// A header, its certificate and who votes on the next block.
pub(in crate::ledger) fn certified() -> (Header, Certificate, ValidatorSet) {
    (header(), certificate(&SEEDS[..3]), set())
}

fn block() -> Block {
    Block { header: header(), entries: List::new(entries()).unwrap() }
}

fn signed(vote: Vote, seeds: &[u8]) -> Certificate {
    let mut signatures: Vec<_> = seeds
        .iter()
        .map(|seed| CommitSignature {
            validator: ConsensusKey(public(*seed)),
            signature: vote.sign(&key(*seed)).unwrap(),
        })
        .collect();
    signatures.sort_by_key(|each| each.validator);
    let Vote { height, round, block, .. } = vote;
    let block = block.unwrap_or(BlockHash([0; 32]));
    Certificate { height, round, block, signatures: List::new(signatures).unwrap() }
}

fn precommit(header: &Header) -> Vote {
    let block = Some(header.hash().unwrap());
    Vote { chain: CHAIN, height: header.height, round: 3, step: Step::Precommit, block }
}

fn certificate(seeds: &[u8]) -> Certificate {
    signed(precommit(&header()), seeds)
}

#[test]
fn golden_header_block_and_certificate_verify() {
    let bytes = golden::check("ledger_header", encode(&header()).unwrap());
    let header: Header = decode(&bytes).unwrap();
    golden::check("ledger_block_hash", header.hash().unwrap().0.to_vec());
    let bytes = golden::check("ledger_certificate", encode(&certificate(&SEEDS[..3])).unwrap());
    let certificate: Certificate = decode(&bytes).unwrap();
    let certified =
        CertifiedHeader::verify_next(header.clone(), certificate.clone(), &genesis(), &set());
    let certified = certified.unwrap();
    assert_eq!(certified.header(), &header);
    assert_eq!(certified.certificate(), &certificate);
    assert_eq!(certified.tip(), &header.tip().unwrap());
    let bytes = golden::check("ledger_block", encode(&block()).unwrap());
    assert_eq!(decode::<Block>(&bytes).unwrap().check(&rules().pace).unwrap(), ids());
    let bytes = golden::check("ledger_validators", encode(set().as_wire()).unwrap());
    let set = decode::<Validators>(&bytes).unwrap().verify().unwrap();
    golden::check("ledger_validators_hash", set.hash().0.to_vec());
    assert_eq!(set.power(), 40);
}

#[test]
fn a_header_follows_its_parent_and_nothing_else() {
    let tip = header().tip().unwrap();
    let next = Header { height: 2, parent: tip.hash, time_ms: NOW + 1, ..header() };
    assert_eq!(next.check_follows(&tip), Ok(()));
    assert_eq!(header().check_follows(&genesis()), Ok(()));
    let refused = |change: &dyn Fn(&mut Header)| {
        let mut header = next.clone();
        change(&mut header);
        header.check_follows(&tip).unwrap_err()
    };
    let other = NetworkId([0; 32]);
    let chain = HeaderError::Chain { expected: CHAIN, found: other };
    assert_eq!(refused(&|h| h.chain = other), chain);
    for found in [0, Header::RULES + 1, u16::MAX] {
        let rules = HeaderError::Rules { height: 2, known: Header::RULES, found };
        assert_eq!(refused(&|h| h.rules = found), rules);
    }
    for found in [0, 1, 3, u64::MAX] {
        assert_eq!(refused(&|h| h.height = found), HeaderError::Height { expected: 2, found });
    }
    let found = BlockHash(CHAIN.0);
    let parent = HeaderError::Parent { height: 2, expected: tip.hash, found };
    assert_eq!(refused(&|h| h.parent = found), parent);
    let found = ValidatorsHash([0; 32]);
    let validators = HeaderError::Validators { height: 2, expected: set().hash(), found };
    assert_eq!(refused(&|h| h.validators = found), validators);
    for time_ms in [0, NOW - 1, NOW] {
        let order = HeaderError::Order { height: 2, time_ms, parent_ms: NOW };
        assert_eq!(refused(&|h| h.time_ms = time_ms), order);
    }
    // At the last height there is nothing that follows.
    let last = Tip { height: u64::MAX, ..tip };
    let beyond = Header { height: u64::MAX, ..next };
    assert!(matches!(beyond.check_follows(&last), Err(HeaderError::Height { .. })));
}

#[test]
fn a_fresh_header_is_of_now() {
    let pace = rules().pace;
    let at = |now_ms| header().check_drift(now_ms, &pace);
    for now in [NOW - pace.ahead_ms, NOW, NOW + pace.behind_ms] {
        assert_eq!(at(now), Ok(()));
    }
    for now_ms in [0, NOW - pace.ahead_ms - 1, NOW + pace.behind_ms + 1, u64::MAX] {
        let drift = HeaderError::Drift { height: 1, time_ms: NOW, now_ms };
        assert_eq!(at(now_ms), Err(drift));
    }
}

#[test]
fn strangers_duplicates_and_too_little_power_certify_nothing() {
    let verify = |certificate: &Certificate| certificate.verify(CHAIN, &set());
    assert_eq!(verify(&certificate(&SEEDS)), Ok(()));
    assert_eq!(verify(&certificate(&SEEDS[1..])), Ok(()));
    let power = |power| CertificateError::Power { height: 1, power, total: 40 };
    assert_eq!(verify(&certificate(&SEEDS[..2])), Err(power(20)));
    assert_eq!(verify(&certificate(&[])), Err(power(0)));
    let stranger = CertificateError::Stranger { height: 1, validator: ConsensusKey(public(0xaf)) };
    assert_eq!(verify(&certificate(&[0xa1, 0xa2, 0xa3, 0xaf])), Err(stranger));
    // One validator three times is not three.
    let twice = certificate(&[0xa1, 0xa1, 0xa1]);
    let validator = ConsensusKey(public(0xa1));
    assert_eq!(verify(&twice), Err(CertificateError::Order { height: 1, validator }));
    let mut turned = certificate(&SEEDS);
    let mut signatures = turned.signatures.into_vec();
    signatures.reverse();
    turned.signatures = List::new(signatures).unwrap();
    assert!(matches!(verify(&turned), Err(CertificateError::Order { .. })));
}

#[test]
fn power_certifies_and_not_heads() {
    let powers = SEEDS.into_iter().zip([1, 1, 1, 7]);
    let set =
        ValidatorSet::new(powers.map(|(seed, power)| validator(seed, power)).collect()).unwrap();
    let few = CertificateError::Power { height: 1, power: 3, total: 10 };
    assert_eq!(certificate(&SEEDS[..3]).verify(CHAIN, &set), Err(few));
    assert_eq!(certificate(&SEEDS[3..]).verify(CHAIN, &set), Ok(()));
    assert_eq!(certificate(&SEEDS).verify(CHAIN, &set), Ok(()));
}

#[test]
fn exactly_two_thirds_do_not_decide() {
    let three = SEEDS[..3].iter().map(|seed| validator(*seed, 1)).collect();
    let set = ValidatorSet::new(three).unwrap();
    assert!(!set.decides(2));
    assert!(set.decides(3));
    assert!(matches!(
        certificate(&SEEDS[..2]).verify(CHAIN, &set),
        Err(CertificateError::Power { power: 2, total: 3, .. })
    ));
    let most = ValidatorSet::new(vec![validator(0xa1, VOTING_POWER)]).unwrap();
    assert!(most.decides(VOTING_POWER) && most.decides(u64::MAX));
    assert!(!most.decides(VOTING_POWER / 3 * 2));
}

#[test]
fn signatures_under_another_vote_certify_nothing() {
    let vote = precommit(&header());
    let others = [
        Vote { chain: NetworkId([0; 32]), ..vote },
        Vote { height: 2, ..vote },
        Vote { round: 4, ..vote },
        Vote { step: Step::Prevote, ..vote },
        Vote { block: None, ..vote },
        Vote { block: Some(BlockHash([0; 32])), ..vote },
    ];
    for other in others {
        let wrong = signed(other, &SEEDS);
        let moved = Certificate { signatures: wrong.signatures, ..certificate(&SEEDS) };
        let error = moved.verify(CHAIN, &set()).unwrap_err();
        assert!(matches!(error, CertificateError::Signature { .. }), "{error}");
    }
    // One bad signature spoils a certificate that would have enough without it.
    let mut one = certificate(&SEEDS).signatures.into_vec();
    one[3].signature = one[2].signature;
    let spoiled = Certificate { signatures: List::new(one).unwrap(), ..certificate(&SEEDS) };
    assert!(matches!(spoiled.verify(CHAIN, &set()), Err(CertificateError::Signature { .. })));
}

#[test]
fn a_certificate_is_of_its_header_validators_and_proposer() {
    let verify = |header: Header, certificate: Certificate, set: &ValidatorSet| {
        CertifiedHeader::verify(header, certificate, CHAIN, set).unwrap_err()
    };
    let changed = Header { time_ms: NOW + 5, ..header() };
    let error = verify(changed, certificate(&SEEDS), &set());
    assert!(matches!(error, CertificateError::Block { height: 1, .. }), "{error}");
    let height = Certificate { height: 2, ..certificate(&SEEDS) };
    let error = verify(header(), height, &set());
    assert!(matches!(error, CertificateError::Block { height: 2, .. }), "{error}");
    // A set of the attacker's own, with a header that does not name it.
    let own = ValidatorSet::new(vec![validator(0xa1, 1)]).unwrap();
    let error = verify(header(), certificate(&SEEDS[..1]), &own);
    assert!(matches!(error, CertificateError::Validators { .. }), "{error}");
    let other = Header { chain: NetworkId([0; 32]), ..header() };
    let error = verify(other, certificate(&SEEDS), &set());
    assert!(matches!(error, CertificateError::Header(HeaderError::Chain { .. })), "{error}");
    let stranger = Header { proposer: ConsensusKey(public(0xaf)), ..header() };
    let signatures = signed(precommit(&stranger), &SEEDS);
    assert_eq!(verify(stranger, signatures, &set()), CertificateError::Proposer(1));
    let late = Header { round: 4, ..header() };
    let signatures = signed(precommit(&late), &SEEDS);
    assert_eq!(verify(late, signatures, &set()), CertificateError::Proposer(1));
    let tip = Tip { height: 5, ..genesis() };
    let error = CertifiedHeader::verify_next(header(), certificate(&SEEDS), &tip, &set());
    assert!(matches!(error, Err(CertificateError::Header(HeaderError::Height { .. }))));
}

#[test]
fn two_certified_blocks_of_one_height_contradict() {
    let certified = |header: Header| {
        let certificate = signed(precommit(&header), &SEEDS);
        CertifiedHeader::verify(header, certificate, CHAIN, &set()).unwrap()
    };
    let one = certified(header());
    let forked = certified(Header { state: StateRoot([0; 32]), ..header() });
    let next = certified(Header { height: 2, ..header() });
    assert!(one.contradicts(&forked) && forked.contradicts(&one));
    assert!(!one.contradicts(&one) && !one.contradicts(&next));
    // The same block decided twice, by others, is one block.
    let fewer = CertifiedHeader::verify(header(), certificate(&SEEDS[..3]), CHAIN, &set());
    assert!(!one.contradicts(&fewer.unwrap()));
}

#[test]
fn validators_that_are_no_set() {
    let of = |validators: Vec<Validator>| Validators(List::new(validators).unwrap()).verify();
    let (a, b) = (set().validators()[0], set().validators()[1]);
    assert_eq!(of(vec![]), Err(ValidatorsError::None));
    assert_eq!(of(vec![b, a]), Err(ValidatorsError::Order(a.key)));
    assert_eq!(of(vec![a, a]), Err(ValidatorsError::Order(a.key)));
    let none = Validator { power: 0, ..a };
    assert_eq!(of(vec![none, b]), Err(ValidatorsError::Powerless(a.key)));
    let weak = Validator { key: ConsensusKey([0; 32]), ..a };
    assert_eq!(of(vec![weak]), Err(ValidatorsError::Key(weak.key)));
    let mute = Validator { beacon: BeaconKey([0; 32]), ..a };
    assert!(matches!(of(vec![mute]), Err(ValidatorsError::Beacon(_))));
    let both = Validator { beacon: BeaconKey(a.key.0), ..a };
    assert_eq!(of(vec![both]), Err(ValidatorsError::Twice(a.key)));
    let shared = Validator { beacon: a.beacon, ..b };
    assert_eq!(of(vec![a, shared]), Err(ValidatorsError::Twice(b.key)));
    let own = Validator { wallet: address(0xa1), ..validator(0xa1, 1) };
    assert_eq!(of(vec![own]), Err(ValidatorsError::Wallet(own.key)));
    let most = |power| Validator { power, ..a };
    assert!(of(vec![most(VOTING_POWER)]).is_ok());
    assert_eq!(of(vec![most(VOTING_POWER), b]), Err(ValidatorsError::Power));
    assert_eq!(of(vec![most(u64::MAX), b]), Err(ValidatorsError::Power));
    let many = vec![a; VALIDATORS + 1];
    assert!(matches!(ValidatorSet::new(many), Err(ValidatorsError::TooMany(_))));
    assert_eq!(set().get(ConsensusKey(public(0xaf))), None);
}

#[test]
fn blocks_whose_entries_are_not_the_headers() {
    let pace = rules().pace;
    let of = |change: &dyn Fn(&mut Vec<crate::ledger::Entry>)| {
        let mut entries = entries();
        change(&mut entries);
        Block { header: header(), entries: List::new(entries).unwrap() }.check(&pace).unwrap_err()
    };
    let entries_error = |error| matches!(error, BlockError::Entries { height: 1, .. });
    assert!(entries_error(of(&|e| e.swap(0, 1))));
    assert!(entries_error(of(&|e| drop(e.pop()))));
    assert!(entries_error(of(&Vec::clear)));
    let twice = BlockError::Twice { height: 1, entry: ids()[0] };
    assert_eq!(of(&|e| e.push(e[0].clone())), twice);
    let few = crate::ledger::Pace { entries: 14, ..pace };
    let error = BlockError::TooMany { height: 1, what: "entries", found: 15, most: 14 };
    assert_eq!(block().check(&few), Err(error));
    let small = crate::ledger::Pace { bytes: 1_000, ..pace };
    let error = block().check(&small).unwrap_err();
    assert!(matches!(error, BlockError::TooMany { what: "bytes", most: 1_000, .. }), "{error}");
    let empty = Header { entries: entries_root(&[]), ..header() };
    let empty = Block { header: empty, entries: List::default() };
    assert_eq!(empty.check(&pace), Ok(Vec::new()));
}

#[test]
fn an_entry_is_shown_to_be_in_a_block() {
    let ids = ids();
    let (root, count) = (entries_root(&ids), u32::try_from(ids.len()).unwrap());
    for (index, id) in ids.iter().enumerate() {
        let path = entry_path(&ids, index).unwrap();
        assert!(path.leads_to_entry(*id, count, root));
        assert!(!path.leads_to_entry(EntryId([0; 32]), count, root));
        assert!(!path.leads_to_entry(*id, count, EntriesRoot([0; 32])));
        for other in [0, 1, count - 1, count + 1, u32::MAX] {
            assert!(!path.leads_to_entry(*id, other, root), "{other} of {count}");
        }
    }
    assert_eq!(entry_path(&ids, ids.len()), None);
    golden::check("ledger_entries_root", root.0.to_vec());
    golden::check("ledger_entries_root_empty", entries_root(&[]).0.to_vec());
}

#[test]
fn a_block_over_its_limit_is_not_parsed() {
    let error = decode::<Block>(&vec![1; (1 << 20) + 1]).unwrap_err();
    assert!(matches!(error, DecodeError::TooLong { .. }));
}

proptest! {
    #[test]
    fn random_bytes_never_panic(
        mut bytes in prop::collection::vec(any::<u8>(), 1..1_500), headed: bool,
    ) {
        if headed {
            bytes[0] = 1;
        }
        if let Ok(header) = decode::<Header>(&bytes) {
            prop_assert_eq!(encode(&header).unwrap(), bytes.clone());
        }
        if let Ok(block) = decode::<Block>(&bytes) {
            prop_assert!(block.check(&rules().pace).is_err());
            prop_assert_eq!(encode(&block).unwrap(), bytes.clone());
        }
        if let Ok(certificate) = decode::<Certificate>(&bytes) {
            prop_assert!(certificate.verify(CHAIN, &set()).is_err());
            prop_assert_eq!(encode(&certificate).unwrap(), bytes.clone());
        }
        if let Ok(validators) = decode::<Validators>(&bytes) {
            prop_assert_eq!(encode(&validators).unwrap(), bytes);
            let _ = validators.verify();
        }
    }

    #[test]
    fn no_changed_bit_is_certified(at: prop::sample::Index, bit in 0..8, in_header: bool) {
        let mut bytes = encode(&header()).unwrap();
        let mut shown = encode(&certificate(&SEEDS[..3])).unwrap();
        let changed = if in_header { &mut bytes } else { &mut shown };
        let at = at.index(changed.len());
        changed[at] ^= 1_u8 << bit;
        if let (Ok(header), Ok(certificate)) = (decode(&bytes), decode(&shown)) {
            prop_assert!(CertifiedHeader::verify(header, certificate, CHAIN, &set()).is_err());
        }
    }

    #[test]
    fn no_changed_bit_is_the_same_block(at: prop::sample::Index, bit in 0..8) {
        let mut bytes = encode(&block()).unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= 1_u8 << bit;
        if let Ok(block) = decode::<Block>(&bytes) {
            let same = block.header == header() && block.check(&rules().pace).is_ok();
            prop_assert!(!same);
            prop_assert_eq!(encode(&block).unwrap(), bytes);
        }
    }
}
