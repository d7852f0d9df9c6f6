//! Many cores in one test: memory stores, a clock that only the test moves, and a transport that
//! delivers every frame in order, or not at all to a node that is down.

use crate::core::{
    Call, CallId, Config, Core, Effect, Input, Membership, Register, Role, Scopes, Start,
    effect::Answer,
    net::{GossipId, InboundId, NetCommand, NetEvent, Protocol, RequestId, Unanswered, Verdict},
};
use ed25519_dalek::SigningKey;
use magpie_protocol::{
    address::{Address, NodeId},
    bounded::{List, Text},
    group::Topic,
    keys::{BeaconKey, ConsensusKey, IssuerKey, ReceiptsKey},
    ledger::Rules,
    limits::DAY_MS,
    network::{Genesis, KdfFloor, Network, SuperNode},
};
use magpie_storage::{engine::MemoryDisk, overlay::Overlay, schema};
use magpie_wallet::{
    device::DeviceSecrets,
    kdf::{self, KdfParams, Password},
    keystore::KeyStore,
    super_keys::SuperSecrets,
};
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// When the world begins, milliseconds since the Unix epoch.
const BEGIN: u64 = 1_800_000_000_000;
/// Between blocks without entries, in milliseconds.
const HEARTBEAT: u64 = 300_000;
/// Inputs after which a test has gone wrong.
const INPUTS: usize = 200_000;

pub(super) const PASSWORD: &str = "im-1111111111";

/// A place in the world.
pub(super) type At = usize;

pub(super) struct Peer {
    disk: MemoryDisk,
    keys: Option<Vec<u8>>,
    device: DeviceSecrets,
    role: Role,
    pub(super) core: Core,
    pub(super) store: Overlay,
    pub(super) rng: ChaCha20Rng,
    up: bool,
    answers: BTreeMap<CallId, Answer>,
    inbound: BTreeMap<InboundId, (At, RequestId)>,
    /// Event frames pushed since the node started.
    pushed: usize,
    topics: BTreeSet<Topic>,
    /// Frames that wait for a verdict.
    judged: BTreeMap<GossipId, (Topic, Vec<u8>)>,
    /// Frames that the transport has seen.
    heard: BTreeSet<(Topic, Vec<u8>)>,
}

/// All nodes, and what is on its way between them.
pub(super) struct World {
    pub(super) now: u64,
    network: Network,
    pub(super) peers: Vec<Peer>,
    queue: VecDeque<(At, Input)>,
    links: BTreeSet<(At, At)>,
    /// Nodes that cannot reach each other.
    parted: BTreeSet<(At, At)>,
    addresses: BTreeMap<At, String>,
    last: u64,
    /// Whether gossip reaches nobody.
    pub(super) deaf: bool,
    /// Requests so far that are as large as an envelope.
    carried: usize,
}

/// The least bytes of a request with an envelope in it.
const CARRIES: usize = 1_024;

fn signing(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

impl World {
    /// A network of super nodes alone; they are the places 0 to `supers`.
    pub(super) fn new(supers: u8) -> Self {
        let mut rng = ChaCha20Rng::from_seed([42; 32]);
        let devices: Vec<_> = (0..supers).map(|_| DeviceSecrets::generate(&mut rng)).collect();
        let keys = devices.iter().zip(0..).map(|(device, i)| SuperNode {
            node: device.node_id(),
            receipts: ReceiptsKey(signing(100 + i).verifying_key().to_bytes()),
            consensus: ConsensusKey(signing(150 + i).verifying_key().to_bytes()),
            beacon: BeaconKey(signing(200 + i).verifying_key().to_bytes()),
            wallet: Address::from_bytes(signing(98).verifying_key().to_bytes()).unwrap(),
        });
        let mut money = Rules::usual();
        // Blocks without entries are of no use here.
        money.pace.heartbeat_ms = HEARTBEAT;
        let genesis = Genesis {
            test_network: true,
            name: Text::new("world".to_owned()).unwrap(),
            created_ms: BEGIN,
            issuer: IssuerKey(signing(99).verifying_key().to_bytes()),
            mail_retention_ms: 30 * DAY_MS,
            stamp_effort: 8,
            kdf: KdfFloor { memory_kib: 64, passes: 1, lanes: 1 },
            supers: List::new(keys.collect()).unwrap(),
            money,
        };
        let mut world = Self {
            now: BEGIN,
            network: genesis.verify().unwrap(),
            peers: vec![],
            queue: VecDeque::new(),
            links: BTreeSet::new(),
            parted: BTreeSet::new(),
            addresses: BTreeMap::new(),
            last: 0,
            deaf: false,
            carried: 0,
        };
        for (device, i) in devices.into_iter().zip(0..) {
            let bytes = [&[2][..], &[100 + i; 32], &[150 + i; 32], &[200 + i; 32]].concat();
            let secrets = Box::new(SuperSecrets::from_bytes(&bytes).unwrap());
            world.add(device, Role::Super { secrets });
        }
        world
    }

    fn add(&mut self, device: DeviceSecrets, role: Role) -> At {
        let at = self.peers.len();
        let seed = u8::try_from(at).unwrap();
        let disk = MemoryDisk::new();
        let store = schema::open(Box::new(disk.open().unwrap())).unwrap();
        let core = self.core(&store, &device, &role, None);
        self.peers.push(Peer {
            disk,
            keys: None,
            device,
            role,
            core,
            store,
            rng: ChaCha20Rng::from_seed([seed; 32]),
            up: true,
            answers: BTreeMap::new(),
            inbound: BTreeMap::new(),
            pushed: 0,
            topics: BTreeSet::new(),
            judged: BTreeMap::new(),
            heard: BTreeSet::new(),
        });
        self.connect(at);
        at
    }

    fn core(
        &self,
        store: &Overlay,
        device: &DeviceSecrets,
        role: &Role,
        keys: Option<&[u8]>,
    ) -> Core {
        let config = Config {
            kdf: KdfParams::TEST,
            network: Some(Membership { network: self.network.clone(), bootstrap: vec![] }),
            role: role.clone(),
        };
        let keys = keys.map(|bytes| KeyStore::from_bytes(bytes).unwrap());
        Core::new(config, Start { device: device.clone(), keys, fast: None }, store).unwrap()
    }

    /// A person: registered and signed in.
    pub(super) fn person(&mut self) -> At {
        let mut rng = ChaCha20Rng::from_seed([200; 32]);
        rng.set_stream(self.peers.len() as u64);
        let at = self.add(DeviceSecrets::generate(&mut rng), Role::User);
        let call = self.next_call();
        let passwords = (
            Password::new(PASSWORD.into()).unwrap(),
            Password::new("wallet-1111111111".into()).unwrap(),
        );
        self.put(at, Input::Register(Register { call, entropy: None, passwords: Some(passwords) }));
        self.settle();
        self.peers[at].answers.remove(&call).unwrap().unwrap();
        self.sign_in(at);
        let me = self.call(at, "user", "getUserSingleInfo", json!({})).unwrap();
        self.addresses.insert(at, me["u_nd_add"].as_str().unwrap().to_owned());
        at
    }

    pub(super) fn sign_in(&mut self, at: At) {
        self.call(at, "login", "exportLogin", json!({"password": PASSWORD, "loginType": "text"}))
            .unwrap();
        self.settle();
    }

    /// Ends a node as a crash does; what was not flushed is gone.
    pub(super) fn kill(&mut self, at: At) {
        self.peers[at].up = false;
        let gone: Vec<_> =
            self.links.iter().filter(|(a, b)| *a == at || *b == at).copied().collect();
        for (a, b) in gone {
            self.links.remove(&(a, b));
            let (other, peer) = if a == at { (b, at) } else { (a, at) };
            if other != at && self.peers[other].up {
                let peer = self.node(peer);
                self.put(other, Input::Net(NetEvent::Disconnected { peer }));
            }
        }
        self.queue.retain(|(to, _)| *to != at);
        // Whoever waits for it learns that it is gone.
        let waiting: Vec<_> = self.peers[at].inbound.values().copied().collect();
        for (other, id) in waiting {
            let reason = Unanswered::Disconnected;
            self.put(other, Input::Net(NetEvent::Failed { id, reason }));
        }
        self.peers[at].inbound.clear();
        let seed = self.now;
        self.peers[at].disk.crash(seed);
    }

    /// Starts a node anew from its disk; a person is not signed in.
    pub(super) fn restart(&mut self, at: At) {
        let store = schema::open(Box::new(self.peers[at].disk.open().unwrap())).unwrap();
        let (device, role) = (self.peers[at].device.clone(), self.peers[at].role.clone());
        let keys = self.peers[at].keys.clone();
        let core = self.core(&store, &device, &role, keys.as_deref());
        let peer = &mut self.peers[at];
        (peer.core, peer.store, peer.up) = (core, store, true);
        peer.answers.clear();
        peer.pushed = 0;
        peer.topics.clear();
        peer.judged.clear();
        peer.heard.clear();
        self.connect(at);
        self.settle();
    }

    /// Everybody keeps a connection to the super nodes, as far as both are up.
    fn connect(&mut self, at: At) {
        self.put(at, Input::Started);
        let address = format!("/ip4/127.0.0.1/tcp/{}", 1_000 + at);
        self.put(at, Input::Net(NetEvent::Listening { address }));
        let is_super = |peer: &Peer| matches!(peer.role, Role::Super { .. });
        for other in 0..self.peers.len() {
            if is_super(&self.peers[other]) || is_super(&self.peers[at]) {
                self.link(at, other);
            }
        }
    }

    fn link(&mut self, a: At, b: At) {
        let key = (a.min(b), a.max(b));
        if self.parted.contains(&key) {
            return;
        }
        if a != b && self.peers[a].up && self.peers[b].up && self.links.insert(key) {
            let (peer_a, peer_b) = (self.node(a), self.node(b));
            self.put(a, Input::Net(NetEvent::Connected { peer: peer_b }));
            self.put(b, Input::Net(NetEvent::Connected { peer: peer_a }));
        }
    }

    pub(super) fn node(&self, at: At) -> NodeId {
        self.peers[at].device.node_id()
    }

    fn find(&self, node: NodeId) -> Option<At> {
        (0..self.peers.len()).find(|at| self.node(*at) == node)
    }

    fn next_call(&mut self) -> CallId {
        self.last += 1;
        CallId(self.last)
    }

    /// Calls a method and returns its answer; what follows from it happens in [`Self::settle`].
    pub(super) fn call(
        &mut self,
        at: At,
        module: &str,
        method: &str,
        params: Value,
    ) -> Result<Value, u16> {
        let id = self.next_call();
        let (module, method) = (module.to_owned(), method.to_owned());
        let call = Call { id, module, method, params, scopes: Scopes::ALL };
        self.put(at, Input::Call(call));
        for _ in 0..INPUTS {
            if let Some(answer) = self.peers[at].answers.remove(&id) {
                return answer.map_err(|error| error.code.number());
            }
            assert!(self.step_one(), "the call is never answered");
        }
        panic!("the call takes too long");
    }

    /// Puts calls to a node, one right behind the other, so that they wait there together.
    pub(super) fn put_calls(&mut self, at: At, module: &str, method: &str, params: Vec<Value>) {
        for params in params {
            let id = self.next_call();
            let (module, method) = (module.to_owned(), method.to_owned());
            let call = Call { id, module, method, params, scopes: Scopes::ALL };
            self.put(at, Input::Call(call));
        }
    }

    /// A person's address, whether the node is up or not.
    pub(super) fn address(&self, at: At) -> String {
        self.addresses[&at].clone()
    }

    fn put(&mut self, at: At, input: Input) {
        self.queue.push_back((at, input));
    }

    /// Lets everything happen that happens by itself, for up to a minute of the world's time.
    pub(super) fn settle(&mut self) {
        self.pass(60_000);
    }

    /// Lets this many milliseconds pass.
    pub(super) fn pass(&mut self, ms: u64) {
        let end = self.now + ms;
        for _ in 0..INPUTS {
            while self.step_one() {}
            let up = self.peers.iter().enumerate().filter(|(_, peer)| peer.up);
            let next = up.filter_map(|(at, peer)| Some((peer.core.wake_at()?, at))).min();
            match next {
                Some((wake, at)) if wake <= end => {
                    self.now = self.now.max(wake);
                    self.put(at, Input::Tick);
                }
                _ => {
                    self.now = end;
                    return;
                }
            }
        }
        panic!("the world does not come to rest");
    }

    pub(super) fn step_one(&mut self) -> bool {
        let Some((at, input)) = self.queue.pop_front() else { return false };
        let now = self.now;
        let peer = &mut self.peers[at];
        if !peer.up {
            return true;
        }
        let outcome = peer.core.step(input, &peer.store, now, &mut peer.rng).unwrap();
        for change in outcome.files {
            if let crate::core::FileChange::Keys(body) = change {
                peer.keys = Some(body.to_vec());
            }
        }
        peer.store.push(outcome.batch);
        peer.store.commit().unwrap();
        for effect in outcome.effects {
            self.publish(at, effect);
        }
        true
    }

    fn publish(&mut self, at: At, effect: Effect) {
        match effect {
            Effect::Answer { call, answer } => {
                self.peers[at].answers.insert(call, answer);
            }
            Effect::Derive { job, password, salt, params } => {
                let key = kdf::derive(&password, salt, params);
                self.put(at, Input::KeyDerived { job, key });
            }
            Effect::Net(command) => self.transport(at, command),
            Effect::Push { frames, .. } => self.peers[at].pushed += frames.len(),
            Effect::CloseListeners { .. } => {}
        }
    }

    fn transport(&mut self, at: At, command: NetCommand) {
        match command {
            NetCommand::Request { id, to, protocol, bytes } => {
                let mails = matches!(protocol, Protocol::Direct | Protocol::Mail);
                self.carried += usize::from(mails && bytes.len() >= CARRIES);
                let reached = self.find(to).filter(|to| self.peers[*to].up);
                match reached.filter(|to| !self.parted.contains(&(at.min(*to), at.max(*to)))) {
                    Some(to) => {
                        self.link(at, to);
                        self.last += 1;
                        let inbound = InboundId(self.last);
                        self.peers[to].inbound.insert(inbound, (at, id));
                        let from = self.node(at);
                        let event = NetEvent::Inbound { id: inbound, from, protocol, bytes };
                        self.put(to, Input::Net(event));
                    }
                    None => {
                        let reason = Unanswered::Unreachable;
                        self.put(at, Input::Net(NetEvent::Failed { id, reason }));
                    }
                }
            }
            NetCommand::Respond { id, bytes } => {
                if let Some((from, id)) = self.peers[at].inbound.remove(&id) {
                    self.put(from, Input::Net(NetEvent::Answered { id, bytes }));
                }
            }
            NetCommand::Refuse { id } => {
                if let Some((from, id)) = self.peers[at].inbound.remove(&id) {
                    let reason = Unanswered::Refused;
                    self.put(from, Input::Net(NetEvent::Failed { id, reason }));
                }
            }
            NetCommand::Keep { peer, .. } => {
                if let Some(other) = self.find(peer) {
                    self.link(at, other);
                }
            }
            NetCommand::Misbehaved { peer, fault } => {
                panic!("an honest peer {peer} is scored for {fault:?}");
            }
            NetCommand::Subscribe { topic } => {
                self.peers[at].topics.insert(topic);
            }
            NetCommand::Unsubscribe { topic } => {
                self.peers[at].topics.remove(&topic);
            }
            NetCommand::Publish { topic, bytes } => self.gossip(at, topic, &bytes),
            NetCommand::Judge { id, verdict } => {
                let frame = self.peers[at].judged.remove(&id);
                if let (Some((topic, bytes)), Verdict::Accept) = (frame, verdict) {
                    self.gossip(at, topic, &bytes);
                }
            }
            NetCommand::Forget { .. } | NetCommand::AddAddresses { .. } => {}
        }
    }

    /// Gives a frame to those connected who listen to its topic and have not seen it.
    fn gossip(&mut self, at: At, topic: Topic, bytes: &[u8]) {
        if self.deaf {
            return;
        }
        self.peers[at].heard.insert((topic, bytes.to_vec()));
        for to in 0..self.peers.len() {
            let is_linked = self.links.contains(&(at.min(to), at.max(to)));
            let peer = &mut self.peers[to];
            if !is_linked || !peer.topics.contains(&topic) {
                continue;
            }
            if peer.heard.insert((topic, bytes.to_vec())) {
                self.last += 1;
                let id = GossipId(self.last);
                peer.judged.insert(id, (topic, bytes.to_vec()));
                let from = self.node(at);
                let event = NetEvent::Gossip { id, from, topic, bytes: bytes.to_vec() };
                self.put(to, Input::Net(event));
            }
        }
    }

    /// Ends the connection of two nodes and makes none again until they [meet](Self::meet).
    pub(super) fn part(&mut self, a: At, b: At) {
        let key = (a.min(b), a.max(b));
        self.parted.insert(key);
        if self.links.remove(&key) {
            let (peer_a, peer_b) = (self.node(a), self.node(b));
            self.put(a, Input::Net(NetEvent::Disconnected { peer: peer_b }));
            self.put(b, Input::Net(NetEvent::Disconnected { peer: peer_a }));
        }
    }

    /// Connects two nodes and lets happen what follows.
    pub(super) fn meet(&mut self, a: At, b: At) {
        self.parted.remove(&(a.min(b), a.max(b)));
        self.link(a, b);
        self.pass(1_000);
    }

    /// How many event frames a node has pushed since its start.
    pub(super) fn pushed(&self, at: At) -> usize {
        self.peers[at].pushed
    }

    /// How many requests with envelopes in them were made so far.
    pub(super) const fn carried(&self) -> usize {
        self.carried
    }
}
