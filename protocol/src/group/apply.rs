//! What a permitted operation does to the state.

use super::{
    action::Action,
    config::Keywords,
    id::{EpochKey, OperationId},
    operation::VerifiedOperation,
    permission::Void,
    state::{Epoch, Former, Member, Offer, Role, State},
};
use crate::{address::Address, bounded::Text};
use std::collections::{BTreeMap, BTreeSet};

/// What the order and the epochs have to know of a change.
#[derive(Debug, Default)]
pub(super) struct Change {
    /// Accounts whose role is another now.
    pub(super) roles: Vec<Address>,
    /// Whether somebody, or a device, is out.
    pub(super) excludes: bool,
    /// Whether an epoch was opened.
    pub(super) opens: bool,
}

/// Returns the state of a new group, or why there is none.
pub(super) fn create(first: &VerifiedOperation) -> Result<State, Void> {
    let operation = first.operation();
    let Action::Create(create) = first.action() else { return Err(Void::Made) };
    let state = State {
        group: first.group(),
        name: create.name.clone(),
        avatar: create.avatar.clone(),
        announcement: Text::default(),
        config: create.config,
        keywords: Keywords::default(),
        members: BTreeMap::new(),
        former: BTreeMap::new(),
        banned: BTreeSet::new(),
        owner: operation.author,
        generation: 0,
        offer: None,
        epochs: Vec::new(),
        epoch_due: false,
        dissolved: None,
        made_ms: operation.time_ms,
        version: 0,
    };
    if !create.config.is_valid() {
        return Err(Void::Config);
    }
    let limit = usize::try_from(create.config.max_members).unwrap_or(usize::MAX);
    if first.members().len() > limit {
        return Err(Void::Full);
    }
    let mut state = state;
    let mut change = Change::default();
    open(&mut state, first, create.epoch, &mut change);
    add(&mut state, first, &mut change);
    let owner = state.members.get_mut(&operation.author);
    let owner = owner.ok_or(Void::NotMember(operation.author))?;
    if owner.devices.device(operation.device).is_none() {
        return Err(Void::NotDevice(operation.device));
    }
    owner.role = Role::Owner;
    state.version = 1;
    Ok(state)
}

/// Applies an operation that [`check`](super::permission::check) let pass.
pub(super) fn apply(state: &mut State, operation: &VerifiedOperation) -> Change {
    let author = operation.operation().author;
    let mut change = Change::default();
    match operation.action() {
        Action::Add(_) => add(state, operation, &mut change),
        Action::Remove(remove) => {
            for account in remove.members.iter() {
                exclude(state, operation, *account, &mut change);
            }
            open(state, operation, remove.epoch, &mut change);
        }
        Action::Leave(_) => exclude(state, operation, author, &mut change),
        Action::SetRole(set) => {
            let role = if set.admin { Role::Admin } else { Role::Member };
            set_role(state, set.account, role, &mut change);
        }
        Action::Transfer(transfer) => {
            state.offer = (transfer.to != author)
                .then_some(Offer { transfer: operation.id(), to: transfer.to });
        }
        Action::AcceptTransfer(_) => {
            set_role(state, state.owner, Role::Member, &mut change);
            set_role(state, author, Role::Owner, &mut change);
            state.owner = author;
            state.offer = None;
            state.generation = state.generation.saturating_add(1);
        }
        Action::Dissolve(_) => state.dissolved = Some(operation.id()),
        Action::Rename(rename) => state.name = rename.name.clone(),
        Action::SetAvatar(set) => state.avatar = set.avatar.clone(),
        Action::SetAnnouncement(set) => state.announcement = set.text.clone(),
        Action::SetNickname(set) => {
            if let Some(member) = state.members.get_mut(&author) {
                member.nickname.clone_from(&set.nickname);
            }
        }
        Action::SetConfig(set) => set.switch.set(&mut state.config),
        Action::SetKeywords(set) => state.keywords = set.keywords.clone(),
        Action::Ban(ban) => {
            state.banned.insert(ban.account);
            exclude(state, operation, ban.account, &mut change);
            if let Some(key) = ban.epoch {
                open(state, operation, key, &mut change);
            }
        }
        Action::Unban(unban) => {
            state.banned.remove(&unban.account);
        }
        Action::NewDeviceList(new) => {
            if let Some(list) = operation.list()
                && let Some(member) = state.members.get_mut(&list.account())
            {
                let known = member.devices.devices();
                change.excludes = known.iter().any(|it| list.device(it.device).is_none());
                member.devices = list.clone();
            }
            if let Some(key) = new.epoch {
                open(state, operation, key, &mut change);
            }
        }
        Action::OpenEpoch(opened) => open(state, operation, opened.epoch, &mut change),
        // A creation never gets here; the others are about the order, or not ours to read.
        Action::Create(_) | Action::Checkpoint(_) | Action::Adopt(_) | Action::Unknown { .. } => {}
    }
    state.version = state.version.saturating_add(1);
    change
}

fn add(state: &mut State, operation: &VerifiedOperation, change: &mut Change) {
    for new in operation.members() {
        let account = new.keys.account;
        if state.members.contains_key(&account) {
            continue;
        }
        state.former.remove(&account);
        let member = Member {
            role: Role::Member,
            nickname: None,
            joined_ms: operation.operation().time_ms,
            added_by: operation.id(),
            keys: new.keys.clone(),
            devices: new.devices.clone(),
        };
        state.members.insert(account, member);
        change.roles.push(account);
    }
}

fn exclude(
    state: &mut State,
    operation: &VerifiedOperation,
    account: Address,
    change: &mut Change,
) {
    let Some(member) = state.members.remove(&account) else { return };
    let former = Former {
        left_ms: operation.operation().time_ms,
        ended_by: operation.id(),
        list: member.devices.at(),
    };
    state.former.insert(account, former);
    if state.offer.is_some_and(|offer| offer.to == account) {
        state.offer = None;
    }
    change.roles.push(account);
    change.excludes = true;
}

fn set_role(state: &mut State, account: Address, role: Role, change: &mut Change) {
    if let Some(member) = state.members.get_mut(&account) {
        member.role = role;
        change.roles.push(account);
    }
}

fn open(state: &mut State, operation: &VerifiedOperation, key: EpochKey, change: &mut Change) {
    let opened_by: OperationId = operation.id();
    let opened_ms = operation.operation().time_ms;
    state.epochs.push(Epoch { key, opened_by, opened_ms });
    change.opens = true;
}
