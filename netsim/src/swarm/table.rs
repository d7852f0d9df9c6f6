//! The `[swarm]` table of a scenario, and which of its values make no sense.

use crate::scenario::Nodes;
use magpie_protocol::{
    group::FRAME_PAYLOAD,
    limits::{GENESIS_SUPERS, GROUP_MEMBERS},
};
use serde::Deserialize;

/// The `[swarm]` table: what nodes do, and what is special about their links. One of `gossip` and
/// `town` has to be there.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SwarmTable {
    /// Kilobits a second that one node sends at most; no bound without.
    #[serde(default)]
    pub uplink_kbit: Option<u64>,
    /// One-way latency between regions, milliseconds, in place of `links.latency_ms`; nodes are
    /// spread over the regions in turn.
    #[serde(default)]
    pub regions_ms: Vec<Vec<u64>>,
    /// The share of people's nodes that hide behind a NAT, from 0 to 1: nobody reaches them whom they did
    /// not dial first.
    #[serde(default)]
    pub natted: f64,
    /// Swarms alone, all of them members of one group.
    #[serde(default)]
    pub gossip: Option<Publishing>,
    /// Whole nodes, each with its person.
    #[serde(default)]
    pub town: Option<TownTable>,
    /// Nodes that come and go.
    #[serde(default)]
    pub churn: Option<Churn>,
    /// Those who do not keep to the rules.
    #[serde(default)]
    pub attack: Option<Attack>,
    /// Half of the nodes reach the other half no more, for a while.
    #[serde(default)]
    pub partition: Option<Partition>,
}

/// What is published: frames of one group's epoch, whose members all nodes are.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Publishing {
    /// Peers to whom each node keeps a connection of its own choice; about as many choose it.
    pub dials: u32,
    /// Seconds that the network has before the first message.
    pub warmup_seconds: u64,
    /// Nodes that publish, in turn.
    pub sources: u32,
    /// Messages in all, spread evenly over the scenario's seconds.
    pub messages: u32,
    /// Bytes of a message before it is sealed and padded.
    pub bytes: u32,
}

/// Whole nodes: people who become friends and write to each other.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TownTable {
    /// Neighbours that each person befriends.
    pub friends: u32,
    /// How many of the people are members of one group; without, they write to friends.
    #[serde(default)]
    pub members: u32,
    /// Messages in all, spread evenly over the scenario's seconds.
    pub messages: u32,
}

/// Nodes that come and go, half of the time without a word.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Churn {
    /// How many of the nodes; sources stay.
    pub nodes: u32,
    /// For how long one stays, seconds.
    pub up_seconds: [u64; 2],
    /// For how long one is away, seconds.
    pub down_seconds: [u64; 2],
}

/// Those who do not keep to the rules.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attack {
    /// What they do.
    pub kind: AttackKind,
    /// How many there are, beside the nodes.
    pub sybils: u32,
    /// Nodes that each of them connects to.
    pub dials: u32,
    /// When [`CovertFlash`](AttackKind::CovertFlash) and [`Junk`](AttackKind::Junk) begin, seconds after
    /// the workload does; the other kinds are there from the beginning.
    #[serde(default)]
    pub at_seconds: u64,
}

/// What attackers do. All of them speak the protocol well and know the group's topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AttackKind {
    /// Take places in meshes from the network's first connections on and pass nothing on.
    Dawn,
    /// The same, but they are there ten seconds before the first node.
    ColdBoot,
    /// Pass on like everybody, then all stop at one moment.
    CovertFlash,
    /// All connect to one source and pass nothing on.
    Eclipse,
    /// Pass on everything except what a source gives them.
    Censor,
    /// Pass nothing on and publish frames that nobody signed.
    Junk,
}

/// Half of the nodes reach the other half no more.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Partition {
    /// When, seconds after the workload begins.
    pub at_seconds: u64,
    /// For how long, seconds.
    pub lasts_seconds: u64,
}

/// The most nodes and attackers of one run.
const NODES: u64 = 4_000;

/// The key of a table that makes no sense, and why.
type Wrong = (&'static str, &'static str);

impl SwarmTable {
    /// Says which key makes no sense, and why. Errors: the first of them.
    pub(crate) fn check(&self, nodes: Nodes, seconds: u64) -> Result<(), Wrong> {
        let Nodes { supers, people } = nodes;
        let sybils = self.attack.as_ref().map_or(0, |attack| attack.sybils);
        if people < 2 {
            return Err(("nodes.people", "two nodes at least"));
        }
        if u64::from(supers) + u64::from(people) + u64::from(sybils) > NODES {
            return Err(("nodes.people", "4000 nodes at most, attackers among them"));
        }
        if self.regions_ms.iter().any(|row| row.len() != self.regions_ms.len()) {
            return Err(("swarm.regions_ms", "a row for each region, a number for each region"));
        }
        if !(0.0..=1.0).contains(&self.natted) {
            return Err(("swarm.natted", "a share is from 0 to 1"));
        }
        if self.uplink_kbit == Some(0) {
            return Err(("swarm.uplink_kbit", "one at least"));
        }
        match (&self.gossip, &self.town) {
            (Some(gossip), None) => {
                self.check_gossip(gossip, people, seconds)?;
                self.check_trouble(gossip, people, seconds)
            }
            (None, Some(town)) => self.check_town(town, nodes, seconds),
            _ => Err(("swarm", "one of [swarm.gossip] and [swarm.town]")),
        }
    }

    fn check_gossip(&self, gossip: &Publishing, people: u32, seconds: u64) -> Result<(), Wrong> {
        if gossip.dials == 0 || gossip.dials >= people {
            return Err(("swarm.gossip.dials", "from 1 to one less than the nodes"));
        }
        if gossip.sources == 0 || gossip.sources > people {
            return Err(("swarm.gossip.sources", "from 1 to the number of nodes"));
        }
        if !is_spread(gossip.messages, seconds) {
            return Err(("swarm.gossip.messages", "from one in all to one a millisecond"));
        }
        if gossip.bytes as usize > FRAME_PAYLOAD {
            return Err(("swarm.gossip.bytes", "more than one frame carries"));
        }
        Ok(())
    }

    fn check_trouble(&self, gossip: &Publishing, people: u32, seconds: u64) -> Result<(), Wrong> {
        if let Some(churn) = &self.churn {
            if churn.nodes > people - gossip.sources {
                return Err(("swarm.churn.nodes", "the nodes that are no sources, at most"));
            }
            if churn.up_seconds[0] == 0 || churn.up_seconds[0] > churn.up_seconds[1] {
                return Err(("swarm.churn.up_seconds", "the shorter time first, and not 0"));
            }
            if churn.down_seconds[0] > churn.down_seconds[1] {
                return Err(("swarm.churn.down_seconds", "the shorter time first"));
            }
        }
        let ends = |it: &Partition| it.at_seconds.saturating_add(it.lasts_seconds);
        if self.partition.as_ref().is_some_and(|it| ends(it) > seconds) {
            return Err(("swarm.partition.lasts_seconds", "it ends with the scenario's seconds"));
        }
        if self.attack.as_ref().is_some_and(|a| a.sybils == 0) {
            return Err(("swarm.attack.sybils", "one at least"));
        }
        if self.attack.as_ref().is_some_and(|a| a.dials == 0 || a.dials > people) {
            return Err(("swarm.attack.dials", "from 1 to the number of nodes"));
        }
        let delays = |a: &Attack| matches!(a.kind, AttackKind::CovertFlash | AttackKind::Junk);
        if self.attack.as_ref().is_some_and(|a| a.at_seconds > 0 && !delays(a)) {
            return Err(("swarm.attack.at_seconds", "of covert-flash and junk alone"));
        }
        Ok(())
    }

    fn check_town(&self, town: &TownTable, nodes: Nodes, seconds: u64) -> Result<(), Wrong> {
        let Nodes { supers, people } = nodes;
        if supers == 0 || usize::try_from(supers).is_ok_and(|supers| supers > GENESIS_SUPERS) {
            return Err((
                "nodes.supers",
                "a town has a super node, and as many as a genesis names",
            ));
        }
        if town.friends == 0 || town.friends >= people {
            return Err(("swarm.town.friends", "from 1 to one less than the people"));
        }
        if town.members == 1 || town.members > people.min(GROUP_MEMBERS) {
            return Err(("swarm.town.members", "two at least, or none, and people at most"));
        }
        if !is_spread(town.messages, seconds) {
            return Err(("swarm.town.messages", "from one in all to one a millisecond"));
        }
        if self.churn.is_some() || self.attack.is_some() || self.partition.is_some() {
            return Err(("swarm.town", "churn, attacks and partitions are of [swarm.gossip]"));
        }
        Ok(())
    }
}

/// Says whether there is a message, and a millisecond at least between two of them.
fn is_spread(messages: u32, seconds: u64) -> bool {
    messages > 0 && u64::from(messages) <= seconds.saturating_mul(1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attackers_who_are_there_from_the_beginning_have_no_time_to_begin() {
        let check = |kind: &str| {
            let text = format!(
                "[gossip]\ndials = 1\nwarmup_seconds = 1\nsources = 1\nmessages = 1\n\
                 bytes = 1\n[attack]\nkind = \"{kind}\"\nsybils = 1\ndials = 1\nat_seconds = 1\n"
            );
            let nodes = Nodes { supers: 0, people: 2 };
            toml::from_str::<SwarmTable>(&text).unwrap().check(nodes, 1).map_err(|(key, _)| key)
        };
        assert_eq!((check("covert-flash"), check("junk")), (Ok(()), Ok(())));
        for kind in ["dawn", "cold-boot", "eclipse", "censor"] {
            assert_eq!(check(kind), Err("swarm.attack.at_seconds"), "{kind}");
        }
    }
}
