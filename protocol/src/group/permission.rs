//! Who may do what: one check, made in the state that an operation meets.

use super::{
    action::{Action, Via},
    config::Switch,
    id::{EpochKey, OperationId},
    operation::VerifiedOperation,
    state::{Role, State},
};
use crate::{address::Address, ids::DeviceId, record::Succession};

/// Why an operation has no effect. It stays in the graph, and everybody finds the same reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Void {
    /// Its author is no member.
    #[error("{0} is no member")]
    NotMember(Address),
    /// Its device is not in the author's list.
    #[error("{0} is no device of the author")]
    NotDevice(DeviceId),
    /// Its author's role does not suffice.
    #[error("takes the role {0:?}")]
    Role(Role),
    /// Only the owner's primary may do this.
    #[error("takes the owner's primary device")]
    NotPrimary,
    /// Against whom it is done has no lesser role.
    #[error("{0} has too high a role for this")]
    Protected(Address),
    /// Whom it concerns is no member.
    #[error("{0} is not there")]
    Absent(Address),
    /// Whom it concerns is a member, or banned, already, or no longer.
    #[error("{0} is so already")]
    Already(Address),
    /// Whom it adds is banned.
    #[error("{0} is banned")]
    Banned(Address),
    /// There would be more members, or administrators, than may be.
    #[error("the group is full")]
    Full,
    /// The group lets nobody join by QR code.
    #[error("nobody joins by QR code")]
    NoQr,
    /// The owner does not leave: the group is transferred or dissolved first.
    #[error("the owner does not leave")]
    Owner,
    /// The transfer is not the one that waits for this author.
    #[error("{0} is not the offer")]
    NotOffered(OperationId),
    /// A device list is not newer than the one known.
    #[error("the device list of {0} is not newer")]
    ListOld(Address),
    /// A device list contradicts the one known: an alarm.
    #[error("the device list of {0} forked")]
    ListFork(Address),
    /// The epoch is not fresh, or none was to be opened.
    #[error("{0} is not to be opened")]
    Epoch(EpochKey),
    /// The limits are none that a group may have.
    #[error("no such limits")]
    Config,
    /// A second creation.
    #[error("the group is made already")]
    Made,
    /// The group is dissolved.
    #[error("the group is dissolved")]
    Dissolved,
    /// Its author's chain forked, and this is the other branch.
    #[error("on the void branch of a fork")]
    Fork,
    /// A checkpoint was signed without it, and nobody adopted it.
    #[error("checkpoint {0} passed over it")]
    Settled(OperationId),
    /// A checkpoint that would void what made it valid.
    #[error("the checkpoint settles against itself")]
    Overruled,
}

/// Returns the least role that an action takes.
pub(super) const fn required(state: &State, action: &Action) -> Role {
    match action {
        Action::SetRole(_) | Action::Transfer(_) | Action::Dissolve(_) => Role::Owner,
        Action::SetConfig(set) if matches!(set.switch, Switch::MaxAdmins(_)) => Role::Owner,
        Action::Remove(_)
        | Action::Ban(_)
        | Action::Unban(_)
        | Action::SetAnnouncement(_)
        | Action::SetConfig(_)
        | Action::SetKeywords(_)
        | Action::OpenEpoch(_)
        | Action::Checkpoint(_) => Role::Admin,
        Action::Add(_) if state.config.join_needs_approval => Role::Admin,
        Action::Rename(_) | Action::SetAvatar(_) if state.config.rename_restricted => Role::Admin,
        _ => Role::Member,
    }
}

/// Checks that the author may do this in `state`, and that it can be done there.
pub(super) fn check(state: &State, operation: &VerifiedOperation) -> Result<(), Void> {
    let (author, device) = (operation.operation().author, operation.operation().device);
    if state.dissolved.is_some() {
        return Err(Void::Dissolved);
    }
    let member = state.members.get(&author).ok_or(Void::NotMember(author))?;
    if member.devices.device(device).is_none() {
        return Err(Void::NotDevice(device));
    }
    let needed = required(state, operation.action());
    if member.role < needed {
        return Err(Void::Role(needed));
    }
    let present = |account| state.role(account).ok_or(Void::Absent(account));
    let fresh = |key| {
        let used = state.epochs.iter().any(|epoch| epoch.key == key);
        if used { Err(Void::Epoch(key)) } else { Ok(()) }
    };
    let below = |account, role| {
        if role < member.role { Ok(()) } else { Err(Void::Protected(account)) }
    };
    match operation.action() {
        Action::Create(_) => Err(Void::Made),
        Action::Add(add) => {
            if add.via == Via::Qr && !state.config.join_by_qr {
                return Err(Void::NoQr);
            }
            check_added(state, operation)
        }
        Action::Remove(remove) => {
            let mut absent = remove.members.first().copied().map(Void::Absent);
            for account in remove.members.iter() {
                if let Some(role) = state.role(*account) {
                    below(*account, role)?;
                    absent = None;
                }
            }
            match absent {
                Some(absent) => Err(absent),
                None if remove.members.is_empty() => Err(Void::Epoch(remove.epoch)),
                None => fresh(remove.epoch),
            }
        }
        Action::Leave(_) if member.role == Role::Owner => Err(Void::Owner),
        Action::SetRole(set) => match present(set.account)? {
            Role::Owner => Err(Void::Protected(set.account)),
            Role::Admin if set.admin => Err(Void::Already(set.account)),
            Role::Member if !set.admin => Err(Void::Already(set.account)),
            Role::Member if state.admins() >= to_usize(state.config.max_admins) => Err(Void::Full),
            _ => Ok(()),
        },
        Action::Transfer(transfer) => present(transfer.to).map(drop),
        Action::AcceptTransfer(accept) => match state.offer {
            Some(offer) if offer.transfer == accept.transfer && offer.to == author => Ok(()),
            _ => Err(Void::NotOffered(accept.transfer)),
        },
        Action::Dissolve(_) if member.devices.primary() != device => Err(Void::NotPrimary),
        Action::SetConfig(set) => {
            let mut config = state.config;
            set.switch.set(&mut config);
            if config.is_valid() { Ok(()) } else { Err(Void::Config) }
        }
        Action::Ban(ban) => {
            if state.banned.contains(&ban.account) {
                return Err(Void::Already(ban.account));
            }
            if let Some(role) = state.role(ban.account) {
                below(ban.account, role)?;
            }
            ban.epoch.map_or(Ok(()), fresh)
        }
        Action::Unban(unban) if !state.banned.contains(&unban.account) => {
            Err(Void::Already(unban.account))
        }
        Action::NewDeviceList(new) => check_list(state, operation, new.epoch, fresh),
        Action::OpenEpoch(open) => fresh(open.epoch),
        _ => Ok(()),
    }
}

fn to_usize(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

fn check_added(state: &State, operation: &VerifiedOperation) -> Result<(), Void> {
    let mut added = 0;
    let mut already = None;
    for new in operation.members() {
        let account = new.keys.account;
        if state.banned.contains(&account) {
            return Err(Void::Banned(account));
        }
        if state.former.get(&account).is_some_and(|former| new.devices.at() < former.list) {
            return Err(Void::ListOld(account));
        }
        if state.members.contains_key(&account) {
            already = Some(account);
        } else {
            added += 1;
        }
    }
    match already {
        Some(account) if added == 0 => Err(Void::Already(account)),
        _ if state.members.len() + added > to_usize(state.config.max_members) => Err(Void::Full),
        _ => Ok(()),
    }
}

fn check_list(
    state: &State,
    operation: &VerifiedOperation,
    epoch: Option<EpochKey>,
    fresh: impl Fn(EpochKey) -> Result<(), Void>,
) -> Result<(), Void> {
    let Some(list) = operation.list() else { return Ok(()) };
    let account = list.account();
    let known = &state.members.get(&account).ok_or(Void::Absent(account))?.devices;
    match known.succession(list) {
        Ok(Succession::Newer) => {}
        Ok(Succession::Fork) => return Err(Void::ListFork(account)),
        Ok(Succession::Same | Succession::Older) | Err(_) => return Err(Void::ListOld(account)),
    }
    let drops = known.devices().iter().any(|device| list.device(device.device).is_none());
    match epoch {
        Some(key) if !drops => Err(Void::Epoch(key)),
        Some(key) => fresh(key),
        None => Ok(()),
    }
}
