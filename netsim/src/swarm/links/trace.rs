//! The hash over everything that went through the links.

use super::network::Host;
use std::time::Duration;

/// A hash that grows with every segment.
#[derive(Debug, Default)]
pub(super) struct Trace(blake3::Hasher);

impl Trace {
    /// Takes in one segment: its times since the network began, its ends and its bytes.
    pub(super) fn segment(
        &mut self,
        sent: Duration,
        arrives: Duration,
        (from, to): (Host, Host),
        bytes: &[u8],
    ) {
        let mut head = [0; 48];
        head[..16].copy_from_slice(&sent.as_nanos().to_le_bytes());
        head[16..32].copy_from_slice(&arrives.as_nanos().to_le_bytes());
        head[32..36].copy_from_slice(&from.0.to_le_bytes());
        head[36..40].copy_from_slice(&to.0.to_le_bytes());
        head[40..].copy_from_slice(&(bytes.len() as u64).to_le_bytes());
        self.0.update(&head);
        self.0.update(bytes);
    }

    pub(super) fn hash(&self) -> [u8; 32] {
        *self.0.finalize().as_bytes()
    }
}
