//! Pulling from another member's device what this one lacks: operations by their heads, messages by
//! comparing ranges (`/magpie/group/1`).

use super::{
    former::Word,
    listening::CLOCKS_APART_MS,
    rows::{GROUPS, SAID, SAID_ORDER},
};
use crate::core::{agenda::Task, chat::rows::PLACES, net::Protocol, requests::Purpose, turn::Turn};
use magpie_protocol::{
    address::NodeId,
    api::ApiResult,
    bounded::List,
    codec::{decode, encode},
    group::{
        OperationId, Said, SignedOperation,
        exchange::{Answer, Compared, Range, Request},
    },
    ids::{GroupId, MessageId},
    limits::{DAY_MS, MESSAGES_WANTED, OPERATION_PARENTS, OPERATIONS_SENT, RANGES_COMPARED},
};
use magpie_storage::{engine::Order, table::Keys};

/// How far back messages are compared, milliseconds: as long as super nodes keep mail by default.
const COMPARED_MS: u64 = 30 * DAY_MS;
/// When messages are first compared, milliseconds: frames have come by then.
pub(super) const COMPARE_AFTER_MS: u64 = 10_000;
/// How often messages are compared with a member who is connected, milliseconds.
const COMPARE_EVERY_MS: u64 = 10 * 60 * 1_000;
/// Rounds in which ranges are compared closer.
const ROUNDS: u8 = 6;
/// Messages of one range that are looked at, at most.
pub(super) const RANGE_MESSAGES: usize = 16_384;

impl Turn<'_> {
    /// Asks a member's device for operations that are known by id alone.
    pub(crate) fn pull(&mut self, group: GroupId) -> ApiResult<()> {
        let Some(kept) = self.open()?.groups.kept.get(&group) else { return Ok(()) };
        let mut wanted: Vec<OperationId> = kept.graph.missing().collect();
        let heads: Vec<OperationId> =
            kept.graph.heads().iter().copied().take(OPERATION_PARENTS).collect();
        wanted.extend(self.open()?.groups.named.get(&group).into_iter().flatten());
        wanted.truncate(OPERATIONS_SENT);
        if wanted.is_empty() {
            self.core.agenda.went_well(Task::Pull(group));
            return Ok(());
        }
        let request = Request::Operations {
            group,
            heads: List::new(heads).unwrap_or_default(),
            wanted: List::new(wanted).unwrap_or_default(),
        };
        let asked = match self.member_node(group, false)? {
            Some(to) => self.ask_member(to, &request, Purpose::Pull(group)),
            None => false,
        };
        if !asked {
            self.retry(Task::Pull(group));
        }
        Ok(())
    }

    /// Takes a member's operations, or that there are none.
    pub(crate) fn pulled(&mut self, group: GroupId, answer: Option<&[u8]>) -> ApiResult<()> {
        let answer = answer.and_then(|bytes| decode::<Answer>(bytes).ok());
        let mut verified = Vec::new();
        if let Some(Answer::Operations { operations, .. }) = answer {
            for bytes in operations {
                let operation =
                    SignedOperation::from_bytes(&bytes).and_then(SignedOperation::verify);
                verified.extend(operation.ok());
            }
        }
        let brought = verified.len();
        let before = self.operations_of(group)?;
        self.enter_operations(group, verified)?;
        self.forget_named(group)?;
        let is_progress = brought > 0 && self.operations_of(group)? > before;
        let kept = self.open()?.groups.kept.get(&group);
        let lacks = kept.is_some_and(|kept| kept.graph.missing().next().is_some());
        if lacks || self.open()?.groups.named.contains_key(&group) {
            match is_progress {
                true => self.core.agenda.plan(Task::Pull(group), self.now),
                false => self.retry(Task::Pull(group)),
            }
        } else {
            self.core.agenda.went_well(Task::Pull(group));
        }
        Ok(())
    }

    fn operations_of(&self, group: GroupId) -> ApiResult<usize> {
        let kept = self.open()?.groups.kept.get(&group);
        Ok(kept.map_or(0, |kept| kept.graph.operations().len()))
    }

    /// Forgets heads that messages named and that have come since.
    fn forget_named(&mut self, group: GroupId) -> ApiResult<()> {
        let groups = &mut self.open_mut()?.groups;
        let (Some(kept), Some(named)) = (groups.kept.get(&group), groups.named.get_mut(&group))
        else {
            return Ok(());
        };
        named.retain(|id| kept.graph.get(*id).is_none());
        if named.is_empty() {
            groups.named.remove(&group);
        }
        Ok(())
    }

    /// Compares the messages of a group with a member's device that is connected.
    pub(crate) fn compare(&mut self, group: GroupId) -> ApiResult<()> {
        self.core.agenda.plan(Task::Compare(group), self.now + COMPARE_EVERY_MS);
        let comparing = |p: &Purpose| matches!(p, Purpose::Compare(asked, ..) if *asked == group);
        let Some(to) = self.member_node(group, true)? else { return Ok(()) };
        if self.core.requests.is_waiting(to, comparing) {
            return Ok(());
        }
        let Some(from) = self.here_since(group)? else { return Ok(()) };
        let from = from.max(self.now.saturating_sub(COMPARED_MS));
        self.compare_ranges(group, to, vec![(from, u64::MAX)], 0)
    }

    fn compare_ranges(
        &mut self,
        group: GroupId,
        to: NodeId,
        bounds: Vec<(u64, u64)>,
        round: u8,
    ) -> ApiResult<()> {
        let mut ranges = List::<Range, RANGES_COMPARED>::default();
        let mut asked = Vec::new();
        for (from, until) in bounds {
            let ours = self.said_between(group, from, until)?;
            if ranges.push(Range::of(from, until, &ours)).is_err() {
                break;
            }
            asked.push((from, until));
        }
        let purpose = Purpose::Compare(group, asked, round);
        let _asked = self.ask_member(to, &Request::Compare { group, ranges }, purpose);
        Ok(())
    }

    /// Takes how a member's messages differ from ours: lists what we lack, or compares closer.
    pub(crate) fn compared(
        &mut self,
        from: NodeId,
        group: GroupId,
        (asked, round): (Vec<(u64, u64)>, u8),
        answer: Option<&[u8]>,
    ) -> ApiResult<()> {
        let answer = answer.and_then(|bytes| decode::<Answer>(bytes).ok());
        let Some(Answer::Compared(answers)) = answer else { return Ok(()) };
        let (mut wanted, mut closer) = (List::<MessageId, MESSAGES_WANTED>::default(), Vec::new());
        for (bounds, compared) in asked.into_iter().zip(answers) {
            match compared {
                Compared::Same => {}
                Compared::Listed(ids) => {
                    for id in ids {
                        if self.read(&PLACES, &(), &id)?.is_none() {
                            let _room = wanted.push(id);
                        }
                    }
                }
                // Parts that overlap or reach beyond what was asked would make work without end.
                Compared::Split(ranges) if !is_split(&ranges, bounds) => return Ok(()),
                Compared::Split(ranges) => {
                    for theirs in &*ranges {
                        let ours = self.said_between(group, theirs.from, theirs.to)?;
                        if Range::of(theirs.from, theirs.to, &ours) != *theirs {
                            closer.push((theirs.from, theirs.to));
                        }
                    }
                }
            }
        }
        if !wanted.is_empty() {
            let request = Request::Messages { group, wanted };
            let _asked = self.ask_member(from, &request, Purpose::PullMessages(group));
        }
        closer.truncate(RANGES_COMPARED);
        if closer.is_empty() || round >= ROUNDS {
            return Ok(());
        }
        self.compare_ranges(group, from, closer, round + 1)
    }

    /// Returns since when this account is in a group, as far as clocks agree; milliseconds since the
    /// Unix epoch.
    fn here_since(&mut self, group: GroupId) -> ApiResult<Option<u64>> {
        let me = self.open()?.account.address;
        let Some(row) = self.read(&GROUPS, &(), &group)? else { return Ok(None) };
        let fold = self.fold_of(group)?;
        let joined = fold.and_then(|fold| Some(fold.state().members.get(&me)?.joined_ms));
        // The time in the operation is the word of who added this account.
        Ok(joined.map(|joined| joined.max(row.since_ms).saturating_sub(CLOCKS_APART_MS)))
    }

    /// Takes what a member's device gives of messages that this one lacked.
    pub(crate) fn messages_pulled(
        &mut self,
        group: GroupId,
        answer: Option<&[u8]>,
    ) -> ApiResult<()> {
        let answer = answer.and_then(|bytes| decode::<Answer>(bytes).ok());
        if let Some(Answer::Messages(all)) = answer {
            for said in all {
                self.hear_said(group, &said, (self.now, Word::Member))?;
            }
        }
        Ok(())
    }

    /// Returns what of a group was said between two clocks, both included, in order.
    pub(super) fn said_between(
        &mut self,
        group: GroupId,
        from: u64,
        to: u64,
    ) -> ApiResult<Vec<(u64, MessageId)>> {
        let rows = self.rows()?;
        let (first, last) = (MessageId([0; 32]), MessageId([0xff; 32]));
        let range = Keys::all().at_least(&(from, first)).at_most(&(to, last));
        let found =
            SAID_ORDER.scan(&self.tx, &rows, &group, &range, Order::Ascending, RANGE_MESSAGES);
        Ok(self.stored(found)?.into_iter().map(|(at, _)| at).collect())
    }

    /// Returns what was said as it came, if it is of this group.
    pub(super) fn said(&mut self, group: GroupId, id: MessageId) -> ApiResult<Option<Said>> {
        let row = self.read(&SAID, &group, &id)?;
        Ok(row.and_then(|row| decode(&row.0).ok()))
    }

    /// Returns a member's device to ask: one that is connected, or else any one of which an address
    /// may be known.
    fn member_node(&mut self, group: GroupId, connected: bool) -> ApiResult<Option<NodeId>> {
        let Some(fold) = self.fold_of(group)? else { return Ok(None) };
        let own = self.core.node_id();
        let members = fold.state().members.values();
        let nodes: Vec<NodeId> = members
            .flat_map(|member| member.devices.devices().iter().map(|device| device.node))
            .filter(|node| *node != own)
            .collect();
        let near: Vec<NodeId> =
            nodes.iter().copied().filter(|node| self.core.net.has(node)).collect();
        let from = if near.is_empty() && !connected { nodes } else { near };
        if from.is_empty() {
            return Ok(None);
        }
        let at = usize::try_from(self.rng.next_u32()).unwrap_or_default() % from.len();
        Ok(from.get(at).copied())
    }

    fn ask_member(&mut self, to: NodeId, request: &Request, purpose: Purpose) -> bool {
        match encode(request) {
            Ok(bytes) => self.ask_peer(to, Protocol::Group, bytes, purpose),
            Err(_) => false,
        }
    }
}

/// Whether parts lie in what was asked, one behind the other.
fn is_split(parts: &[Range], (from, to): (u64, u64)) -> bool {
    let inside = parts.iter().all(|it| from <= it.from && it.from <= it.to && it.to <= to);
    inside && parts.windows(2).all(|pair| matches!(pair, [a, b] if a.to < b.from))
}
