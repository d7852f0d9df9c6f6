//! What each peer may cost: a bucket of units, refilled with time.
//!
//! A request costs one unit, as do [`UNIT_BYTES`] in or out, [`UNIT_ITEMS`] small things asked for
//! and each record or frame whose signatures are checked. What was not foreseen is charged
//! afterwards. A second, slower bucket holds the epochs that a peer may make the node know.

use super::bounds::{
    PEER_BURST, PEER_DEBT, PEER_EPOCH_MS, PEER_EPOCHS, PEER_UNITS_PER_SECOND, PEERS_REMEMBERED,
    UNIT_BYTES, UNIT_ITEMS, WAIT_SECONDS_MAX,
};
use magpie_protocol::address::NodeId;
use std::collections::BTreeMap;

/// Whether a request is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Admission {
    /// It is.
    Served,
    /// Not before so many seconds.
    Wait(u16),
    /// The peer was told to wait and did not, for long.
    Flooding,
}

#[derive(Debug, Clone, Copy)]
struct Level {
    units: i64,
    at_ms: u64,
    /// New epochs that the peer may still bring.
    epochs: u32,
    /// Up to when those it got back are counted.
    epochs_ms: u64,
}

impl Level {
    const fn full(now: u64) -> Self {
        Self { units: PEER_BURST, at_ms: now, epochs: PEER_EPOCHS, epochs_ms: now }
    }

    fn refill_epochs(&mut self, now: u64) {
        if now < self.epochs_ms {
            self.epochs_ms = now;
        }
        let gained = (now - self.epochs_ms) / PEER_EPOCH_MS;
        self.epochs_ms += gained * PEER_EPOCH_MS;
        let gained = u32::try_from(gained).unwrap_or(u32::MAX);
        self.epochs = self.epochs.saturating_add(gained).min(PEER_EPOCHS);
    }

    fn refill(&mut self, now: u64) {
        let elapsed = i64::try_from(now.saturating_sub(self.at_ms)).unwrap_or(i64::MAX);
        let gained = elapsed.saturating_mul(PEER_UNITS_PER_SECOND) / 1_000;
        // Time that gained no whole unit yet is not lost.
        if gained > 0 || now < self.at_ms {
            self.units = self.units.saturating_add(gained).min(PEER_BURST);
            self.at_ms = now;
        }
    }
}

/// The spending of peers, by what was seen of them last.
#[derive(Debug, Default)]
pub(super) struct Rates(BTreeMap<NodeId, Level>);

impl Rates {
    /// Decides on a request of `len` bytes, and counts it.
    pub(super) fn admit(&mut self, peer: NodeId, now: u64, len: usize) -> Admission {
        self.make_room(&peer, now);
        let level = self.0.entry(peer).or_insert(Level::full(now));
        level.refill(now);
        if level.units > 0 {
            level.units -= 1 + units_of(len, UNIT_BYTES);
            return Admission::Served;
        }
        level.units -= 1;
        if level.units < -PEER_DEBT {
            level.units = -PEER_DEBT;
            return Admission::Flooding;
        }
        let seconds = (1 - level.units) / PEER_UNITS_PER_SECOND + 1;
        Admission::Wait(u16::try_from(seconds).unwrap_or(u16::MAX).min(WAIT_SECONDS_MAX))
    }

    /// Charges what serving a peer cost: checked signatures, small items, and bytes of the answer.
    pub(super) fn charge(&mut self, peer: &NodeId, signatures: usize, items: usize, bytes: usize) {
        if let Some(level) = self.0.get_mut(peer) {
            let signatures = i64::try_from(signatures).unwrap_or(i64::MAX);
            let cost = units_of(items, UNIT_ITEMS).saturating_add(units_of(bytes, UNIT_BYTES));
            level.units = level.units.saturating_sub(cost.saturating_add(signatures));
        }
    }

    /// Returns how many seconds a peer has to wait before it may bring one more new epoch, if it has
    /// to. Only who was admitted may bring any.
    pub(super) fn epoch_wait(&mut self, peer: &NodeId, now: u64) -> Option<u16> {
        let Some(level) = self.0.get_mut(peer) else { return Some(WAIT_SECONDS_MAX) };
        level.refill_epochs(now);
        if level.epochs > 0 {
            return None;
        }
        let seconds = (PEER_EPOCH_MS - (now - level.epochs_ms)).div_ceil(1_000);
        Some(u16::try_from(seconds).unwrap_or(u16::MAX).min(WAIT_SECONDS_MAX))
    }

    /// Counts a new epoch that a peer brought.
    pub(super) fn take_epoch(&mut self, peer: &NodeId) {
        if let Some(level) = self.0.get_mut(peer) {
            level.epochs = level.epochs.saturating_sub(1);
        }
    }

    /// Forgets the peers that have everything back, or else the one not seen for longest.
    fn make_room(&mut self, peer: &NodeId, now: u64) {
        if self.0.len() < PEERS_REMEMBERED || self.0.contains_key(peer) {
            return;
        }
        self.0.retain(|_, level| {
            level.refill(now);
            level.refill_epochs(now);
            level.units < PEER_BURST || level.epochs < PEER_EPOCHS
        });
        if self.0.len() >= PEERS_REMEMBERED {
            let oldest = self.0.iter().min_by_key(|(_, level)| level.at_ms);
            if let Some(oldest) = oldest.map(|(peer, _)| *peer) {
                self.0.remove(&oldest);
            }
        }
    }
}

fn units_of(amount: usize, unit: usize) -> i64 {
    i64::try_from(amount / unit).unwrap_or(i64::MAX / 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEER: NodeId = NodeId([1; 32]);

    #[test]
    fn a_burst_is_served_then_a_wait_is_told_then_it_is_a_flood() {
        let mut rates = Rates::default();
        for _ in 0..PEER_BURST {
            assert_eq!(rates.admit(PEER, 0, 10), Admission::Served);
        }
        assert_eq!(rates.admit(PEER, 0, 10), Admission::Wait(1));
        // Another peer has its own bucket.
        assert_eq!(rates.admit(NodeId([2; 32]), 0, 10), Admission::Served);
        for _ in 1..PEER_DEBT {
            assert!(matches!(rates.admit(PEER, 0, 10), Admission::Wait(_)));
        }
        assert_eq!(rates.admit(PEER, 0, 10), Admission::Flooding);
        // Who waits is served again.
        assert_eq!(rates.admit(PEER, 17_000, 10), Admission::Served);
    }

    #[test]
    fn who_waits_as_told_is_served() {
        let mut rates = Rates::default();
        rates.admit(PEER, 0, 10);
        rates.charge(&PEER, 1_500, 0, 0);
        let Admission::Wait(seconds) = rates.admit(PEER, 0, 10) else { panic!("it is served") };
        assert_eq!(rates.admit(PEER, u64::from(seconds) * 1_000, 10), Admission::Served);
    }

    #[test]
    fn bytes_items_and_signatures_cost() {
        let mut rates = Rates::default();
        rates.admit(PEER, 0, 10 * UNIT_BYTES);
        rates.charge(&PEER, 3, 2 * UNIT_ITEMS, UNIT_BYTES);
        assert_eq!(rates.0[&PEER].units, PEER_BURST - 11 - 6);
        rates.charge(&NodeId([9; 32]), 1, 1, 1);
        assert_eq!(rates.0.len(), 1);
    }

    #[test]
    fn the_memory_of_peers_is_bounded() {
        let mut rates = Rates::default();
        for number in 0..PEERS_REMEMBERED as u64 + 10 {
            let mut id = [0; 32];
            id[..8].copy_from_slice(&number.to_be_bytes());
            rates.admit(NodeId(id), number, 1_000_000);
        }
        assert!(rates.0.len() <= PEERS_REMEMBERED);
    }

    #[test]
    fn slow_requests_gain_fractions_and_a_clock_set_back_is_harmless() {
        let mut rates = Rates::default();
        rates.admit(PEER, 1_000, 10);
        rates.charge(&PEER, 1_000, 0, 0);
        let before = rates.0[&PEER].units;
        // Asking every millisecond for a second gains as much as waiting for it.
        for step in 1..=1_000 {
            rates.admit(PEER, 1_000 + step, 10);
        }
        let gained = rates.0[&PEER].units + 1_000 - before;
        assert!((55..=PEER_UNITS_PER_SECOND).contains(&gained), "{gained}");
        let before = rates.0[&PEER].units;
        rates.admit(PEER, 0, 10);
        assert_eq!((rates.0[&PEER].at_ms, rates.0[&PEER].units), (0, before - 1));
    }

    #[test]
    fn new_epochs_come_back_slowly_and_their_want_is_remembered() {
        let mut rates = Rates::default();
        assert_eq!(rates.epoch_wait(&PEER, 0), Some(WAIT_SECONDS_MAX));
        rates.admit(PEER, 0, 10);
        for _ in 0..PEER_EPOCHS {
            assert_eq!(rates.epoch_wait(&PEER, 0), None);
            rates.take_epoch(&PEER);
        }
        assert_eq!(rates.epoch_wait(&PEER, 0), Some(60));
        assert_eq!(rates.epoch_wait(&PEER, PEER_EPOCH_MS - 1), Some(1));
        assert_eq!(rates.epoch_wait(&PEER, PEER_EPOCH_MS), None);
        rates.take_epoch(&PEER);
        assert_eq!(rates.epoch_wait(&PEER, PEER_EPOCH_MS + 500), Some(60));
        // A clock that was set back begins the wait anew.
        assert_eq!(rates.epoch_wait(&PEER, 0), Some(60));
        // Other peers do not make the node forget it, though all have their units back.
        for number in 1..PEERS_REMEMBERED as u64 {
            let mut id = [0; 32];
            id[8..16].copy_from_slice(&number.to_be_bytes());
            rates.admit(NodeId(id), 0, 10);
        }
        assert_eq!(rates.0.len(), PEERS_REMEMBERED);
        rates.admit(NodeId([9; 32]), 50_000, 10);
        assert_eq!(rates.0.len(), 2);
        assert_eq!(rates.epoch_wait(&PEER, 50_000), Some(10));
        assert_eq!(rates.epoch_wait(&PEER, u64::MAX), None);
        assert_eq!(rates.0[&PEER].epochs, PEER_EPOCHS);
    }
}
