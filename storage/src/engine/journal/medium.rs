//! Where the journal stands: two halves that are written in turn.

use std::io;

/// One of the two halves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine) enum Half {
    /// The first.
    A,
    /// The second.
    B,
}

impl Half {
    /// Both halves.
    pub(super) const BOTH: [Self; 2] = [Self::A, Self::B];

    /// Returns the other one.
    pub(super) const fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }

    /// Returns its number.
    pub(super) const fn index(self) -> usize {
        match self {
            Self::A => 0,
            Self::B => 1,
        }
    }
}

/// A wait until something is durable.
pub(in crate::engine) type Sync = Box<dyn FnOnce() -> io::Result<()> + Send>;

/// Two byte strings that outlive the process.
///
/// What was written is there after a crash once a later `sync` of that half returned; before that each
/// sector of it may be the old or the new one. An error leaves it open what was written.
pub(in crate::engine) trait Medium: Send {
    /// Returns how many bytes a half may hold.
    fn capacity(&self) -> usize;

    /// Returns what a half holds; nothing if it was never written.
    fn read(&mut self, half: Half) -> io::Result<Vec<u8>>;

    /// Writes into a half from a place on, within its capacity.
    fn write(&mut self, half: Half, at: usize, bytes: &[u8]) -> io::Result<()>;

    /// Waits until what was written to a half is durable.
    fn sync(&mut self, half: Half) -> io::Result<()> {
        self.begin_sync(half)()
    }

    /// Returns the same wait, for any thread. What is written meanwhile may be waited for, too.
    fn begin_sync(&mut self, half: Half) -> Sync;
}
