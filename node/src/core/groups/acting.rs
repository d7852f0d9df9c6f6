//! Acting in a group: signing an operation, if it will count, and letting everybody have it.

use super::refusal::refusal;
use crate::core::turn::Turn;
use magpie_protocol::{
    address::Address,
    api::{ApiError, ApiResult, ErrorCode},
    bounded::{Blob, List, Text},
    codec::encode,
    group::{
        Action, Add, Config, Create, EpochKey, EpochSecret, Fold, Graph, NewMember, NewMembers,
        Operation, OperationId, Parcel, Verdict, VerifiedOperation, Via,
    },
    ids::GroupId,
    limits::{ACTION_BODY, GROUP_NAME_CHARS, OPERATION_MEMBERS},
    record::Avatar,
};
use std::collections::BTreeSet;

/// Bytes of new members in one operation; the rest is room for what else a creation says.
const MEMBER_BYTES: usize = ACTION_BODY - 4_096;

impl Turn<'_> {
    /// Makes a group of this account and others, who are invited. Errors: 20034, 20055.
    pub(crate) fn make_group(
        &mut self,
        name: Text<GROUP_NAME_CHARS>,
        others: Vec<NewMember>,
    ) -> ApiResult<GroupId> {
        self.check_room_for_group()?;
        let account = &self.open()?.account;
        let own =
            NewMember { keys: account.key_part.clone(), devices: self.own_list()?.list().clone() };
        let invited: Vec<Address> = others.iter().map(|it| it.keys.keys.account).collect();
        let members: Vec<_> = [own].into_iter().chain(others).collect();
        let mut batches = in_batches(members)?.into_iter();
        let secret = EpochSecret::generate(self.rng);
        let mut nonce = [0; 32];
        self.rng.fill_bytes(&mut nonce);
        let create = Create {
            nonce,
            name,
            avatar: Avatar { id: -1, ..Avatar::default() },
            config: Config::default(),
            members: batches.next().unwrap_or_default(),
            epoch: secret.keys().key(),
        };
        let first = self.sign(None, (vec![], 0), None, &create.into())?;
        let group = first.group();
        let graph = Graph::new(first.clone()).map_err(|_| ErrorCode::EncodeGroup)?;
        let fold = Fold::of(&graph, &BTreeSet::new()).map_err(|no| refusal(no.void))?;
        let adds = batches.map(|members| Add { via: Via::Invitation, members }.into());
        let mut operations = vec![first];
        operations.extend(self.prepare(group, Trial { graph, fold }, adds.collect())?);
        self.begin_group(group)?;
        self.write_secret(group, secret)?;
        self.enter_operations(group, operations)?;
        self.invite(group, &invited)?;
        Ok(group)
    }

    /// Adds members to a group and invites them. Errors: as for [`act_all`](Self::act_all), 20045,
    /// 20049.
    pub(crate) fn add_members(&mut self, group: GroupId, members: Vec<NewMember>) -> ApiResult<()> {
        let invited: Vec<Address> = members.iter().map(|it| it.keys.keys.account).collect();
        let adds = in_batches(members)?.into_iter();
        let adds = adds.map(|members| Add { via: Via::Invitation, members }.into());
        self.act_all(group, adds.collect())?;
        self.invite(group, &invited)
    }

    /// Does one thing in a group. Errors: as for [`act_all`](Self::act_all).
    pub(crate) fn act(&mut self, group: GroupId, action: Action) -> ApiResult<()> {
        self.act_all(group, vec![action])
    }

    /// Does some things in a group, or none of them. Errors: 20043 for an unknown group, 20047 and
    /// 20054 for one that was left or is dissolved, and what the group's rules have against it.
    pub(crate) fn act_all(&mut self, group: GroupId, actions: Vec<Action>) -> ApiResult<()> {
        let trial = self.trial(group)?;
        let operations = self.prepare(group, trial, actions)?;
        self.carry_out(group, operations)
    }

    /// Does something that opens an epoch, whose secret goes to those who are members then.
    pub(crate) fn act_opening(
        &mut self,
        group: GroupId,
        action: impl FnOnce(EpochKey) -> Action,
    ) -> ApiResult<()> {
        let secret = EpochSecret::generate(self.rng);
        let trial = self.trial(group)?;
        let operations = self.prepare(group, trial, vec![action(secret.keys().key())])?;
        let replaced = self.last_epoch(group)?;
        self.write_secret(group, secret.clone())?;
        self.carry_out(group, operations)?;
        self.share_secret(group, &secret, replaced)
    }

    /// Returns the epoch that this device would speak on.
    pub(super) fn last_epoch(&self, group: GroupId) -> ApiResult<Option<EpochKey>> {
        Ok(self.fold_of(group)?.and_then(|fold| fold.state().epoch().map(|epoch| epoch.key)))
    }

    /// Returns a copy of a group to try something on, if this account may do anything there.
    fn trial(&self, group: GroupId) -> ApiResult<Trial> {
        let me = self.open()?.account.address;
        let kept = self.open()?.groups.kept.get(&group).ok_or(ErrorCode::GroupUnknown)?;
        let state = kept.fold.state();
        if state.dissolved.is_some() {
            return Err(ErrorCode::GroupDissolved.into());
        }
        if !state.members.contains_key(&me) {
            return Err(ErrorCode::GroupGone.into());
        }
        Ok(Trial { graph: kept.graph.clone(), fold: Fold::clone(&kept.fold) })
    }

    /// Signs operations, one behind the other, that take effect in a copy of the group.
    fn prepare(
        &self,
        group: GroupId,
        mut trial: Trial,
        actions: Vec<Action>,
    ) -> ApiResult<Vec<VerifiedOperation>> {
        let me = self.open()?.account.address;
        let mut operations = Vec::with_capacity(actions.len());
        for action in actions {
            let previous = trial.fold.previous(me);
            let operation = self.sign(Some(group), trial.graph.next(), previous, &action)?;
            trial.graph.insert(operation.clone()).map_err(|e| {
                ApiError::new(ErrorCode::StoreGroup, format!("the group takes no more: {e}"))
            })?;
            trial.fold = Fold::of(&trial.graph, &BTreeSet::new()).map_err(|no| refusal(no.void))?;
            if let Some(Verdict::Void(void)) = trial.fold.verdict(operation.id()) {
                return Err(refusal(void));
            }
            operations.push(operation);
        }
        Ok(operations)
    }

    fn sign(
        &self,
        group: Option<GroupId>,
        (parents, depth): (Vec<OperationId>, u32),
        previous: Option<OperationId>,
        action: &Action,
    ) -> ApiResult<VerifiedOperation> {
        let open = self.open()?;
        let (account, device) = (&open.account, open.device);
        let operation = Operation {
            group,
            author: account.address,
            device,
            parents: List::new(parents).map_err(|_| ErrorCode::EncodeGroup)?,
            previous,
            depth,
            time_ms: self.now,
            number: 0,
            body: Blob::default(),
        };
        let odd = |e: &dyn std::fmt::Display| ApiError::new(ErrorCode::EncodeGroup, e.to_string());
        let operation = operation.with_action(action).map_err(|e| odd(&e))?;
        let signed = operation.sign(&account.device_key.signing()).map_err(|e| odd(&e))?;
        signed.verify().map_err(|e| odd(&e))
    }

    /// Takes own operations in and sends them, on the epoch that was the last before them.
    fn carry_out(&mut self, group: GroupId, operations: Vec<VerifiedOperation>) -> ApiResult<()> {
        let before = self.last_epoch(group)?;
        let signed: Vec<_> = operations.iter().map(|it| it.signed().clone()).collect();
        self.enter_operations(group, operations)?;
        for operation in signed {
            self.send_parcel(group, &Parcel::Operation(Box::new(operation)), before, None)?;
        }
        Ok(())
    }
}

/// A copy of a group, to see what an operation would do.
struct Trial {
    graph: Graph,
    fold: Fold,
}

/// Splits new members into as few lists as fit their operations.
fn in_batches(members: Vec<NewMember>) -> ApiResult<Vec<NewMembers>> {
    let mut batches: Vec<NewMembers> = Vec::new();
    let mut room = 0;
    for member in members {
        let one = List::new(vec![member.clone()]).map_err(|_| ErrorCode::GroupSize)?;
        let size = encode(&Add { via: Via::Invitation, members: one });
        let size = size.map_err(|_| ErrorCode::EncodeGroup)?.len();
        if room < size || batches.last().is_none_or(|last| last.len() == OPERATION_MEMBERS) {
            batches.push(List::default());
            room = MEMBER_BYTES;
        }
        room = room.saturating_sub(size);
        if let Some(last) = batches.last_mut() {
            last.push(member).map_err(|_| ErrorCode::GroupSize)?;
        }
    }
    Ok(batches)
}
