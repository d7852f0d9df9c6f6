//! The loop: one task owns the swarm, takes commands and hands out events.
//!
//! Commands and the swarm take turns. Events wait in an outbox while the core's host is slow; when
//! it is full the task reads neither commands nor the swarm, so nothing grows and senders wait.

use super::{
    behaviour::Behaviour,
    budget::Budget,
    codec::{Refusal, Request},
    config::{Limits, SwarmConfig, keypair, node_of, peer_of},
    inbound::Inbound,
    mailbox::{COMMANDS, EVENTS, Failure, NetCommand, NetEvent, NetHandle},
    outbound::{Outbound, Ready},
    peers::{Bounds, Peers},
    score::{Fault, Score},
};
use futures::StreamExt;
use libp2p::{
    Swarm,
    swarm::{
        self, SwarmEvent,
        dial_opts::{DialOpts, PeerCondition},
    },
};
use magpie_protocol::address::NodeId;
use std::{collections::VecDeque, future::poll_fn, task::Poll, time::Duration};
use tokio::{
    sync::mpsc,
    task::JoinHandle,
    time::{Instant, MissedTickBehavior, interval, sleep_until, timeout},
};

/// Events held back before the task stops reading.
const OUTBOX: usize = 64;
/// How often due dials, idle connections and ended blocks are looked for.
const TICK: Duration = Duration::from_millis(250);
/// How long the core's host has to take the last events.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(5);
/// Longer than any node runs: the swarm closes nothing on its own, `peers` does.
const NEVER_IDLE: Duration = Duration::from_secs(100 * 365 * 86_400);
/// Inbound connections over which idle ones are closed, as a part of the limit: three quarters.
const INBOUND_HIGH: (usize, usize) = (3, 4);

/// Why the swarm did not start.
#[derive(Debug, thiserror::Error)]
pub enum SpawnError {
    /// No given address could be listened on.
    #[error("cannot listen on any address: {0}")]
    Listen(String),
}

/// The swarm and what is known around it.
pub(super) struct Task {
    pub(super) swarm: Swarm<Behaviour>,
    pub(super) peers: Peers,
    pub(super) score: Score,
    pub(super) outbound: Outbound,
    pub(super) inbound: Inbound,
    pub(super) outbox: VecDeque<NetEvent>,
    events: mpsc::Sender<NetEvent>,
    started: Instant,
    timeout: Option<Duration>,
    requests: Budget,
}

/// Starts the swarm on the current tokio runtime.
///
/// Returns the handle for commands, the events and the task, which ends after
/// [`NetCommand::Shutdown`] or when all handles or the events are dropped. Of the listen addresses
/// those that fail are told as [`NetEvent::ListenFailed`]; if all fail, so does this.
pub fn spawn(
    config: SwarmConfig,
) -> Result<(NetHandle, mpsc::Receiver<NetEvent>, JoinHandle<()>), SpawnError> {
    let key = keypair(&config.seed);
    let local = key.public().to_peer_id();
    let behaviour = Behaviour::new(&key, &config.limits, config.timeout);
    let swarm_config =
        swarm::Config::with_tokio_executor().with_idle_connection_timeout(NEVER_IDLE);
    let mut swarm = Swarm::new(config.transport, behaviour, local, swarm_config);
    let mut outbox = VecDeque::new();
    for addr in &config.listen {
        if let Err(error) = swarm.listen_on(addr.clone()) {
            let reason = error.to_string();
            outbox.push_back(NetEvent::ListenFailed { addr: addr.to_string(), reason });
        }
    }
    if !config.listen.is_empty() && outbox.len() == config.listen.len() {
        let reason = |event| match event {
            NetEvent::ListenFailed { addr, reason } => format!("{addr}: {reason}"),
            other => format!("{other:?}"),
        };
        return Err(SpawnError::Listen(
            outbox.into_iter().map(reason).collect::<Vec<_>>().join("; "),
        ));
    }
    let (commands, inbox) = mpsc::channel(COMMANDS);
    let (events, taken) = mpsc::channel(EVENTS);
    let task = Task {
        swarm,
        peers: Peers::new(bounds(&config.limits, config.idle_grace), config.jitter),
        score: Score::new(config.genesis),
        outbound: Outbound::new(config.limits.outbound),
        inbound: Inbound::new(config.limits.inbound),
        outbox,
        events,
        started: Instant::now(),
        timeout: config.timeout,
        // What the core hands over is bounded by the table; a lease of it takes nothing.
        requests: Budget::new(0),
    };
    let local = node_of(&local).expect("made from an Ed25519 seed");
    let task = tokio::spawn(task.run(inbox));
    Ok((NetHandle { local, commands }, taken, task))
}

fn bounds(limits: &Limits, idle_grace: Duration) -> Bounds {
    Bounds {
        peers: limits.peers,
        kept: limits.kept,
        dials: limits.pending_out as usize,
        inbound_high: limits.established_in as usize * INBOUND_HIGH.0 / INBOUND_HIGH.1,
        idle_grace_ms: u64::try_from(idle_grace.as_millis()).unwrap_or(u64::MAX),
    }
}

/// What the loop does next.
enum Work {
    Command(Option<NetCommand>),
    Swarm(SwarmEvent<super::behaviour::BehaviourEvent>),
}

impl Task {
    async fn run(mut self, mut commands: mpsc::Receiver<NetCommand>) {
        let mut tick = interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut swarm_first = false;
        let events = self.events.clone();
        loop {
            let room = self.outbox.len() < OUTBOX;
            let deadline = self.outbound.next_deadline();
            let swarm = &mut self.swarm;
            // Neither commands nor peers may starve the other.
            swarm_first = !swarm_first;
            let work = poll_fn(|cx| {
                for swarms_turn in [swarm_first, !swarm_first] {
                    if swarms_turn {
                        if let Poll::Ready(Some(event)) = swarm.poll_next_unpin(cx) {
                            return Poll::Ready(Work::Swarm(event));
                        }
                    } else if let Poll::Ready(command) = commands.poll_recv(cx) {
                        return Poll::Ready(Work::Command(command));
                    }
                }
                Poll::Pending
            });
            tokio::select! {
                // In order, so that a simulated run repeats itself.
                biased;
                permit = events.reserve(), if !self.outbox.is_empty() => match permit {
                    Ok(permit) => {
                        if let Some(event) = self.outbox.pop_front() {
                            permit.send(event);
                        }
                    }
                    Err(_) => break,
                },
                () = sleep_until(deadline.unwrap_or_else(Instant::now)), if deadline.is_some() => {
                    self.expire();
                }
                _ = tick.tick() => self.tick(),
                () = events.closed() => break,
                work = work, if room => match work {
                    Work::Swarm(event) => self.on_swarm(event),
                    Work::Command(None | Some(NetCommand::Shutdown)) => break,
                    Work::Command(Some(command)) => self.on_command(command),
                },
            }
        }
        self.shutdown(commands).await;
    }

    /// Answers every request of the core that is not answered, then ends.
    async fn shutdown(mut self, mut commands: mpsc::Receiver<NetCommand>) {
        commands.close();
        for id in self.outbound.drain() {
            self.fail(id, Failure::Shutdown);
        }
        while let Ok(command) = commands.try_recv() {
            if let NetCommand::Request { id, .. } = command {
                self.fail(id, Failure::Shutdown);
            }
        }
        drop(self.swarm);
        let send_all = async {
            for event in self.outbox {
                if self.events.send(event).await.is_err() {
                    break;
                }
            }
        };
        if timeout(SHUTDOWN_GRACE, send_all).await.is_err() {
            tracing::warn!("the last network events were not taken");
        }
    }

    /// Milliseconds since the task began.
    pub(super) fn now(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    pub(super) fn fail(&mut self, id: u64, reason: Failure) {
        self.outbox.push_back(NetEvent::Failed { id, reason });
    }

    fn on_command(&mut self, command: NetCommand) {
        let now = self.now();
        match command {
            NetCommand::Request { id, to, protocol, bytes } => {
                if let Err(reason) = self.request(to, Ready { id, protocol, bytes }) {
                    self.fail(id, reason);
                }
            }
            NetCommand::Respond { id, bytes } => {
                let len = bytes.len();
                if !self.inbound.answer(self.swarm.behaviour_mut(), id, Ok(bytes)) {
                    tracing::debug!(id, len, "an answer was too late or too large");
                }
            }
            NetCommand::Refuse { id } => {
                self.inbound.answer(self.swarm.behaviour_mut(), id, Err(Refusal::Refused));
            }
            NetCommand::Keep { peer, addrs } => {
                self.add_addresses(peer, &addrs);
                if !self.peers.keep(peer, now) {
                    tracing::warn!(%peer, "as many peers are kept as may be");
                }
                self.dial();
            }
            NetCommand::Forget { peer } => self.peers.forget(peer, now),
            NetCommand::AddAddresses { peer, addrs } => self.add_addresses(peer, &addrs),
            NetCommand::Misbehaved { peer, fault } => self.misbehaved(peer, fault),
            // The loop ends on it.
            NetCommand::Shutdown => {}
        }
    }

    fn add_addresses(&mut self, peer: NodeId, addrs: &[String]) {
        let bad = self.peers.add_addresses(peer, addrs, self.now());
        if bad > 0 {
            tracing::debug!(%peer, bad, "texts that are no address of the peer");
        }
    }

    fn request(&mut self, to: NodeId, ready: Ready) -> Result<(), Failure> {
        let limits = ready.protocol.limits();
        if ready.bytes.len() > limits.request {
            return Err(Failure::TooLarge);
        }
        if self.score.is_blocked(to) {
            return Err(Failure::Blocked);
        }
        let connected = self.peers.is_connected(to);
        if !connected && !self.peers.has_address(to) {
            return Err(Failure::NoAddress);
        }
        let deadline = Instant::now() + self.timeout.unwrap_or(limits.timeout);
        self.outbound.admit(to, ready, deadline)?;
        if connected {
            self.send_waiting(to);
        } else {
            self.peers.want(to);
            self.dial();
        }
        Ok(())
    }

    /// Sends what waits for a connected peer, as far as it has streams to spare.
    pub(super) fn send_waiting(&mut self, to: NodeId) {
        let now = self.now();
        while let Some(Ready { id, protocol, bytes }) = self.outbound.next_for(to) {
            let request = Request::Whole(bytes, self.requests.lease());
            let requests = self.swarm.behaviour_mut().requests(protocol);
            let wire = requests.send_request(&peer_of(to), request);
            self.outbound.sent(to, id, protocol, wire);
            self.peers.used(to, now);
        }
    }

    /// Dials whom it is time to dial.
    pub(super) fn dial(&mut self) {
        let now = self.now();
        for (node, addresses) in self.peers.due(now, |node| self.score.is_blocked(node)) {
            let options = DialOpts::peer_id(peer_of(node))
                .condition(PeerCondition::DisconnectedAndNotDialing)
                .addresses(addresses)
                .build();
            if let Err(error) = self.swarm.dial(options) {
                tracing::debug!(peer = %node, %error, "not dialled");
                self.unreachable(node);
            }
        }
    }

    /// Fails what waits for a peer after a failed dial.
    pub(super) fn unreachable(&mut self, node: NodeId) {
        self.peers.dial_failed(node, self.now());
        for id in self.outbound.fail_waiting(node) {
            self.fail(id, Failure::Unreachable);
        }
    }

    fn expire(&mut self) {
        for (id, to) in self.outbound.expire(Instant::now()) {
            if !self.outbound.is_waiting(to) {
                self.peers.unwant(to);
            }
            self.fail(id, Failure::Timeout);
        }
    }

    fn tick(&mut self) {
        let now = self.now();
        for node in self.score.over(now) {
            self.swarm.behaviour_mut().blocked.unblock_peer(peer_of(node));
        }
        let busy = |node| self.outbound.is_under_way(node) || self.inbound.is_busy(node);
        for node in self.peers.idle(now, busy) {
            // An error says that it is disconnected already.
            let _ = self.swarm.disconnect_peer_id(peer_of(node));
        }
        self.dial();
    }

    pub(super) fn misbehaved(&mut self, node: NodeId, fault: Fault) {
        let verdict = self.score.fault(node, fault, self.now());
        let blocked = &mut self.swarm.behaviour_mut().blocked;
        if let Some(unblocked) = verdict.unblocked {
            blocked.unblock_peer(peer_of(unblocked));
        }
        if verdict.blocked {
            blocked.block_peer(peer_of(node));
            for id in self.outbound.fail_waiting(node) {
                self.fail(id, Failure::Blocked);
            }
            self.outbox.push_back(NetEvent::Blocked { peer: node });
        }
    }
}
