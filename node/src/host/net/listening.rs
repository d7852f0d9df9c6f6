//! Where the swarm listens: what was asked, what came of it.

use libp2p::core::transport::ListenerId;
use tokio::sync::watch;

/// What became of the addresses that a swarm was told to listen on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listening {
    /// Listeners that have neither an address nor failed yet.
    pub pending: usize,
    /// Multiaddrs with actual ports, without the node's PeerId; one for each interface.
    pub addresses: Vec<String>,
    /// The listeners that failed, each in words for a person.
    pub failed: Vec<String>,
}

/// The listeners of one swarm, bounded by what it was told.
#[derive(Debug)]
pub(super) struct Listeners {
    pending: Vec<ListenerId>,
    told: watch::Sender<Listening>,
}

impl Listeners {
    /// Returns the listeners that began, and those that did not even begin.
    pub(super) fn new(pending: Vec<ListenerId>, failed: Vec<String>) -> Self {
        let first = Listening { pending: pending.len(), addresses: vec![], failed };
        Self { pending, told: watch::Sender::new(first) }
    }

    /// Returns what others see of them.
    pub(super) fn subscribe(&self) -> watch::Receiver<Listening> {
        self.told.subscribe()
    }

    /// Notes an address that a listener has.
    pub(super) fn up(&mut self, id: ListenerId, address: String) {
        self.pending.retain(|waiting| *waiting != id);
        self.told.send_modify(|told| {
            told.pending = self.pending.len();
            if !told.addresses.contains(&address) {
                told.addresses.push(address);
            }
        });
    }

    /// Notes an address that is gone, because its interface is.
    pub(super) fn expired(&self, address: &str) {
        tracing::info!(address, "no longer listening, the interface is gone");
        self.told.send_modify(|told| told.addresses.retain(|known| known != address));
    }

    /// Notes a listener that ended.
    pub(super) fn closed(&mut self, id: ListenerId, addresses: &[String], reason: String) {
        tracing::warn!(?addresses, reason, "a listener ended");
        self.pending.retain(|waiting| *waiting != id);
        self.told.send_modify(|told| {
            told.pending = self.pending.len();
            told.addresses.retain(|known| !addresses.contains(known));
            told.failed.push(reason);
        });
    }
}
