//! Random packets: honest ones agree, and a random lie about them does not.

use super::{
    agrees::says_what_leaves_say,
    world::{Made, World, receive},
};
use crate::audit::{Audit, Evidence, audit};
use magpie_protocol::{
    beacon::Proof,
    ledger::{PacketKind, state::Claim},
};
use proptest::prelude::*;

const PEOPLE: u16 = 12;

/// A block: how many rounds failed before it, and who claims in it.
type Turn = (u32, Vec<u16>);

#[derive(Debug, Clone)]
struct Run {
    powers: Vec<u64>,
    later: Option<Vec<u64>>,
    kind: PacketKind,
    amount: u64,
    count: u32,
    turns: Vec<Turn>,
    expires: bool,
}

fn run() -> impl Strategy<Value = Run> {
    let powers = || prop::collection::vec(1_u64..9, 1..7);
    let kinds = prop_oneof![
        2 => Just(PacketKind::Fortune),
        1 => Just(PacketKind::PasswordFortune),
        1 => Just(PacketKind::Ordinary),
    ];
    let claims = prop::collection::vec(0..PEOPLE, 0..5);
    let turns = prop::collection::vec((0_u32..3, claims), 1..9);
    let packet = (kinds, 12_u64..100_000, 1_u32..12);
    (powers(), prop::option::of(powers()), packet, turns, any::<bool>()).prop_map(
        |(powers, later, (kind, amount, count), turns, expires)| Run {
            powers,
            later,
            kind,
            amount,
            count,
            turns,
            expires,
        },
    )
}

fn make(run: &Run) -> (World, Made) {
    let mut world = World::new(&run.powers, PEOPLE);
    let made = world.packet(run.kind, run.amount, run.count);
    let (mut claimed, mut left) = (Vec::new(), run.count as usize);
    for (at, (round, by)) in run.turns.iter().enumerate() {
        if let Some(later) = run.later.as_ref().filter(|_| at == run.turns.len() / 2) {
            world.change_powers(later);
        }
        let mut own = Vec::new();
        for person in by {
            if left > own.len() && !claimed.contains(person) {
                claimed.push(*person);
                own.push(*person);
            }
        }
        left -= own.len();
        world.round = *round;
        world.claims(&own, &made);
    }
    if run.expires {
        world.time_ms += 200_000;
    }
    world.blocks(12);
    (world, made)
}

/// A lie about one claim, the packet or a beacon. Returns nothing if there is nothing to lie about.
fn lie(evidence: &mut Evidence, which: usize, at: prop::sample::Index) -> Option<()> {
    let claims: Vec<_> =
        evidence.claims.iter().filter_map(|(key, claim)| claim.map(|_| *key)).collect();
    let drawn = evidence.packet.kind.is_drawn();
    let key = *claims.get(at.index(claims.len().max(1)))?;
    let next = *claims.get((at.index(claims.len()) + 1) % claims.len())?;
    let claim = evidence.claims.get_mut(&key)?;
    let own = claim.as_mut()?;
    match which {
        0 => own.paid.as_mut()?.amount.0 += 1,
        1 => {
            let paid = own.paid.as_mut()?;
            paid.slot = Some(paid.slot.map_or(0, |slot| slot + 1));
        }
        2 => *claim = None,
        3 => own.paid = None,
        4 => {
            let others = evidence.wallets.values().flatten();
            own.wallet = *others.into_iter().find(|wallet| **wallet != own.wallet)?;
        }
        5 => own.height = 0,
        6 => evidence.packet.left += 1,
        7 => evidence.packet.returned.0 += 1,
        8 => {
            // Two who swap what they got.
            let a = own.paid?;
            let b = evidence.claims.get(&next)?.as_ref()?.paid?;
            if key == next || (a.amount == b.amount && a.slot == b.slot) {
                return None;
            }
            if !drawn && a.amount.0 != b.amount.0 && a.height == b.height {
                return None;
            }
            for (key, got, at) in [(key, b, a.height), (next, a, b.height)] {
                let paid = evidence.claims.get_mut(&key)?.as_mut()?.paid.as_mut()?;
                (paid.amount, paid.slot, paid.height) = (got.amount, got.slot, at);
            }
        }
        _ => {
            if !drawn {
                return None;
            }
            let height = evidence.packet.opening?.height + 1;
            let bytes = &mut evidence.headers.get_mut(&height)?.beacon;
            *bytes = Proof(std::array::from_fn(|i| bytes.0[i] ^ u8::from(i == at.index(80))));
        }
    }
    Some(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_is_done_by_the_rules_agrees_and_no_lie_does(
        run in run(), lies in prop::collection::vec((0_usize..10, any::<prop::sample::Index>()), 8),
        early in any::<prop::sample::Index>(),
    ) {
        let (world, made) = make(&run);
        let opened = world.leaf(world.height(), &made).opening.unwrap().height;
        let before = opened + early.index((world.height() - opened) as usize) as u64;
        for height in [before, world.height()] {
            let found = world.audit(height, &made);
            match &found {
                Ok(Audit::Agrees(findings)) => {
                    prop_assert!(findings.waiting.is_empty());
                    says_what_leaves_say(&world, &made, findings);
                }
                Ok(Audit::Waiting(findings)) => {
                    prop_assert!(height == before);
                    says_what_leaves_say(&world, &made, findings);
                }
                other => prop_assert!(false, "{:?}", other),
            }
        }
        let mut honest = world.evidence(world.height(), &made);
        // All members, so that a claim that is dropped is not just one that was not fetched.
        for person in 0..PEOPLE {
            let claim: Option<Claim> = world.claimed(world.height(), &made, receive(person));
            honest.add_claim(receive(person), claim).unwrap();
        }
        world.fill(&mut honest, &made);
        for (which, at) in lies {
            let mut evidence = honest.clone();
            if lie(&mut evidence, which, at).is_some() {
                let found = audit(&evidence);
                prop_assert!(found.is_err(), "lie {}: {:?}", which, found);
            }
        }
    }
}
