//! Taking people into a group: operations and the current secret go to them over the sessions with
//! their devices, before they can read any frame.

use super::rows::GROUPS;
use crate::core::{
    letters::sender::{Refusal, Sender, Taken},
    people::Standing,
    turn::Turn,
};
use magpie_protocol::{
    address::Address,
    api::ApiResult,
    bounded::{Blob, List},
    codec::encode,
    content::{GroupOperations, GroupSecrets, Payload},
    group::{SignedOperation, VerifiedOperation},
    ids::GroupId,
    limits::{OPERATION, OPERATIONS_SENT, PAYLOAD},
};

/// Bytes of operations in one payload; the rest of it is room for lengths.
const OPERATION_BYTES: usize = PAYLOAD - 1_024;

impl Turn<'_> {
    /// Sends all operations of a group and its current secret to new members.
    pub(super) fn invite(&mut self, group: GroupId, invited: &[Address]) -> ApiResult<()> {
        let Some(kept) = self.open()?.groups.kept.get(&group) else { return Ok(()) };
        let mut operations: Vec<&VerifiedOperation> = kept.graph.operations().collect();
        operations.sort_by_key(|it| (it.operation().depth, it.id()));
        let encoded: Vec<Vec<u8>> =
            operations.iter().filter_map(|it| encode(it.signed()).ok()).collect();
        let secret = match self.last_epoch(group)? {
            Some(epoch) => self.secret_of(group, epoch)?,
            None => None,
        };
        let mut payloads: Vec<Payload> = packed(encoded)
            .into_iter()
            .map(|operations| {
                Payload::GroupOperations(Box::new(GroupOperations { group, operations }))
            })
            .collect();
        if let Some(secret) = secret {
            let secrets = List::new(vec![secret]).unwrap_or_default();
            payloads.push(Payload::GroupSecrets(Box::new(GroupSecrets { group, secrets })));
        }
        for to in invited {
            for payload in &payloads {
                self.post(*to, payload, None)?;
            }
        }
        Ok(())
    }

    /// Takes operations from a friend, who may invite, or from a member.
    pub(crate) fn hear_operations(
        &mut self,
        from: Sender,
        payload: GroupOperations,
    ) -> ApiResult<Taken> {
        let group = payload.group;
        if let Some(refusal) = self.refuses_keys(group, from)? {
            return Ok(Taken::Refused(refusal));
        }
        let mut operations = Vec::new();
        for bytes in payload.operations {
            let operation = SignedOperation::from_bytes(&bytes).and_then(SignedOperation::verify);
            match operation {
                Ok(operation) if operation.group() == group => operations.push(operation),
                _ => return Ok(Taken::Refused(Refusal::Malformed)),
            }
        }
        if operations.is_empty() {
            return Ok(Taken::Kept);
        }
        if !self.begins_group(group)? {
            return Ok(Taken::Refused(Refusal::Full));
        }
        self.enter_operations(group, operations)?;
        Ok(Taken::Kept)
    }

    /// Takes secrets of epochs from a friend, who may invite, or from a member.
    pub(crate) fn hear_secrets(&mut self, from: Sender, payload: GroupSecrets) -> ApiResult<Taken> {
        let group = payload.group;
        if let Some(refusal) = self.refuses_keys(group, from)? {
            return Ok(Taken::Refused(refusal));
        }
        if payload.secrets.is_empty() {
            return Ok(Taken::Kept);
        }
        if !self.begins_group(group)? {
            return Ok(Taken::Refused(Refusal::Full));
        }
        for secret in payload.secrets {
            // One that no operation here names is asked for again, once there is one.
            self.keep_secret(group, secret)?;
        }
        self.tune(group)?;
        self.core.agenda.plan(crate::core::agenda::Task::SealParcels(group), self.now);
        Ok(Taken::Kept)
    }

    /// Makes room for a group that others bring, if it is not here, and returns whether there was some.
    fn begins_group(&mut self, group: GroupId) -> ApiResult<bool> {
        if self.read(&GROUPS, &(), &group)?.is_some() {
            return Ok(true);
        }
        if !self.has_room_for_invitation()? {
            return Ok(false);
        }
        self.begin_group(group)?;
        Ok(true)
    }

    /// Returns why an account may not bring keys or operations of a group: it is no member as far as
    /// is known, and no friend who could invite.
    fn refuses_keys(&mut self, group: GroupId, from: Sender) -> ApiResult<Option<Refusal>> {
        if let Some(fold) = self.fold_of(group)? {
            let state = fold.state();
            let me = self.open()?.account.address;
            // Who is out may have been taken in again by operations that are still to come.
            if state.is_device(from.account, from.device) && state.members.contains_key(&me) {
                return Ok(None);
            }
        }
        Ok(match self.standing(from.account)? {
            Standing::Friend => None,
            Standing::Blocked => Some(Refusal::Blocked),
            Standing::Asked | Standing::Stranger => Some(Refusal::NotFriend),
        })
    }
}

/// Packs encoded operations into as few payloads as hold them, in order.
fn packed(encoded: Vec<Vec<u8>>) -> Vec<List<Blob<OPERATION>, OPERATIONS_SENT>> {
    let mut packs: Vec<List<Blob<OPERATION>, OPERATIONS_SENT>> = vec![List::default()];
    let mut room = OPERATION_BYTES;
    for bytes in encoded {
        let size = bytes.len() + 5;
        // A signed operation is within this bound.
        let Ok(blob) = Blob::new(bytes) else { continue };
        let full = packs.last().is_none_or(|last| last.len() == OPERATIONS_SENT || room < size);
        if full && packs.last().is_some_and(|last| !last.is_empty()) {
            packs.push(List::default());
            room = OPERATION_BYTES;
        }
        room = room.saturating_sub(size);
        if let Some(last) = packs.last_mut() {
            let _fits = last.push(blob);
        }
    }
    packs
}
