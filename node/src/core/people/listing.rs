//! Lists of people: contacts, requests, the blacklist.

use super::{
    rows::{BLOCKED, BLOCKED_MAX, Mark, Person, REQUESTS, REQUESTS_MAX},
    showing::blocked_row,
};
use crate::core::turn::Turn;
use magpie_protocol::{
    address::Address,
    api::{
        ApiResult,
        contact::{ApplyRow, BlockedRow, ContactRow},
    },
};
use magpie_storage::{engine::Order, personal::PersonalTable, table::Keys};

impl Turn<'_> {
    /// Lists the friends.
    pub(crate) fn list_contacts(&mut self) -> ApiResult<Vec<ContactRow>> {
        let mut rows = Vec::new();
        for who in self.friends()? {
            let person = self.person(who)?;
            rows.push(self.contact_row(who, &person)?);
        }
        Ok(rows)
    }

    /// Lists the requests, newest first.
    pub(crate) fn list_requests(&mut self) -> ApiResult<Vec<ApplyRow>> {
        let mut rows = Vec::new();
        for who in self.newest(&REQUESTS, REQUESTS_MAX)? {
            let person = self.person(who)?;
            rows.extend(self.apply_row(who, &person));
        }
        Ok(rows)
    }

    /// Notes that all requests were looked at.
    pub(crate) fn see_requests(&mut self) -> ApiResult<()> {
        if self.people_counts()?.unseen == 0 {
            return Ok(());
        }
        for who in self.newest(&REQUESTS, REQUESTS_MAX)? {
            let old = self.person(who)?;
            let Some(mut request) = old.request.clone().filter(|request| !request.seen) else {
                continue;
            };
            request.seen = true;
            self.save_person(who, &old, Person { request: Some(request), ..old.clone() })?;
        }
        Ok(())
    }

    /// Lists `size` of the blacklist, newest first, after skipping `skip`; a keyword is part of the
    /// remark, the nickname or the address, in any case.
    pub(crate) fn list_blocked(
        &mut self,
        keyword: &str,
        skip: usize,
        size: usize,
    ) -> ApiResult<Vec<BlockedRow>> {
        let keyword = keyword.to_lowercase();
        let (mut skip, mut rows) = (skip, Vec::new());
        for who in self.newest(&BLOCKED, BLOCKED_MAX)? {
            if rows.len() == size {
                break;
            }
            let person = self.person(who)?;
            let said = [person.remark.clone(), person.nickname(who), who.to_string()];
            if !said.iter().any(|text| text.to_lowercase().contains(&keyword)) {
                continue;
            }
            match skip.checked_sub(1) {
                Some(left) => skip = left,
                None => rows.push(blocked_row(who, &person)),
            }
        }
        Ok(rows)
    }

    /// Returns who stands in an index by time, newest first.
    fn newest(
        &mut self,
        index: &PersonalTable<(), (u64, Address), Mark>,
        most: u32,
    ) -> ApiResult<Vec<Address>> {
        let rows = self.rows()?;
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let found = index.scan(&self.tx, &rows, &(), &Keys::all(), Order::Descending, most);
        Ok(self.stored(found)?.into_iter().map(|((_, who), _)| who).collect())
    }
}
