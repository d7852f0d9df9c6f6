//! Scenarios that come with the crate are sound, and mistakes are found where they are.

use super::{Level, Scenario, builtin};

const SMALL: &str = "name = \"small\"\nabout = \"a\"\nlevel = \"core\"\nseed = 1\nseconds = 10\n\
                     settle_seconds = 10\n[nodes]\nsupers = 1\npeople = 2\n[links]\n\
                     latency_ms = [1, 2]\n";

fn mistake(text: &str) -> String {
    Scenario::read(text).expect_err("is wrong").to_string()
}

#[test]
fn every_scenario_that_comes_with_the_crate_is_sound_and_has_its_own_name() {
    for (name, _) in builtin::ALL {
        let scenario =
            builtin::scenario(name).unwrap().unwrap_or_else(|why| panic!("{name}: {why}"));
        assert_eq!(scenario.name, *name);
    }
    assert!(builtin::scenario("nothing-like-it").is_none());
}

#[test]
fn a_small_scenario_is_read_with_its_defaults() {
    let scenario = Scenario::read(SMALL).unwrap();
    assert_eq!((scenario.level, scenario.seed), (Level::Core, 1));
    assert!(scenario.workload.chat.is_none() && scenario.adversaries.is_empty());
    assert_eq!((scenario.node("super-0"), scenario.node("person-1")), (Some(0), Some(2)));
    assert_eq!((scenario.node("super-1"), scenario.node("person-2")), (None, None));
    assert_eq!((scenario.name_of(0), scenario.name_of(2)), ("super-0".into(), "person-1".into()));
}

#[test]
fn a_mistake_is_named_with_its_line_and_key() {
    let with = |more: &str| mistake(&format!("{SMALL}{more}"));
    assert_eq!(with("loss = 1.5\n"), "line 12: links.loss: a share is from 0 to 1");
    assert!(with("los = 0.5\n").starts_with("line 12: links.los: unknown field `los`"));
    assert!(with("loss = \"a\"\n").starts_with("line 12: links.loss: invalid type"));
    let crash = "[[crash]]\nnode = \"super-0\"\nat = 1.0\ndown = 1.0\n";
    assert_eq!(
        with(&format!("{crash}[[crash]]\nat = 1.0\nnode = \"bob\"\ndown = 2.0\n")),
        "line 18: crash[1].node: no node is called bob: there are super-0 to super-0 and person-0 \
         to person-1"
    );
    assert_eq!(
        with("[workload.packets]\ncount = 1\nshares = 1\n"),
        "line 12: workload.packets: packets need [workload.groups]"
    );
    assert_eq!(
        mistake(&SMALL.replace("[1, 2]", "[3, 2]")),
        "line 11: links.latency_ms: the shortest way comes first"
    );
    assert!(mistake("name = \"a\"\n").contains("missing field"));
    assert!(mistake("name = \n").starts_with("line 1: "));
}
