//! Posting: a rule hands over a payload and goes on; the rest follows by itself.

use super::rows::{NEXT_WAITING, WAITING, Waiting};
use crate::core::turn::Turn;
use magpie_protocol::{
    address::Address,
    api::{ApiError, ApiResult, ErrorCode},
    bounded::Blob,
    content::Payload,
    ids::MessageId,
};

impl Turn<'_> {
    /// Sends a payload to every device of an account, and of one's own account where they have to
    /// know. It is durable with this step's batch; `about` names the message whose progress the
    /// delivery decides. Errors: 20059 for a payload that no envelope holds.
    pub(crate) fn post(
        &mut self,
        to: Address,
        payload: &Payload,
        about: Option<MessageId>,
    ) -> ApiResult<()> {
        let too_large = |_| ApiError::from(ErrorCode::SendMessage);
        let bytes = payload.to_bytes().map_err(too_large)?;
        let payload = Blob::new(bytes).map_err(|_| ApiError::from(ErrorCode::SendMessage))?;
        let mut next = self.read(&NEXT_WAITING, &(), &())?.unwrap_or_default();
        let row = Waiting { to, payload, about, since_ms: self.now };
        self.write(&WAITING, &(), &next.0, &row)?;
        next.0 += 1;
        self.write(&NEXT_WAITING, &(), &(), &next)
    }

    /// Sends a payload that is worth nothing later, as that somebody is writing.
    pub(crate) fn whisper(&mut self, to: Address, payload: &Payload) -> ApiResult<()> {
        self.post(to, payload, None)
    }
}
