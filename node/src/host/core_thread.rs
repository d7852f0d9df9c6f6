//! The thread that owns the core: it takes what waits in the mailbox as one group, lets the core
//! step each, makes the group durable at once, and only then carries out the effects.
//!
//! In: [`HostInput`]s. Out: answers, events for listeners, work for the blocking pool, commands for
//! the swarm. While the disk works on one group the next one is stepped; it is written when the first
//! has left. Start at [`CoreThread::serve`], which a thread of its own runs, or, for an
//! [`EmbeddedNode`](crate::host::EmbeddedNode), a task.

use crate::{
    core::{
        Broken, Call, CallId, Core, Effect, FileChange, Input, Outcome, Register, net::NetCommand,
    },
    host::{
        clock::Clock,
        derive::DerivePool,
        flusher::Flusher,
        listeners::{Listeners, Wish},
        mailbox::{ApiAnswer, ApiCall, HostInput},
        private_files::PrivateFiles,
    },
};
use magpie_storage::{engine::EngineError, overlay::Overlay};
use rand_chacha::ChaCha20Rng;
use std::{
    collections::{BTreeMap, VecDeque},
    time::{Duration, Instant},
};
#[cfg(feature = "net")]
use tokio::runtime::Handle;
use tokio::{
    sync::{mpsc, oneshot},
    time::sleep,
};

/// Inputs stepped and made durable together, at most: what one flush serves.
const GROUP: usize = 256;

/// Bytes of rows at which a group is made durable though more inputs wait: what is done leaves while the
/// rest is stepped. So much for each millisecond that a flush takes, and once for none: a group has to be
/// worth its flush.
const GROUP_BYTES: usize = 64 << 10;

/// Steps, the group's end among them, whose flush nothing is done beside if nothing else waits: to wait
/// on another thread takes longer.
const FEW_STEPS: u64 = 2;

/// Why the thread ended before it was asked to. The process has to stop and start from the store.
#[derive(Debug, thiserror::Error)]
pub enum Fatal {
    /// A step could not read the store or found a damaged row, or the ledger cannot go on.
    #[error(transparent)]
    Broken(#[from] Broken),
    /// A group of steps could not be made durable; nothing of it was published.
    #[error("the store cannot be written: {0}")]
    Commit(#[from] EngineError),
    /// A private file beside the store could not be written.
    #[error("a private file cannot be written: {0}")]
    File(#[from] crate::host::private_files::FileError),
    /// The thread panicked, which is a bug.
    #[error("the core panicked")]
    Panicked,
    /// The task of the transport ended by itself, which is a bug.
    #[error("the network task ended")]
    Network,
}

/// Everything that the core's thread owns.
#[derive(Debug)]
pub(crate) struct CoreThread {
    pub(crate) core: Core,
    pub(crate) store: Overlay,
    pub(crate) files: PrivateFiles,
    pub(crate) rng: ChaCha20Rng,
    pub(crate) clock: Clock,
    pub(crate) inputs: mpsc::Receiver<HostInput>,
    pub(crate) derive: DerivePool,
    pub(crate) net: Option<mpsc::Sender<NetCommand>>,
    pub(crate) calls: BTreeMap<CallId, oneshot::Sender<ApiAnswer>>,
    pub(crate) last_call: u64,
    pub(crate) listeners: Listeners,
    /// Commands that the swarm had no room for yet; no input is taken while one waits.
    pub(crate) commands: VecDeque<NetCommand>,
    pub(crate) group: Group,
    /// What was written before this group and leaves once it is durable.
    pub(crate) written: Group,
    /// Waits for the disk; without, this thread does.
    pub(crate) flusher: Option<Flusher>,
    /// How long the last flush took, milliseconds.
    pub(crate) flush_ms: u64,
}

/// What the steps since the last commit decided beside their batches.
#[derive(Debug, Default)]
pub(crate) struct Group {
    files: Vec<FileChange>,
    effects: Vec<Effect>,
    steps: u64,
    stepping: Duration,
    bytes: usize,
    begun: Option<(Instant, u64)>,
}

/// What the thread has to do next.
enum Next {
    Input(HostInput),
    /// What was written may be durable.
    Flushed(Result<(), EngineError>),
    /// Nobody is left who could put an input.
    Closed,
}

impl CoreThread {
    /// Serves the mailbox on this thread; see [`serve`](Self::serve).
    #[cfg(feature = "net")]
    pub(crate) fn run(self, runtime: &Handle) -> Result<(), Fatal> {
        runtime.block_on(self.serve())
    }

    /// Serves the mailbox until it closes or asks for the end.
    pub(crate) async fn serve(mut self) -> Result<(), Fatal> {
        self.take(HostInput::Core(Input::Started))?;
        self.commit()?;
        loop {
            self.drain_commands().await;
            while self.inputs.is_empty() && !self.has_flushed() && self.store.tidy()? {}
            let mut stop = false;
            match self.next().await {
                Next::Input(first) => stop = self.take_group(first).await?,
                Next::Flushed(flushed) => {
                    self.publish_written(flushed)?;
                    // Frames that may leave do not wait for what the next group writes.
                    self.drain_commands().await;
                }
                Next::Closed => stop = true,
            }
            if stop {
                self.end_flush().await?;
                self.drain_commands().await;
            }
            if !self.is_flushing() && (self.group.steps > 0 || self.listeners.is_wished()) {
                self.commit()?;
            }
            if stop {
                self.end_flush().await?;
                break;
            }
        }
        self.listeners.stop();
        Ok(())
    }

    /// Steps what waits, as long as the group has room. Returns whether one asks for the end.
    async fn take_group(&mut self, first: HostInput) -> Result<bool, Fatal> {
        let mut stop = self.take(first)?;
        for _ in 1..GROUP {
            if self.has_flushed() {
                self.end_flush().await?;
                self.drain_commands().await;
            }
            if !self.has_room() {
                break;
            }
            let Ok(input) = self.inputs.try_recv() else { break };
            stop |= self.take(input)?;
        }
        Ok(stop)
    }

    fn has_room(&self) -> bool {
        let few = self.group.steps < GROUP as u64;
        few && !self.store.is_full() && !self.is_worth_a_flush()
    }

    fn is_flushing(&self) -> bool {
        self.flusher.as_ref().is_some_and(Flusher::is_under_way)
    }

    fn has_flushed(&self) -> bool {
        self.flusher.as_ref().is_some_and(Flusher::has_ended)
    }

    /// Waits for the flush under way, if there is one, and publishes what it made durable.
    async fn end_flush(&mut self) -> Result<(), Fatal> {
        match &mut self.flusher {
            Some(flusher) if flusher.is_under_way() => {
                let flushed = flusher.end().await;
                self.publish_written(flushed)
            }
            _ => Ok(()),
        }
    }

    /// Hands the swarm what it had no room for. No input is taken meanwhile: a slow swarm slows the
    /// core down instead of growing a queue.
    async fn drain_commands(&mut self) {
        while let Some(command) = self.commands.pop_front() {
            let Some(net) = &self.net else { continue };
            if net.send(command).await.is_err() {
                self.net = None;
            }
        }
    }

    /// Waits for the flush under way, for the next input if the group has room for it, or until the core
    /// wants to be woken: what is due then is done where a group ends, so not beside a flush.
    async fn next(&mut self) -> Next {
        let (room, flushing) = (self.has_room(), self.is_flushing());
        let wait = self.core.wake_at().map(|at| at.saturating_sub(self.clock.now_ms()));
        let wait = wait.filter(|_| !flushing);
        let flusher = &mut self.flusher;
        tokio::select! {
            biased;
            Some(flushed) = async { Some(flusher.as_mut()?.end().await) }, if flushing => {
                Next::Flushed(flushed)
            }
            input = self.inputs.recv(), if room => input.map_or(Next::Closed, Next::Input),
            () = sleep(Duration::from_millis(wait.unwrap_or_default())), if wait.is_some() => {
                Next::Input(HostInput::Core(Input::Tick))
            }
            else => Next::Closed,
        }
    }

    /// Steps one input. Returns whether it asks for the end.
    fn take(&mut self, input: HostInput) -> Result<bool, Fatal> {
        let input = match input {
            HostInput::Stop => return Ok(true),
            HostInput::Listen { from, reply } => {
                self.listeners.wish(Wish { from, reply });
                return Ok(false);
            }
            HostInput::Call(call) => {
                let ApiCall { module, method, params, scopes, idempotency_key: key, answer } = call;
                let id = self.expect(answer);
                Input::Call(Call { id, module, method, params, scopes, key })
            }
            HostInput::Register { entropy, passwords, answer } => {
                let call = self.expect(answer);
                Input::Register(Register { call, entropy, passwords })
            }
            HostInput::Net(event) => Input::Net(event),
            HostInput::Core(input) => input,
        };
        self.step(|core, store, now, rng| core.step_of_group(input, store, now, rng))?;
        Ok(false)
    }

    /// Steps and keeps what was decided for the commit.
    fn step(
        &mut self,
        step: impl FnOnce(&mut Core, &Overlay, u64, &mut ChaCha20Rng) -> Result<Outcome, Broken>,
    ) -> Result<(), Fatal> {
        let begun = Instant::now();
        let outcome = step(&mut self.core, &self.store, self.clock.now_ms(), &mut self.rng)?;
        self.group.steps += 1;
        self.group.stepping += begun.elapsed();
        self.store.push(outcome.batch);
        self.group.files.extend(outcome.files);
        self.group.effects.extend(outcome.effects);
        Ok(())
    }

    fn expect(&mut self, answer: oneshot::Sender<ApiAnswer>) -> CallId {
        self.last_call += 1;
        let id = CallId(self.last_call);
        self.calls.insert(id, answer);
        id
    }

    fn is_worth_a_flush(&self) -> bool {
        let milliseconds = usize::try_from(self.flush_ms).unwrap_or(usize::MAX);
        self.store.pending().bytes() >= GROUP_BYTES.saturating_mul(milliseconds.saturating_add(1))
    }

    /// Ends the group, makes it durable, private files first, then publishes it; or lets the disk work on
    /// it, where that delays nobody.
    fn commit(&mut self) -> Result<(), Fatal> {
        self.step(|core, store, now, rng| core.end_group(store, now, rng))?;
        let mut group = std::mem::take(&mut self.group);
        for change in last_of_each(std::mem::take(&mut group.files)) {
            self.files.write(&change)?;
        }
        group.bytes = self.store.pending().bytes();
        group.begun = Some((Instant::now(), self.clock.now_ms()));
        // A listener sees the store, which has to be what is durable.
        let beside =
            !self.listeners.is_wished() && (group.steps > FEW_STEPS || !self.inputs.is_empty());
        if let Some(flusher) = self.flusher.as_mut().filter(|_| beside) {
            if let Some(flush) = self.store.begin_commit()? {
                flusher.begin(flush);
                self.written = group;
                return Ok(self.store.catch_up()?);
            }
        } else {
            self.store.commit()?;
        }
        self.written = group;
        self.publish_written(Ok(()))?;
        let now = self.clock.now_ms();
        self.listeners.admit(&mut self.core, &self.store, now, &mut self.rng)?;
        Ok(())
    }

    /// Carries out the effects of what was written, if it is durable.
    fn publish_written(&mut self, flushed: Result<(), EngineError>) -> Result<(), Fatal> {
        flushed?;
        let Group { effects, steps, stepping, bytes, begun, .. } =
            std::mem::take(&mut self.written);
        let (begun, begun_ms) = begun.unzip();
        self.flush_ms = begun_ms.map_or(0, |begun| self.clock.now_ms().saturating_sub(begun));
        tracing::trace!(
            steps,
            bytes,
            step_ns = nanos(stepping),
            flush_ns = nanos(begun.map(|begun| begun.elapsed()).unwrap_or_default()),
            "committed"
        );
        for effect in effects {
            self.publish(effect);
        }
        Ok(())
    }

    fn publish(&mut self, effect: Effect) {
        match effect {
            Effect::Answer { call, answer } => {
                if let Some(waiting) = self.calls.remove(&call) {
                    // A caller that hung up gets no answer; what it asked is done all the same.
                    let _ = waiting.send(ApiAnswer::of(answer));
                }
            }
            Effect::Derive { job, password, salt, params } => {
                self.derive.derive(job, password, salt, params);
            }
            Effect::Push { seq, frames } => self.listeners.push(seq, &frames),
            Effect::CloseListeners { frame } => self.listeners.close(&frame),
            Effect::Net(command) => self.commands.push_back(command),
        }
    }
}

/// Only the last body of a file counts; the ones before it need no write of their own.
fn last_of_each(files: Vec<FileChange>) -> Vec<FileChange> {
    let mut last: Vec<FileChange> = Vec::new();
    for change in files {
        last.retain(|c| std::mem::discriminant(c) != std::mem::discriminant(&change));
        last.push(change);
    }
    last
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
