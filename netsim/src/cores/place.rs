//! One node: a core, and a host that does what the real one does, in the same order, on a disk that
//! can crash and fail.

use super::{
    happening::Gossiped, sabotage::Sabotage, snapshot::Snapshot, trace::Trace, unflushed::Unflushed,
};
use crate::dice::Dice;
use magpie_node::core::{
    Broken, CallId, Config, Core, Effect, FileChange, Input, Membership, Outcome, Role, Start,
    net::{GossipId, InboundId, Protocol, RequestId},
};
use magpie_protocol::{address::NodeId, group::Topic, network::Network};
use magpie_storage::{
    engine::{Engine, EngineError, MemoryDisk},
    overlay::Overlay,
    schema::{self, SchemaError},
    table::TableError,
};
use magpie_wallet::{
    device::DeviceSecrets,
    fast_login::FastLogin,
    kdf::KdfParams,
    keystore::{BODY_LEN, KeyStore},
};
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

/// Inputs that are stepped and made durable together, at most, as in the real host.
const GROUP: usize = 256;
/// Inputs that may wait for a core, at most: the real mailbox is as long.
pub const INBOX: usize = 1_024;

/// Where the salt begins in the file of the keys: behind the version and the costs.
const SALT: usize = 13;

/// Where in its work a node is struck.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// After the steps, before anything is written.
    BeforeFiles,
    /// The private files are written, the store is not.
    BeforeCommit,
    /// All is durable, nothing was published.
    AfterCommit,
    /// All is durable, part of it was published.
    WhilePublishing,
}

/// Why a node is down.
#[derive(Debug)]
pub enum Fall {
    /// It was struck.
    Crash,
    /// Its disk failed, as it was told to.
    Disk(EngineError),
    /// It stopped by itself, and no fault of its disk made it: a finding.
    Stopped(Broken),
}

/// What a group of inputs came to.
#[derive(Debug, Default)]
pub struct Done {
    /// What the world has to carry out, in this order.
    pub effects: Vec<Effect>,
    /// Why the node is down after that.
    pub fall: Option<Fall>,
}

/// Why a node does not start from its disk. Always a finding.
#[derive(Debug, thiserror::Error)]
pub enum StartFailed {
    /// The store cannot be opened.
    #[error(transparent)]
    Schema(#[from] SchemaError),
    /// The engine cannot be opened.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The core finds a damaged row.
    #[error(transparent)]
    Table(#[from] TableError),
    /// A private file does not parse.
    #[error("a private file does not parse: {0}")]
    File(String),
}

/// A request of this node that was not answered yet.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    /// Where it went.
    pub to: NodeId,
    /// When it fails at the latest, world time in milliseconds.
    pub deadline: u64,
}

/// One node.
#[derive(Debug)]
pub struct Place {
    /// Its keys in the transport.
    device: DeviceSecrets,
    /// Its name in the transport, which follows from them.
    node: NodeId,
    /// What it does for others.
    pub role: Role,
    /// Its disk, which outlives it.
    pub disk: MemoryDisk,
    keys: Option<Box<[u8; BODY_LEN]>>,
    fast: Option<Vec<u8>>,
    /// The core and its store, while it is up.
    pub running: Option<Running>,
    /// Counts its starts, so that what was meant for an earlier one is known.
    pub life: u64,
    /// How far its clock is from the true time, milliseconds.
    pub skew_ms: i64,
    rng: Dice,
    /// How it is to be struck in its next piece of work.
    pub doom: Option<Moment>,
    /// For how long it is down after that, milliseconds.
    pub down_ms: u64,
    /// Whether its disk was told to fail.
    pub disk_fails: bool,
    /// An older state of the disk, for the bug that starts from it.
    snapshot: Snapshot,
}

/// What of a node is gone when it is down.
#[derive(Debug)]
pub struct Running {
    /// The core.
    pub core: Core,
    /// Its store.
    pub store: Overlay,
    /// Inputs that wait.
    pub inbox: VecDeque<Input>,
    /// Whether it is about to look into its inbox.
    pub is_scheduled: bool,
    /// Others' requests that wait for its answer: whose, in which life, under which number, over what.
    pub inbound: BTreeMap<InboundId, (usize, u64, RequestId, Protocol)>,
    /// Its own requests.
    pub asked: BTreeMap<RequestId, Asked>,
    /// The topics that it listens to.
    pub topics: BTreeSet<Topic>,
    /// Gossip that waits for its verdict.
    pub judging: BTreeMap<GossipId, Arc<Gossiped>>,
    /// Gossip that it has seen, by hash.
    pub heard: BTreeSet<[u8; 32]>,
    /// Peers that it wants to stay connected with, and how often in a row that failed.
    pub kept: BTreeMap<NodeId, u32>,
    /// Peers whose addresses it knows.
    pub known: BTreeSet<NodeId>,
    /// Calls of its local API that were not answered yet.
    pub calls: BTreeSet<CallId>,
}

impl Place {
    /// Returns a node that was never started.
    pub fn new(device: DeviceSecrets, role: Role, rng: Dice, skew_ms: i64) -> Self {
        Self {
            node: device.node_id(),
            device,
            role,
            disk: MemoryDisk::new(),
            keys: None,
            fast: None,
            running: None,
            life: 0,
            skew_ms,
            rng,
            doom: None,
            down_ms: 0,
            disk_fails: false,
            snapshot: Snapshot::default(),
        }
    }

    /// Returns its name in the transport.
    pub const fn node(&self) -> NodeId {
        self.node
    }

    /// Tells whether it is a super node.
    pub const fn is_super(&self) -> bool {
        matches!(self.role, Role::Super { .. })
    }

    /// Returns what its clock shows at a time of the world.
    pub const fn clock(&self, now: u64) -> u64 {
        now.saturating_add_signed(self.skew_ms)
    }

    /// Returns when it wants to be woken, world time.
    pub fn wake_at(&self) -> Option<u64> {
        let at = self.running.as_ref()?.core.wake_at()?;
        Some(at.saturating_add_signed(self.skew_ms.saturating_neg()))
    }

    /// Starts it from its disk; who stays connected with whom is the world's.
    pub fn start(
        &mut self,
        network: &Network,
        bootstrap: &[(NodeId, String)],
        sabotage: Option<Sabotage>,
    ) -> Result<(), StartFailed> {
        self.disk.repair();
        (self.doom, self.disk_fails) = (None, false);
        if sabotage == Some(Sabotage::StaleStore)
            && let Some(disk) = self.snapshot.restore()
        {
            self.disk = disk;
        }
        let mut engine: Box<dyn Engine> = Box::new(self.disk.open()?);
        if sabotage == Some(Sabotage::SkipFlush) {
            engine = Box::new(Unflushed::new(engine));
        }
        let store = schema::open(engine)?;
        let config = Config {
            kdf: KdfParams::TEST,
            network: Some(Membership { network: network.clone(), bootstrap: bootstrap.to_vec() }),
            role: self.role.clone(),
        };
        let wrong = |error: &dyn std::fmt::Display| StartFailed::File(error.to_string());
        let keys = self.keys.as_ref().map(|body| KeyStore::from_bytes(&body[..])).transpose();
        let fast = self.fast.as_ref().map(|bytes| FastLogin::from_bytes(bytes)).transpose();
        let start = Start {
            device: self.device.clone(),
            keys: keys.map_err(|error| wrong(&error))?,
            fast: fast.map_err(|error| wrong(&error))?,
        };
        let core = Core::new(config, start, &store)?;
        self.life += 1;
        self.running = Some(Running {
            core,
            store,
            inbox: VecDeque::new(),
            is_scheduled: false,
            inbound: BTreeMap::new(),
            asked: BTreeMap::new(),
            topics: BTreeSet::new(),
            judging: BTreeMap::new(),
            heard: BTreeSet::new(),
            kept: BTreeMap::new(),
            known: BTreeSet::new(),
            calls: BTreeSet::new(),
        });
        Ok(())
    }

    /// Takes what waits in the inbox as one group, makes it durable, and returns what is to be
    /// published, as the real host's thread does.
    pub fn work(
        &mut self,
        (at, now): (usize, u64),
        sabotage: Option<Sabotage>,
        trace: &mut Trace,
    ) -> Done {
        let trips = sabotage == Some(Sabotage::HostPanics) && self.doom.is_some();
        assert!(!trips, "the planted bug: a host panics");
        if sabotage == Some(Sabotage::StaleStore)
            && let Some(running) = &self.running
        {
            self.snapshot.take(&running.store, now);
        }
        match self.group((at, now), sabotage, trace) {
            Ok(done) => done,
            Err(fall) => Done { effects: vec![], fall: Some(fall) },
        }
    }

    fn group(
        &mut self,
        (at, now): (usize, u64),
        sabotage: Option<Sabotage>,
        trace: &mut Trace,
    ) -> Result<Done, Fall> {
        let (clock, fails) = (self.clock(now), self.disk_fails);
        let Some(running) = &mut self.running else { return Ok(Done::default()) };
        running.is_scheduled = false;
        let (mut files, mut effects) = (Vec::new(), Vec::new());
        let rng = self.rng.rng();
        let mut keep = |running: &mut Running, outcome: Result<Outcome, Broken>| {
            let outcome = outcome.map_err(|broken| Fall::of(broken, fails))?;
            running.store.push(outcome.batch);
            files.extend(outcome.files);
            effects.extend(outcome.effects);
            Ok::<(), Fall>(())
        };
        for _ in 0..GROUP {
            if running.store.is_full() {
                break;
            }
            let Some(input) = running.inbox.pop_front() else { break };
            trace.input(at, now, &input);
            let outcome = running.core.step_of_group(input, &running.store, clock, rng);
            keep(running, outcome)?;
        }
        let outcome = running.core.end_group(&running.store, clock, rng);
        keep(running, outcome)?;
        let doom = self.doom.take();
        if sabotage == Some(Sabotage::EarlyPublish) && doom.is_some() {
            return Ok(Done { effects, fall: Some(Fall::Crash) });
        }
        if doom == Some(Moment::BeforeFiles) {
            return Err(Fall::Crash);
        }
        for change in files {
            trace.file(at, now, &change);
            match change {
                FileChange::Keys(body) => self.keys = Some(body),
                FileChange::FastLogin(bytes) => self.fast = bytes.map(|bytes| bytes.to_vec()),
            }
        }
        if doom == Some(Moment::BeforeCommit) {
            return Err(Fall::Crash);
        }
        trace.batch(at, now, running.store.pending());
        running.store.commit().map_err(Fall::Disk)?;
        for effect in &effects {
            trace.effect(at, now, effect);
        }
        let fall = match doom {
            Some(Moment::AfterCommit) => {
                effects.clear();
                Some(Fall::Crash)
            }
            Some(_) => {
                effects.truncate(effects.len() / 2);
                Some(Fall::Crash)
            }
            None => None,
        };
        Ok(Done { effects, fall })
    }

    /// Ends it as a power cut does, and returns what it leaves unanswered.
    pub fn fall(&mut self, dice: &mut Dice) -> Option<Running> {
        let running = self.running.take();
        self.disk.crash(dice.below(u64::MAX));
        running
    }

    /// Leaves a private file as a crash in the middle of its writing would, had it no second copy.
    pub fn tear_file(&mut self) {
        self.fast = Some(vec![]);
    }

    /// Changes a bit of the salt in the file of the keys.
    pub fn change_salt(&mut self) {
        if let Some(keys) = &mut self.keys {
            keys[SALT] ^= 1;
        }
    }
}

impl Fall {
    /// Tells a disk that was told to fail from a node that stops by itself.
    fn of(broken: Broken, fails: bool) -> Self {
        match broken {
            Broken::Store(TableError::Engine(error)) if fails => Self::Disk(error),
            other => Self::Stopped(other),
        }
    }
}
