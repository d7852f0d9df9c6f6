//! What others say: asking, answering, parting, blocking, showing themselves anew.

use super::rows::{ASK_EVERY_MS, Answered, Person, Request};
use crate::core::{
    letters::sender::{Refusal, Sender, Taken},
    turn::Turn,
};
use magpie_protocol::{
    api::{
        ApiResult,
        event::{Event, FriendAnswer as Answer, FriendGone},
    },
    content::{Blocked, Deleted, FriendAnswer, FriendRequest},
    record::Card,
    token::Token,
};

impl Turn<'_> {
    /// Hears a request: it waits for an answer, or is the answer if this account asked, too.
    pub(crate) fn hear_request(
        &mut self,
        from: Sender,
        request: FriendRequest,
    ) -> ApiResult<Taken> {
        let old = self.person(from.account)?;
        if old.is_blocked() {
            return Ok(Taken::Refused(Refusal::Blocked));
        }
        let again_at = old.heard_ask_ms.saturating_add(ASK_EVERY_MS);
        let is_repeated = (old.is_friend() || old.is_waiting()) && self.now < again_at;
        if request.asked_ms <= old.their_ask_ms || is_repeated {
            return Ok(Taken::Kept);
        }
        let mut new = old.clone();
        new.their_ask_ms = request.asked_ms;
        new.heard_ask_ms = self.now;
        if !take_card(&mut new, from, request.card) {
            return Ok(Taken::Refused(Refusal::Malformed));
        }
        if old.is_friend() || old.asked.is_some() {
            // A friend who asks lost this account, or its answer: it is given again.
            return self.make_friend(from, &old, new, request.token, true);
        }
        let before = old.request.as_ref().filter(|_| old.is_waiting());
        new.request = Some(Request {
            greeting: request.greeting.into_string(),
            again: before.map_or(0, |before| before.again.saturating_add(1)),
            since_ms: before.map_or(self.now, |before| before.since_ms),
            at_ms: self.now,
            state: Answered::Waiting,
            seen: false,
        });
        if !self.has_room(&old, &new)? {
            return Ok(Taken::Refused(Refusal::Full));
        }
        let new = self.save_person(from.account, &old, new)?;
        self.take_token(from.account, request.token)?;
        if let Some(row) = self.apply_row(from.account, &new) {
            self.emit(Event::FriendRequest(row))?;
        }
        Ok(Taken::Kept)
    }

    /// Hears an answer to one's own request; anybody else's acceptance is refused.
    pub(crate) fn hear_answer(&mut self, from: Sender, answer: FriendAnswer) -> ApiResult<Taken> {
        let old = self.person(from.account)?;
        if old.is_blocked() {
            return Ok(Taken::Refused(Refusal::Blocked));
        }
        match answer {
            FriendAnswer::Accepted { card, token } => {
                if !old.is_friend() && old.asked.is_none() {
                    return Ok(Taken::Refused(Refusal::NotFriend));
                }
                let mut new = old.clone();
                if !take_card(&mut new, from, *card) {
                    return Ok(Taken::Refused(Refusal::Malformed));
                }
                self.make_friend(from, &old, new, token, false)
            }
            FriendAnswer::Declined if old.asked.is_some() => {
                let new = Person { asked: None, ..old.clone() };
                self.save_person(from.account, &old, new)?;
                self.withdraw_token(from.account)?;
                let answer = Answer { node_id: from.account, accepted: false };
                self.emit(Event::FriendRequestAnswered(answer))?;
                Ok(Taken::Kept)
            }
            FriendAnswer::Declined => Ok(Taken::Kept),
        }
    }

    /// Makes the sender a friend, or takes in what is new of one.
    fn make_friend(
        &mut self,
        from: Sender,
        old: &Person,
        mut new: Person,
        token: Token,
        answers: bool,
    ) -> ApiResult<Taken> {
        if !old.is_friend() {
            new.befriend(self.now);
        }
        if !self.has_room(old, &new)? {
            return Ok(Taken::Refused(Refusal::Full));
        }
        let is_changed = !old.is_friend() || new.card != old.card;
        let new = self.save_person(from.account, old, new)?;
        self.take_token(from.account, token)?;
        if answers {
            self.post_acceptance(from.account)?;
        }
        if !old.is_friend() {
            let answer = Answer { node_id: from.account, accepted: true };
            self.emit(Event::FriendRequestAnswered(answer))?;
        }
        if is_changed {
            self.contact_changed(from.account, &new)?;
        }
        Ok(Taken::Kept)
    }

    /// Hears that someone ended the friendship.
    pub(crate) fn hear_deleted(&mut self, from: Sender, deleted: Deleted) -> ApiResult<Taken> {
        let old = self.person(from.account)?;
        // What was said before they asked is out of date.
        if !old.is_friend() || deleted.at_ms < old.their_ask_ms {
            return Ok(Taken::Kept);
        }
        let mut new = old.clone();
        new.part();
        self.save_person(from.account, &old, new)?;
        self.withdraw_token(from.account)?;
        self.emit(Event::FriendDeleted(FriendGone { node_id: from.account }))?;
        Ok(Taken::Kept)
    }

    /// Hears that someone blocked this account, or no longer does.
    pub(crate) fn hear_blocked(&mut self, from: Sender, blocked: Blocked) -> ApiResult<Taken> {
        let old = self.person(from.account)?;
        if !old.is_known() {
            return Ok(Taken::Refused(Refusal::NotFriend));
        }
        if blocked.at_ms <= old.blocked_by_ms {
            return Ok(Taken::Kept);
        }
        let mut new = old.clone();
        new.blocked_by = blocked.on;
        new.blocked_by_ms = blocked.at_ms;
        let new = self.save_person(from.account, &old, new)?;
        if new.is_friend() && new.blocked_by != old.blocked_by {
            self.contact_changed(from.account, &new)?;
        }
        Ok(Taken::Kept)
    }

    /// Hears how a friend shows themselves now.
    pub(crate) fn hear_card(&mut self, from: Sender, card: Card) -> ApiResult<Taken> {
        let old = self.person(from.account)?;
        if old.is_blocked() {
            return Ok(Taken::Refused(Refusal::Blocked));
        }
        if !old.is_friend() {
            return Ok(Taken::Refused(Refusal::NotFriend));
        }
        let mut new = old.clone();
        if !take_card(&mut new, from, card) {
            return Ok(Taken::Refused(Refusal::Malformed));
        }
        if new.card != old.card {
            let new = self.save_person(from.account, &old, new)?;
            self.contact_changed(from.account, &new)?;
        }
        Ok(Taken::Kept)
    }
}

/// Takes a card in if the account key signed its key part for the sender's term.
fn take_card(person: &mut Person, from: Sender, card: Card) -> bool {
    let verified = card.verify_in_term(from.account, from.list_version.term);
    verified.map(|verified| person.take_card(verified.card().clone())).is_ok()
}
