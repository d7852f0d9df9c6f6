//! A small town in real time.

use super::{TownPlan, run};
use crate::{
    scenario::Nodes,
    swarm::{
        Platform, TownTable,
        links::{Latency, Profile},
    },
};
use std::time::Duration;

#[test]
fn friends_become_friends_and_hear_each_other() {
    let ms = Duration::from_millis;
    let plan = TownPlan {
        nodes: Nodes { supers: 1, people: 3 },
        natted: 0.0,
        town: TownTable { friends: 1, members: 0, messages: 4 },
        links: Profile {
            latency: Latency::Between(ms(1), ms(3)),
            jitter: ms(1),
            loss: 0.0,
            uplink: None,
        },
        workload: ms(200),
        tail: Duration::from_secs(2),
    };
    let outcome = run(plan, 1, Platform::real(), |_| {}).unwrap();
    assert_eq!((outcome.expected, outcome.delivered), (4, 4));
    assert!(outcome.steps.befriended > outcome.steps.connected);
}
