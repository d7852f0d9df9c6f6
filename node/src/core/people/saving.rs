//! Writing a person's row, and with it the indexes and counts over all of them.

use super::rows::{
    BLOCKED, BLOCKED_MAX, Counts, FRIENDS, FRIENDS_MAX, Mark, PEOPLE, PEOPLE_COUNTS, PEOPLE_MAX,
    Person, REQUESTS, REQUESTS_MAX,
};
use crate::core::{letters::rows::TOKENS, turn::Turn};
use magpie_protocol::{
    address::Address,
    api::{ApiResult, ErrorCode},
};
use magpie_storage::{engine::Order, table::Keys};
use std::sync::Arc;

/// People in memory, at most.
const PEOPLE_KEPT: usize = 64;

impl Turn<'_> {
    /// Returns what is known about an account; a default row if it is nothing.
    pub(crate) fn person(&mut self, who: Address) -> ApiResult<Person> {
        Ok(self.read(&PEOPLE, &(), &who)?.unwrap_or_default())
    }

    /// As [`person`](Self::person), to read of one who is looked at again and again.
    pub(crate) fn known_person(&mut self, who: Address) -> ApiResult<Arc<Person>> {
        if let Some(known) = self.open()?.people.get(&who) {
            return Ok(Arc::clone(known));
        }
        let person = Arc::new(self.person(who)?);
        let people = &mut self.open_mut()?.people;
        if people.len() >= PEOPLE_KEPT {
            people.clear();
        }
        people.insert(who, Arc::clone(&person));
        Ok(person)
    }

    /// Returns the counts over all people.
    pub(crate) fn people_counts(&mut self) -> ApiResult<Counts> {
        Ok(self.read(&PEOPLE_COUNTS, &(), &())?.unwrap_or_default())
    }

    /// Returns whether a person's row may become this one: friends, the blacklist and people as a
    /// whole are bounded.
    pub(super) fn has_room(&mut self, old: &Person, new: &Person) -> ApiResult<bool> {
        let counts = self.people_counts()?;
        let one_more = |was: bool, is: bool, count: u32, most: u32| was || !is || count < most;
        Ok(one_more(old.is_friend(), new.is_friend(), counts.friends, FRIENDS_MAX)
            && one_more(old.is_blocked(), new.is_blocked(), counts.blocked, BLOCKED_MAX)
            && one_more(old.is_known(), true, counts.people, PEOPLE_MAX))
    }

    /// Writes a person's row in place of `old`, and returns it. Errors: 20084 if there is no room.
    pub(super) fn save_person(
        &mut self,
        who: Address,
        old: &Person,
        mut new: Person,
    ) -> ApiResult<Person> {
        if !self.has_room(old, &new)? {
            return Err(ErrorCode::TooManyContacts.into());
        }
        if old.request.is_none()
            && new.request.is_some()
            && self.people_counts()?.requests >= REQUESTS_MAX
        {
            self.drop_oldest_request()?;
        }
        new.updated_ms = self.now.max(1);
        self.replace(who, old, &new)?;
        Ok(new)
    }

    /// Deletes the request that counted longest ago, and who made it if they are nobody else.
    fn drop_oldest_request(&mut self) -> ApiResult<()> {
        let rows = self.rows()?;
        let first = REQUESTS.scan(&self.tx, &rows, &(), &Keys::all(), Order::Ascending, 1);
        let Some(((_, who), Mark)) = self.stored(first)?.pop() else { return Ok(()) };
        let old = self.person(who)?;
        let new = Person { request: None, ..old.clone() };
        if new.is_forgettable() {
            self.delete(&TOKENS, &(), &who)?;
        }
        self.replace(who, &old, &new)
    }

    /// Writes a row, its index entries and the counts.
    fn replace(&mut self, who: Address, old: &Person, new: &Person) -> ApiResult<()> {
        let mut counts = self.people_counts()?;
        let count = |of: &mut u32, was: bool, is: bool| {
            *of = of.saturating_add(is.into()).saturating_sub(was.into());
        };
        let gone = new.is_forgettable();
        self.open_mut()?.people.remove(&who);
        if gone {
            self.delete(&PEOPLE, &(), &who)?;
        } else {
            self.write(&PEOPLE, &(), &who, new)?;
        }
        count(&mut counts.people, old.is_known(), !gone);
        if old.is_friend() != new.is_friend() {
            match new.is_friend() {
                true => self.write(&FRIENDS, &(), &who, &Mark)?,
                false => self.delete(&FRIENDS, &(), &who)?,
            }
        }
        count(&mut counts.friends, old.is_friend(), new.is_friend());
        let place = |person: &Person| person.request.as_ref().map(|request| (request.at_ms, who));
        if place(old) != place(new) {
            if let Some(key) = place(old) {
                self.delete(&REQUESTS, &(), &key)?;
            }
            if let Some(key) = place(new) {
                self.write(&REQUESTS, &(), &key, &Mark)?;
            }
        }
        count(&mut counts.requests, old.request.is_some(), new.request.is_some());
        let unseen = |person: &Person| {
            person.is_waiting() && person.request.as_ref().is_some_and(|request| !request.seen)
        };
        count(&mut counts.unseen, unseen(old), unseen(new));
        if old.blocked_ms != new.blocked_ms {
            if let Some(since) = old.blocked_ms {
                self.delete(&BLOCKED, &(), &(since, who))?;
            }
            if let Some(since) = new.blocked_ms {
                self.write(&BLOCKED, &(), &(since, who), &Mark)?;
            }
            counts.blocked_version += 1;
        }
        count(&mut counts.blocked, old.is_blocked(), new.is_blocked());
        if old.is_friend() || new.is_friend() {
            counts.contact_version += 1;
        }
        self.write(&PEOPLE_COUNTS, &(), &(), &counts)
    }
}
