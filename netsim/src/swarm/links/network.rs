//! The network between all hosts of one simulation: who can reach whom, and when a segment arrives.

use super::{
    pipe::{Pipe, SharedPipe},
    profile::Profile,
    trace::Trace,
    transport::{Backlog, LinkTransport},
};
use crate::dice::Dice;
use std::{
    collections::{BTreeMap, BTreeSet},
    net::Ipv4Addr,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};
use tokio::time::Instant;

/// The port that a host's listener is expected at.
pub const PORT: u16 = 4_001;

/// A host by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Host(pub u32);

impl Host {
    /// Returns the host's address, in 10.0.0.0/8.
    pub const fn ip(self) -> Ipv4Addr {
        let [_, b, c, d] = (self.0 + 1).to_be_bytes();
        Ipv4Addr::new(10, b, c, d)
    }

    /// Returns the host of an address.
    pub(super) fn of(ip: Ipv4Addr) -> Option<Self> {
        let [a, b, c, d] = ip.octets();
        let number = u32::from_be_bytes([0, b, c, d]).checked_sub(1)?;
        (a == 10).then_some(Self(number))
    }

    /// Returns where the host listens.
    pub fn addr(self) -> String {
        format!("/ip4/{}/tcp/{PORT}", self.ip())
    }
}

/// What went through the links so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LinkTraffic {
    /// Bytes that hosts sent.
    pub bytes: u64,
    /// Segments that hosts sent.
    pub segments: u64,
    /// Packets that were lost and sent again.
    pub lost: u64,
    /// Connections that came about.
    pub connections: u64,
}

/// The network between all hosts; clones share it.
#[derive(Debug, Clone)]
pub struct Network(Arc<Mutex<World>>);

#[derive(Debug)]
pub(super) struct World {
    profile: Profile,
    seed: u64,
    dice: Dice,
    hosts: BTreeMap<Host, State>,
    pub(super) listeners: BTreeMap<(Host, u16), Backlog>,
    /// All streams, so that who waits is woken when a cut ends.
    pipes: Vec<Weak<Mutex<Pipe>>>,
    /// How many streams there may be before those that are gone are forgotten.
    pruned_at: usize,
    next_port: u16,
    traffic: LinkTraffic,
    trace: Trace,
    began: Instant,
}

#[derive(Debug)]
struct State {
    region: usize,
    /// Nobody reaches it whom it did not dial first.
    nat: bool,
    holes: BTreeSet<Host>,
    is_down: bool,
    /// Grows with every start, so that streams from before are told apart.
    boot: u32,
    /// Which side of a partition it is on.
    side: u32,
    uplink_free: Instant,
    sent: u64,
    received: u64,
}

/// Why two ends of a stream cannot speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// They can.
    Open,
    /// Nothing arrives, for now or for ever.
    Cut,
    /// One of them started anew and knows nothing of the stream.
    Reset,
}

/// One end of a stream, as the network knows it.
#[derive(Debug, Clone, Copy)]
pub(super) struct End {
    pub(super) host: Host,
    pub(super) boot: u32,
}

const FIRST_PORT: u16 = 20_000;
const PIPES: usize = 1_024;

impl Network {
    /// Returns a network without hosts; all chance follows from `seed`.
    pub fn new(profile: Profile, seed: u64) -> Self {
        Self(Arc::new(Mutex::new(World {
            profile,
            seed,
            dice: Dice::new(seed, "links", 0),
            hosts: BTreeMap::new(),
            listeners: BTreeMap::new(),
            pipes: Vec::new(),
            pruned_at: PIPES,
            next_port: FIRST_PORT,
            traffic: LinkTraffic::default(),
            trace: Trace::default(),
            began: Instant::now(),
        })))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, World> {
        // What it holds is whole after every statement.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts a host in a region, or starts it anew: what it was connected with is lost.
    pub fn start(&self, host: Host, region: usize, nat: bool) {
        let mut world = self.lock();
        let boot = world.hosts.get(&host).map_or(0, |state| state.boot + 1);
        let (sent, received) = world.hosts.get(&host).map_or((0, 0), |s| (s.sent, s.received));
        let side = world.hosts.get(&host).map_or(0, |state| state.side);
        let state = State {
            region,
            nat,
            holes: BTreeSet::new(),
            is_down: false,
            boot,
            side,
            uplink_free: Instant::now(),
            sent,
            received,
        };
        world.hosts.insert(host, state);
        world.wake_all();
    }

    /// Returns the transport of a host that was started.
    pub fn transport(&self, host: Host) -> LinkTransport {
        LinkTransport::new(self.clone(), host)
    }

    /// Cuts a host's power: nobody is told, and nothing more arrives.
    pub fn kill(&self, host: Host) {
        let mut world = self.lock();
        if let Some(state) = world.hosts.get_mut(&host) {
            state.is_down = true;
        }
        world.listeners.retain(|(of, _), _| *of != host);
    }

    /// Cuts the network in two: those for whom `side` says true reach nobody else.
    pub fn part(&self, side: impl Fn(Host) -> bool) {
        let mut world = self.lock();
        for (host, state) in &mut world.hosts {
            state.side = u32::from(side(*host));
        }
        world.wake_all();
    }

    /// Ends a partition; what was sent meanwhile arrives.
    pub fn heal(&self) {
        self.part(|_| false);
    }

    /// Returns what went through the links so far.
    pub fn traffic(&self) -> LinkTraffic {
        self.lock().traffic
    }

    /// Returns the bytes that a host sent and received so far.
    pub fn traffic_of(&self, host: Host) -> (u64, u64) {
        self.lock().hosts.get(&host).map_or((0, 0), |state| (state.sent, state.received))
    }

    /// Returns the hash of every segment so far: when it was sent and arrives, between whom, and its
    /// bytes as they were on the link.
    pub fn trace(&self) -> [u8; 32] {
        self.lock().trace.hash()
    }
}

impl World {
    /// Says whether what one end sends reaches the other.
    pub(super) fn way(&self, a: End, b: End) -> Way {
        let (Some(x), Some(y)) = (self.hosts.get(&a.host), self.hosts.get(&b.host)) else {
            return Way::Cut;
        };
        if x.is_down || y.is_down || x.side != y.side {
            return Way::Cut;
        }
        if x.boot != a.boot || y.boot != b.boot { Way::Reset } else { Way::Open }
    }

    /// Returns a host's end of a new stream.
    pub(super) fn end(&self, host: Host) -> Option<End> {
        self.hosts.get(&host).map(|state| End { host, boot: state.boot })
    }

    /// Says whether a host takes a connection of another: it hides from strangers behind a NAT.
    pub(super) fn is_reachable(&self, from: Host, to: Host) -> bool {
        self.hosts.get(&to).is_some_and(|state| !state.nat || state.holes.contains(&from))
    }

    /// Lets a host's NAT know whom it dialled.
    pub(super) fn punch(&mut self, from: Host, to: Host) {
        if let Some(state) = self.hosts.get_mut(&from)
            && state.nat
        {
            state.holes.insert(to);
        }
    }

    /// Says whether a host has power.
    pub(super) fn is_up(&self, host: Host) -> bool {
        self.hosts.get(&host).is_some_and(|state| !state.is_down)
    }

    /// Returns how long the way between two hosts is.
    pub(super) fn base(&self, a: Host, b: Host) -> Duration {
        let region = |host: Host| self.hosts.get(&host).map_or(0, |state| state.region);
        self.profile.base(self.seed, (a.0, region(a)), (b.0, region(b)))
    }

    /// Sends one segment and returns when it arrives, after all that were sent before it.
    pub(super) fn send(
        &mut self,
        (from, to): (Host, Host),
        base: Duration,
        bytes: &[u8],
        last: Instant,
    ) -> Instant {
        let now = Instant::now();
        let busy = self.profile.serialization(bytes.len());
        let (delay, lost) = self.profile.delay(&mut self.dice, base, bytes.len());
        let len = bytes.len() as u64;
        let mut left = now;
        if let Some(state) = self.hosts.get_mut(&from) {
            left = state.uplink_free.max(now) + busy;
            state.uplink_free = left;
            state.sent += len;
        }
        if let Some(state) = self.hosts.get_mut(&to) {
            state.received += len;
        }
        self.traffic.bytes += len;
        self.traffic.segments += 1;
        self.traffic.lost += lost;
        let arrives = (left + base + delay).max(last);
        self.trace.segment(now - self.began, arrives - self.began, (from, to), bytes);
        arrives
    }

    /// Notes a new stream's pipes and returns the port it comes from.
    pub(super) fn connected(&mut self, pipes: [&SharedPipe; 2]) -> u16 {
        self.traffic.connections += 1;
        if self.pipes.len() >= self.pruned_at {
            self.pipes.retain(|pipe| pipe.strong_count() > 0);
            self.pruned_at = (self.pipes.len() * 2).max(PIPES);
        }
        self.pipes.extend(pipes.map(Arc::downgrade));
        self.next_port = self.next_port.checked_add(1).unwrap_or(FIRST_PORT);
        self.next_port
    }

    /// Wakes everybody who waits for a stream, to look again.
    fn wake_all(&self) {
        for pipe in self.pipes.iter().filter_map(Weak::upgrade) {
            super::pipe::lock(&pipe).wake();
        }
    }
}
