//! Every rule that refuses an entry, each by a value that breaks it alone.

use super::fixtures::{
    ACCUSED, CHAIN, ISSUER, RECEIVE, VALIDATOR, WALLET, WORD, address, admission, claim, entries,
    evidence, evidence_of, judge, judged, key, members, mint, name_transfer, opening, packet,
    payment, proposals, registration, rules, transfer, vote,
};
use crate::{
    bounded::{List, Text},
    ids::NetworkId,
    keys::{BeaconKey, ClaimKey, ReceiptsKey},
    ledger::{
        Amount, Conflict, CreatePacket, EntryError, EntryId, Instruction, MembersHead, PacketKind,
        Payment, RenewName, Rules, Step, ValidatorChange,
    },
    limits::{PACKET_MEMBERS, VOTING_POWER},
};

fn shape(error: EntryError) -> &'static str {
    match error {
        EntryError::Shape { rule, .. } => rule,
        other => panic!("not a shape: {other}"),
    }
}

fn limit(error: EntryError) -> (&'static str, u64, u64) {
    match error {
        EntryError::Limit { what, least, most, .. } => (what, least, most),
        other => panic!("not a limit: {other}"),
    }
}

#[test]
fn an_entry_of_another_chain() {
    let other = NetworkId([0; 32]);
    for entry in entries() {
        let error = EntryError::Chain { expected: other, found: CHAIN };
        assert_eq!(judge(entry, other, &rules()), Err(error));
    }
}

#[test]
fn a_kind_that_the_genesis_does_not_enable() {
    for (entry, number) in entries().into_iter().zip(Instruction::KINDS) {
        let others = Instruction::KINDS.iter().copied().filter(|kind| kind != number).collect();
        let rules = Rules { kinds: List::new(others).unwrap(), ..rules() };
        let error = judge(entry, CHAIN, &rules).unwrap_err();
        assert!(matches!(error, EntryError::Disabled(_)), "{error}");
    }
}

#[test]
fn transfers_outside_the_limits() {
    let of =
        |units| judged(crate::ledger::Transfer { amount: Amount(units), ..transfer() }, WALLET);
    let most = rules().limits.transfer.0;
    assert_eq!(limit(of(0).unwrap_err()), ("the amount", 1, most));
    assert_eq!(limit(of(most + 1).unwrap_err()), ("the amount", 1, most));
    of(1).unwrap();
    of(most).unwrap();
}

#[test]
fn payments_that_do_not_pay() {
    let of = |payment| judged(crate::ledger::Transfer { payment, ..transfer() }, WALLET);
    let fee = rules().fees.transfer;
    let gas = Amount(fee.0 - 1);
    let error = of(Payment { gas, ..payment() }).unwrap_err();
    assert_eq!(error, EntryError::Gas { kind: "transfer", fee, gas });
    of(Payment { gas: fee, ..payment() }).unwrap();
    of(Payment { gas: Amount(u64::MAX), ..payment() }).unwrap();
    // Sound rules have no such sum; these are not.
    let mut broken = rules();
    broken.limits.transfer = Amount(u64::MAX);
    let most = crate::ledger::Transfer { amount: Amount(u64::MAX), ..transfer() };
    let entry = Instruction::from(most).sign(CHAIN, &key(WALLET)).unwrap();
    assert_eq!(shape(judge(entry, CHAIN, &broken).unwrap_err()), "amount and fee have a sum");
    let error = of(Payment { sequence: u64::MAX, ..payment() }).unwrap_err();
    assert_eq!(shape(error), "a sequence number has a next one");
}

#[test]
fn packets_outside_the_limits() {
    let of = |change: &dyn Fn(&mut CreatePacket)| {
        let mut packet = packet();
        change(&mut packet);
        judged(packet, WALLET)
    };
    let rules = rules();
    let shares = u64::from(rules.limits.packet_shares);
    let refused = |change: &dyn Fn(&mut CreatePacket)| limit(of(change).unwrap_err());
    assert_eq!(refused(&|p| p.count = 0), ("the number of shares", 1, shares));
    assert_eq!(refused(&|p| p.count = 1_001), ("the number of shares", 1, shares));
    assert_eq!(refused(&|p| p.kind = PacketKind::Exclusive), ("the number of shares", 1, 1));
    let most = rules.limits.packet.0;
    assert_eq!(refused(&|p| p.amount = Amount(9)), ("the amount", 10, most));
    assert_eq!(refused(&|p| p.amount = Amount(u64::MAX)), ("the amount", 10, most));
    let most = rules.lifetimes.packet;
    assert_eq!(refused(&|p| p.lifetime_ms = 0), ("the lifetime", 1, most));
    assert_eq!(refused(&|p| p.lifetime_ms = most + 1), ("the lifetime", 1, most));
    // The fee is that of all shares.
    let fee = Amount(rules.fees.packet.0 + 10 * rules.fees.packet_share.0);
    let gas = Amount(fee.0 - 1);
    let error = of(&|p| p.payment.gas = gas).unwrap_err();
    assert_eq!(error, EntryError::Gas { kind: "new packet", fee, gas });
    of(&|p| (p.kind, p.count) = (PacketKind::Exclusive, 1)).unwrap();
    // Members that are fixed are somebody, and one for one person.
    let head = |count| Some(MembersHead { count, ..members().head() });
    let all = PACKET_MEMBERS as u32;
    for count in [0, all + 1] {
        let refused = refused(&|p| p.members = head(count));
        assert_eq!(refused, ("the number of members", 1, u64::from(all)));
    }
    let exclusive = |p: &mut CreatePacket, count| {
        (p.kind, p.count, p.members) = (PacketKind::Exclusive, 1, head(count));
    };
    assert_eq!(refused(&|p| exclusive(p, 2)), ("the number of members", 1, 1));
    of(&|p| exclusive(p, 1)).unwrap();
    of(&|p| p.members = head(all)).unwrap();
}

#[test]
fn amounts_below_what_the_usual_rules_let_through() {
    let usual = Rules { kinds: rules().kinds, ..Rules::usual() };
    let coins = |coins: u64| coins * Amount::COIN.0;
    let of = |body: Instruction| judge(body.sign(CHAIN, &key(WALLET)).unwrap(), CHAIN, &usual);
    let sent = |units| of(crate::ledger::Transfer { amount: Amount(units), ..transfer() }.into());
    sent(1_000_000).unwrap();
    assert_eq!(limit(sent(999_999).unwrap_err()), ("the amount", 1_000_000, coins(1_000_000)));
    for kind in [PacketKind::Ordinary, PacketKind::Fortune, PacketKind::Exclusive] {
        let made = |units, count| {
            of(CreatePacket { kind, amount: Amount(units), count, ..packet() }.into())
        };
        let shares: &[u32] = if kind == PacketKind::Exclusive { &[1] } else { &[1, 10] };
        for count in shares {
            let (least, most) = (u64::from(*count) * 1_000_000, coins(200) * u64::from(*count));
            made(least, *count).unwrap();
            made(most, *count).unwrap();
            for units in [least - 1, most + 1] {
                assert_eq!(limit(made(units, *count).unwrap_err()), ("the amount", least, most));
            }
        }
    }
    // A thousand shares of 200 coins are more than a packet.
    let all = CreatePacket { amount: Amount(coins(100_000) + 1), count: 1_000, ..packet() };
    let error = of(all.into()).unwrap_err();
    assert_eq!(limit(error), ("the amount", 1_000_000_000, coins(100_000)));
}

#[test]
fn openings_for_nobody_or_too_many_or_with_a_key_of_everybody() {
    let most = PACKET_MEMBERS as u64;
    for count in [0, 65_537] {
        let error = judged(crate::ledger::OpenPacket { count, ..opening() }, RECEIVE).unwrap_err();
        assert_eq!(limit(error), ("the number of members", 1, most));
    }
    let word = Some(ClaimKey([0; 32]));
    let error = judged(crate::ledger::OpenPacket { word, ..opening() }, RECEIVE).unwrap_err();
    assert_eq!(shape(error), "a word's key is a canonical key");
    judged(crate::ledger::OpenPacket { word: None, ..opening() }, RECEIVE).unwrap();
}

#[test]
fn a_seen_word_is_of_no_use_to_others() {
    let word = |key| EntryError::Signature { kind: "packet claim", key };
    let seen = claim();
    let proof = seen.word.unwrap();
    // Another payee, packet or path under the proof that was seen.
    let mut stolen = seen.clone();
    stolen.payee.receive = crate::keys::ReceiveKey(super::fixtures::public(0x31));
    assert_eq!(judged(stolen, 0x31), Err(word(proof.key.0)));
    let mut moved = seen.clone();
    moved.payee.wallet = address(0x22);
    assert_eq!(judged(moved, RECEIVE), Err(word(proof.key.0)));
    let mut elsewhere = seen.clone();
    elsewhere.packet = EntryId([0x42; 32]);
    assert_eq!(judged(elsewhere, RECEIVE), Err(word(proof.key.0)));
    let mut turned = seen.clone();
    turned.path.index ^= 1;
    assert_eq!(judged(turned, RECEIVE), Err(word(proof.key.0)));
    // A proof for another chain, and one by another key under the word's name.
    let other = seen.clone().with_word(NetworkId([0; 32]), &key(WORD)).unwrap();
    assert_eq!(judged(other, RECEIVE), Err(word(proof.key.0)));
    let mut forged = seen.clone().with_word(CHAIN, &key(0x66)).unwrap();
    forged.word = forged.word.map(|made| crate::ledger::WordProof { key: proof.key, ..made });
    assert_eq!(judged(forged, RECEIVE), Err(word(proof.key.0)));
    // Without a word there is nothing to check here.
    judged(crate::ledger::ClaimPacket { word: None, ..seen }, RECEIVE).unwrap();
}

#[test]
fn names_without_consent() {
    let consent = |kind| EntryError::Signature { kind, key: *address(3).as_bytes() };
    // The consent to one payment is not one to another: it cannot be used again.
    let mut again = registration();
    again.payment.sequence += 1;
    assert_eq!(judged(again, WALLET), Err(consent("name registration")));
    let mut salted = registration();
    salted.salt = [0; 32];
    assert_eq!(judged(salted, WALLET), Err(consent("name registration")));
    let mut again = name_transfer();
    again.payment.sequence += 1;
    assert_eq!(judged(again, WALLET), Err(consent("name transfer")));
    let mut redirected = name_transfer();
    redirected.to = address(0x53);
    assert_eq!(judged(redirected, WALLET), Err(consent("name transfer")));
    assert!(registration().consent(CHAIN, &key(0x99)).is_err());
    assert!(name_transfer().consent(CHAIN, &key(0x99)).is_err());
}

#[test]
fn names_that_are_no_text() {
    for bad in ["", "a b", "a\u{7}", "\u{3000}"] {
        let name = Text::new(bad).unwrap();
        let error = judged(
            RenewName { payment: payment(), name: name.clone(), account: address(3) },
            WALLET,
        );
        assert_eq!(shape(error.unwrap_err()), "a name is visible text without spaces");
        let mut registration = registration();
        registration.name = name.clone();
        assert!(matches!(judged(registration, WALLET), Err(EntryError::Shape { .. })));
        let mut given = name_transfer();
        given.name = name;
        assert!(matches!(judged(given, WALLET), Err(EntryError::Shape { .. })));
    }
}

#[test]
fn a_registration_reveals_its_commitment() {
    let registration = registration();
    let commitment = registration.commitment(CHAIN).unwrap();
    let other = crate::ledger::RegisterName { account: address(0x53), ..registration.clone() };
    assert_ne!(other.commitment(CHAIN).unwrap(), commitment);
    assert_ne!(registration.commitment(NetworkId([0; 32])).unwrap(), commitment);
}

#[test]
fn validators_with_no_power_or_keys_of_everybody() {
    let ValidatorChange::Admit { keys, beacon, wallet, .. } = admission().change else {
        unreachable!()
    };
    let of = |change| judged(crate::ledger::UpdateValidators { change, ..admission() }, VALIDATOR);
    for power in [0, VOTING_POWER + 1] {
        let error = of(ValidatorChange::Admit { keys, beacon, power, wallet }).unwrap_err();
        assert_eq!(limit(error), ("the voting power", 1, VOTING_POWER));
    }
    let weak = crate::network::SuperKeys { receipts: ReceiptsKey([0; 32]), ..keys };
    let error = of(ValidatorChange::Admit { keys: weak, beacon, power: 1, wallet }).unwrap_err();
    assert_eq!(shape(error), "a super node's keys are canonical Ed25519 keys");
    let mute = BeaconKey([0; 32]);
    let error = of(ValidatorChange::Admit { keys, beacon: mute, power: 1, wallet }).unwrap_err();
    assert_eq!(shape(error), "a beacon key is a canonical point of the prime-order group");
    // One secret for two things, whichever two.
    let same = crate::network::SuperKeys { receipts: ReceiptsKey(keys.node.0), ..keys };
    let [node, receipts, consensus] = [keys.node.0, keys.receipts.0, keys.consensus.0];
    for (keys, beacon) in [
        (same, beacon),
        (keys, BeaconKey(node)),
        (keys, BeaconKey(receipts)),
        (keys, BeaconKey(consensus)),
    ] {
        let error = of(ValidatorChange::Admit { keys, beacon, power: 1, wallet }).unwrap_err();
        assert_eq!(shape(error), "a super node's keys differ");
    }
    for own in [node, receipts, consensus, beacon.0] {
        let wallet = crate::address::Address::from_bytes(own).unwrap();
        let error = of(ValidatorChange::Admit { keys, beacon, power: 1, wallet }).unwrap_err();
        assert_eq!(shape(error), "a validator's wallet is none of its keys");
    }
    of(ValidatorChange::Remove { validator: keys.consensus }).unwrap();
}

#[test]
fn issuers_of_nothing_or_without_a_next_number() {
    let error = judged(crate::ledger::Mint { amount: Amount(0), ..mint() }, ISSUER).unwrap_err();
    assert_eq!(limit(error), ("the amount", 1, u64::MAX));
    let error = judged(crate::ledger::Mint { sequence: u64::MAX, ..mint() }, ISSUER).unwrap_err();
    assert_eq!(shape(error), "a sequence number has a next one");
    let crate::ledger::Mint { issuer, sequence, valid_until_ms, reference, .. } = mint();
    let amount = Amount(0);
    let burn = crate::ledger::Burn { issuer, sequence, valid_until_ms, amount, reference };
    assert_eq!(limit(judged(burn, ISSUER).unwrap_err()), ("the amount", 1, u64::MAX));
}

#[test]
fn evidence_of_what_is_allowed() {
    judged(proposals(), VALIDATOR).unwrap();
    let of = |a, b| judged(evidence_of(Conflict::Votes(a, b)), VALIDATOR).unwrap_err();
    assert_eq!(shape(of(vote(1), vote(1))), "the two differ, the smaller first");
    assert_eq!(shape(of(vote(2), vote(1))), "the two differ, the smaller first");
    let same = "both are of one height, round and step";
    let (mut height, mut round, mut step) = (vote(2), vote(2), vote(2));
    height.height += 1;
    round.round += 1;
    step.step = Step::Prevote;
    for other in [height, round, step] {
        assert_eq!(shape(of(vote(1), other)), same);
    }
    // A vote for nothing and one for a block are two.
    let nil = crate::ledger::Vote { block: None, ..vote(1) };
    judged(evidence_of(Conflict::Votes(nil, vote(1))), VALIDATOR).unwrap();
}

#[test]
fn evidence_that_the_accused_did_not_sign() {
    let accused = EntryError::Signature { kind: "evidence", key: super::fixtures::public(ACCUSED) };
    let mut one = evidence();
    one.second = one.first;
    assert_eq!(judged(one, VALIDATOR), Err(accused.clone()));
    let mut other = evidence();
    other.first = other.second;
    assert_eq!(judged(other, VALIDATOR), Err(accused));
    let chain = NetworkId([0; 32]);
    let on = |block| crate::ledger::Vote { chain, ..vote(block) };
    let elsewhere = evidence_of(Conflict::Votes(on(1), on(2)));
    let error = EntryError::Chain { expected: CHAIN, found: chain };
    assert_eq!(judged(elsewhere, VALIDATOR), Err(error));
}
