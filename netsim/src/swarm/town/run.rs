//! One town from its first node to its last message.

use super::{
    genesis::{Founded, found},
    outcome::{Sample, Steps, TownOutcome},
    person::{Person, Refused, heard},
    plan::TownPlan,
};
use crate::{
    dice::Dice,
    report::{Line, resident_bytes},
    swarm::{
        alone::{Panicked, alone},
        gossip::Latencies,
        links::{Host, Network},
        naming::name,
        platform::Platform,
        progress::Progress,
    },
};
use magpie_node::{
    core::{Config, Role},
    host::{
        Clock, EmbedError, EmbeddedConfig, EmbeddedNode, Fatal,
        net::{keypair, secured},
    },
};
use magpie_protocol::network::GenesisError;
use magpie_storage::{
    engine::{EngineError, MemoryDisk},
    overlay::Overlay,
};
use magpie_wallet::{device::DeviceSecrets, kdf::KdfParams};
use serde_json::json;
use std::{
    collections::BTreeMap,
    io,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    task::JoinHandle,
    time::{Instant, sleep, sleep_until},
};
use zeroize::Zeroizing;

/// The time of the town's first moment, milliseconds since the Unix epoch.
const START_MS: u64 = 1_700_000_000_000;
/// Between two people who come.
const ARRIVAL: Duration = Duration::from_millis(20);
/// Between two looks whether something has come about.
const LOOK: Duration = Duration::from_millis(500);
/// How long it may take until it has.
const PATIENCE: Duration = Duration::from_secs(300);

/// Why a town did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum TownError {
    /// The run's thread or runtime cannot be made.
    #[error("the run cannot begin: {0}")]
    Begin(#[from] io::Error),
    /// The network's genesis is refused.
    #[error(transparent)]
    Genesis(#[from] GenesisError),
    /// A node has no store.
    #[error(transparent)]
    Store(#[from] EngineError),
    /// A node makes no noise identity.
    #[error("a node has no transport: {0}")]
    Transport(String),
    /// A node does not start.
    #[error(transparent)]
    Node(#[from] EmbedError),
    /// A node refused a call.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// A node's core ended by itself.
    #[error("the core of host {host} ended: {cause}")]
    Ended {
        /// Whose node.
        host: u32,
        /// Why.
        cause: Fatal,
    },
    /// Something did not come about in time.
    #[error("host {host}: {what} did not come about in {} s", PATIENCE.as_secs())]
    Stuck {
        /// Whose node.
        host: u32,
        /// What was waited for.
        what: &'static str,
    },
    /// The run panicked, which is a bug.
    #[error(transparent)]
    Panicked(#[from] Panicked),
}

/// Runs a town on a thread of its own and tells of its progress now and then.
pub fn run(
    plan: TownPlan,
    seed: u64,
    platform: Platform,
    mut progress: impl FnMut(Progress) + Send + 'static,
) -> Result<TownOutcome, TownError> {
    alone(platform, seed, move || async move { play(plan, seed, &mut progress).await })
}

/// When each receiver heard which message.
type Heard = BTreeMap<(u32, Host), Instant>;

/// A message and those who should hear it.
#[derive(Debug)]
struct Written {
    at: Instant,
    due: Vec<Host>,
}

struct Town {
    plan: TownPlan,
    seed: u64,
    network: Network,
    clock: Clock,
    founded: Founded,
    /// Super nodes, which only have to be there.
    supers: Vec<EmbeddedNode>,
    people: Vec<Person>,
    listeners: Vec<JoinHandle<()>>,
    /// The messages so far, by their numbers.
    written: Vec<Written>,
    heard: Arc<Mutex<Heard>>,
    dice: Dice,
    steps: Steps,
    events: Vec<Line>,
    samples: Vec<Sample>,
    began: Instant,
}

async fn play(
    plan: TownPlan,
    seed: u64,
    progress: &mut (impl FnMut(Progress) + Send),
) -> Result<TownOutcome, TownError> {
    let wall = std::time::Instant::now();
    let mut town = Town {
        network: Network::new(plan.links.clone(), seed),
        clock: Clock::runtime(START_MS),
        founded: found(seed, plan.nodes.supers, START_MS)?,
        supers: Vec::new(),
        people: Vec::new(),
        listeners: Vec::new(),
        written: Vec::new(),
        heard: Arc::default(),
        dice: Dice::new(seed, "town", 0),
        steps: Steps::default(),
        events: Vec::new(),
        samples: Vec::new(),
        began: Instant::now(),
        plan,
        seed,
    };
    town.settle().await?;
    town.tell(progress);
    town.befriend().await?;
    town.tell(progress);
    let group = town.make_group().await?;
    town.tell(progress);
    let talk_wall = wall.elapsed();
    town.talk(group.as_deref(), progress).await?;
    sleep(town.plan.tail).await;
    town.tell(progress);
    let busy = wall.elapsed() - talk_wall;
    town.stop().await?;
    Ok(town.outcome(wall.elapsed(), busy))
}

impl Town {
    fn note(&mut self, host: Host, what: String) {
        let at_ms = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.events.push(Line { at_ms, node: name(self.plan.nodes, host), what });
    }

    fn tell(&mut self, progress: &mut (impl FnMut(Progress) + Send)) {
        let delivered = self.heard.lock().unwrap_or_else(PoisonError::into_inner).len();
        let at = self.began.elapsed().as_secs_f64();
        let bytes = self.network.traffic().bytes;
        self.samples.push(Sample { at, bytes, memory: resident_bytes() });
        progress(Progress { at, of: None, delivered: delivered as u64 });
    }

    fn start(
        &self,
        host: Host,
        device: DeviceSecrets,
        role: Role,
    ) -> Result<EmbeddedNode, TownError> {
        let regions = self.plan.links.latency.regions();
        let region = usize::try_from(host.0).unwrap_or_default() % regions;
        let is_natted = host.0 >= self.plan.nodes.supers
            && Dice::new(self.seed, "nat", u64::from(host.0)).happens(self.plan.natted);
        self.network.start(host, region, is_natted);
        let node_key = Zeroizing::new(device.node().to_bytes());
        let transport = secured(self.network.transport(host), &keypair(&node_key))
            .map_err(|error| TownError::Transport(error.to_string()))?;
        let store = Overlay::new(Box::new(MemoryDisk::new().open()?));
        let mut seed = Zeroizing::new([0; 32]);
        let mut dice = Dice::new(self.seed, "core", u64::from(host.0));
        rand_core::Rng::fill_bytes(dice.rng(), &mut *seed);
        let network = Some(self.founded.membership.clone());
        Ok(EmbeddedNode::start(EmbeddedConfig {
            core: Config { kdf: KdfParams::TEST, network, role },
            device,
            store,
            seed,
            clock: self.clock,
            transport,
            listen: vec![host.addr().parse().expect("an address of this network")],
        })?)
    }

    /// Lets everybody come, sign in and reach the network.
    async fn settle(&mut self) -> Result<(), TownError> {
        let supers = std::mem::take(&mut self.founded.supers);
        for (number, (device, role)) in (0..).zip(supers) {
            let node = self.start(Host(number), device, role)?;
            self.supers.push(node);
        }
        for number in 0..self.plan.nodes.people {
            let host = Host(self.plan.nodes.supers + number);
            let mut dice = Dice::new(self.seed, "device", u64::from(number));
            let node = self.start(host, DeviceSecrets::generate(dice.rng()), Role::User)?;
            let person = Person::enter(host, node).await?;
            self.listen(&person).await;
            self.people.push(person);
            sleep(ARRIVAL).await;
        }
        let deadline = Instant::now() + PATIENCE;
        for person in &self.people {
            while !person.is_connected().await? {
                wait(deadline, person.host, "a connection with the network").await?;
            }
        }
        self.steps.connected = self.began.elapsed().as_secs_f64();
        Ok(())
    }

    async fn listen(&mut self, person: &Person) {
        let Ok(mut listener) = person.node.handle().listen(None).await else { return };
        let (host, heard_by) = (person.host, Arc::clone(&self.heard));
        self.listeners.push(tokio::spawn(async move {
            while let Some(number) = heard(&mut listener).await {
                let mut all = heard_by.lock().unwrap_or_else(PoisonError::into_inner);
                all.entry((number, host)).or_insert_with(Instant::now);
            }
        }));
    }

    /// Returns who becomes friends: everybody with their next neighbours, and the group's owner with
    /// its members.
    fn pairs(&self) -> Vec<(usize, usize)> {
        let people = self.people.len();
        let friends = usize::try_from(self.plan.town.friends).unwrap_or_default();
        let next = move |of: usize| (1..=friends).map(move |step| (of, (of + step) % people));
        let mut pairs: Vec<_> = (0..people).flat_map(next).collect();
        let members = self.plan.members();
        pairs.extend((1..members).map(|member| (0, member)));
        for pair in &mut pairs {
            *pair = (pair.0.min(pair.1), pair.0.max(pair.1));
        }
        pairs.sort_unstable();
        pairs.dedup();
        pairs.retain(|(one, other)| one != other);
        pairs
    }

    async fn befriend(&mut self) -> Result<(), TownError> {
        let pairs = self.pairs();
        for (one, other) in &pairs {
            let hello =
                json!({"nodeId": self.people[*other].address, "content": "hello", "remark": ""});
            self.people[*one].call("contact", "addFriend", hello).await?;
        }
        let deadline = Instant::now() + PATIENCE;
        for (one, other) in &pairs {
            let asked = json!({"nodeId": self.people[*one].address});
            // The request is on its way; until it is there, there is nothing to agree to.
            while self.people[*other]
                .call("contact", "agreeApplySync", asked.clone())
                .await
                .is_err()
            {
                wait(deadline, self.people[*other].host, "a friend's request").await?;
            }
        }
        for (one, other) in &pairs {
            let (one, other) = (&self.people[*one], &self.people[*other]);
            while !one.is_friend(&other.address).await? {
                wait(deadline, one.host, "a friend's agreement").await?;
            }
        }
        self.steps.befriended = self.began.elapsed().as_secs_f64();
        Ok(())
    }

    /// Makes the group, if there is to be one, and returns its id once all members see it.
    async fn make_group(&mut self) -> Result<Option<String>, TownError> {
        let members = self.plan.members();
        if members < 2 {
            return Ok(None);
        }
        let others = self.people[1..members].iter();
        let items: Vec<_> = others.map(|other| json!({"cNdAdd": other.address})).collect();
        let asked = json!({"groupName": "town", "itemList": items});
        let made = self.people[0].call("group", "createGroup", asked).await?;
        let group = made["g_id"].as_str().unwrap_or_default().to_owned();
        let deadline = Instant::now() + PATIENCE;
        for member in &self.people[..members] {
            loop {
                let asked = json!({"gId": group});
                let seen = member.call("group", "getGroupItemByGid", asked).await;
                if seen.is_ok_and(|rows| rows.as_array().is_some_and(|all| all.len() == members)) {
                    break;
                }
                wait(deadline, member.host, "the group").await?;
            }
        }
        self.steps.grouped = self.began.elapsed().as_secs_f64();
        Ok(Some(group))
    }

    /// Lets people write: to a friend by turns, and to the group.
    async fn talk(
        &mut self,
        group: Option<&str>,
        progress: &mut (impl FnMut(Progress) + Send),
    ) -> Result<(), TownError> {
        let every = self.plan.every();
        let members = u64::from(self.plan.town.members);
        let mut next = Instant::now();
        for number in 0..self.plan.town.messages {
            sleep_until(next).await;
            next += every;
            let (from, to, is_group) = match group {
                Some(group) => (self.dice.below(members), group.to_owned(), true),
                None => {
                    let from = self.dice.below(self.people.len() as u64);
                    let at = usize::try_from(from).unwrap_or_default();
                    (from, self.people[(at + 1) % self.people.len()].address.clone(), false)
                }
            };
            let from = usize::try_from(from).unwrap_or_default();
            let host = self.people[from].host;
            let due = if is_group {
                let all = self.people[..self.plan.members()].iter().map(|it| it.host);
                all.filter(|it| *it != host).collect()
            } else {
                vec![self.people[(from + 1) % self.people.len()].host]
            };
            self.written.push(Written { at: Instant::now(), due });
            self.note(host, format!("writes message {number}"));
            self.people[from].say(&to, is_group, &number.to_string()).await?;
            self.tell(progress);
        }
        Ok(())
    }

    /// Ends all nodes, and fails if one had ended before: nothing in a town may break a core.
    async fn stop(&mut self) -> Result<(), TownError> {
        let people = std::mem::take(&mut self.people).into_iter().map(|it| (it.host, it.node));
        let supers = (0..).map(Host).zip(std::mem::take(&mut self.supers));
        for (host, node) in supers.chain(people) {
            node.stop().await.map_err(|cause| TownError::Ended { host: host.0, cause })?;
        }
        Ok(())
    }

    fn outcome(mut self, wall: Duration, busy: Duration) -> TownOutcome {
        let heard = std::mem::take(&mut *self.heard.lock().unwrap_or_else(PoisonError::into_inner));
        let (mut expected, mut took, mut missed) = (0, Vec::new(), Vec::new());
        for (number, Written { at, due }) in (0..).zip(&self.written) {
            for host in due {
                expected += 1;
                match heard.get(&(number, *host)) {
                    Some(then) => {
                        let began = at.saturating_duration_since(self.began);
                        took.push((began, then.saturating_duration_since(*at)));
                    }
                    None => missed.push((*host, number)),
                }
            }
        }
        for (host, number) in missed {
            self.note(host, format!("never hears message {number}"));
        }
        took.sort_unstable();
        let mut sorted: Vec<Duration> = took.iter().map(|(_, took)| *took).collect();
        sorted.sort_unstable();
        let hosts = (0..self.plan.nodes.supers + self.plan.nodes.people).map(Host);
        let sent = hosts
            .map(|host| (name(self.plan.nodes, host), self.network.traffic_of(host).0))
            .collect();
        let links = self.network.traffic();
        TownOutcome {
            expected,
            delivered: sorted.len() as u64,
            latency: Latencies::of(&sorted),
            took,
            sent,
            events: self.events,
            series: self.samples,
            steps: self.steps,
            bytes: links.bytes,
            connections: links.connections,
            simulated_seconds: self.began.elapsed().as_secs_f64(),
            wall_seconds: wall.as_secs_f64(),
            busy_wall_seconds: busy.as_secs_f64(),
            trace_hash: hex::encode(self.network.trace()),
        }
    }
}

/// Waits a little, or gives up.
async fn wait(deadline: Instant, host: Host, what: &'static str) -> Result<(), TownError> {
    if Instant::now() >= deadline {
        return Err(TownError::Stuck { host: host.0, what });
    }
    sleep(LOOK).await;
    Ok(())
}
