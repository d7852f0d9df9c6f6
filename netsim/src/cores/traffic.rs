//! What went over the links.

use magpie_node::core::net::Protocol;
use std::collections::BTreeMap;

/// Bytes and frames, by node and second.
#[derive(Debug, Default)]
pub struct Traffic {
    /// Bytes sent, by node.
    sent: BTreeMap<usize, u64>,
    /// Bytes sent by all, by second since the beginning.
    by_second: BTreeMap<u64, u64>,
    /// The same of each protocol, and of gossip, which is none.
    by_kind: BTreeMap<Option<Protocol>, BTreeMap<u64, u64>>,
    frames: u64,
}

impl Traffic {
    /// Counts a frame that a node sent at a time, milliseconds since the beginning: a request or an
    /// answer of a protocol, or gossip.
    pub fn count(&mut self, at: usize, elapsed_ms: u64, kind: Option<Protocol>, bytes: usize) {
        let (second, bytes) = (elapsed_ms / 1_000, bytes as u64);
        *self.sent.entry(at).or_default() += bytes;
        *self.by_second.entry(second).or_default() += bytes;
        *self.by_kind.entry(kind).or_default().entry(second).or_default() += bytes;
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

    /// Returns the bytes that all sent over each protocol, and as gossip, by its name and by second
    /// since the beginning.
    pub fn by_kind(&self) -> BTreeMap<String, BTreeMap<u64, u64>> {
        let name = |kind: &Option<Protocol>| match kind {
            Some(protocol) => format!("{protocol:?}").to_lowercase(),
            None => "gossip".to_owned(),
        };
        self.by_kind.iter().map(|(kind, sent)| (name(kind), sent.clone())).collect()
    }

    /// Returns how many frames there were.
    pub const fn frames(&self) -> u64 {
        self.frames
    }
}
