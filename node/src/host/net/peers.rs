//! Whom to dial, when to dial again, and which connection nobody needs.
//!
//! libp2p keeps a connection for as long as any protocol wants it, and gossip wants whatever its
//! meshes have (page 4), so connections are this node's own business. In: what the core wants and what
//! happened, with the time in milliseconds since the task began. Out: peers to dial, peers to let
//! go. The side that dialled owns a connection: it closes it when idle. Inbound ones are closed
//! only when many are open, longest idle first, since their owner may wait for news.

use libp2p::{Multiaddr, multiaddr};
use magpie_protocol::address::NodeId;
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};
use std::collections::BTreeMap;

/// Addresses remembered of one peer, newest first.
pub(super) const ADDRESSES: usize = 8;
/// Bytes of one address.
const ADDRESS_BYTES: usize = 256;
/// Wait after the first failed dial; doubles with each.
const BACKOFF_FIRST_MS: u64 = 1_000;
/// The longest wait between dials to a kept peer.
const BACKOFF_MAX_MS: u64 = 120_000;
/// A request does not wait for the backoff, but so long after the last dial.
const REQUEST_GAP_MS: u64 = 500;
/// A connection that lasted this long was a good one: the backoff begins anew.
const STABLE_MS: u64 = 30_000;

#[derive(Debug, Default)]
struct Peer {
    addresses: Vec<Multiaddr>,
    /// The core wants to stay connected.
    kept: bool,
    /// Requests wait for a connection.
    wanted: bool,
    dialing: bool,
    /// Some connection was opened by this node.
    dialled: bool,
    connections: u32,
    failures: u32,
    last_dial: u64,
    next_dial: u64,
    connected_at: u64,
    last_used: u64,
}

/// The bounds that [`Peers`] stays in.
#[derive(Debug, Clone)]
pub(super) struct Bounds {
    pub(super) peers: usize,
    pub(super) kept: usize,
    pub(super) dials: usize,
    /// Peers that opened connections to this node, over which idle ones are closed.
    pub(super) inbound_high: usize,
    pub(super) idle_grace_ms: u64,
}

/// All peers that are connected, wanted or remembered.
#[derive(Debug)]
pub(super) struct Peers {
    bounds: Bounds,
    peers: BTreeMap<NodeId, Peer>,
    dialing: usize,
    kept: usize,
    rng: ChaCha8Rng,
}

impl Peers {
    pub(super) fn new(bounds: Bounds, jitter: u64) -> Self {
        let rng = ChaCha8Rng::seed_from_u64(jitter);
        Self { bounds, peers: BTreeMap::new(), dialing: 0, kept: 0, rng }
    }

    /// Returns a peer's entry, making room by forgetting the one that was used longest ago and
    /// that nothing needs. Nothing, if all are needed.
    fn entry(&mut self, node: NodeId, now: u64) -> Option<&mut Peer> {
        if !self.peers.contains_key(&node) {
            if self.peers.len() >= self.bounds.peers {
                let idle = |p: &Peer| !p.kept && !p.wanted && !p.dialing && p.connections == 0;
                let oldest = self.peers.iter().filter(|(_, p)| idle(p));
                let (oldest, _) = oldest.min_by_key(|(_, p)| p.last_used)?;
                let oldest = *oldest;
                self.peers.remove(&oldest);
            }
            self.peers.insert(node, Peer { last_used: now, ..Peer::default() });
        }
        self.peers.get_mut(&node)
    }

    /// Remembers addresses of a peer and returns how many texts were none.
    pub(super) fn add_addresses(&mut self, node: NodeId, texts: &[String], now: u64) -> usize {
        let addresses: Vec<_> = texts.iter().filter_map(|text| parse(node, text)).collect();
        let bad = texts.len() - addresses.len();
        if addresses.is_empty() {
            return bad;
        }
        let Some(peer) = self.entry(node, now) else { return bad };
        for address in addresses {
            peer.addresses.retain(|known| *known != address);
            peer.addresses.insert(0, address);
            peer.addresses.truncate(ADDRESSES);
        }
        bad
    }

    /// Stays connected with a peer; `false` if as many are kept as may be.
    pub(super) fn keep(&mut self, node: NodeId, now: u64) -> bool {
        let full = self.kept >= self.bounds.kept;
        match self.entry(node, now) {
            Some(peer) if peer.kept => true,
            Some(peer) if !full => {
                peer.kept = true;
                self.kept += 1;
                true
            }
            _ => false,
        }
    }

    /// No longer stays connected; the idle time of the connection begins now.
    pub(super) fn forget(&mut self, node: NodeId, now: u64) {
        if let Some(peer) = self.peers.get_mut(&node)
            && std::mem::take(&mut peer.kept)
        {
            peer.last_used = now;
            self.kept -= 1;
        }
    }

    /// Wants a connection for a request; `false` if no address is known.
    pub(super) fn want(&mut self, node: NodeId) -> bool {
        let Some(peer) = self.peers.get_mut(&node).filter(|p| !p.addresses.is_empty()) else {
            return false;
        };
        if !peer.wanted {
            peer.wanted = true;
            peer.next_dial = peer.next_dial.min(peer.last_dial + REQUEST_GAP_MS);
        }
        true
    }

    /// No request waits for a peer any more.
    pub(super) fn unwant(&mut self, node: NodeId) {
        if let Some(peer) = self.peers.get_mut(&node) {
            peer.wanted = false;
        }
    }

    /// Notes that a connection is used.
    pub(super) fn used(&mut self, node: NodeId, now: u64) {
        if let Some(peer) = self.peers.get_mut(&node) {
            peer.last_used = now;
        }
    }

    /// Says whether some address of a peer is known.
    pub(super) fn has_address(&self, node: NodeId) -> bool {
        self.peers.get(&node).is_some_and(|peer| !peer.addresses.is_empty())
    }

    /// Says whether a connection with a peer is open.
    pub(super) fn is_connected(&self, node: NodeId) -> bool {
        self.peers.get(&node).is_some_and(|peer| peer.connections > 0)
    }

    /// Returns the peers to dial now, never more at one time than the bound, and notes the dials.
    pub(super) fn due(
        &mut self,
        now: u64,
        blocked: impl Fn(NodeId) -> bool,
    ) -> Vec<(NodeId, Vec<Multiaddr>)> {
        let room = self.bounds.dials.saturating_sub(self.dialing);
        let due = |peer: &Peer| {
            (peer.kept || peer.wanted)
                && peer.connections == 0
                && !peer.dialing
                && !peer.addresses.is_empty()
                && peer.next_dial <= now
        };
        let mut ready: Vec<_> =
            self.peers.iter_mut().filter(|(node, peer)| due(peer) && !blocked(**node)).collect();
        // Requests before mere keeping, then who waits longest.
        ready.sort_by_key(|(_, peer)| (!peer.wanted, peer.next_dial));
        ready.truncate(room);
        self.dialing += ready.len();
        let dial = |(node, peer): (&NodeId, &mut Peer)| {
            peer.dialing = true;
            peer.last_dial = now;
            (*node, peer.addresses.clone())
        };
        ready.into_iter().map(dial).collect()
    }

    /// Notes a new connection and says whether it is the peer's first.
    pub(super) fn connected(&mut self, node: NodeId, dialled: bool, now: u64) -> bool {
        if dialled {
            self.end_dial(node);
        }
        // The table may be full of needed peers; then this one is not managed, only limited.
        let Some(peer) = self.entry(node, now) else { return true };
        peer.connections += 1;
        peer.dialled |= dialled;
        peer.wanted = false;
        peer.last_used = now;
        let first = peer.connections == 1;
        if first {
            peer.connected_at = now;
        }
        first
    }

    /// Notes a closed connection, of which `remaining` are left.
    pub(super) fn disconnected(&mut self, node: NodeId, remaining: u32, now: u64) {
        let Some(peer) = self.peers.get_mut(&node) else { return };
        peer.connections = remaining;
        if remaining == 0 {
            peer.dialled = false;
            let stable = now.saturating_sub(peer.connected_at) >= STABLE_MS;
            peer.failures = if stable { 0 } else { peer.failures.saturating_add(1) };
            peer.next_dial = now + backoff(&mut self.rng, peer.failures.max(1));
        }
    }

    /// Notes a dial that failed; the requests that waited for it fail with it.
    pub(super) fn dial_failed(&mut self, node: NodeId, now: u64) {
        self.end_dial(node);
        if let Some(peer) = self.peers.get_mut(&node) {
            peer.wanted = false;
            peer.failures = peer.failures.saturating_add(1);
            peer.next_dial = now + backoff(&mut self.rng, peer.failures);
        }
    }

    /// Notes a dial that ended without mattering, because another connection was first.
    pub(super) fn dial_ended(&mut self, node: NodeId) {
        self.end_dial(node);
        if let Some(peer) = self.peers.get_mut(&node) {
            peer.next_dial = peer.next_dial.max(peer.last_dial + REQUEST_GAP_MS);
        }
    }

    fn end_dial(&mut self, node: NodeId) {
        if let Some(peer) = self.peers.get_mut(&node)
            && std::mem::take(&mut peer.dialing)
        {
            self.dialing -= 1;
        }
    }

    /// Returns the connected peers to let go: idle for the grace time, unneeded, and opened by
    /// this node or among too many that were not.
    pub(super) fn idle(&self, now: u64, busy: impl Fn(NodeId) -> bool) -> Vec<NodeId> {
        let connected = || self.peers.iter().filter(|(_, peer)| peer.connections > 0);
        let over = connected().filter(|(_, peer)| !peer.dialled && !peer.kept).count();
        let over = over.saturating_sub(self.bounds.inbound_high);
        let idle = |node: NodeId, peer: &Peer| {
            !peer.kept
                && now.saturating_sub(peer.last_used) >= self.bounds.idle_grace_ms
                && !busy(node)
        };
        let idle = connected().filter(|(node, peer)| idle(**node, peer));
        let (own, mut theirs): (Vec<_>, Vec<_>) = idle.partition(|(_, peer)| peer.dialled);
        theirs.sort_by_key(|(_, peer)| peer.last_used);
        own.into_iter().chain(theirs.into_iter().take(over)).map(|(node, _)| *node).collect()
    }
}

/// Returns a wait that doubles with each failure, up to the longest, of which half is jitter.
fn backoff(rng: &mut ChaCha8Rng, failures: u32) -> u64 {
    let doublings = failures.saturating_sub(1).min(16);
    let full = (BACKOFF_FIRST_MS << doublings).min(BACKOFF_MAX_MS);
    full / 2 + rng.next_u64() % (full / 2 + 1)
}

/// Returns the address of a text without the peer's own id behind it, or nothing if it is no
/// address of this peer.
fn parse(node: NodeId, text: &str) -> Option<Multiaddr> {
    if text.len() > ADDRESS_BYTES {
        return None;
    }
    let mut address: Multiaddr = text.parse().ok()?;
    if let Some(multiaddr::Protocol::P2p(peer)) = address.iter().last() {
        if super::config::node_of(&peer) != Some(node) {
            return None;
        }
        address.pop();
    }
    (!address.is_empty()).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peers() -> Peers {
        let bounds = Bounds { peers: 4, kept: 2, dials: 2, inbound_high: 1, idle_grace_ms: 1_000 };
        Peers::new(bounds, 7)
    }

    fn node(n: u8) -> NodeId {
        NodeId([n; 32])
    }

    fn addr(n: u8) -> Vec<String> {
        vec![format!("/memory/{n}")]
    }

    fn due(peers: &mut Peers, now: u64) -> Vec<NodeId> {
        peers.due(now, |_| false).into_iter().map(|(node, _)| node).collect()
    }

    #[test]
    fn a_kept_peer_is_dialled_once_at_a_time_and_for_ever_with_capped_backoff() {
        let mut peers = peers();
        peers.add_addresses(node(1), &addr(1), 0);
        assert!(peers.keep(node(1), 0));
        assert_eq!(due(&mut peers, 0), [node(1)]);
        assert!(due(&mut peers, u64::MAX / 2).is_empty(), "a dial is under way");
        let mut now = 0;
        for failures in 1..40 {
            peers.dial_failed(node(1), now);
            let full = (BACKOFF_FIRST_MS << (failures - 1).min(16)).min(BACKOFF_MAX_MS);
            assert!(due(&mut peers, now + full / 2 - 1).is_empty(), "{failures}");
            now += full;
            assert_eq!(due(&mut peers, now), [node(1)], "{failures}");
        }
    }

    #[test]
    fn a_request_shortens_the_backoff_to_the_gap() {
        let mut peers = peers();
        peers.add_addresses(node(1), &addr(1), 0);
        assert!(!peers.want(node(2)), "no address");
        for _ in 0..10 {
            assert!(peers.want(node(1)));
            due(&mut peers, 1_000_000);
            peers.dial_failed(node(1), 1_000_000);
        }
        assert!(peers.want(node(1)));
        assert!(due(&mut peers, 1_000_000 + REQUEST_GAP_MS - 1).is_empty());
        assert_eq!(due(&mut peers, 1_000_000 + REQUEST_GAP_MS), [node(1)]);
    }

    #[test]
    fn a_dial_that_another_connection_overtook_gives_its_place_back() {
        let mut peers = peers();
        for n in 1..=3 {
            peers.add_addresses(node(n), &addr(n), 0);
            peers.want(node(n));
        }
        assert_eq!(due(&mut peers, 1_000), [node(1), node(2)]);
        assert!(peers.connected(node(1), false, 1_000));
        assert!(due(&mut peers, 1_000).is_empty());
        peers.dial_ended(node(1));
        assert_eq!(due(&mut peers, 1_000), [node(3)]);
        peers.dial_ended(node(2));
        assert!(due(&mut peers, 1_000).is_empty(), "still wanted, but not at once");
        assert_eq!(due(&mut peers, 1_000 + REQUEST_GAP_MS), [node(2)]);
    }

    #[test]
    fn a_connection_that_does_not_last_does_not_reset_the_backoff() {
        let mut peers = peers();
        peers.add_addresses(node(1), &addr(1), 0);
        peers.keep(node(1), 0);
        for _ in 0..8 {
            peers.connected(node(1), true, 0);
            peers.disconnected(node(1), 0, 10);
        }
        assert!(due(&mut peers, BACKOFF_MAX_MS / 2 - 1).is_empty());
        peers.connected(node(1), false, 0);
        peers.disconnected(node(1), 0, STABLE_MS);
        assert_eq!(due(&mut peers, STABLE_MS + BACKOFF_FIRST_MS), [node(1)]);
    }

    #[test]
    fn dials_kept_peers_and_remembered_peers_are_bounded() {
        let mut peers = peers();
        for n in 1..=3 {
            peers.add_addresses(node(n), &addr(n), 0);
            peers.want(node(n));
        }
        assert_eq!(due(&mut peers, 0).len(), 2);
        assert!(peers.keep(node(1), 0) && peers.keep(node(2), 0) && !peers.keep(node(3), 0));
        assert!(peers.keep(node(1), 0), "kept already");
        peers.forget(node(1), 0);
        assert!(peers.keep(node(3), 0));
        peers.add_addresses(node(4), &addr(4), 1);
        peers.add_addresses(node(5), &addr(5), 2);
        assert_eq!(peers.peers.len(), 4);
        assert!(!peers.peers.contains_key(&node(4)), "the only one nothing needs");
        peers.want(node(5));
        assert!(peers.entry(node(6), 3).is_none(), "all are needed");
    }

    #[test]
    fn own_connections_close_when_idle_and_foreign_ones_when_there_are_many() {
        let mut peers = peers();
        peers.connected(node(1), true, 0);
        peers.connected(node(2), false, 0);
        assert!(peers.idle(999, |_| false).is_empty());
        assert_eq!(peers.idle(1_000, |_| false), [node(1)]);
        assert!(peers.idle(1_000, |_| true).is_empty(), "requests are under way");
        peers.keep(node(1), 1_000);
        peers.connected(node(3), false, 500);
        assert_eq!(peers.idle(9_000, |_| false), [node(2)]);
        peers.forget(node(1), 9_000);
        assert_eq!(peers.idle(10_000, |_| false), [node(1), node(2)]);
    }

    #[test]
    fn addresses_are_bounded_newest_first_and_of_this_peer() {
        let mut peers = peers();
        let many: Vec<_> = (0..20).map(|n| format!("/ip4/10.0.0.{n}/tcp/1")).collect();
        assert_eq!(peers.add_addresses(node(1), &many, 0), 0);
        let known = &peers.peers[&node(1)].addresses;
        assert_eq!(known.len(), ADDRESSES);
        assert_eq!(known[0].to_string(), "/ip4/10.0.0.19/tcp/1");
        let own = format!("/ip4/10.0.0.1/tcp/1/p2p/{}", node(1));
        let other = format!("/ip4/10.0.0.2/tcp/1/p2p/{}", node(2));
        assert_eq!(parse(node(1), &own).unwrap().to_string(), "/ip4/10.0.0.1/tcp/1");
        let long = format!("/dns4/{}/tcp/1", "a".repeat(300));
        let bad = ["", "x", other.as_str(), long.as_str()].map(str::to_owned);
        assert_eq!(peers.add_addresses(node(1), &bad, 0), 4);
    }
}
