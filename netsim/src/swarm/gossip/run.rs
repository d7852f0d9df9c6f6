//! One gossip run from its first node to its last message.

use super::{
    arena::Arena,
    member::{Conduct, Member},
    outcome::{Bandwidth, Latencies, Outcome, Sample},
    plan::Plan,
    schedule::{Happening, Schedule},
};
use crate::{
    dice::Dice,
    report::{Line, resident_bytes},
    swarm::{
        alone::{Panicked, alone},
        links::{Host, Network},
        naming::name,
        platform::Platform,
        progress::Progress,
        table::{Attack, AttackKind},
    },
};
use magpie_node::{
    core::net::NetCommand,
    host::net::{Role, SpawnError, keypair},
};
use magpie_protocol::address::NodeId;
use std::{
    collections::BTreeMap,
    io,
    sync::{Arc, atomic::Ordering::Relaxed},
    time::Duration,
};
use tokio::time::{sleep, sleep_until};
use zeroize::Zeroizing;

/// Between two nodes that begin to dial: they do not all come in one moment.
const ARRIVAL: Duration = Duration::from_millis(5);
/// For how long attackers are alone in a network that begins with them.
const COLD: Duration = Duration::from_secs(10);
/// How often each of them is looked at.
const LEAST: usize = 1;

/// Why a run did not take place.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The run's thread or runtime cannot be made.
    #[error("the run cannot begin: {0}")]
    Begin(#[from] io::Error),
    /// A node does not start.
    #[error("a node does not start: {0}")]
    Node(#[from] SpawnError),
    /// The run panicked, which is a bug.
    #[error(transparent)]
    Panicked(#[from] Panicked),
}

/// Runs a plan on a thread of its own and tells of its progress once a simulated second.
pub fn run(
    plan: Plan,
    seed: u64,
    platform: Platform,
    mut progress: impl FnMut(Progress) + Send + 'static,
) -> Result<Outcome, RunError> {
    alone(platform, seed, move || async move { Run::new(plan, seed).play(&mut progress).await })
}

/// Bytes that each node sent and received, by its number.
type Traffic = Vec<(u64, u64)>;

struct Run {
    plan: Plan,
    seed: u64,
    arena: Arc<Arena>,
    members: BTreeMap<Host, Member>,
    sybils: Vec<Member>,
    dice: Dice,
    frames: Dice,
    series: Vec<Sample>,
    events: Vec<Line>,
    /// Frames that nodes got who have left since.
    copies_of_left: u64,
    wall: std::time::Instant,
}

impl Run {
    fn new(plan: Plan, seed: u64) -> Self {
        let network = Network::new(plan.links.clone(), seed);
        Self {
            arena: Arc::new(Arena::new(seed, network, plan.warmup(), plan.sabotage)),
            members: BTreeMap::new(),
            sybils: Vec::new(),
            dice: Dice::new(seed, "gossip", 0),
            frames: Dice::new(seed, "frames", 0),
            series: Vec::new(),
            events: Vec::new(),
            copies_of_left: 0,
            wall: std::time::Instant::now(),
            plan,
            seed,
        }
    }

    async fn play(
        mut self,
        progress: &mut (impl FnMut(Progress) + Send),
    ) -> Result<Outcome, RunError> {
        let attack = self.plan.attack.clone();
        if let Some(attack) = attack.as_ref().filter(|a| a.kind == AttackKind::ColdBoot) {
            self.start_sybils(attack).await?;
            sleep(COLD).await;
        }
        for number in 0..self.plan.honest() {
            self.start(Host(number)).await?;
        }
        if let Some(attack) = attack.as_ref().filter(|a| a.kind != AttackKind::ColdBoot) {
            self.start_sybils(attack).await?;
        }
        let ready = self.arena.now() + ARRIVAL * self.plan.nodes.people;
        let of =
            Some((ready + self.plan.warmup() + self.plan.workload + self.plan.tail).as_secs_f64());
        for number in self.plan.nodes.supers..self.plan.honest() {
            self.dial(Host(number)).await;
            sleep(ARRIVAL).await;
            progress(Progress { at: self.arena.now().as_secs_f64(), of, delivered: 0 });
        }
        let schedule = Schedule::new(&self.plan, self.seed, self.arena.now());
        let began = tokio::time::Instant::now() - self.arena.now();
        let (mut busy_from, mut at_first, mut at_last) = (None, None, None);
        for (when, what) in &schedule.happenings {
            sleep_until(began + *when).await;
            if at_first.is_none() && *when >= schedule.first {
                at_first = Some(self.traffic());
                busy_from = Some(self.wall.elapsed());
            }
            if at_last.is_none() && *when >= schedule.last {
                at_last = Some(self.traffic());
            }
            self.happen(*what).await?;
            if matches!(what, Happening::Sample) {
                let delivered = self.arena.tally().delivered();
                progress(Progress { at: when.as_secs_f64(), of, delivered });
            }
        }
        sleep_until(began + schedule.end).await;
        let traffic = (at_first.unwrap_or_default(), at_last.unwrap_or_default());
        Ok(self.outcome(busy_from, traffic))
    }

    fn region(&self, host: Host) -> usize {
        let regions = self.plan.links.latency.regions();
        usize::try_from(host.0).unwrap_or_default() % regions
    }

    /// Says whether a node hides behind a NAT; super nodes and attackers do not.
    fn is_natted(&self, host: Host) -> bool {
        let is_person = (self.plan.nodes.supers..self.plan.honest()).contains(&host.0);
        is_person && Dice::new(self.seed, "nat", u64::from(host.0)).happens(self.plan.natted)
    }

    /// Notes what happened to a host.
    fn note(&mut self, host: Host, what: String) {
        let at_ms = u64::try_from(self.arena.now().as_millis()).unwrap_or(u64::MAX);
        self.events.push(Line { at_ms, node: name(self.plan.nodes, host), what });
    }

    fn role(&self, host: Host) -> Role {
        if host.0 < self.plan.nodes.supers { Role::Super } else { Role::User }
    }

    async fn start(&mut self, host: Host) -> Result<(), RunError> {
        self.arena.network.start(host, self.region(host), self.is_natted(host));
        let role = self.role(host);
        let member = Member::start(&self.arena, host, role, Conduct::Honest).await?;
        self.arena.tally().came(host, self.arena.now());
        self.members.insert(host, member);
        Ok(())
    }

    /// Lets a node dial every super node and as many nodes as the plan says.
    async fn dial(&mut self, host: Host) {
        let mut others: Vec<Host> = self.members.keys().copied().collect();
        let supers = self.plan.nodes.supers;
        others.retain(|other| other.0 >= supers && *other != host);
        self.dice.shuffle(&mut others);
        others.truncate(usize::try_from(self.plan.gossip.dials).unwrap_or(usize::MAX));
        others.extend((0..supers).map(Host));
        let known = others.iter().filter_map(|other| Some((self.members.get(other)?.id(), *other)));
        let known: Vec<(NodeId, Host)> = known.collect();
        let Some(member) = self.members.get(&host) else { return };
        for other in known {
            member.keep(other).await;
        }
    }

    fn id_of(&self, host: Host) -> NodeId {
        let mut seed = Zeroizing::new([0; 32]);
        let mut dice = Dice::new(self.seed, "node", u64::from(host.0));
        rand_core::Rng::fill_bytes(dice.rng(), &mut *seed);
        let peer = keypair(&seed).public().to_peer_id();
        NodeId::from_peer_id_bytes(&peer.to_bytes()).expect("made from an Ed25519 seed")
    }

    /// Starts the attackers; they dial nodes, and nobody dials them.
    async fn start_sybils(&mut self, attack: &Attack) -> Result<(), RunError> {
        // Of their own, so that the nodes are connected as they are without an attack.
        let mut dice = Dice::new(self.seed, "attack", 0);
        let first = self.plan.honest();
        let victim = Host(self.plan.nodes.supers);
        let begin = self.arena.now()
            + ARRIVAL * self.plan.nodes.people
            + self.plan.warmup()
            + Duration::from_secs(attack.at_seconds);
        for number in first..first + attack.sybils {
            let host = Host(number);
            self.arena.network.start(host, self.region(host), false);
            let conduct = match attack.kind {
                AttackKind::CovertFlash => Conduct::Silent(begin),
                AttackKind::Censor => Conduct::Censor(self.id_of(victim)),
                _ => Conduct::Silent(Duration::ZERO),
            };
            let sybil = Member::start(&self.arena, host, Role::User, conduct).await?;
            let mut nodes: Vec<Host> = (self.plan.nodes.supers..first).map(Host).collect();
            if attack.kind == AttackKind::Eclipse {
                nodes = vec![victim];
            }
            dice.shuffle(&mut nodes);
            nodes.truncate(usize::try_from(attack.dials).unwrap_or(usize::MAX));
            for node in nodes {
                sybil.keep((self.id_of(node), node)).await;
            }
            self.sybils.push(sybil);
        }
        Ok(())
    }

    async fn happen(&mut self, what: Happening) -> Result<(), RunError> {
        match what {
            Happening::Publish(source) => self.publish(source).await,
            Happening::Junk(number) => self.publish_junk(number).await,
            Happening::Leave { host, silently } => self.leave(host, silently).await,
            Happening::Return(host) => {
                self.note(host, "is back".to_owned());
                self.start(host).await?;
                self.dial(host).await;
            }
            Happening::Part => {
                let half = self.plan.nodes.supers + self.plan.nodes.people / 2;
                self.note(Host(half), "and all after it are cut off".to_owned());
                self.arena.network.part(|host| host.0 >= half);
            }
            Happening::Heal => {
                self.note(Host(self.plan.nodes.supers), "reaches everybody again".to_owned());
                self.arena.network.heal();
            }
            Happening::Sample => self.sample(),
        }
        Ok(())
    }

    async fn publish(&mut self, source: Host) {
        let number = self.arena.tally().published(source, self.arena.now());
        self.note(source, format!("publishes message {number}"));
        let Some(member) = self.members.get(&source) else { return };
        let len = usize::try_from(self.plan.gossip.bytes).unwrap_or(usize::MAX);
        let now_ms = self.arena.now_ms();
        let frame = self.arena.epoch.seal(self.frames.rng(), now_ms, number, len);
        // The plan was checked: what it publishes fits a frame.
        if let Ok(bytes) = frame {
            member.send(NetCommand::Publish { topic: self.arena.epoch.topic(), bytes }).await;
        }
    }

    async fn publish_junk(&mut self, number: u32) {
        let at = usize::try_from(number).unwrap_or_default();
        let Some(sybil) = self.sybils.get(at) else { return };
        let now_ms = self.arena.now_ms();
        let frame = self.arena.epoch.seal(self.frames.rng(), now_ms, u32::MAX, 100);
        if let Ok(mut bytes) = frame {
            // The signature stands at the end.
            if let Some(last) = bytes.last_mut() {
                *last ^= 1;
            }
            sybil.send(NetCommand::Publish { topic: self.arena.epoch.topic(), bytes }).await;
        }
    }

    async fn leave(&mut self, host: Host, silently: bool) {
        let Some(member) = self.members.remove(&host) else { return };
        self.note(host, if silently { "falls" } else { "leaves" }.to_owned());
        self.copies_of_left += member.gossip().copies;
        self.arena.tally().left(host, self.arena.now());
        if silently {
            self.arena.network.kill(host);
            member.cut().await;
        } else {
            member.leave();
        }
    }

    fn copies(&self) -> u64 {
        let now: u64 = self.members.values().map(|member| member.gossip().copies).sum();
        self.copies_of_left + now
    }

    fn sample(&mut self) {
        let mesh: Vec<usize> = self.members.values().map(|m| m.gossip().mesh).collect();
        let small = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        self.series.push(Sample {
            at: self.arena.now().as_secs_f64(),
            nodes: small(mesh.len()),
            mesh_least: small(mesh.iter().copied().min().unwrap_or_default()),
            mesh_mean: mesh.iter().sum::<usize>() as f64 / mesh.len().max(LEAST) as f64,
            mesh_most: small(mesh.iter().copied().max().unwrap_or_default()),
            delivered: self.arena.tally().delivered(),
            transmissions: self.copies(),
            bytes: self.arena.network.traffic().bytes,
            memory: resident_bytes(),
        });
    }

    /// Returns what each node that keeps to the rules sent and received so far.
    fn traffic(&self) -> Traffic {
        let hosts = (0..self.plan.honest()).map(Host);
        hosts.map(|host| self.arena.network.traffic_of(host)).collect()
    }

    fn bandwidth(&self, from: &[(u64, u64)], until: &[(u64, u64)]) -> Bandwidth {
        let seconds = self.plan.workload.as_secs_f64();
        let rates = from.iter().zip(until).map(|(from, until)| {
            let rate = |from: u64, until: u64| until.saturating_sub(from) as f64 / seconds;
            (rate(from.0, until.0), rate(from.1, until.1))
        });
        let rates: Vec<_> = rates.collect();
        let nodes = rates.len().max(LEAST) as f64;
        Bandwidth {
            sent: rates.iter().map(|(sent, _)| sent).sum::<f64>() / nodes,
            received: rates.iter().map(|(_, received)| received).sum::<f64>() / nodes,
            most_sent: rates.iter().map(|(sent, _)| *sent).fold(0.0, f64::max),
        }
    }

    fn outcome(mut self, busy_from: Option<Duration>, traffic: (Traffic, Traffic)) -> Outcome {
        let (mut due, delivered) = {
            let tally = self.arena.tally();
            (tally.due(), tally.delivered())
        };
        let mut sorted: Vec<Duration> = due.took.iter().map(|(_, took)| *took).collect();
        sorted.sort_unstable();
        due.took.sort_unstable();
        for (host, at) in std::mem::take(&mut due.missed) {
            self.note(host, format!("never gets the message of {:.3} s", at.as_secs_f64()));
        }
        let names = (0..).map(|number| name(self.plan.nodes, Host(number)));
        let sent = names.zip(self.traffic().into_iter().map(|(sent, _)| sent)).collect();
        let transmissions = self.copies();
        let wall = self.wall.elapsed();
        let links = self.arena.network.traffic();
        let bandwidth = self.bandwidth(&traffic.0, &traffic.1);
        // What a source has without anybody's help is no delivery of the network.
        let helped = delivered.saturating_sub(u64::from(self.plan.gossip.messages));
        Outcome {
            expected: due.expected,
            delivered: due.delivered,
            delivered_in_all: delivered,
            transmissions,
            transmissions_per_delivery: transmissions as f64 / delivered.max(1) as f64,
            duplicates_per_delivery: transmissions.saturating_sub(helped) as f64
                / delivered.max(1) as f64,
            latency: Latencies::of(&sorted),
            took: due.took,
            sent,
            events: self.events,
            bandwidth,
            connections: links.connections,
            lost_packets: links.lost,
            forged: self.arena.forged.load(Relaxed),
            simulated_seconds: self.arena.now().as_secs_f64(),
            wall_seconds: wall.as_secs_f64(),
            busy_seconds: (self.plan.workload + self.plan.tail).as_secs_f64(),
            busy_wall_seconds: busy_from.map_or(0.0, |from| (wall - from).as_secs_f64()),
            trace_hash: hex::encode(self.arena.network.trace()),
            series: self.series,
        }
    }
}
