//! Counting commits: the thread of a core tells each at level trace, with its bytes and times.

use std::{
    fmt::{self, Write},
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};
use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};

/// The module whose events are counted.
const TARGET: &str = "magpie_node::host::core_thread";

static COMMITS: AtomicU64 = AtomicU64::new(0);
static STEPS: AtomicU64 = AtomicU64::new(0);
static BYTES: AtomicU64 = AtomicU64::new(0);
static STEP_NS: AtomicU64 = AtomicU64::new(0);
static FLUSH_NS: AtomicU64 = AtomicU64::new(0);

/// What all cores of this process committed since it began.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Commits {
    /// Groups that wrote something: one batch and one flush each.
    pub(crate) commits: u64,
    /// Inputs stepped.
    pub(crate) steps: u64,
    /// Bytes of keys and values handed to the engine.
    pub(crate) bytes: u64,
    /// Time in steps, nanoseconds of the clock on the wall.
    pub(crate) step_ns: u64,
    /// Time in writing and flushing batches, likewise.
    pub(crate) flush_ns: u64,
}

/// Returns what was counted so far.
pub(crate) fn counted() -> Commits {
    Commits {
        commits: COMMITS.load(Relaxed),
        steps: STEPS.load(Relaxed),
        bytes: BYTES.load(Relaxed),
        step_ns: STEP_NS.load(Relaxed),
        flush_ns: FLUSH_NS.load(Relaxed),
    }
}

/// Begins to count, and prints the warnings of the nodes, for the rest of the process. Error:
/// somebody else listens to the log already.
pub(crate) fn count() -> Result<(), tracing::subscriber::SetGlobalDefaultError> {
    tracing::subscriber::set_global_default(Counter)
}

#[derive(Debug)]
struct Counter;

impl Subscriber for Counter {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let is_ours = metadata.target().starts_with("magpie_node");
        metadata.target() == TARGET || (is_ours && *metadata.level() <= Level::WARN)
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut read = Read::default();
        event.record(&mut read);
        if *event.metadata().level() <= Level::WARN {
            eprintln!("{} {}:{}", event.metadata().level(), event.metadata().target(), read.text);
            return;
        }
        COMMITS.fetch_add(u64::from(read.bytes > 0), Relaxed);
        STEPS.fetch_add(read.steps, Relaxed);
        BYTES.fetch_add(read.bytes, Relaxed);
        STEP_NS.fetch_add(read.step_ns, Relaxed);
        FLUSH_NS.fetch_add(read.flush_ns, Relaxed);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[derive(Debug, Default)]
struct Read {
    steps: u64,
    bytes: u64,
    step_ns: u64,
    flush_ns: u64,
    text: String,
}

impl Visit for Read {
    fn record_u64(&mut self, field: &Field, value: u64) {
        match field.name() {
            "steps" => self.steps = value,
            "bytes" => self.bytes = value,
            "step_ns" => self.step_ns = value,
            "flush_ns" => self.flush_ns = value,
            _ => self.record_debug(field, &value),
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // Writing into a string does not fail.
        let _ = write!(self.text, " {}={value:?}", field.name());
    }
}
