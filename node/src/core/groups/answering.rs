//! Answering other members' devices on `/magpie/group/1`, and nobody else.

use super::pulling::RANGE_MESSAGES;
use crate::core::turn::Turn;
use magpie_protocol::{
    address::NodeId,
    api::ApiResult,
    bounded::{Blob, List},
    codec::encode,
    group::{
        OperationId, Said, VerifiedOperation,
        exchange::{Answer, Compared, Range, Request},
    },
    ids::{GroupId, MessageId},
    limits::{GROUP_ANSWER, MESSAGES_WANTED, OPERATION, OPERATIONS_SENT, RANGES_COMPARED},
};
use std::collections::{BTreeMap, BTreeSet};

/// Requests that one node may make in a minute.
const ASKED_A_MINUTE: u32 = 120;
/// Nodes whose requests are counted at once; while there are so many, others wait.
const ASKERS: usize = 1_024;
/// One minute, milliseconds.
const MINUTE_MS: u64 = 60_000;

/// How often members' nodes asked in this minute.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    since_ms: u64,
    counts: BTreeMap<NodeId, u32>,
}

impl Asked {
    /// Counts a request and returns whether it is to be answered.
    fn admit(&mut self, node: NodeId, now: u64) -> bool {
        if now >= self.since_ms.saturating_add(MINUTE_MS) {
            (self.since_ms, self.counts) = (now, BTreeMap::new());
        }
        if self.counts.len() >= ASKERS && !self.counts.contains_key(&node) {
            return false;
        }
        let count = self.counts.entry(node).or_default();
        *count = count.saturating_add(1);
        *count <= ASKED_A_MINUTE
    }
}

/// What is left of an answer for lengths.
const MARGIN: usize = 4 << 10;

impl Turn<'_> {
    /// Answers a device that asks about a group.
    pub(crate) fn answer_member(&mut self, from: NodeId, request: Request) -> ApiResult<Answer> {
        let group = match &request {
            Request::Operations { group, .. }
            | Request::Compare { group, .. }
            | Request::Messages { group, .. } => *group,
        };
        let now = self.now;
        let is_members = self.is_members_node(group, from)?;
        if !is_members || !self.open_mut()?.groups.asked.admit(from, now) {
            return Ok(Answer::Refused);
        }
        match request {
            Request::Operations { heads, wanted, .. } => {
                self.operations_for(group, &heads, &wanted)
            }
            Request::Compare { ranges, .. } => self.compare_for(group, &ranges),
            Request::Messages { wanted, .. } => self.messages_for(group, &wanted),
        }
    }

    fn is_members_node(&self, group: GroupId, node: NodeId) -> ApiResult<bool> {
        let Some(fold) = self.fold_of(group)? else { return Ok(false) };
        let state = fold.state();
        let theirs = state.members.values().any(|member| member.devices.device_at(node).is_some());
        Ok(theirs && self.is_member(state)?)
    }

    /// Gives the operations wanted, and those that the heads do not have behind them; parents first.
    fn operations_for(
        &self,
        group: GroupId,
        heads: &[OperationId],
        wanted: &[OperationId],
    ) -> ApiResult<Answer> {
        let Some(kept) = self.open()?.groups.kept.get(&group) else { return Ok(Answer::Refused) };
        let mut has = BTreeSet::new();
        let mut open: Vec<OperationId> = heads.to_vec();
        while let Some(id) = open.pop() {
            if let Some(operation) = kept.graph.get(id)
                && has.insert(id)
            {
                open.extend(operation.operation().parents.iter());
            }
        }
        let wanted: BTreeSet<OperationId> = wanted.iter().copied().collect();
        let mut lacking: Vec<&VerifiedOperation> = kept
            .graph
            .operations()
            .filter(|it| wanted.contains(&it.id()) || !has.contains(&it.id()))
            .collect();
        // What is asked for by name comes first, then parents before children.
        lacking.sort_by_key(|it| (!wanted.contains(&it.id()), it.operation().depth, it.id()));
        let mut operations = List::<Blob<OPERATION>, OPERATIONS_SENT>::default();
        let mut room = GROUP_ANSWER - MARGIN;
        for operation in &lacking {
            let blob = encode(operation.signed()).ok().and_then(|bytes| Blob::new(bytes).ok());
            let Some(blob) = blob else { continue };
            let Some(rest) = room.checked_sub(blob.len() + 5) else { break };
            if operations.push(blob).is_err() {
                break;
            }
            room = rest;
        }
        let more = operations.len() < lacking.len();
        Ok(Answer::Operations { operations, more })
    }

    fn compare_for(&mut self, group: GroupId, ranges: &[Range]) -> ApiResult<Answer> {
        let mut answers = List::<Compared, RANGES_COMPARED>::default();
        let mut looked_at = 0;
        let mut room = GROUP_ANSWER - MARGIN;
        for theirs in ranges {
            if looked_at >= RANGE_MESSAGES {
                break;
            }
            let ours = self.said_between(group, theirs.from, theirs.to)?;
            looked_at += ours.len();
            let compared = theirs.compare(&ours);
            let Some(rest) = room.checked_sub(compared.size()) else { break };
            if answers.push(compared).is_err() {
                break;
            }
            room = rest;
        }
        Ok(Answer::Compared(answers))
    }

    fn messages_for(&mut self, group: GroupId, wanted: &[MessageId]) -> ApiResult<Answer> {
        let mut messages = List::<Said, MESSAGES_WANTED>::default();
        let mut room = GROUP_ANSWER - MARGIN;
        for id in wanted {
            let Some(said) = self.said(group, *id)? else { continue };
            let Some(rest) = room.checked_sub(said.message.len() + 128) else { break };
            if messages.push(said).is_err() {
                break;
            }
            room = rest;
        }
        Ok(Answer::Messages(messages))
    }
}
