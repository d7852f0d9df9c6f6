//! The core's thread over a disk that takes its time: what happens meanwhile, and what must not.

use super::{
    Clock,
    core_thread::{CoreThread, Fatal, Group},
    derive::DerivePool,
    flusher::Flusher,
    listeners::Listeners,
    mailbox::{ApiAnswer, ApiCall, CODE_OK, HostInput, mailbox},
    private_files::PrivateFiles,
};
use crate::core::{Config, Core, Role, Scopes, Start};
use magpie_storage::{
    engine::{Batch, Engine, EngineError, Flush, KeyRange, MemoryDisk, MemoryEngine, Order, Row},
    overlay::Overlay,
};
use magpie_wallet::{device::DeviceSecrets, kdf::KdfParams};
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, VecDeque},
    io,
    sync::{
        Arc, Condvar, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};
use tokio::{
    runtime::{Handle, Runtime},
    sync::{mpsc, oneshot},
};

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// Whether the disk works, waits or fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mood {
    Works,
    Waits,
    Fails,
}

#[derive(Debug)]
struct Platter {
    mood: Mutex<Mood>,
    changed: Condvar,
    /// Flushes that the core's thread does not wait for.
    begun: AtomicUsize,
    reads: AtomicUsize,
}

impl Platter {
    fn set(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
        self.changed.notify_all();
    }

    fn wait(&self) -> Result<(), EngineError> {
        let mood = self.mood.lock().unwrap();
        let mood = self.changed.wait_while(mood, |mood| *mood == Mood::Waits).unwrap();
        match *mood {
            Mood::Fails => Err(EngineError::Io {
                operation: "flush",
                source: io::Error::other("the disk is gone"),
            }),
            _ => Ok(()),
        }
    }
}

struct SlowEngine {
    inner: MemoryEngine,
    platter: Arc<Platter>,
}

impl Engine for SlowEngine {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        self.platter.reads.fetch_add(1, Ordering::SeqCst);
        self.inner.get(key)
    }

    fn range(&self, range: &KeyRange, order: Order, limit: usize) -> Result<Vec<Row>, EngineError> {
        self.platter.reads.fetch_add(1, Ordering::SeqCst);
        self.inner.range(range, order, limit)
    }

    fn apply(&mut self, batch: Batch) -> Result<(), EngineError> {
        self.inner.apply(batch)
    }

    fn flush(&mut self) -> Result<(), EngineError> {
        self.platter.wait()
    }

    fn begin_flush(&mut self) -> Result<Option<Flush>, EngineError> {
        let platter = Arc::clone(&self.platter);
        platter.begun.fetch_add(1, Ordering::SeqCst);
        Ok(Some(Flush::new(move || platter.wait())))
    }
}

/// A node of nobody else's, whose account is open.
struct Slow {
    platter: Arc<Platter>,
    inputs: mpsc::Sender<HostInput>,
    thread: thread::JoinHandle<Result<(), Fatal>>,
    // Last, as the thread runs on it.
    _runtime: Runtime,
}

impl Slow {
    fn start() -> Self {
        let runtime = Runtime::new().unwrap();
        let platter = Arc::new(Platter {
            mood: Mutex::new(Mood::Works),
            changed: Condvar::new(),
            begun: AtomicUsize::new(0),
            reads: AtomicUsize::new(0),
        });
        let inner = MemoryDisk::new().open().unwrap();
        let engine = SlowEngine { inner, platter: Arc::clone(&platter) };
        let store = Overlay::new(Box::new(engine));
        let mut rng = ChaCha20Rng::from_seed([7; 32]);
        let start = Start { device: DeviceSecrets::generate(&mut rng), keys: None, fast: None };
        let config = Config { kdf: KdfParams::TEST, network: None, role: Role::User };
        let core = Core::new(config, start, &store).unwrap();
        let (handle, mailbox) = mailbox();
        let inputs = handle.sender();
        let core_thread = CoreThread {
            core,
            store,
            files: PrivateFiles::none(),
            rng,
            clock: Clock::System,
            inputs: mailbox,
            derive: DerivePool::new(runtime.handle().clone(), inputs.clone()),
            net: None,
            calls: BTreeMap::new(),
            last_call: 0,
            listeners: Listeners::default(),
            commands: VecDeque::new(),
            group: Group::default(),
            written: Group::default(),
            flusher: Some(Flusher::start().unwrap()),
            flush_ms: 0,
        };
        let on: Handle = runtime.handle().clone();
        let thread = thread::spawn(move || core_thread.run(&on));
        let (answer, registered) = oneshot::channel();
        inputs
            .blocking_send(HostInput::Register { entropy: None, passwords: None, answer })
            .unwrap();
        assert_eq!(registered.blocking_recv().unwrap().code, CODE_OK);
        let slow = Self { platter, inputs, thread, _runtime: runtime };
        let opened = slow.call("login", "exportLogin", json!({ "loginType": "text" }));
        assert_eq!(opened.blocking_recv().unwrap().code, CODE_OK);
        slow
    }

    fn name(&self, nickname: &str) -> oneshot::Receiver<ApiAnswer> {
        self.call("user", "updateUserSingleInfo", json!({ "nickname": nickname }))
    }

    fn call(&self, module: &str, method: &str, params: Value) -> oneshot::Receiver<ApiAnswer> {
        let (answer, answered) = oneshot::channel();
        let call = ApiCall {
            module: module.into(),
            method: method.into(),
            params,
            scopes: Scopes::ALL,
            idempotency_key: None,
            answer,
        };
        self.inputs.blocking_send(HostInput::Call(call)).unwrap();
        answered
    }

    /// Calls until a flush waits beside the core's thread; returns what was called.
    fn busy(&self) -> Vec<oneshot::Receiver<ApiAnswer>> {
        let mut calls = Vec::new();
        let end = Instant::now() + PATIENCE;
        loop {
            let before = self.platter.begun.load(Ordering::SeqCst);
            self.platter.set(Mood::Waits);
            calls.extend((0..8).map(|number| self.name(&format!("name {number}"))));
            // A single call that the thread took at once is waited for by the thread itself.
            let look = Instant::now() + Duration::from_millis(200);
            while Instant::now() < look {
                if self.platter.begun.load(Ordering::SeqCst) > before {
                    return calls;
                }
                thread::yield_now();
            }
            assert!(Instant::now() < end, "no flush was begun");
            self.platter.set(Mood::Works);
            for call in calls.drain(..) {
                assert_eq!(call.blocking_recv().unwrap().code, CODE_OK);
            }
        }
    }
}

#[test]
fn the_next_steps_are_taken_while_the_disk_works_and_nothing_leaves_before_it_is_durable() {
    let slow = Slow::start();
    let mut calls = slow.busy();
    let before = slow.platter.reads.load(Ordering::SeqCst);
    let end = Instant::now() + PATIENCE;
    for _ in 0..8 {
        calls.push(slow.name("meanwhile"));
    }
    while slow.platter.reads.load(Ordering::SeqCst) == before {
        assert!(Instant::now() < end, "no step was taken beside the disk");
        thread::yield_now();
    }
    for call in &mut calls {
        assert!(matches!(call.try_recv(), Err(oneshot::error::TryRecvError::Empty)));
    }
    slow.platter.set(Mood::Works);
    for call in calls {
        assert_eq!(call.blocking_recv().unwrap().code, CODE_OK);
    }
    slow.inputs.blocking_send(HostInput::Stop).unwrap();
    slow.thread.join().unwrap().unwrap();
}

#[test]
fn a_flush_that_fails_ends_the_thread_and_answers_nobody() {
    let slow = Slow::start();
    let mut calls = slow.busy();
    calls.push(slow.name("after"));
    slow.platter.set(Mood::Fails);
    assert!(matches!(slow.thread.join().unwrap(), Err(Fatal::Commit(_))));
    for call in calls {
        assert!(call.blocking_recv().is_err(), "an answer that the disk never had");
    }
}

#[test]
fn what_was_written_leaves_before_the_thread_ends() {
    let slow = Slow::start();
    let calls = slow.busy();
    slow.inputs.blocking_send(HostInput::Stop).unwrap();
    slow.platter.set(Mood::Works);
    for call in calls {
        assert_eq!(call.blocking_recv().unwrap().code, CODE_OK);
    }
    slow.thread.join().unwrap().unwrap();
}
