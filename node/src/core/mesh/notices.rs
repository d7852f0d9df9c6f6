//! Telling a connected device that mail waits: at once, then at most once in a while.

use super::bounds::{NOTICE_EVERY_MS, NOTICES};
use crate::core::{net::Protocol, requests::Purpose, turn::Turn};
use magpie_protocol::{address::NodeId, codec::encode, mail::Request};
use std::collections::BTreeMap;

#[derive(Debug, Clone, Copy)]
struct Notice {
    sent_ms: u64,
    /// What came since, if anything did.
    waiting: Option<u32>,
}

/// Devices that were told lately.
#[derive(Debug, Default)]
pub(super) struct Notices(BTreeMap<NodeId, Notice>);

impl Notices {
    /// Notes that mail came for a device; says whether to tell it now.
    fn note(&mut self, to: NodeId, waiting: u32, now: u64) -> bool {
        if let Some(notice) = self.0.get_mut(&to)
            && now.abs_diff(notice.sent_ms) < NOTICE_EVERY_MS
        {
            notice.waiting = Some(waiting);
            return false;
        }
        if self.0.len() >= NOTICES {
            self.0.retain(|_, n| n.waiting.is_some() || now.abs_diff(n.sent_ms) < NOTICE_EVERY_MS);
        }
        // With no room left the device is told each time: it costs traffic, never a message.
        if self.0.len() < NOTICES || self.0.contains_key(&to) {
            self.0.insert(to, Notice { sent_ms: now, waiting: None });
        }
        true
    }

    /// Returns when the next notice is due.
    pub(super) fn due_at(&self) -> Option<u64> {
        let due = self.0.values().filter(|notice| notice.waiting.is_some());
        due.map(|notice| notice.sent_ms.saturating_add(NOTICE_EVERY_MS)).min()
    }

    /// Takes the notices that are due and forgets those that were sent long enough ago.
    fn take_due(&mut self, now: u64) -> Vec<(NodeId, u32)> {
        let mut due = Vec::new();
        self.0.retain(|to, notice| {
            if now.abs_diff(notice.sent_ms) < NOTICE_EVERY_MS {
                return true;
            }
            let Some(waiting) = notice.waiting.take() else { return false };
            due.push((*to, waiting));
            notice.sent_ms = now;
            true
        });
        due
    }

    /// Forgets a device whose connection ended: it asks by itself when it is back.
    pub(super) fn forget(&mut self, peer: &NodeId) {
        self.0.remove(peer);
    }
}

impl Turn<'_> {
    /// Tells a device that mail waits for it, if it is connected.
    pub(super) fn notice(&mut self, to: NodeId, waiting: u32) {
        if self.core.net.has(&to) && self.core.mesh.notices.note(to, waiting, self.now) {
            self.send_notice(to, waiting);
        }
    }

    /// Sends the notices that are due.
    pub(super) fn due_notices(&mut self) {
        for (to, waiting) in self.core.mesh.notices.take_due(self.now) {
            self.send_notice(to, waiting);
        }
    }

    /// Forgets what is only of use while a peer is connected.
    pub(crate) fn mesh_disconnected(&mut self, peer: &NodeId) {
        self.core.mesh.notices.forget(peer);
    }

    fn send_notice(&mut self, to: NodeId, waiting: u32) {
        if let Ok(bytes) = encode(&Request::Notice { waiting }) {
            // Nobody waits for the answer: the device fetches or it does not.
            self.ask_peer(to, Protocol::Mail, bytes, Purpose::Nothing);
        }
    }
}
