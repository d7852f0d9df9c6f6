//! Small networks in real time.

use super::{Outcome, Plan, run};
use crate::{
    scenario::Nodes,
    swarm::{
        Attack, AttackKind, Churn, Platform, Publishing, Sabotage,
        links::{Latency, Profile},
    },
};
use std::time::Duration;

fn plan(people: u32) -> Plan {
    let ms = Duration::from_millis;
    let gossip = Publishing { dials: 3, warmup_seconds: 3, sources: 2, messages: 6, bytes: 100 };
    Plan {
        nodes: Nodes { supers: 0, people },
        natted: 0.0,
        gossip,
        churn: None,
        attack: None,
        partition: None,
        sabotage: None,
        links: Profile {
            latency: Latency::Between(ms(1), ms(5)),
            jitter: ms(1),
            loss: 0.01,
            uplink: Some(1 << 20),
        },
        workload: ms(600),
        tail: Duration::from_secs(5),
    }
}

fn play(plan: Plan) -> Outcome {
    run(plan, 1, Platform::real(), |_| {}).unwrap()
}

#[test]
fn everybody_gets_every_message() {
    let outcome = play(plan(7));
    assert_eq!((outcome.expected, outcome.delivered), (42, 42));
    assert!(outcome.transmissions >= 36, "{}", outcome.transmissions);
    assert_eq!(outcome.took.len(), 36, "without what sources have themselves");
    assert!(outcome.latency.mean_ms > 0.0 && outcome.latency.share_under_300_ms > 0.0);
    let last = outcome.series.last().unwrap();
    assert!(last.nodes == 7 && last.mesh_least > 0 && last.bytes > 0);
    assert_eq!(outcome.forged, 0);
}

#[test]
fn frames_that_nobody_signed_reach_who_is_near_and_go_no_further() {
    let mut plan = plan(6);
    plan.attack = Some(Attack { kind: AttackKind::Junk, sybils: 1, dials: 2, at_seconds: 0 });
    let outcome = play(plan);
    assert_eq!((outcome.expected, outcome.delivered), (36, 36));
    // Two forged frames block their sender, at the two nodes that it reaches.
    assert!((1..=4).contains(&outcome.forged), "{}", outcome.forged);
}

#[test]
fn without_scores_frames_that_nobody_signed_keep_coming_and_passed_on_they_reach_everybody() {
    let forged = |sabotage| {
        let attack = Attack { kind: AttackKind::Junk, sybils: 1, dials: 2, at_seconds: 0 };
        let outcome = play(Plan { attack: Some(attack), sabotage, ..plan(6) });
        assert_eq!((outcome.expected, outcome.delivered), (36, 36));
        outcome.forged
    };
    // Six frames in 600 ms; those that come before their sender has a mesh go nowhere.
    let (with, without) = (forged(None), forged(Some(Sabotage::NoScores)));
    assert!(with <= 4 && without > 4 && without <= 12, "{with}, {without}");
    let passed_on = forged(Some(Sabotage::PassForged));
    assert!(passed_on > 12, "{passed_on}");
}

#[test]
fn nodes_behind_a_nat_get_everything_through_those_whom_they_dialled() {
    let mut plan = plan(8);
    plan.natted = 0.5;
    let outcome = play(plan);
    assert_eq!((outcome.expected, outcome.delivered), (48, 48));
}

#[test]
fn who_comes_and_goes_is_told_and_who_stays_misses_nothing() {
    let mut plan = plan(7);
    plan.workload = Duration::from_secs(6);
    plan.churn = Some(Churn { nodes: 2, up_seconds: [1, 2], down_seconds: [1, 1] });
    let outcome = play(plan);
    assert_eq!(outcome.delivered, outcome.expected);
    assert!(outcome.expected >= 30, "five who stay, six messages: {}", outcome.expected);
    let told = |what: &str| outcome.events.iter().filter(|it| it.what.contains(what)).count();
    assert_eq!((told("publishes message"), told("never gets")), (6, 0));
    assert!(told("leaves") + told("falls") >= 2 && told("is back") >= 2);
}
