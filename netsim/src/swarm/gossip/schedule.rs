//! What happens when: drawn before the run begins, so that it follows from the seed alone.

use super::plan::Plan;
use crate::{
    dice::Dice,
    swarm::{links::Host, table::AttackKind},
};
use std::{collections::BTreeMap, time::Duration};

/// One thing that happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Happening {
    /// This source publishes.
    Publish(Host),
    /// An attacker publishes what nobody signed.
    Junk(u32),
    /// A node leaves; without a word, or not.
    Leave { host: Host, silently: bool },
    /// It comes back.
    Return(Host),
    /// The network is cut in half.
    Part,
    /// It is whole again.
    Heal,
    /// A look at everything.
    Sample,
}

/// Between two looks at everything.
const SAMPLE: Duration = Duration::from_secs(1);
/// Between two frames that attackers publish and nobody signed.
const JUNK: Duration = Duration::from_millis(100);

/// What happens, in order, and when the run ends.
#[derive(Debug)]
pub(super) struct Schedule {
    pub(super) happenings: Vec<(Duration, Happening)>,
    /// When the first message is published.
    pub(super) first: Duration,
    /// When the last has been.
    pub(super) last: Duration,
    pub(super) end: Duration,
}

impl Schedule {
    /// Draws what happens in a run whose nodes are all there at `begun`.
    pub(super) fn new(plan: &Plan, seed: u64, begun: Duration) -> Self {
        let first = begun + plan.warmup();
        let last = first + plan.workload;
        let end = last + plan.tail;
        let mut at = BTreeMap::<Duration, Vec<Happening>>::new();
        let mut add = |when: Duration, what| at.entry(when).or_default().push(what);
        let gossip = &plan.gossip;
        for number in 0..gossip.messages {
            let when = first + plan.every() * number;
            add(when, Happening::Publish(Host(plan.nodes.supers + number % gossip.sources)));
        }
        if let Some(churn) = &plan.churn {
            let from = plan.honest() - churn.nodes;
            for number in from..plan.honest() {
                let host = Host(number);
                let mut dice = Dice::new(seed, "churn", u64::from(number));
                let mut wait = |of: [u64; 2]| {
                    Duration::from_millis(dice.between(of[0] * 1_000, of[1] * 1_000))
                };
                // Somewhere in its first stay, so that not all leave together.
                let mut when = first.saturating_sub(wait([0, churn.up_seconds[0]]));
                loop {
                    when += wait(churn.up_seconds);
                    if when >= last {
                        break;
                    }
                    let silently = wait([0, 1]) < Duration::from_millis(500);
                    add(when.max(begun), Happening::Leave { host, silently });
                    when = when.max(begun) + wait(churn.down_seconds).max(SAMPLE);
                    if when >= last {
                        break;
                    }
                    add(when, Happening::Return(host));
                }
            }
        }
        if let Some(partition) = &plan.partition {
            let cut = first + Duration::from_secs(partition.at_seconds);
            add(cut, Happening::Part);
            add(cut + Duration::from_secs(partition.lasts_seconds), Happening::Heal);
        }
        if let Some(attack) = plan.attack.as_ref().filter(|a| a.kind == AttackKind::Junk) {
            let mut when = first + Duration::from_secs(attack.at_seconds);
            let mut number = 0;
            while when < last && attack.sybils > 0 {
                add(when, Happening::Junk(number % attack.sybils));
                number += 1;
                when += JUNK;
            }
        }
        let mut when = begun;
        while when <= end {
            add(when, Happening::Sample);
            when += SAMPLE;
        }
        let happenings =
            at.into_iter().flat_map(|(when, all)| all.into_iter().map(move |what| (when, what)));
        Self { happenings: happenings.collect(), first, last, end }
    }
}
