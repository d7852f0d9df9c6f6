//! What a group is after some operations: the fold's result and what every member's node enforces.

use super::{
    config::{Config, Keywords},
    id::{EpochKey, OperationId, StateHash},
};
use crate::{
    address::Address,
    bounded::Text,
    codec::{Format, encode},
    digest::digest,
    domain::GROUP_STATE,
    ids::{DeviceId, EntryHash, GroupId},
    limits::{
        ANNOUNCEMENT_CHARS, EPOCH_LISTEN_MS, EPOCHS_LISTENED, GROUP_NAME_CHARS, NICKNAME_CHARS,
    },
    record::{Avatar, KeyPart, ListVersion, VerifiedDeviceList},
};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// What a member may do; the greater may more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Role {
    /// A plain member.
    Member,
    /// An administrator.
    Admin,
    /// The owner.
    Owner,
}

/// A member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// What they may do.
    pub role: Role,
    /// Their name in the group, if they chose one.
    pub nickname: Option<Text<NICKNAME_CHARS>>,
    /// When they joined, in milliseconds by the clock of who added them.
    pub joined_ms: u64,
    /// The operation that added them.
    pub added_by: OperationId,
    /// Their account's keys.
    pub keys: KeyPart,
    /// Their newest device list that the group knows.
    pub devices: Arc<VerifiedDeviceList>,
}

/// Somebody who was a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Former {
    /// When they left or were removed, in milliseconds by the clock of who said so.
    pub left_ms: u64,
    /// The operation that ended it.
    pub ended_by: OperationId,
    /// Their newest device list then; an older one does not bring them back.
    pub list: ListVersion,
}

/// An epoch: from its operation on, members speak under its secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Epoch {
    /// The public key.
    pub key: EpochKey,
    /// The operation that opened it.
    pub opened_by: OperationId,
    /// When, in milliseconds by the clock of who did.
    pub opened_ms: u64,
}

/// A transfer that waits for its acceptance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// The operation.
    pub transfer: OperationId,
    /// Who may accept.
    pub to: Address,
}

/// A group after some operations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// The group.
    pub group: GroupId,
    /// The name.
    pub name: Text<GROUP_NAME_CHARS>,
    /// The avatar.
    pub avatar: Avatar,
    /// The announcement; empty if there is none.
    pub announcement: Text<ANNOUNCEMENT_CHARS>,
    /// The switches.
    pub config: Config,
    /// The words that are filtered.
    pub keywords: Keywords,
    /// The members.
    pub members: BTreeMap<Address, Member>,
    /// Those who were members and are not.
    pub former: BTreeMap<Address, Former>,
    /// Those who are not to be added.
    pub banned: BTreeSet<Address>,
    /// The owner.
    pub owner: Address,
    /// How often the group changed hands.
    pub generation: u32,
    /// A transfer that nobody accepted yet.
    pub offer: Option<Offer>,
    /// The epochs, in the order of the linearization; never empty. One sends on the last.
    pub epochs: Vec<Epoch>,
    /// Whether somebody is out who may know the last epoch's secret: owner or an admin opens one.
    pub epoch_due: bool,
    /// The operation that ended the group.
    pub dissolved: Option<OperationId>,
    /// When the group was made, in milliseconds by the creator's clock.
    pub made_ms: u64,
    /// How many operations took effect (the documents' version).
    pub version: u64,
}

impl State {
    /// Returns the role of a member, or nothing for who is none.
    pub fn role(&self, account: Address) -> Option<Role> {
        self.members.get(&account).map(|member| member.role)
    }

    /// Whether `device` is a member's, by the newest list the group knows.
    pub fn is_device(&self, account: Address, device: DeviceId) -> bool {
        self.members.get(&account).is_some_and(|member| member.devices.device(device).is_some())
    }

    /// Returns how many administrators there are, the owner apart.
    pub fn admins(&self) -> usize {
        self.members.values().filter(|member| member.role == Role::Admin).count()
    }

    /// Returns the epoch to send on.
    pub fn epoch(&self) -> Option<&Epoch> {
        self.epochs.last()
    }

    /// Returns the epochs to listen to at `now_ms`, oldest first: the last, and those replaced
    /// within 30 days, at most 8.
    pub fn listened(&self, now_ms: u64) -> impl Iterator<Item = &Epoch> {
        let skip = self.epochs.len().saturating_sub(EPOCHS_LISTENED);
        self.epochs.iter().enumerate().skip(skip).filter_map(move |(at, epoch)| {
            let replaced = at.checked_add(1).and_then(|next| self.epochs.get(next));
            let heard =
                replaced.is_none_or(|by| by.opened_ms.saturating_add(EPOCH_LISTEN_MS) > now_ms);
            heard.then_some(epoch)
        })
    }

    /// Returns the hash that a checkpoint signs: equal for equal states alone.
    pub fn hash(&self) -> StateHash {
        let members = self.members.iter().map(|(account, member)| CanonicalMember {
            account: *account,
            role: member.role,
            nickname: member.nickname.clone(),
            joined_ms: member.joined_ms,
            added_by: member.added_by,
            keys: member.keys.clone(),
            list: member.devices.at(),
            entry: member.devices.entry_hash(),
        });
        let canonical = Canonical {
            group: self.group,
            name: self.name.clone(),
            avatar: self.avatar.clone(),
            announcement: self.announcement.clone(),
            config: self.config,
            keywords: self.keywords.clone(),
            members: members.collect(),
            former: self.former.clone(),
            banned: self.banned.clone(),
            owner: self.owner,
            generation: self.generation,
            offer: self.offer,
            epochs: self.epochs.clone(),
            epoch_due: self.epoch_due,
            dissolved: self.dissolved,
            made_ms: self.made_ms,
            version: self.version,
        };
        let bytes = encode(&canonical).expect("no limit, and every sequence knows its length");
        StateHash(digest(GROUP_STATE, &bytes))
    }
}

#[derive(Serialize, Deserialize)]
struct CanonicalMember {
    account: Address,
    role: Role,
    nickname: Option<Text<NICKNAME_CHARS>>,
    joined_ms: u64,
    added_by: OperationId,
    keys: KeyPart,
    list: ListVersion,
    entry: EntryHash,
}

/// The state as it is hashed. It never travels, so it has no limit of its own: the operations do.
#[derive(Serialize, Deserialize)]
struct Canonical {
    group: GroupId,
    name: Text<GROUP_NAME_CHARS>,
    avatar: Avatar,
    announcement: Text<ANNOUNCEMENT_CHARS>,
    config: Config,
    keywords: Keywords,
    members: Vec<CanonicalMember>,
    former: BTreeMap<Address, Former>,
    banned: BTreeSet<Address>,
    owner: Address,
    generation: u32,
    offer: Option<Offer>,
    epochs: Vec<Epoch>,
    epoch_due: bool,
    dissolved: Option<OperationId>,
    made_ms: u64,
    version: u64,
}

impl Format for Canonical {
    const NAME: &'static str = "group state";
    const VERSION: u8 = 1;
    const LIMIT: usize = usize::MAX;
}
