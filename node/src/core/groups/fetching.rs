//! Listening to a group: its epochs' topics, and what super nodes keep of them.

use super::rows::{CURSORS, Cursor};
use crate::core::{
    agenda::Task,
    net::{NetCommand, Protocol},
    requests::Purpose,
    turn::Turn,
};
use magpie_protocol::{
    address::NodeId,
    api::ApiResult,
    codec::{decode, encode},
    group::EpochKey,
    ids::GroupId,
    limits::MAIL_ENVELOPES,
    mail::{Answer, FetchFrames, Request},
};
use std::collections::BTreeSet;

/// The shortest wait between two looks at what a super node keeps of an epoch, milliseconds: right
/// after its secret was learned, when gossip does not reach this node yet.
const POLL_MS_MIN: u64 = 500;
/// The longest wait, milliseconds: gossip has told by then.
const POLL_MS_MAX: u64 = 60_000;
/// Requests for frames under way to one super node at a time.
const FETCHES: usize = 8;

impl Turn<'_> {
    /// Listens to the epochs of a group that are to be listened to, and to no others.
    pub(super) fn tune(&mut self, group: GroupId) -> ApiResult<()> {
        let Some(fold) = self.fold_of(group)? else { return Ok(()) };
        let state = fold.state();
        let is_member = self.is_member(state)?;
        // Who is out listens on: somebody may lack a key of what it said before.
        let owes = self.owes_keys(group, state)?;
        let wanted: BTreeSet<EpochKey> = match is_member || owes {
            true => state.listened(self.now).map(|epoch| epoch.key).collect(),
            false => BTreeSet::new(),
        };
        if let Some(until) = self.owes_until(state)?.filter(|_| owes) {
            self.core.agenda.plan(Task::Duties(group), until + 1);
        }
        let groups = &self.open()?.groups;
        let of_group = |epoch: &EpochKey| self.known_epoch(group, *epoch).is_some();
        let begun: Vec<EpochKey> = wanted
            .iter()
            .copied()
            .filter(|epoch| of_group(epoch) && !groups.topics.contains_key(&epoch.topic()))
            .collect();
        let ended: Vec<EpochKey> = groups
            .topics
            .values()
            .filter(|(_, listener)| *listener == group)
            .map(|(epoch, _)| *epoch)
            .filter(|epoch| !wanted.contains(epoch))
            .collect();
        let lacks = is_member && wanted.iter().any(|epoch| !of_group(epoch));
        for epoch in ended {
            self.open_mut()?.groups.topics.remove(&epoch.topic());
            self.command(NetCommand::Unsubscribe { topic: epoch.topic() });
        }
        for epoch in begun {
            self.open_mut()?.groups.topics.insert(epoch.topic(), (epoch, group));
            self.command(NetCommand::Subscribe { topic: epoch.topic() });
            for from in self.core.supers() {
                self.core.agenda.plan(Task::FetchFrames(epoch, from), self.now);
            }
        }
        if lacks {
            self.core.agenda.nudge(Task::Want(group), self.now);
        }
        Ok(())
    }

    /// Stops listening to all groups: the account signed out.
    pub(crate) fn stop_groups(&mut self) {
        let topics = self.core.open.as_mut().map(|open| std::mem::take(&mut open.groups.topics));
        for topic in topics.into_iter().flatten().map(|(topic, _)| topic) {
            self.command(NetCommand::Unsubscribe { topic });
        }
    }

    /// Asks a super node for what it keeps of an epoch and this device has not seen.
    pub(crate) fn ask_frames(&mut self, epoch: EpochKey, from: NodeId) -> ApiResult<()> {
        let groups = &self.open()?.groups;
        let Some(known) = groups.with_secret(epoch).next().cloned() else { return Ok(()) };
        if !groups.topics.contains_key(&epoch.topic()) || !self.core.net.has(&from) {
            // A connection, or the next change of the group, plans it again.
            return Ok(());
        }
        let ours = |p: &Purpose| matches!(p, Purpose::FetchFrames(asked) if *asked == epoch);
        if self.core.requests.is_waiting(from, ours) {
            return Ok(());
        }
        let fetching = |p: &Purpose| matches!(p, Purpose::FetchFrames(_));
        if self.core.requests.count(from, fetching) >= FETCHES {
            self.core.agenda.plan(Task::FetchFrames(epoch, from), self.now + POLL_MS_MIN);
            return Ok(());
        }
        let after = self.read(&CURSORS, &(), &(epoch, from))?.unwrap_or_default().0;
        let limit = u16::try_from(MAIL_ENVELOPES).unwrap_or(u16::MAX);
        let asker = self.core.node_id();
        let fetch = FetchFrames::sign(&known.keys, asker, after, limit, self.now);
        let request = fetch.and_then(|fetch| encode(&Request::FetchFrames(fetch)));
        let Ok(bytes) = request else { return Ok(()) };
        if !self.ask_peer(from, Protocol::Mail, bytes, Purpose::FetchFrames(epoch)) {
            self.retry(Task::FetchFrames(epoch, from));
        }
        Ok(())
    }

    /// Takes what a super node keeps of an epoch, or that it did not answer.
    pub(crate) fn frames_fetched(
        &mut self,
        from: NodeId,
        epoch: EpochKey,
        answer: Option<&[u8]>,
    ) -> ApiResult<()> {
        let task = Task::FetchFrames(epoch, from);
        let answer = answer.and_then(|bytes| decode::<Answer>(bytes).ok());
        let Some(Answer::Frames(frames)) = answer else {
            self.retry(task);
            return Ok(());
        };
        self.core.agenda.went_well(task);
        let moved = !frames.frames.is_empty();
        for bytes in &*frames.frames {
            self.take_frame(bytes)?;
        }
        if moved {
            self.write(&CURSORS, &(), &(epoch, from), &Cursor(frames.next))?;
        }
        let learned = self.open()?.groups.with_secret(epoch).map(|known| known.learned_ms).max();
        let age = self.now.saturating_sub(learned.unwrap_or_default());
        let wait = if frames.more && moved { 0 } else { (age / 2).clamp(POLL_MS_MIN, POLL_MS_MAX) };
        self.core.agenda.plan(task, self.now + wait);
        Ok(())
    }

    /// Looks at what a super node keeps of every epoch that is listened to: it is connected.
    pub(crate) fn fetch_all_frames(&mut self, from: NodeId) {
        let Some(open) = &self.core.open else { return };
        for (epoch, _) in open.groups.topics.values() {
            self.core.agenda.plan(Task::FetchFrames(*epoch, from), self.now);
        }
        self.core.agenda.nudge(Task::PutFrames(from), self.now);
    }
}
