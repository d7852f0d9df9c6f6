//! The blacklist.

use super::rows::Person;
use crate::core::turn::Turn;
use magpie_protocol::{
    address::Address,
    api::ApiResult,
    content::{Blocked, Payload},
};

impl Turn<'_> {
    /// Puts someone on the blacklist and tells them if they know this account; a second time
    /// changes nothing. Errors: 600, 20084.
    pub(crate) fn block(&mut self, who: Address) -> ApiResult<()> {
        self.check_other(who)?;
        let old = self.person(who)?;
        if old.is_blocked() {
            return Ok(());
        }
        let mut new = Person { blocked_ms: Some(self.now), asked: None, ..old.clone() };
        if old.is_waiting() {
            new.request = None;
        }
        let at_ms = new.say_at(self.now);
        let new = self.save_person(who, &old, new)?;
        self.withdraw_token(who)?;
        if old.is_friend() || old.is_waiting() || old.asked.is_some() {
            self.post_block(who, Blocked { on: true, at_ms })?;
        }
        if new.is_friend() {
            self.contact_changed(who, &new)?;
        }
        Ok(())
    }

    /// Takes someone off the blacklist; if there they are not, nothing changes. A friend is told, and
    /// given a token in place of the one that was withdrawn.
    pub(crate) fn unblock(&mut self, who: Address) -> ApiResult<()> {
        self.check_other(who)?;
        let old = self.person(who)?;
        if !old.is_blocked() {
            return Ok(());
        }
        let mut new = Person { blocked_ms: None, ..old.clone() };
        let at_ms = new.say_at(self.now);
        let new = self.save_person(who, &old, new)?;
        // Who was told of the block is told of its end, even if they are no friend.
        if old.was_friend || old.card.is_some() {
            self.post_block(who, Blocked { on: false, at_ms })?;
        }
        if new.is_friend() {
            self.post_acceptance(who)?;
            self.contact_changed(who, &new)?;
        }
        Ok(())
    }

    fn post_block(&mut self, who: Address, blocked: Blocked) -> ApiResult<()> {
        self.post(who, &Payload::Blocked(Box::new(blocked)), None)
    }
}
