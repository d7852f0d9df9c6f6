//! Asking the directory: several super nodes answer, the newest signed record counts (page 5).

use crate::core::{agenda::Task, net::Protocol, requests::Purpose, turn::Turn};
use magpie_protocol::{
    address::{Address, NodeId},
    api::ApiResult,
    bounded::List,
    codec::{decode, encode},
    directory::{Answer, Found, Query, Request, gather},
    record::{RecordKey, RecordKind, VerifiedDeviceList, VerifiedRecord},
};
use std::collections::BTreeMap;

/// Look-ups under way at once; the next ones wait for their turn.
const LOOKUPS: usize = 64;

/// One question to the directory.
#[derive(Debug, Default)]
pub(crate) struct LookUp {
    /// Super nodes that have not answered or failed yet.
    open: usize,
    /// Super nodes that answered.
    answered: usize,
    list: Option<VerifiedDeviceList>,
    records: BTreeMap<RecordKey, VerifiedRecord>,
}

impl Turn<'_> {
    /// Asks every super node about an account.
    pub(crate) fn look_up(&mut self, account: Address) -> ApiResult<()> {
        let supers = self.core.supers();
        let lookups = &self.open()?.letters.lookups;
        if lookups.contains_key(&account) {
            return Ok(());
        }
        if lookups.len() >= LOOKUPS {
            self.retry(Task::LookUp(account));
            return Ok(());
        }
        let kinds = [
            RecordKind::DeviceList,
            RecordKind::KeyBundle,
            RecordKind::Profile,
            RecordKind::Addresses,
        ];
        let query = Query { account, kinds: List::new(kinds.to_vec()).unwrap_or_default() };
        let request = Request::Get(List::new(vec![query]).unwrap_or_default());
        let Ok(bytes) = encode(&request) else { return Ok(()) };
        let mut lookup = LookUp::default();
        for node in supers {
            if self.ask(node, Protocol::Record, bytes.clone(), Purpose::LookUp(account)) {
                lookup.open += 1;
            }
        }
        if lookup.open == 0 {
            self.retry(Task::LookUp(account));
        } else {
            self.open_mut()?.letters.lookups.insert(account, lookup);
        }
        Ok(())
    }

    /// Takes one super node's answer to a look-up, or that there is none.
    pub(crate) fn looked_up(
        &mut self,
        account: Address,
        _from: NodeId,
        answer: Option<&[u8]>,
    ) -> ApiResult<()> {
        let known = self.correspondent(account)?.map(|person| person.list);
        let letters = &mut self.open_mut()?.letters;
        let Some(lookup) = letters.lookups.get_mut(&account) else { return Ok(()) };
        lookup.open = lookup.open.saturating_sub(1);
        let found = answer.and_then(|bytes| decode::<Answer>(bytes).ok());
        if let Some(Answer::Found(found)) = found
            && let Some(Found::Records(records)) = found.into_iter().next()
        {
            lookup.answered += 1;
            let known = lookup.list.as_ref().or(known.as_ref());
            let gathered = gather(account, known, &records);
            lookup.list = gathered.list;
            for (key, record) in gathered.records {
                let kept = lookup.records.get(&key);
                if kept.is_none_or(|kept| record.replaces(&kept.order())) {
                    lookup.records.insert(key, record);
                }
            }
        }
        let enough = self.core.enough_to_read();
        let letters = &mut self.open_mut()?.letters;
        let Some(lookup) = letters.lookups.get(&account) else { return Ok(()) };
        if lookup.answered < enough && lookup.open > 0 {
            return Ok(());
        }
        let Some(lookup) = letters.lookups.remove(&account) else { return Ok(()) };
        match lookup.list {
            Some(list) => {
                self.core.agenda.went_well(Task::LookUp(account));
                self.learned(account, list, lookup.records.into_values().collect())
            }
            None => {
                // Nobody knows the address, or nobody answered: both may change.
                self.retry(Task::LookUp(account));
                Ok(())
            }
        }
    }

    /// Puts a task that failed back on the agenda.
    pub(crate) fn retry(&mut self, task: Task) {
        let jitter = self.rng.next_u32();
        self.core.agenda.retry(task, self.now, jitter);
    }
}
