//! What went over the links.

use std::collections::BTreeMap;

/// Bytes and frames, by node and second.
#[derive(Debug, Default)]
pub struct Traffic {
    /// Bytes sent, by node.
    sent: BTreeMap<usize, u64>,
    /// Bytes sent by all, by second since the beginning.
    by_second: BTreeMap<u64, u64>,
    frames: u64,
}

impl Traffic {
    /// Counts a frame that a node sent at a time, milliseconds since the beginning.
    pub fn count(&mut self, at: usize, elapsed_ms: u64, bytes: usize) {
        *self.sent.entry(at).or_default() += bytes as u64;
        *self.by_second.entry(elapsed_ms / 1_000).or_default() += bytes as u64;
        self.frames += 1;
    }

    /// Returns the bytes that each node sent.
    pub const fn by_node(&self) -> &BTreeMap<usize, u64> {
        &self.sent
    }

    /// Returns the bytes that all sent, by second since the beginning.
    pub const fn by_second(&self) -> &BTreeMap<u64, u64> {
        &self.by_second
    }

    /// Returns how many frames there were.
    pub const fn frames(&self) -> u64 {
        self.frames
    }
}
