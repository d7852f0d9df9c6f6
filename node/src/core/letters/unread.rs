//! What a device cannot read although its sender is known: it names the envelopes, and the sender sends
//! what they brought again.
//!
//! Anybody can seal garbage in a device's name, so that the notices are bounded, and an envelope is
//! named once; what is over the bound stays where it is and is opened again later.

use super::{
    rows::{NAMED, Seen},
    sender::Sender,
};
use crate::core::{people::Standing, turn::Turn};
use magpie_protocol::{
    address::Address,
    api::ApiResult,
    bounded::List,
    content::{Payload, UnreadEnvelopes},
    envelope::Envelope,
    ids::{DeviceId, EnvelopeId},
    limits::NAMED_ENVELOPES,
};
use std::collections::BTreeMap;

/// Notices about one device's envelopes in a window, at most.
const NOTICES_PER_DEVICE: u32 = 8;
/// Notices in a window, at most.
const NOTICES: u32 = 64;
/// The window, milliseconds.
const WINDOW_MS: u64 = 60_000;

/// Notices about a device of which nothing can be read, before it is told but once in
/// [`UNANSWERED_MS`]: two devices that never read each other do not talk of it for ever.
const UNANSWERED: u32 = 16;
/// How often such a device is told, milliseconds.
const UNANSWERED_MS: u64 = 60 * 60 * 1_000;
/// Devices of which that is remembered; all are forgotten when there are more.
const DEVICES: usize = 1_024;

/// What is done with an envelope that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Naming {
    /// Its sender is told.
    Now,
    /// It is opened again later: too many notices were posted of late.
    Later,
    /// Its sender was told of others in vain.
    Never,
}

/// How many notices were posted in the window that runs, and how many in vain, by the device they
/// are about.
#[derive(Debug, Default)]
pub(crate) struct Notices {
    since_ms: u64,
    posted: BTreeMap<DeviceId, u32>,
    /// How many since anything of the device could be read, and when the last one.
    unanswered: BTreeMap<DeviceId, (u32, u64)>,
}

impl Notices {
    fn naming(&mut self, device: DeviceId, now: u64) -> Naming {
        if self.since_ms + WINDOW_MS <= now {
            self.since_ms = now;
            self.posted.clear();
        }
        let (in_vain, last_ms) = self.unanswered.get(&device).copied().unwrap_or_default();
        let of_device = self.posted.get(&device).copied().unwrap_or_default();
        if in_vain >= UNANSWERED && now < last_ms + UNANSWERED_MS {
            Naming::Never
        } else if of_device < NOTICES_PER_DEVICE && self.posted.values().sum::<u32>() < NOTICES {
            Naming::Now
        } else {
            Naming::Later
        }
    }

    fn note(&mut self, device: DeviceId, now: u64) {
        *self.posted.entry(device).or_default() += 1;
        if self.unanswered.len() >= DEVICES {
            self.unanswered.clear();
        }
        let (in_vain, last_ms) = self.unanswered.entry(device).or_default();
        (*in_vain, *last_ms) = (in_vain.saturating_add(1), now);
    }

    /// Notes that something of a device could be read.
    pub(super) fn heard(&mut self, device: DeviceId) {
        self.unanswered.remove(&device);
    }
}

/// The envelopes of one step that could not be read, by their sender's device.
#[derive(Debug, Default)]
pub(crate) struct Unread(BTreeMap<(Address, DeviceId), Vec<EnvelopeId>>);

impl Turn<'_> {
    /// Notes an envelope that could not be read, unless its sender was told or is not to be told.
    /// Returns false if there were too many notices already; then nothing is noted.
    pub(super) fn note_unread(
        &mut self,
        envelope: &Envelope,
        from: (Address, DeviceId),
        unread: &mut Unread,
    ) -> ApiResult<bool> {
        let key = (envelope.header().expiry_ms, envelope.id());
        if self.read(&NAMED, &(), &key)?.is_some()
            || self.is_own(from.0)?
            || self.standing(from.0)? == Standing::Blocked
        {
            return Ok(true);
        }
        let now = self.now;
        match self.open_mut()?.letters.notices.naming(from.1, now) {
            Naming::Later => return Ok(false),
            Naming::Never => {}
            Naming::Now => {
                self.write(&NAMED, &(), &key, &Seen)?;
                unread.0.entry(from).or_default().push(key.1);
            }
        }
        Ok(true)
    }

    /// Tells the senders of what was noted in this step.
    pub(super) fn name_unread(&mut self, unread: Unread) -> ApiResult<()> {
        let now = self.now;
        for ((account, device), ids) in unread.0 {
            for ids in ids.chunks(NAMED_ENVELOPES) {
                let ids = List::new(ids.to_vec()).unwrap_or_default();
                self.post(account, &Payload::Unread(Box::new(UnreadEnvelopes { ids })), None)?;
                self.open_mut()?.letters.notices.note(device, now);
            }
        }
        Ok(())
    }

    /// Hears which envelopes a device could not read. It names its own: others' numbers are elsewhere.
    pub(super) fn hear_unread(&mut self, from: Sender, ids: &[EnvelopeId]) -> ApiResult<()> {
        for id in ids {
            if let Some((node, number)) = self.sent_as(*id, from)? {
                self.send_again(node, number)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_000_000_000;

    #[test]
    fn notices_are_bounded_for_each_device_and_for_all_until_the_window_is_over() {
        let mut notices = Notices::default();
        let mut posted = 0;
        for device in 0..=u8::MAX {
            let device = DeviceId([device; 32]);
            let mut of_device = 0;
            while notices.naming(device, NOW) == Naming::Now {
                notices.note(device, NOW);
                of_device += 1;
            }
            assert!(of_device <= NOTICES_PER_DEVICE);
            posted += of_device;
        }
        assert_eq!(posted, NOTICES);
        let device = DeviceId([0; 32]);
        assert_eq!(notices.naming(device, NOW + WINDOW_MS - 1), Naming::Later);
        assert_eq!(notices.naming(device, NOW + WINDOW_MS), Naming::Now);
    }

    #[test]
    fn who_is_never_read_is_told_seldom_until_something_is() {
        let mut notices = Notices::default();
        let device = DeviceId([1; 32]);
        let mut now = NOW;
        for _ in 0..UNANSWERED {
            assert_eq!(notices.naming(device, now), Naming::Now);
            notices.note(device, now);
            now += WINDOW_MS;
        }
        assert_eq!(notices.naming(device, now), Naming::Never);
        assert_eq!(notices.naming(device, now - WINDOW_MS + UNANSWERED_MS), Naming::Now);
        notices.heard(device);
        assert_eq!(notices.naming(device, now), Naming::Now);
    }
}
