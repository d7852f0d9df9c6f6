//! Taking a message back.

use super::rows::Room;
use crate::core::turn::Turn;
use magpie_protocol::{
    api::{ApiError, ApiResult, ErrorCode},
    content::{Content, Kind, Recall},
    ids::MessageId,
};

impl Turn<'_> {
    /// Takes back one of the messages written in a conversation, here and there. Errors: 20043 for a
    /// group that is not known, 20091, 20072 for one that is not one's own or was taken back, and
    /// those of [`check_writable`](Turn::check_writable).
    pub(crate) fn recall(&mut self, room: Room, target: MessageId) -> ApiResult<()> {
        self.check_known(room)?;
        let (found, _, row) = self.message(target)?;
        if found != room {
            return Err(ErrorCode::MessageUnknown.into());
        }
        if !self.is_own(row.author)? {
            return Err(ApiError::new(
                ErrorCode::MessageState,
                "only who wrote a message can take it back",
            ));
        }
        if row.kind == Kind::RECALL {
            return Err(ApiError::new(ErrorCode::MessageState, "it was taken back already"));
        }
        self.check_writable(room)?;
        self.say(room, &Content::Recall(Recall { target })).map(drop)
    }
}
