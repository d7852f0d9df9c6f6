//! What a packet's leaf and its claims' cannot say, whatever the draw.

use super::world::{Made, World, receive};
use crate::audit::{Audit, Contradiction, Evidence, EvidenceError, audit};
use magpie_protocol::{
    ledger::{
        Amount, PacketKind, ValidatorSet,
        state::{Claim, Paid},
    },
    limits::{AUDIT_VALIDATOR_SETS, PACKET_SHARES},
};

fn world() -> (World, Made, Evidence) {
    let mut world = World::new(&[1; 4], 4);
    let made = world.packet(PacketKind::Fortune, 1_000, 3);
    world.claims(&[2], &made);
    world.blocks(2);
    let mut evidence = world.evidence(world.height(), &made);
    world.fill(&mut evidence, &made);
    assert!(matches!(audit(&evidence), Ok(Audit::Agrees(_))));
    (world, made, evidence)
}

fn is_wrong(evidence: &Evidence) -> bool {
    matches!(audit(evidence), Err(Contradiction::Packet(_)))
}

#[test]
fn a_packet_that_cannot_be() {
    let (world, made, honest) = world();
    let wrong = |lie: &dyn Fn(&mut Evidence)| {
        let mut evidence = honest.clone();
        lie(&mut evidence);
        is_wrong(&evidence)
    };
    assert!(wrong(&|evidence| evidence.packet.left = 4));
    assert!(wrong(&|evidence| evidence.packet.count = 0));
    assert!(wrong(&|evidence| evidence.packet.count = PACKET_SHARES + 1));
    assert!(wrong(&|evidence| evidence.packet.opening = None), "claims without an opening");
    let above = world.height() + 1;
    assert!(wrong(&|evidence| {
        evidence.packet.opening.as_mut().unwrap().height = above;
    }));
    // Before the opening, when nobody can have claimed.
    let mut evidence = world.evidence(2, &made);
    assert!(matches!(audit(&evidence), Ok(Audit::Agrees(_) | Audit::Needs(_))));
    evidence.packet.waiting = 1;
    assert!(is_wrong(&evidence));
    evidence.packet.waiting = 0;
    evidence.packet.left -= 1;
    assert!(is_wrong(&evidence));
}

#[test]
fn a_share_without_a_slot_or_before_its_claim() {
    let (_, _, honest) = world();
    let claim = |evidence: &mut Evidence, lie: &dyn Fn(&mut _)| {
        lie(evidence.claims.get_mut(&receive(2)).unwrap().as_mut().unwrap());
        matches!(audit(evidence), Err(Contradiction::Claim { .. }))
    };
    let own = honest.claims[&receive(2)].unwrap();
    for (slot, height) in [(None, 5), (Some(0), own.height), (Some(0), own.height - 1)] {
        let paid = own.paid.map(|paid| Paid { slot, height, ..paid });
        let lie = Claim { paid, ..own };
        assert!(claim(&mut honest.clone(), &|claim| *claim = lie), "{slot:?} {height}");
    }
}

#[test]
fn a_draw_that_was_never_made_is_told() {
    // The validators do not like it and let it wait for ever: no share is wrong, but all can see it.
    let (_, _, mut evidence) = world();
    let claim = evidence.claims.get_mut(&receive(2)).unwrap().as_mut().unwrap();
    let (height, paid) = (claim.height, claim.paid.take().unwrap());
    evidence.packet.waiting = 1;
    evidence.packet.rest = Amount(1_000);
    let Ok(Audit::Waiting(findings)) = audit(&evidence) else { panic!() };
    let [waiting] = &findings.waiting[..] else { panic!("one height") };
    assert_eq!((waiting.height, waiting.claims, waiting.ready), (height, 1, Some(paid.height)));
    assert_eq!((findings.deals.len(), findings.rest), (0, Amount(1_000)));
}

#[test]
fn sets_of_validators_are_bounded() {
    let (world, _, mut evidence) = world();
    let own = world.sets[0].validators();
    for power in 2..=AUDIT_VALIDATOR_SETS as u64 {
        let mut other = own.to_vec();
        other[0].power = power;
        evidence.add_validators(ValidatorSet::new(other).unwrap()).unwrap();
    }
    let mut one = own.to_vec();
    one[1].power = 9;
    let one = ValidatorSet::new(one).unwrap();
    assert_eq!(evidence.add_validators(one.clone()), Err(EvidenceError::Validators));
    evidence.add_validators(world.sets[0].clone()).unwrap();
    // As many headers that each name a set of their own.
    let header = evidence.headers[&world.height()].clone();
    for height in 1..=AUDIT_VALIDATOR_SETS as u64 + 1 {
        let mut header = header.clone();
        (header.height, header.validators.0) = (height, [height as u8; 32]);
        evidence.headers.insert(height, header);
    }
    assert!(evidence.needs().is_err());
    assert!(matches!(audit(&evidence), Ok(Audit::Beyond(_))));
}
