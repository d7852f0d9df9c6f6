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
        with("[workload.packets]\ncount = 1\nshares = [1, 1]\n"),
        "line 12: workload.packets: packets need [workload.groups]"
    );
    let groups = "[workload.groups]\ncount = 1\nmembers = 2\nmessages = 1\n";
    let packets = "[workload.packets]\ncount = 1\nshares = [3, 2]\n";
    assert_eq!(
        with(&format!("{groups}{packets}")),
        "line 18: workload.packets.shares: the fewest, one at least, come first"
    );
    assert_eq!(
        mistake(&SMALL.replace("[1, 2]", "[3, 2]")),
        "line 11: links.latency_ms: the shortest way comes first"
    );
    assert!(mistake("name = \"a\"\n").contains("missing field"));
    assert!(mistake("name = \n").starts_with("line 1: "));
}

const SWARM: &str = "name = \"s\"\nabout = \"a\"\nlevel = \"swarm\"\nseed = 1\nseconds = 10\n\
                     settle_seconds = 5\n[nodes]\nsupers = 0\npeople = 9\n[links]\nlatency_ms = [1, 2]\n\
                     [swarm.gossip]\ndials = 3\nwarmup_seconds = 5\nsources = 2\nmessages = 4\nbytes = 100\n";

#[test]
fn a_table_belongs_to_its_level() {
    let swarm = Scenario::read(SWARM).unwrap();
    assert_eq!((swarm.level, swarm.swarm.unwrap().gossip.unwrap().dials), (Level::Swarm, 3));
    let of_core = "this table is of the level core";
    for table in [
        "[workload.chat]\nmessages = 1\n",
        "[faults]\ncrashes = 1\n",
        "[[crash]]\nnode = \"person-0\"\nat = 1.0\ndown = 1.0\n",
        "[[partition]]\nnodes = []\nat = 1.0\nlasts = 1.0\n",
        "[[adversary]]\nkind = \"forger\"\n",
    ] {
        assert!(mistake(&format!("{SWARM}{table}")).ends_with(of_core), "{table}");
    }
    let chat = mistake(&format!("{SWARM}[faults]\ncrashes = 1\n"));
    assert_eq!(chat, format!("line 18: faults: {of_core}"));
    assert_eq!(
        mistake(&SMALL.replace("\"core\"", "\"swarm\"")),
        "line 3: level: the level swarm needs the table [swarm]"
    );
    let both = format!("{SMALL}[swarm]\nuplink_kbit = 1\n");
    assert_eq!(mistake(&both), "line 12: swarm: this table is of the level swarm");
}

#[test]
fn a_mistake_in_a_swarm_is_named_with_its_line_and_key() {
    let with = |old: &str, new: &str| mistake(&SWARM.replace(old, new));
    assert_eq!(
        with("dials = 3", "dials = 9"),
        "line 13: swarm.gossip.dials: from 1 to one less than the nodes"
    );
    assert_eq!(
        with("sources = 2", "sources = 0"),
        "line 15: swarm.gossip.sources: from 1 to the number of nodes"
    );
    assert_eq!(
        with("messages = 4", "messages = 10001"),
        "line 16: swarm.gossip.messages: from one in all to one a millisecond"
    );
    assert_eq!(
        with("bytes = 100", "bytes = 9999999"),
        "line 17: swarm.gossip.bytes: more than one frame carries"
    );
    let more = |table: &str| mistake(&format!("{SWARM}{table}"));
    assert!(
        more("[swarm.churn]\nnodes = 8\nup_seconds = [1, 2]\ndown_seconds = [1, 2]\n")
            .starts_with("line 19: swarm.churn.nodes: ")
    );
    assert!(
        more("[swarm.partition]\nat_seconds = 6\nlasts_seconds = 5\n")
            .starts_with("line 20: swarm.partition.lasts_seconds: ")
    );
    assert!(
        more("[swarm.attack]\nkind = \"dawn\"\nsybils = 0\ndials = 1\n")
            .starts_with("line 20: swarm.attack.sybils: ")
    );
    assert!(
        more("[swarm.town]\nfriends = 1\nmessages = 1\n").contains("one of [swarm.gossip] and")
    );
    let natted = SWARM.replace("[swarm.gossip]", "[swarm]\nnatted = 1.5\n[swarm.gossip]");
    assert_eq!(mistake(&natted), "line 13: swarm.natted: a share is from 0 to 1");
}
