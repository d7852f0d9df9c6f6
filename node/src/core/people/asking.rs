//! What this account says: asking, accepting, declining, parting, remarking.

use super::rows::{ASK_EVERY_MS, Asked, Person};
use crate::core::turn::Turn;
use magpie_protocol::{
    address::Address,
    api::{ApiError, ApiResult, ErrorCode, event::Event},
    bounded::Text,
    content::{Deleted, FriendAnswer, FriendRequest, Payload},
    limits::GREETING_CHARS,
};

impl Turn<'_> {
    /// Returns 600 for one's own address, of which a call about others makes no sense.
    pub(super) fn check_other(&self, who: Address) -> ApiResult<()> {
        if who == self.open()?.account.address {
            return Err(ApiError::new(
                ErrorCode::BadParameter,
                "nodeId: is your own address, it must be another person's",
            ));
        }
        Ok(())
    }

    /// Returns a friend's row, or 20058.
    pub(crate) fn friend(&mut self, who: Address) -> ApiResult<Person> {
        let person = self.person(who)?;
        if person.is_friend() { Ok(person) } else { Err(ErrorCode::ContactUnknown.into()) }
    }

    /// Asks someone to become a friend, or accepts if they asked. Asking again is posted again, at
    /// most once in [`ASK_EVERY_MS`]. Errors: 600, 20063, 20074, 20075, 20084, 21011.
    pub(crate) fn ask(
        &mut self,
        who: Address,
        greeting: Text<GREETING_CHARS>,
        remark: Option<String>,
    ) -> ApiResult<()> {
        self.check_other(who)?;
        let old = self.person(who)?;
        old.check_blocks()?;
        if old.is_friend() {
            return Err(ErrorCode::AlreadyFriends.into());
        }
        self.check_room_on_way()?;
        let remark = remark.filter(|remark| !remark.is_empty());
        if old.is_waiting() {
            return self.accept(who, remark);
        }
        let now = self.now;
        let is_posted =
            old.asked.as_ref().is_some_and(|asked| now < asked.posted_ms + ASK_EVERY_MS);
        let mut new = old.clone();
        new.remark = remark.unwrap_or(new.remark);
        let asked_ms = if is_posted { now } else { new.say_at(now) };
        if !is_posted {
            new.asked = Some(Asked { posted_ms: now });
        }
        let card = self.own_card()?;
        self.save_person(who, &old, new)?;
        if is_posted {
            return Ok(());
        }
        let token = self.give_token(who)?;
        let request = FriendRequest { greeting, card, token, asked_ms };
        self.post(who, &Payload::FriendRequest(Box::new(request)), None)
    }

    /// Accepts a request; doing so again changes nothing but the remark. Errors: 20058 without a
    /// request, 20063, 20074, 20075, 20084.
    pub(crate) fn accept(&mut self, who: Address, remark: Option<String>) -> ApiResult<()> {
        self.check_other(who)?;
        let old = self.person(who)?;
        old.check_blocks()?;
        if old.request.is_none() {
            return Err(match old.is_friend() {
                true => ErrorCode::AlreadyFriends.into(),
                false => ApiError::new(ErrorCode::ContactUnknown, "this person has not asked you"),
            });
        }
        let mut new = old.clone();
        new.remark = remark.unwrap_or(new.remark);
        if !old.is_friend() {
            new.befriend(self.now);
        } else if new == old {
            return Ok(());
        }
        let new = self.save_person(who, &old, new)?;
        if !old.is_friend() {
            self.post_acceptance(who)?;
        }
        self.contact_changed(who, &new)
    }

    /// Tells someone that they are a friend, with the token that lets their mail in.
    pub(super) fn post_acceptance(&mut self, who: Address) -> ApiResult<()> {
        let card = Box::new(self.own_card()?);
        let token = self.give_token(who)?;
        let accepted = FriendAnswer::Accepted { card, token };
        self.post(who, &Payload::FriendAnswer(Box::new(accepted)), None)
    }

    /// Deletes someone's request; one that waits is declined. Errors: 20058 without one.
    pub(crate) fn delete_request(&mut self, who: Address) -> ApiResult<()> {
        let old = self.person(who)?;
        if old.request.is_none() {
            return Err(ApiError::new(ErrorCode::ContactUnknown, "this person has not asked you"));
        }
        let declines = old.is_waiting();
        self.save_person(who, &old, Person { request: None, ..old.clone() })?;
        if declines {
            self.post(who, &Payload::FriendAnswer(Box::new(FriendAnswer::Declined)), None)?;
        }
        Ok(())
    }

    /// Ends a friendship and tells the other side. What was written stays. Errors: 20058.
    pub(crate) fn unfriend(&mut self, who: Address) -> ApiResult<()> {
        let old = self.friend(who)?;
        let mut new = old.clone();
        new.part();
        let at_ms = new.say_at(self.now);
        self.save_person(who, &old, new)?;
        self.withdraw_token(who)?;
        self.post(who, &Payload::Deleted(Box::new(Deleted { at_ms })), None)
    }

    /// Changes the remark on a friend. Errors: 20058.
    pub(crate) fn remark(&mut self, who: Address, remark: String) -> ApiResult<()> {
        let old = self.friend(who)?;
        if old.remark == remark {
            return Ok(());
        }
        let new = self.save_person(who, &old, Person { remark, ..old.clone() })?;
        self.contact_changed(who, &new)
    }

    /// Tells listeners how a friend stands now.
    pub(super) fn contact_changed(&mut self, who: Address, person: &Person) -> ApiResult<()> {
        let row = self.contact_row(who, person)?;
        self.emit(Event::ContactChanged(row))
    }
}

impl Person {
    /// Returns 20074 or 20075 if either side blocked the other.
    pub(crate) fn check_blocks(&self) -> ApiResult<()> {
        if self.is_blocked() {
            return Err(ErrorCode::Blocked.into());
        }
        if self.blocked_by {
            return Err(ErrorCode::BlockedByPeer.into());
        }
        Ok(())
    }
}
