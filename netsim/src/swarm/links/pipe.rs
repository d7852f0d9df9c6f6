//! One direction of a stream: what was sent and has not been read.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::Waker,
};
use tokio::time::Instant;

/// Bytes that may be on their way, or wait to be read, before the sender waits.
pub(super) const WINDOW: usize = 256 << 10;

/// One direction of a stream.
#[derive(Debug)]
pub(super) struct Pipe {
    segments: VecDeque<(Instant, Vec<u8>)>,
    /// How much of the first segment was read.
    read: usize,
    /// Bytes in the segments that were not read.
    unread: usize,
    /// When the sender's end arrives.
    closes: Option<Instant>,
    /// Whether nobody is left who could read.
    is_abandoned: bool,
    reader: Option<Waker>,
    writer: Option<Waker>,
    /// When the last segment arrives: streams keep their order.
    pub(super) last: Instant,
}

/// A pipe in the hands of both its ends.
pub(super) type SharedPipe = Arc<Mutex<Pipe>>;

pub(super) fn lock(pipe: &SharedPipe) -> MutexGuard<'_, Pipe> {
    pipe.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a reader finds.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// So many bytes.
    Bytes(usize),
    /// Nothing yet, and when something comes, if it is known.
    Nothing(Option<Instant>),
    /// No more will come.
    End,
}

impl Pipe {
    pub(super) fn new() -> SharedPipe {
        Arc::new(Mutex::new(Self {
            segments: VecDeque::new(),
            read: 0,
            unread: 0,
            closes: None,
            is_abandoned: false,
            reader: None,
            writer: None,
            last: Instant::now(),
        }))
    }

    /// Returns how many bytes may be sent now, none if the pipe is closed.
    pub(super) fn room(&self) -> Option<usize> {
        self.closes.is_none().then(|| WINDOW.saturating_sub(self.unread))
    }

    /// Puts a segment on its way.
    pub(super) fn push(&mut self, arrives: Instant, bytes: &[u8]) {
        self.last = arrives;
        if self.is_abandoned {
            return;
        }
        self.unread += bytes.len();
        self.segments.push_back((arrives, bytes.to_vec()));
        if let Some(reader) = self.reader.take() {
            reader.wake();
        }
    }

    /// Reads what has arrived.
    pub(super) fn read(&mut self, now: Instant, into: &mut [u8]) -> Found {
        let mut taken = 0;
        while taken < into.len() {
            let Some((at, bytes)) = self.segments.front() else { break };
            if *at > now {
                break;
            }
            let part = (bytes.len() - self.read).min(into.len() - taken);
            into[taken..taken + part].copy_from_slice(&bytes[self.read..self.read + part]);
            taken += part;
            self.read += part;
            if self.read == bytes.len() {
                self.segments.pop_front();
                self.read = 0;
            }
        }
        if taken > 0 {
            self.unread -= taken;
            if let Some(writer) = self.writer.take() {
                writer.wake();
            }
            return Found::Bytes(taken);
        }
        match (self.segments.front(), self.closes) {
            (Some((at, _)), _) => Found::Nothing(Some(*at)),
            (None, Some(at)) if at <= now => Found::End,
            (None, closes) => Found::Nothing(closes),
        }
    }

    /// Lets nothing more be sent.
    pub(super) fn close(&mut self, at: Instant) {
        if self.closes.is_none() {
            self.closes = Some(at.max(self.last));
            self.wake();
        }
    }

    /// Lets everything disappear that nobody will read.
    pub(super) fn abandon(&mut self) {
        self.is_abandoned = true;
        self.segments.clear();
        self.unread = 0;
        self.wake();
    }

    pub(super) fn wait_to_read(&mut self, waker: &Waker) {
        self.reader = Some(waker.clone());
    }

    pub(super) fn wait_to_write(&mut self, waker: &Waker) {
        self.writer = Some(waker.clone());
    }

    /// Wakes both ends.
    pub(super) fn wake(&mut self) {
        for waker in [self.reader.take(), self.writer.take()].into_iter().flatten() {
            waker.wake();
        }
    }
}
