//! The bytes of every kind, and what no bytes may do.

use super::fixtures::{
    CHAIN, NOW, RECEIVE, VALIDATOR, WALLET, admission, claim, entries, evidence_of, instructions,
    key, members, opening, packet, proposals, rules, vote,
};
use crate::{
    codec::encode,
    golden,
    keys::ClaimKey,
    ledger::{
        ClaimPacket, Conflict, CreatePacket, Entry, EntryError, HeightError, Instruction,
        MembersRoot, OpenPacket, PacketKind, SignError, Step, TimeError, UnknownKind,
        UpdateValidators, ValidatorChange, VerifyError, Vote,
    },
};
use proptest::prelude::*;

/// Where an entry has its kind: after its version and the chain.
const KIND_AT: usize = 33;
/// Where the body has its version, if it is shorter than 251 bytes.
const BODY_AT: usize = 35;

#[test]
fn golden_entry_of_every_kind_verifies() {
    let mut numbers = Vec::new();
    for ((instruction, _), entry) in instructions().into_iter().zip(entries()) {
        let number = instruction.number();
        let bytes = golden::check(&format!("ledger_entry_{number}"), entry.to_bytes().unwrap());
        let read = Entry::from_bytes(&bytes).unwrap();
        let id = golden::check(&format!("ledger_entry_{number}_id"), read.id().unwrap().0.to_vec());
        let verified = read.clone().verify(CHAIN, &rules()).unwrap();
        assert_eq!(verified.instruction(), &instruction);
        assert_eq!(verified.entry(), &read);
        assert_eq!(verified.id().0.to_vec(), id);
        numbers.push(number);
    }
    assert_eq!(numbers, Instruction::KINDS);
}

#[test]
fn a_key_that_the_instruction_does_not_name_cannot_sign_it() {
    for (instruction, _) in instructions() {
        let found = key(0x99);
        let error = instruction.sign(CHAIN, &found).unwrap_err();
        assert!(matches!(error, SignError::Key { .. }), "{error}");
    }
    let unknown = Instruction::Unknown { number: 99, body: vec![1] };
    assert_eq!(unknown.sign(CHAIN, &key(1)), Err(SignError::Unknown(99)));
}

#[test]
fn a_signature_of_one_entry_is_worth_nothing_under_another() {
    let all = entries();
    for (at, entry) in all.iter().enumerate() {
        let mut bytes = entry.to_bytes().unwrap();
        let other = all[(at + 1) % all.len()].to_bytes().unwrap();
        let end = bytes.len() - 64;
        bytes[end..].copy_from_slice(&other[other.len() - 64..]);
        let error = Entry::from_bytes(&bytes).unwrap().verify(CHAIN, &rules()).unwrap_err();
        let VerifyError::Entry(error) = error else { panic!("{error}") };
        assert!(matches!(error, EntryError::Signature { .. }), "{error}");
    }
    // Acceptance and refusal have the same body; the signature of one is not the other's.
    let mut turned = all[1].to_bytes().unwrap();
    turned[KIND_AT] = 3;
    let error = Entry::from_bytes(&turned).unwrap().verify(CHAIN, &rules()).unwrap_err();
    let VerifyError::Entry(error) = error else { panic!("{error}") };
    assert!(matches!(error, EntryError::Signature { kind: "refusal", .. }), "{error}");
}

#[test]
fn a_kind_or_version_of_a_newer_magpie_is_read_and_refused() {
    let bytes = entries()[0].to_bytes().unwrap();
    for (at, value, number) in [(KIND_AT, 99, 99), (KIND_AT, 0, 0), (BODY_AT, 2, 1)] {
        let mut newer = bytes.clone();
        newer[at] = value;
        let entry = Entry::from_bytes(&newer).unwrap();
        assert_eq!(entry.kind(), number);
        assert_eq!(entry.to_bytes().unwrap(), newer);
        assert_eq!(entry.verify(CHAIN, &rules()), Err(UnknownKind(number).into()));
    }
}

#[test]
fn an_entry_is_valid_in_its_time_alone() {
    let rules = rules();
    for entry in entries() {
        let verified = entry.verify(CHAIN, &rules).unwrap();
        assert_eq!(verified.check_time(NOW, &rules), Ok(()));
        let Some(until) = verified.instruction().valid_until_ms() else { continue };
        assert_eq!(verified.check_time(until - 1, &rules), Ok(()));
        let late = TimeError::Late { valid_until_ms: until, time_ms: until };
        assert_eq!(verified.check_time(until, &rules), Err(late));
        let most_ms = rules.lifetimes.entry;
        assert_eq!(verified.check_time(until - most_ms, &rules), Ok(()));
        let ahead =
            TimeError::Ahead { valid_until_ms: until, time_ms: until - most_ms - 1, most_ms };
        assert_eq!(verified.check_time(until - most_ms - 1, &rules), Err(ahead));
    }
}

#[test]
fn a_validators_vote_counts_at_its_heights_alone() {
    let rules = rules();
    let until_height = admission().until_height;
    let most = rules.pace.vote_heights;
    let of = |until_height| {
        let vote = UpdateValidators { until_height, ..admission() };
        super::fixtures::judged(vote, VALIDATOR).unwrap()
    };
    for height in [0, 1, until_height] {
        assert_eq!(of(until_height).check_height(height, &rules), Ok(()));
    }
    let (height, far) = (until_height + 1, until_height + 1 + u64::from(most));
    let late = HeightError::Late { until_height, height };
    assert_eq!(of(until_height).check_height(height, &rules), Err(late));
    assert_eq!(of(far).check_height(height, &rules), Ok(()));
    let ahead = HeightError::Ahead { until_height: far, height: until_height, most };
    assert_eq!(of(far).check_height(until_height, &rules), Err(ahead));
    // What says nothing of heights may stand at any.
    for entry in entries().into_iter().filter(|entry| ![12, 15].contains(&entry.kind())) {
        assert_eq!(entry.verify(CHAIN, &rules).unwrap().check_height(u64::MAX, &rules), Ok(()));
    }
}

#[test]
fn evidence_is_of_a_height_that_is_not_long_ago() {
    let rules = rules();
    let most = rules.pace.evidence_heights;
    for evidence in [proposals(), evidence_of(Conflict::Votes(vote(1), vote(2)))] {
        let found = evidence.height();
        let verified = super::fixtures::judged(evidence, VALIDATOR).unwrap();
        for height in [found, found + u64::from(most)] {
            assert_eq!(verified.check_height(height, &rules), Ok(()));
        }
        for height in [0, found - 1, found + u64::from(most) + 1, u64::MAX] {
            let error = HeightError::Evidence { found, height, most };
            assert_eq!(verified.check_height(height, &rules), Err(error));
        }
    }
}

#[test]
fn a_claim_is_of_a_member_and_answers_the_word() {
    let (claim, opening) = (claim(), opening());
    assert!(claim.is_of_member(opening.count, opening.members));
    assert!(!claim.is_of_member(opening.count, MembersRoot([0; 32])));
    assert!(!claim.is_of_member(members().count() - 1, opening.members));
    assert!(claim.answers(opening.word));
    assert!(!claim.answers(None));
    assert!(!claim.answers(Some(ClaimKey([0; 32]))));
}

#[test]
fn a_packet_is_opened_as_its_kind_asks() {
    let with = opening();
    let without = OpenPacket { word: None, ..with };
    for kind in [PacketKind::Password, PacketKind::PasswordFortune] {
        assert!(with.suits(kind) && !without.suits(kind));
    }
    for kind in [PacketKind::Ordinary, PacketKind::Fortune] {
        assert!(without.suits(kind) && !with.suits(kind));
    }
    assert!(!without.suits(PacketKind::Exclusive));
    assert!(OpenPacket { count: 1, ..without }.suits(PacketKind::Exclusive));
    assert_eq!(with.head(), members().head());
}

proptest! {
    #[test]
    fn no_changed_bit_is_valid(which in 0..15_usize, at: prop::sample::Index, bit in 0..8) {
        let mut bytes = entries()[which].to_bytes().unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= 1_u8 << bit;
        if let Ok(entry) = Entry::from_bytes(&bytes) {
            prop_assert_eq!(entry.to_bytes().unwrap(), bytes);
            prop_assert!(entry.verify(CHAIN, &rules()).is_err());
        }
    }

    #[test]
    fn random_bytes_never_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..2_100), headed: bool) {
        if headed && let Some(first) = bytes.first_mut() {
            *first = 1;
        }
        if let Ok(entry) = Entry::from_bytes(&bytes) {
            prop_assert_eq!(entry.to_bytes().unwrap(), bytes);
            prop_assert!(entry.verify(CHAIN, &rules()).is_err());
        }
    }

    #[test]
    fn random_bodies_never_panic_and_have_one_spelling(
        number in 0..18_u16, mut body in prop::collection::vec(any::<u8>(), 1..400), headed: bool,
    ) {
        if headed {
            body[0] = 1;
        }
        if let Ok(instruction) = Instruction::from_parts(number, &body) {
            prop_assert_eq!(instruction.to_parts().unwrap(), (number, body));
        }
    }

    #[test]
    fn changed_bodies_have_one_spelling(which in 0..15_usize, at: prop::sample::Index, byte: u8) {
        let (number, mut body) = instructions()[which].0.to_parts().unwrap();
        let at = at.index(body.len());
        body[at] = byte;
        if let Ok(instruction) = Instruction::from_parts(number, &body) {
            prop_assert_eq!(instruction.to_parts().unwrap(), (number, body));
        }
    }
}

#[test]
fn the_longest_claim_fits_an_entry() {
    let mut longest = claim();
    while longest.path.siblings.push([0xff; 32]).is_ok() {}
    longest.path.index = u32::MAX;
    let longest = longest.with_word(CHAIN, &key(0x06)).unwrap();
    let entry = Instruction::from(longest).sign(CHAIN, &key(0x02)).unwrap();
    assert!(encode(&entry).unwrap().len() < 1_024);
    entry.verify(CHAIN, &rules()).unwrap();
}

#[test]
fn golden_entries_of_the_other_choices() {
    let ValidatorChange::Admit { keys, .. } = admission().change else { unreachable!() };
    let change = ValidatorChange::Remove { validator: keys.consensus };
    let kinds = [PacketKind::Ordinary, PacketKind::Fortune, PacketKind::Exclusive];
    let kinds = kinds.into_iter().chain([PacketKind::Password]).enumerate();
    let packets = kinds.map(|(at, kind)| {
        let packet = CreatePacket { kind, count: 1, ..packet() };
        (format!("4_kind_{at}"), Instruction::from(packet), WALLET)
    });
    let nil = Vote { step: Step::Prevote, block: None, ..vote(1) };
    let some = Vote { step: Step::Prevote, ..vote(1) };
    let fixed = CreatePacket { members: Some(members().head()), ..packet() };
    let others = [
        ("4_members".into(), fixed.into(), WALLET),
        ("5_open".into(), OpenPacket { word: None, ..opening() }.into(), RECEIVE),
        ("6_open".into(), ClaimPacket { word: None, ..claim() }.into(), RECEIVE),
        ("12_remove".into(), UpdateValidators { change, ..admission() }.into(), VALIDATOR),
        ("15_proposals".into(), proposals().into(), VALIDATOR),
        ("15_prevotes".into(), evidence_of(Conflict::Votes(nil, some)).into(), VALIDATOR),
    ];
    for (name, instruction, seed) in packets.chain(others) {
        let entry = instruction.sign(CHAIN, &key(seed)).unwrap();
        let bytes = golden::check(&format!("ledger_entry_{name}"), entry.to_bytes().unwrap());
        let verified = Entry::from_bytes(&bytes).unwrap().verify(CHAIN, &rules()).unwrap();
        assert_eq!(verified.instruction(), &instruction);
    }
}
