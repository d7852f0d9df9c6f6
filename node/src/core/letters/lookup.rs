//! Asking the directory: several super nodes answer, the newest signed record counts (page 5).

use crate::core::{agenda::Task, net::Protocol, people::user_info, requests::Purpose, turn::Turn};
use magpie_protocol::{
    address::{Address, NodeId},
    api::{Answer as Answered, ApiError, ApiResult, Data, ErrorCode, contact::UserInfo},
    bounded::List,
    codec::{decode, encode},
    directory::{Answer, Found, Query, Request, gather},
    record::{RecordKey, RecordKind, VerifiedDeviceList, VerifiedRecord},
};
use std::collections::BTreeMap;

/// Look-ups under way at once; the next ones wait for their turn.
pub(crate) const LOOKUPS: usize = 64;

/// Calls that wait for look-ups, at most.
pub(crate) const CALLS: usize = 64;

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
    /// Answers a call about somebody of whom nothing is known here, from the directory, or with 20058
    /// when it knows nothing either.
    pub(crate) fn info_later(&mut self, who: Address) -> ApiResult<Answered<UserInfo>> {
        if let Some(info) = self.directory_info(who)? {
            return Ok(Answered::Now(info));
        }
        let call = self.call.ok_or(ErrorCode::Unexpected)?;
        if self.core.supers().is_empty() {
            return Err(ErrorCode::ContactUnknown.into());
        }
        let asking = &mut self.open_mut()?.letters.asking;
        if asking.len() >= CALLS {
            return Err(ErrorCode::RateLimited.into());
        }
        asking.push((who, call));
        self.core.agenda.plan(Task::LookUp(who), self.now);
        Ok(Answered::Later)
    }

    fn directory_info(&mut self, who: Address) -> ApiResult<Option<UserInfo>> {
        let Some(known) = self.correspondent(who)? else { return Ok(None) };
        let list = known.list.at();
        let card = known.profile.clone().and_then(|profile| profile.card());
        Ok(card.map(|card| user_info(who, card.card(), 0, u64::from(list.version))))
    }

    /// Answers the calls that waited for a look-up.
    fn answer_asking(&mut self, who: Address) -> ApiResult<()> {
        let asking = &mut self.open_mut()?.letters.asking;
        let (answered, rest): (Vec<_>, Vec<_>) =
            std::mem::take(asking).into_iter().partition(|(asked, _)| *asked == who);
        *asking = rest;
        if answered.is_empty() {
            return Ok(());
        }
        let info = self.directory_info(who)?;
        for (_, call) in answered {
            let answer = match &info {
                Some(info) => {
                    Data::of(info).map_err(|e| ApiError::new(ErrorCode::Unexpected, e.to_string()))
                }
                None => Err(ErrorCode::ContactUnknown.into()),
            };
            self.answer(call, answer);
        }
        Ok(())
    }

    /// Asks every super node about an account.
    pub(crate) fn look_up(&mut self, account: Address) -> ApiResult<()> {
        let supers = self.core.supers();
        let lookups = &self.open()?.letters.lookups;
        // Without a network there is nobody to ask; what waits is taken up when there is one.
        if supers.is_empty() || lookups.contains_key(&account) {
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
            if self.ask_peer(node, Protocol::Record, bytes.clone(), Purpose::LookUp(account)) {
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
        let known = self.correspondent(account)?.map(|person| person.list.clone());
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
                self.learned(account, list, lookup.records.into_values().collect())?;
            }
            // Nobody knows the address, or nobody answered: both may change. Only letters that
            // wait are reason enough to ask again.
            None if self.has_waiting(account)? => self.retry(Task::LookUp(account)),
            None => self.core.agenda.went_well(Task::LookUp(account)),
        }
        self.answer_asking(account)
    }

    /// Puts a task that failed back on the agenda.
    pub(crate) fn retry(&mut self, task: Task) {
        let jitter = self.rng.next_u32();
        self.core.agenda.retry(task, self.now, jitter);
    }
}
