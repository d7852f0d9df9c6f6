//! What is kept of groups in memory while a vault is open: a cache of rows.

use super::{
    answering::Asked,
    rows::{GROUPS, GROUPS_MAX, OPERATIONS, OperationRow, SECRETS, SECRETS_MAX, SecretRow},
    speaking::Speaking,
    unread::UnreadKey,
};
use crate::core::{ratchet::GroupInbound, turn::Turn};
use magpie_protocol::{
    address::NodeId,
    api::ApiResult,
    codec::encode,
    group::{
        EpochKey, EpochKeys, EpochSecret, Fold, Graph, OperationId, SignedOperation, State, Topic,
        VerifiedOperation,
    },
    ids::{DeviceId, FrameId, GroupId, MegolmSession},
    limits::{EPOCHS_LISTENED, GROUP_OPERATIONS},
};
use magpie_storage::{engine::Order, table::Keys};
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

/// Ids of frames taken that are remembered: a copy of one costs nothing but its hash.
const SEEN_FRAMES: usize = 8_192;

/// One group's operations and what they fold to.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) graph: Graph,
    pub(crate) fold: Arc<Fold>,
}

/// An epoch whose secret is known.
#[derive(Debug, Clone)]
pub(crate) struct KnownEpoch {
    pub(crate) group: GroupId,
    pub(crate) keys: Arc<EpochKeys>,
    /// What super nodes call this device in it.
    pub(crate) pseudonym: [u8; 32],
    /// When the secret was learned, milliseconds since the Unix epoch.
    pub(crate) learned_ms: u64,
}

/// All groups of the open vault.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    pub(crate) kept: BTreeMap<GroupId, Kept>,
    pub(crate) epochs: BTreeMap<(EpochKey, GroupId), KnownEpoch>,
    /// The topics that this node listens to.
    pub(crate) topics: BTreeMap<Topic, (EpochKey, GroupId)>,
    /// Other devices' sessions that were used lately.
    pub(crate) inbound: BTreeMap<(GroupId, (DeviceId, MegolmSession)), GroupInbound>,
    /// This device's sessions.
    pub(crate) speaking: BTreeMap<GroupId, Speaking>,
    /// Parcels, frames and shares on their way.
    pub(crate) on_way: usize,
    /// Groups with shares that wait, so that what is learned of a member hurries them.
    pub(crate) sharing: BTreeSet<GroupId>,
    /// How much of a device waits to be read, once it was counted.
    pub(crate) waiting: BTreeMap<(GroupId, DeviceId), usize>,
    /// Up to where what waits was tried again.
    pub(crate) judged: BTreeMap<GroupId, UnreadKey>,
    /// When a member's device was last given a key that it asked for, milliseconds since the Unix
    /// epoch.
    pub(crate) given: BTreeMap<(DeviceId, [u8; 32]), u64>,
    /// Requests that members' nodes made lately.
    pub(crate) asked: Asked,
    /// Epochs of which a super node takes no frames for now.
    pub(crate) refused: BTreeMap<NodeId, BTreeSet<EpochKey>>,
    /// Secrets that no operation names yet.
    pub(crate) early: BTreeMap<GroupId, VecDeque<EpochSecret>>,
    /// Operations whose author is not known as a member yet.
    pub(crate) strays: BTreeMap<GroupId, Vec<SignedOperation>>,
    /// Heads that messages named and that have not come.
    pub(crate) named: BTreeMap<GroupId, BTreeSet<OperationId>>,
    /// Since when an epoch is to be opened, milliseconds since the Unix epoch.
    pub(crate) due_since: BTreeMap<GroupId, u64>,
    seen: BTreeSet<FrameId>,
    seen_order: VecDeque<FrameId>,
}

impl Groups {
    /// Returns whether a frame was taken, as far as is remembered.
    pub(crate) fn has_seen(&self, id: FrameId) -> bool {
        self.seen.contains(&id)
    }

    /// Returns the groups that name an epoch whose secret is known: one, unless somebody gave two
    /// groups one epoch.
    pub(crate) fn with_secret(&self, epoch: EpochKey) -> impl Iterator<Item = &KnownEpoch> {
        let (first, last) = (GroupId([0; 32]), GroupId([0xff; 32]));
        self.epochs.range((epoch, first)..=(epoch, last)).map(|(_, known)| known)
    }

    /// Notes a frame and returns whether it is new, as far as is remembered.
    pub(crate) fn see(&mut self, id: FrameId) -> bool {
        if !self.seen.insert(id) {
            return false;
        }
        self.seen_order.push_back(id);
        if self.seen_order.len() > SEEN_FRAMES
            && let Some(oldest) = self.seen_order.pop_front()
        {
            self.seen.remove(&oldest);
        }
        true
    }
}

impl Turn<'_> {
    /// Reads all groups from their rows: after a login.
    pub(super) fn load_groups(&mut self) -> ApiResult<()> {
        let rows = self.rows()?;
        let found = GROUPS.scan(&self.tx, &rows, &(), &Keys::all(), Order::Ascending, GROUPS_MAX);
        for (group, _) in self.stored(found)? {
            self.load_group(group)?;
            self.adopt_secrets(group)?;
        }
        Ok(())
    }

    /// Reads a group's operations, if the first is among them, and folds them.
    pub(super) fn load_group(&mut self, group: GroupId) -> ApiResult<()> {
        let rows = self.rows()?;
        let found = OPERATIONS.scan(
            &self.tx,
            &rows,
            &group,
            &Keys::all(),
            Order::Ascending,
            2 * GROUP_OPERATIONS,
        );
        let mut graph: Option<Graph> = None;
        for (_, OperationRow(bytes)) in self.stored(found)? {
            // Only what was verified is kept, so it always reads back.
            let operation = SignedOperation::from_bytes(&bytes).and_then(SignedOperation::verify);
            let Ok(operation) = operation else { continue };
            match &mut graph {
                None => graph = Graph::new(operation).ok(),
                Some(graph) => {
                    let _known = graph.insert(operation);
                }
            }
        }
        let Some(graph) = graph else { return Ok(()) };
        if let Ok(fold) = Fold::of(&graph, &BTreeSet::new()) {
            let kept = Kept { graph, fold: Arc::new(fold) };
            self.open_mut()?.groups.kept.insert(group, kept);
        }
        Ok(())
    }

    /// Takes to use the secrets of a group's epochs that are listened to; the others are forgotten:
    /// no operation names them, or they are too old.
    pub(super) fn adopt_secrets(&mut self, group: GroupId) -> ApiResult<()> {
        let Some(fold) = self.fold_of(group)? else { return Ok(()) };
        let listened: BTreeSet<EpochKey> =
            fold.state().listened(self.now).map(|epoch| epoch.key).collect();
        let early = self.open_mut()?.groups.early.remove(&group).unwrap_or_default();
        let (named, early): (VecDeque<_>, VecDeque<_>) =
            early.into_iter().partition(|secret| listened.contains(&secret.keys().key()));
        for secret in named {
            self.write_secret(group, secret)?;
        }
        if !early.is_empty() {
            self.open_mut()?.groups.early.insert(group, early);
        }
        let device = self.open()?.device;
        for (key, row) in self.secrets(group)? {
            let at = (key, group);
            if !listened.contains(&key) {
                self.delete(&SECRETS, &group, &key)?;
                self.open_mut()?.groups.epochs.remove(&at);
            } else if !self.open()?.groups.epochs.contains_key(&at) {
                let keys = Arc::new(row.secret.keys());
                let pseudonym = row.secret.pseudonym(device);
                let known = KnownEpoch { group, keys, pseudonym, learned_ms: row.learned_ms };
                self.open_mut()?.groups.epochs.insert(at, known);
            }
        }
        Ok(())
    }

    /// Returns the secrets that are kept of a group.
    pub(super) fn secrets(&mut self, group: GroupId) -> ApiResult<Vec<(EpochKey, SecretRow)>> {
        let rows = self.rows()?;
        let found =
            SECRETS.scan(&self.tx, &rows, &group, &Keys::all(), Order::Ascending, SECRETS_MAX);
        self.stored(found)
    }

    /// Keeps the secret of an epoch; of a group that is known, only one that its operations name.
    /// Returns whether it was kept.
    pub(super) fn keep_secret(&mut self, group: GroupId, secret: EpochSecret) -> ApiResult<bool> {
        let key = secret.keys().key();
        if self.open()?.groups.epochs.contains_key(&(key, group)) {
            return Ok(true);
        }
        let is_named = match self.fold_of(group)? {
            Some(fold) => fold.state().listened(self.now).any(|epoch| epoch.key == key),
            None => self.secrets(group)?.len() < EPOCHS_LISTENED,
        };
        if is_named {
            self.write_secret(group, secret)?;
            self.adopt_secrets(group)?;
        } else {
            // The operation that names it may be a moment behind; a restart has it asked for again.
            let early = self.open_mut()?.groups.early.entry(group).or_default();
            early.push_back(secret);
            if early.len() > EPOCHS_LISTENED {
                early.pop_front();
            }
        }
        Ok(is_named)
    }

    /// Writes the secret of an epoch that an operation of this step is going to name.
    pub(super) fn write_secret(&mut self, group: GroupId, secret: EpochSecret) -> ApiResult<()> {
        let key = secret.keys().key();
        self.write(&SECRETS, &group, &key, &SecretRow { secret, learned_ms: self.now })
    }

    /// Returns an epoch of a group, if its secret is known.
    pub(super) fn known_epoch(&self, group: GroupId, epoch: EpochKey) -> Option<&KnownEpoch> {
        self.core.open.as_ref()?.groups.epochs.get(&(epoch, group))
    }

    /// Returns the secret of an epoch, if it is known.
    pub(super) fn secret_of(
        &mut self,
        group: GroupId,
        epoch: EpochKey,
    ) -> ApiResult<Option<EpochSecret>> {
        Ok(self.read(&SECRETS, &group, &epoch)?.map(|row| row.secret))
    }

    /// Writes an operation's row.
    pub(super) fn keep_operation(
        &mut self,
        group: GroupId,
        operation: &VerifiedOperation,
    ) -> ApiResult<()> {
        let Ok(bytes) = encode(operation.signed()) else { return Ok(()) };
        let Ok(bytes) = magpie_protocol::bounded::Blob::new(bytes) else { return Ok(()) };
        let at = (operation.operation().depth, operation.id());
        self.write(&OPERATIONS, &group, &at, &OperationRow(bytes))
    }

    /// Returns what a group's operations fold to, if the group is known.
    pub(crate) fn fold_of(&self, group: GroupId) -> ApiResult<Option<Arc<Fold>>> {
        Ok(self.open()?.groups.kept.get(&group).map(|kept| Arc::clone(&kept.fold)))
    }

    /// Whether this account is a member of a group as it stands.
    pub(crate) fn is_member(&self, state: &State) -> ApiResult<bool> {
        let me = self.open()?.account.address;
        Ok(state.dissolved.is_none() && state.members.contains_key(&me))
    }
}
