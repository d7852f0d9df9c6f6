//! The order alone: validators on threads of this process, each with a store of its own on disk, that
//! agree on blocks which nobody executes.
//!
//! It is the product's order (malachite's Tendermint with its log), with a flush of the store after
//! each group of steps and before anything of it leaves, beacons proven and verified, votes and
//! certificates signed and verified. Messages are encoded and go through memory. Entries are there from
//! the beginning; their signatures are not checked, and they change nothing.

use crate::{
    town::Lane,
    world::{Failed, latency::Latencies},
};
use ed25519_dalek::SigningKey;
use magpie_node::ledger::order::{Chain, Draft, Effect, Halt, Head, Input, Keys, Order, Verdict};
use magpie_protocol::{
    address::{Address, NodeId},
    beacon::{Beacon, SecretKey},
    bounded::List,
    codec::{Format, decode, encode},
    consensus::{DecidedBlock, Message},
    ids::NetworkId,
    keys::ConsensusKey,
    ledger::{Block, Entry, Header, Pace, Rules, StateRoot, Tip, Validator, ValidatorSet},
};
use magpie_storage::{
    engine::{CACHE_BYTES, DiskEngine},
    overlay::{Overlay, Tx, View},
    table::Table,
};
use serde::{Deserialize, Serialize};
use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel},
    },
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

/// Inputs of one flush, as in the core's thread.
const GROUP: usize = 256;
/// The state of every block.
const STATE: StateRoot = StateRoot([0; 32]);
/// How long nothing may be decided.
const SILENCE: Duration = Duration::from_secs(30);

#[derive(Debug, Serialize, Deserialize)]
struct Newest {
    height: u64,
    beacon: Beacon,
}

impl Format for Newest {
    const NAME: &'static str = "newest height";
    const VERSION: u8 = 1;
    const LIMIT: usize = 128;
}

const NEWEST: Table<(), Newest> = Table::new("newest height", 0xf0);
const DECIDED: Table<u64, DecidedBlock> = Table::new("blocks that are not executed", 0xf1);

/// What was measured.
pub(crate) struct Run {
    pub(crate) validators: usize,
    pub(crate) heights: u64,
    pub(crate) entries: u64,
    pub(crate) wall: Duration,
    /// From one decision to the next, at the first validator.
    pub(crate) gaps: Latencies,
    /// Flushes of all validators.
    pub(crate) flushes: u64,
    /// Time in them, all validators together.
    pub(crate) flushing: Duration,
}

/// The chain that executes nothing.
struct Empty {
    pace: Pace,
    genesis: Tip,
    set: ValidatorSet,
    entries: Arc<Vec<Entry>>,
    /// Entries of one block.
    each: usize,
}

impl Empty {
    fn of(&self, height: u64) -> Vec<Entry> {
        let from = usize::try_from(height - 1).unwrap_or(usize::MAX).saturating_mul(self.each);
        self.entries.iter().skip(from).take(self.each).cloned().collect()
    }
}

impl Chain for Empty {
    fn pace(&self) -> &Pace {
        &self.pace
    }

    fn head(&self, store: &dyn View) -> Result<Head, Halt> {
        let (tip, beacon) = match NEWEST.get(store, &())? {
            None => (self.genesis, Beacon::GENESIS),
            Some(Newest { height, beacon }) => {
                let decided = self.decided(store, height)?;
                let decided = decided.ok_or_else(|| Halt::Chain("a block is missing".into()))?;
                (decided.block.header.tip()?, beacon)
            }
        };
        Ok(Head { tip, beacon, validators: self.set.clone() })
    }

    fn decided(&self, store: &dyn View, height: u64) -> Result<Option<DecidedBlock>, Halt> {
        Ok(DECIDED.get(store, &height)?)
    }

    fn waits(&self, _: &dyn View) -> Result<bool, Halt> {
        Ok(true)
    }

    fn is_due(&self, _: &dyn View, _: u64) -> Result<bool, Halt> {
        Ok(true)
    }

    fn fill(&mut self, _: &dyn View, header: &Header) -> Result<Draft, Halt> {
        let entries = List::new(self.of(header.height))?;
        Ok(Draft { entries, state: STATE, next_validators: self.set.hash() })
    }

    fn check(&mut self, _: &dyn View, block: &Block) -> Result<Verdict, Halt> {
        let (state, next) = (block.header.state, block.header.next_validators);
        let valid = state == STATE && next == self.set.hash();
        Ok(if valid { Verdict::Valid } else { Verdict::Invalid })
    }

    fn decide(
        &mut self,
        tx: &mut Tx<'_>,
        decided: &DecidedBlock,
        beacon: &Beacon,
    ) -> Result<ValidatorSet, Halt> {
        let height = decided.block.header.height;
        NEWEST.put(tx, &(), &Newest { height, beacon: *beacon })?;
        DECIDED.put(tx, &height, decided)?;
        Ok(self.set.clone())
    }
}

/// What the threads share.
struct Shared {
    heights: u64,
    done: AtomicBool,
    flushes: AtomicU64,
    flush_ns: AtomicU64,
}

/// Messages that may wait for a validator.
const INBOX: usize = 65_536;

/// Who says something, and what.
type Said = (usize, Vec<u8>);

/// One validator on its thread.
struct Place {
    number: usize,
    order: Order,
    chain: Empty,
    store: Overlay,
    inbox: Receiver<Said>,
    others: Vec<(usize, SyncSender<Said>)>,
    shared: Arc<Shared>,
    wake_ms: Option<u64>,
    decided: Vec<Instant>,
}

/// Lets so many validators decide so many heights, each block with up to `each` of the entries, one as
/// soon as the one before is decided.
pub(crate) fn run(
    dir: &Path,
    validators: usize,
    heights: u64,
    (lanes, each): (&[Lane], usize),
) -> Result<Run, Failed> {
    let entries: Arc<Vec<Entry>> = Arc::new(lanes.iter().flatten().cloned().collect());
    let keys: Vec<SigningKey> = (0..validators)
        .map(|n| SigningKey::from_bytes(&[u8::try_from(n + 1).unwrap_or(u8::MAX); 32]))
        .collect();
    let set = validator_set(&keys)?;
    let genesis = Tip::genesis(NetworkId([0xbe; 32]), now_ms() - 60_000, set.hash());
    // As quick as the format of a block's time lets it be.
    let pace = Pace { interval_ms: 1, ..Rules::usual().pace };
    let shared = Arc::new(Shared {
        heights,
        done: AtomicBool::new(false),
        flushes: AtomicU64::new(0),
        flush_ns: AtomicU64::new(0),
    });
    let (senders, inboxes): (Vec<_>, Vec<_>) = (0..validators).map(|_| sync_channel(INBOX)).unzip();
    let begun = Instant::now();
    let mut threads = Vec::new();
    for (number, inbox) in inboxes.into_iter().enumerate() {
        let store = Overlay::new(Box::new(DiskEngine::open(&store_dir(dir, number), CACHE_BYTES)?));
        let (set, entries, pace) = (set.clone(), Arc::clone(&entries), pace);
        let chain = Empty { pace, genesis, set, entries, each };
        let keys = Keys::new(keys[number].clone(), beacon_key(number));
        let order = Order::open(keys, &chain, &store)?;
        let others = senders.iter().cloned().enumerate().filter(|(other, _)| *other != number);
        let (others, shared) = (others.collect(), Arc::clone(&shared));
        let decided = Vec::new();
        let place =
            Place { number, order, chain, store, inbox, others, shared, wake_ms: None, decided };
        threads.push(thread::spawn(move || place.serve()));
    }
    drop(senders);
    let mut first = None;
    for thread in threads {
        let decided = thread.join().map_err(|_| "a validator panicked")??;
        first.get_or_insert(decided);
    }
    let first = first.unwrap_or_default();
    let last = first.last().ok_or("nothing was decided")?;
    let mut gaps = Latencies::default();
    first.windows(2).for_each(|pair| gaps.add(pair[1] - pair[0]));
    let in_blocks = usize::try_from(heights)?.saturating_mul(each).min(entries.len());
    Ok(Run {
        validators,
        heights,
        entries: u64::try_from(in_blocks)?,
        wall: *last - begun,
        gaps,
        flushes: shared.flushes.load(Ordering::Relaxed),
        flushing: Duration::from_nanos(shared.flush_ns.load(Ordering::Relaxed)),
    })
}

fn store_dir(dir: &Path, number: usize) -> PathBuf {
    dir.join(format!("bare{number}"))
}

fn beacon_key(number: usize) -> SecretKey {
    SecretKey::from_bytes([0x80 | u8::try_from(number).unwrap_or(0x7f); 32])
}

fn validator_set(keys: &[SigningKey]) -> Result<ValidatorSet, Failed> {
    let mut validators = Vec::new();
    for (number, key) in keys.iter().enumerate() {
        // No key of a validator is another one's, or a wallet's.
        let fees = SigningKey::from_bytes(&[u8::try_from(number + 101)?; 32]);
        let wallet = Address::from_bytes(fees.verifying_key().to_bytes())?;
        let key = ConsensusKey(key.verifying_key().to_bytes());
        let beacon = beacon_key(number).public();
        validators.push(Validator { key, power: 1, beacon, wallet });
    }
    Ok(ValidatorSet::new(validators)?)
}

fn node_id(number: usize) -> NodeId {
    NodeId([u8::try_from(number).unwrap_or(u8::MAX); 32])
}

fn now_ms() -> u64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX)
}

impl Place {
    /// Serves until the first validator has decided all heights; returns when it decided each.
    fn serve(mut self) -> Result<Vec<Instant>, Failed> {
        let served = self.steps();
        // The others do not wait for one that failed.
        self.shared.done.store(true, Ordering::Relaxed);
        served?;
        Ok(self.decided)
    }

    fn steps(&mut self) -> Result<(), Failed> {
        let effects = self.step(Input::Started)?;
        self.commit_and_publish(effects)?;
        let mut last = Instant::now();
        while !self.shared.done.load(Ordering::Relaxed) {
            if last.elapsed() > SILENCE {
                return Err(format!("nothing is decided for {SILENCE:?}").into());
            }
            let before = self.decided.len();
            let wait = self.wake_ms.map_or(10, |at| at.saturating_sub(now_ms()).min(10));
            let mut effects = Vec::new();
            match self.inbox.recv_timeout(Duration::from_millis(wait)) {
                Ok(first) => {
                    let mut next = Some(first);
                    for _ in 0..GROUP {
                        let Some((from, bytes)) = next else { break };
                        let message = Box::new(decode::<Message>(&bytes)?);
                        effects.extend(self.step(Input::Message { from: node_id(from), message })?);
                        next = self.inbox.try_recv().ok();
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                // Validators alone have nobody who writes to them.
                Err(RecvTimeoutError::Disconnected) => {
                    thread::sleep(Duration::from_millis(wait));
                }
            }
            if self.wake_ms.is_some_and(|at| at <= now_ms()) {
                self.wake_ms = None;
                effects.extend(self.step(Input::Tick)?);
            }
            self.commit_and_publish(effects)?;
            if self.decided.len() > before {
                last = Instant::now();
            }
        }
        Ok(())
    }

    fn step(&mut self, input: Input) -> Result<Vec<Effect>, Failed> {
        let mut tx = Tx::new(&self.store);
        let effects = self.order.step(input, now_ms(), &mut self.chain, &mut tx)?;
        let batch = tx.into_batch();
        self.store.push(batch);
        Ok(effects)
    }

    fn commit_and_publish(&mut self, effects: Vec<Effect>) -> Result<(), Failed> {
        if !self.store.pending().is_empty() {
            let begun = Instant::now();
            self.store.commit()?;
            let ns = u64::try_from(begun.elapsed().as_nanos())?;
            self.shared.flush_ns.fetch_add(ns, Ordering::Relaxed);
            self.shared.flushes.fetch_add(1, Ordering::Relaxed);
        }
        for effect in effects {
            match effect {
                Effect::Publish(message) => {
                    let bytes = encode(&message)?;
                    for (_, other) in &self.others {
                        // One that has seen the end takes no more.
                        let _ = other.send((self.number, bytes.clone()));
                    }
                }
                Effect::Send { to, message } => {
                    let other = self.others.iter().find(|(number, _)| node_id(*number) == to);
                    if let Some((_, other)) = other {
                        let _ = other.send((self.number, encode(&message)?));
                    }
                }
                Effect::Wake(at) => self.wake_ms = Some(at),
                Effect::Decided(decided) => {
                    self.decided.push(Instant::now());
                    let is_last = decided.block.header.height >= self.shared.heights;
                    if self.number == 0 && is_last {
                        self.shared.done.store(true, Ordering::Relaxed);
                    }
                }
                Effect::Evidence(_) | Effect::Blame(_) => {
                    return Err("an honest validator is accused".into());
                }
            }
        }
        Ok(())
    }
}
