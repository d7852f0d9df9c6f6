//! What is known of other accounts: their devices and keys, as the directory or they themselves
//! told, every signature checked.

use super::rows::{CORRESPONDENTS, CorrespondentRow, MailboxOf, NODES};
use crate::core::{agenda::Task, net::NetCommand, turn::Turn};
use magpie_protocol::{
    address::{Address, NodeId},
    api::ApiResult,
    bounded::List,
    ids::DeviceId,
    record::{
        Succession, VerifiedAddresses, VerifiedDeviceList, VerifiedKeyBundle, VerifiedProfile,
        VerifiedRecord, VerifiedRecordBody,
    },
};
use std::{collections::BTreeMap, sync::Arc};

/// How long an answer of the directory is good enough, milliseconds.
const FRESH_MS: u64 = 60 * 60 * 1_000;

/// One account as far as it is known.
#[derive(Debug, Clone)]
pub(crate) struct Correspondent {
    pub(crate) list: VerifiedDeviceList,
    pub(crate) bundles: BTreeMap<DeviceId, VerifiedKeyBundle>,
    pub(crate) profile: Option<VerifiedProfile>,
    pub(crate) addresses: BTreeMap<NodeId, VerifiedAddresses>,
    pub(crate) asked_ms: u64,
}

impl Correspondent {
    fn new(list: VerifiedDeviceList) -> Self {
        Self {
            list,
            bundles: BTreeMap::new(),
            profile: None,
            addresses: BTreeMap::new(),
            asked_ms: 0,
        }
    }

    /// Reads a row of ours; what no longer verifies is left out, and asked for again.
    fn from_row(row: CorrespondentRow) -> Option<Self> {
        let mut person = Self::new(row.list.verify().ok()?);
        person.asked_ms = row.asked_ms;
        for bundle in row.bundles {
            if let Ok(bundle) = bundle.verify(&person.list) {
                person.bundles.insert(bundle.body().device, bundle);
            }
        }
        person.profile = row.profile.and_then(|profile| profile.verify(&person.list).ok());
        for addresses in row.addresses {
            if let Ok(addresses) = addresses.verify(&person.list) {
                person.addresses.insert(addresses.body().node, addresses);
            }
        }
        Some(person)
    }

    fn to_row(&self) -> CorrespondentRow {
        let mut row = CorrespondentRow {
            list: self.list.list().clone(),
            bundles: List::default(),
            profile: self.profile.as_ref().map(|p| Box::new(p.profile().clone())),
            addresses: List::default(),
            asked_ms: self.asked_ms,
        };
        // Both are keyed by what the list holds, which has no more entries than these bounds.
        for bundle in self.bundles.values() {
            let _ = row.bundles.push(bundle.bundle().clone());
        }
        for addresses in self.addresses.values() {
            let _ = row.addresses.push(addresses.record().clone());
        }
        row
    }

    /// Takes a device list if it is newer. A fork changes nothing: what was known stays.
    fn take_list(&mut self, list: &VerifiedDeviceList) -> bool {
        let newer = matches!(self.list.succession(list), Ok(Succession::Newer));
        if newer {
            self.list = list.clone();
            self.bundles.retain(|device, _| list.device(*device).is_some());
            self.addresses.retain(|node, _| list.device_at(*node).is_some());
        }
        newer
    }

    fn take_bundle(&mut self, bundle: VerifiedKeyBundle) -> bool {
        let device = bundle.body().device;
        let known = self.bundles.get(&device);
        let newer = known.is_none_or(|known| known.body().made_ms < bundle.body().made_ms);
        if newer && self.list.device(device).is_some() {
            self.bundles.insert(device, bundle);
        }
        newer
    }

    /// Takes a record of the directory if it is newer than what is known.
    fn take(&mut self, record: VerifiedRecord) {
        match record.into_body() {
            VerifiedRecordBody::DeviceList(list) => {
                self.take_list(&list);
            }
            VerifiedRecordBody::KeyBundle(bundle) => {
                self.take_bundle(bundle);
            }
            VerifiedRecordBody::Profile(profile) => {
                let order = |p: &VerifiedProfile| (p.body().list, p.body().counter);
                if self.profile.as_ref().is_none_or(|known| order(known) < order(&profile)) {
                    self.profile = Some(profile);
                }
            }
            VerifiedRecordBody::Addresses(addresses) => {
                let node = addresses.body().node;
                let known = self.addresses.get(&node).map(|known| known.body().sequence);
                if known.is_none_or(|known| known < addresses.body().sequence) {
                    self.addresses.insert(node, addresses);
                }
            }
        }
    }
}

impl Turn<'_> {
    /// Returns what is known of an account, from memory or its row.
    pub(crate) fn correspondent(
        &mut self,
        account: Address,
    ) -> ApiResult<Option<Arc<Correspondent>>> {
        if let Some(person) = self.open()?.letters.correspondents.get(&account) {
            return Ok(Some(Arc::clone(person)));
        }
        let row = self.read(&CORRESPONDENTS, &(), &account)?;
        let person = row.and_then(Correspondent::from_row).map(Arc::new);
        if let Some(person) = &person {
            self.open_mut()?.letters.correspondents.insert(account, Arc::clone(person));
        }
        Ok(person)
    }

    /// Returns which account a node belongs to, as far as is known.
    pub(crate) fn account_of(&mut self, node: NodeId) -> ApiResult<Option<Address>> {
        let account = self.read(&NODES, &(), &node)?.map(|row| row.0);
        let Some(account) = account else { return Ok(None) };
        // The list may have dropped the node since the row was written.
        let person = self.correspondent(account)?;
        Ok(person.and_then(|p| p.list.device_at(node).map(|_| account)))
    }

    /// Keeps what a sender's introduction brought.
    pub(crate) fn met(
        &mut self,
        list: &VerifiedDeviceList,
        bundle: Option<VerifiedKeyBundle>,
    ) -> ApiResult<Arc<Correspondent>> {
        let known = self.correspondent(list.account())?;
        if let Some(known) = &known
            && known.list.at() == list.at()
            && bundle.is_none()
        {
            return Ok(Arc::clone(known));
        }
        let mut changed = known.is_none();
        let mut person = match &known {
            Some(known) => Correspondent::clone(known),
            None => Correspondent::new(list.clone()),
        };
        changed |= person.take_list(list);
        if let Some(bundle) = bundle {
            changed |= person.take_bundle(bundle);
        }
        let person = Arc::new(person);
        if changed {
            self.keep_person(&person)?;
        }
        Ok(person)
    }

    /// Keeps what the directory answered about an account.
    pub(crate) fn learned(
        &mut self,
        account: Address,
        list: VerifiedDeviceList,
        records: Vec<VerifiedRecord>,
    ) -> ApiResult<()> {
        let known = self.correspondent(account)?;
        let mut person = match &known {
            Some(known) => Correspondent::clone(known),
            None => Correspondent::new(list),
        };
        for record in records {
            person.take(record);
        }
        person.asked_ms = self.now;
        self.keep_person(&Arc::new(person))
    }

    fn keep_person(&mut self, person: &Arc<Correspondent>) -> ApiResult<()> {
        let account = person.list.account();
        self.write(&CORRESPONDENTS, &(), &account, &person.to_row())?;
        for device in person.list.devices() {
            // A list does not prove that its account has the node: nobody takes one from a friend.
            let owner = self.account_of(device.node)?.filter(|owner| *owner != account);
            let is_friends = match owner {
                Some(owner) => self.standing(owner)?.comes_directly(),
                None => false,
            };
            if !is_friends {
                self.write(&NODES, &(), &device.node, &MailboxOf(account))?;
            }
        }
        for addresses in person.addresses.values() {
            let (peer, known) = (addresses.body().node, &addresses.body().addresses);
            let addresses = known.iter().map(|address| address.to_string()).collect();
            self.command(NetCommand::AddAddresses { peer, addresses });
        }
        self.open_mut()?.letters.correspondents.insert(account, Arc::clone(person));
        self.core.agenda.plan(Task::Seal(account), self.now);
        self.hurry_shares()
    }

    /// Asks the directory again if what is known of an account is old.
    pub(crate) fn refresh(&mut self, person: &Correspondent) {
        if person.asked_ms + FRESH_MS < self.now {
            self.core.agenda.plan(Task::LookUp(person.list.account()), self.now);
        }
    }
}
