//! The loop: one task owns the swarm, takes commands and hands out events.
//!
//! Commands and the swarm take turns. Events wait in an outbox while the core's host is slow; while
//! it is full the swarm rests, so that peers wait and nothing of theirs grows. Commands are taken all
//! the same: the core may be waiting to hand one over before it takes an event, and both would wait
//! for ever. What the outbox holds then is at most one small event for each request that the core
//! makes before it takes an event.

use super::{
    behaviour::Behaviour,
    budget::Budget,
    config::{Limits, SwarmConfig, keypair, node_of},
    gossip::Gossiping,
    inbound::Inbound,
    listening::Listeners,
    mailbox::{COMMANDS, EVENTS, NetHandle},
    outbound::Outbound,
    peers::{Bounds, Peers},
    score::Score,
};
use crate::core::net::{NetCommand, NetEvent, RequestId, Unanswered};
use futures::StreamExt;
use libp2p::{
    Swarm,
    swarm::{self, SwarmEvent},
};
use std::{collections::VecDeque, future::poll_fn, sync::Arc, task::Poll, time::Duration};
use tokio::{
    sync::{Notify, mpsc},
    task::JoinHandle,
    time::{Instant, MissedTickBehavior, interval, sleep_until, timeout},
};

/// Events held back before the task lets the swarm rest.
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
    pub(super) gossiping: Gossiping,
    pub(super) outbox: VecDeque<NetEvent>,
    pub(super) listeners: Listeners,
    stop: Arc<Notify>,
    events: mpsc::Sender<NetEvent>,
    started: Instant,
    pub(super) timeout: Option<Duration>,
    pub(super) requests: Budget,
}

/// Starts the swarm on the current tokio runtime.
///
/// Returns the handle, the events and the task, which ends after [`NetHandle::shutdown`] or when
/// all senders of commands or the events are dropped. What becomes of the listen addresses is told
/// by [`NetHandle::listening`]; if all fail at once, so does this.
pub fn spawn(
    config: SwarmConfig,
) -> Result<(NetHandle, mpsc::Receiver<NetEvent>, JoinHandle<()>), SpawnError> {
    let key = keypair(&config.seed);
    let local = key.public().to_peer_id();
    let gossiping = Gossiping::new();
    let intake = gossiping.intake();
    let behaviour = Behaviour::new(&key, &config.limits, config.timeout, intake);
    let swarm_config =
        swarm::Config::with_tokio_executor().with_idle_connection_timeout(NEVER_IDLE);
    let mut swarm = Swarm::new(config.transport, behaviour, local, swarm_config);
    let (mut begun, mut failed) = (Vec::new(), Vec::new());
    for addr in &config.listen {
        match swarm.listen_on(addr.clone()) {
            Ok(id) => begun.push(id),
            Err(error) => failed.push(format!("{addr}: {error}")),
        }
    }
    if !config.listen.is_empty() && begun.is_empty() {
        return Err(SpawnError::Listen(failed.join("; ")));
    }
    let listeners = Listeners::new(begun, failed);
    let listening = listeners.subscribe();
    let gossip = gossiping.counts();
    let stop = Arc::new(Notify::new());
    let (commands, inbox) = mpsc::channel(COMMANDS);
    let (events, taken) = mpsc::channel(EVENTS);
    let task = Task {
        swarm,
        peers: Peers::new(bounds(&config.limits, config.idle_grace), config.jitter),
        score: Score::new(config.genesis),
        outbound: Outbound::new(config.limits.outbound),
        inbound: Inbound::new(config.limits.inbound),
        gossiping,
        outbox: VecDeque::new(),
        listeners,
        stop: Arc::clone(&stop),
        events,
        started: Instant::now(),
        timeout: config.timeout,
        // What the core hands over is bounded by the table; a lease of it takes nothing.
        requests: Budget::new(0),
    };
    let local = node_of(&local).expect("made from an Ed25519 seed");
    let task = tokio::spawn(task.run(inbox));
    Ok((NetHandle { local, commands, listening, gossip, stop }, taken, task))
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
#[expect(clippy::large_enum_variant, reason = "one at a time, on the loop's stack")]
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
        let stop = Arc::clone(&self.stop);
        loop {
            let room = self.outbox.len() < OUTBOX;
            let deadline = self.outbound.next_deadline();
            let swarm = &mut self.swarm;
            // Neither commands nor peers may starve the other.
            swarm_first = !swarm_first;
            let work = poll_fn(|cx| {
                for swarms_turn in [swarm_first, !swarm_first] {
                    if swarms_turn {
                        if room && let Poll::Ready(Some(event)) = swarm.poll_next_unpin(cx) {
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
                () = stop.notified() => break,
                work = work => match work {
                    Work::Swarm(event) => self.on_swarm(event),
                    Work::Command(None) => break,
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
            self.fail(id, Unanswered::Disconnected);
        }
        while let Ok(command) = commands.try_recv() {
            if let NetCommand::Request { id, .. } = command {
                self.fail(id, Unanswered::Disconnected);
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

    pub(super) fn fail(&mut self, id: RequestId, reason: Unanswered) {
        self.outbox.push_back(NetEvent::Failed { id, reason });
    }
}
