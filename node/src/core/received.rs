//! A payload whose sender is proven: which rule it belongs to.

use crate::core::{
    letters::sender::{Refusal, Sender, Taken},
    turn::Turn,
};
use magpie_protocol::{api::ApiResult, content::Payload};

impl Turn<'_> {
    /// Takes a payload in and returns what its sender's device is told. What is refused changes
    /// nothing, what came before has no second effect. An error is a broken store.
    pub(crate) fn received(&mut self, from: Sender, payload: Payload) -> ApiResult<Taken> {
        let is_own = from.account == self.open()?.account.address;
        match payload {
            Payload::Message(message) => Ok(self.hear_messages(from, vec![*message])?.0),
            Payload::Messages(several) => {
                Ok(self.hear_messages(from, several.messages.into_vec())?.0)
            }
            // One's other devices tell messages alone so far.
            _ if is_own => Ok(Taken::Refused(Refusal::Unserved)),
            Payload::Receipt(receipt) => self.hear_receipt(from, *receipt),
            Payload::FriendRequest(request) => self.hear_request(from, *request),
            Payload::FriendAnswer(answer) => self.hear_answer(from, *answer),
            Payload::Card(card) => self.hear_card(from, *card),
            Payload::Deleted(deleted) => self.hear_deleted(from, *deleted),
            Payload::Blocked(blocked) => self.hear_blocked(from, *blocked),
            Payload::Typing(typing) => self.hear_typing(from, *typing),
            // Keys, device lists and what could not be read are the letters' own.
            Payload::OneTimeKey(_) | Payload::DeviceListNotice(_) | Payload::Unread(_) => {
                Ok(Taken::Kept)
            }
            Payload::GroupOperations(operations) => self.hear_operations(from, *operations),
            Payload::GroupSecrets(secrets) => self.hear_secrets(from, *secrets),
            Payload::GroupSession(session) => self.hear_session(from, *session),
            Payload::GroupWanted(wanted) => self.hear_wanted(from, *wanted),
            Payload::Unknown { .. } => Ok(Taken::Refused(Refusal::Unserved)),
        }
    }
}
