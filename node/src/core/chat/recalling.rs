//! Taking a message back.

use super::rows::Room;
use crate::core::turn::Turn;
use magpie_protocol::{
    address::Address,
    api::{ApiError, ApiResult, ErrorCode},
    content::{Content, Kind, Recall},
    ids::MessageId,
};

impl Turn<'_> {
    /// Takes back one of the messages written to a friend, here and there. Errors: 20091, 20072 for
    /// one that is not one's own or was taken back, 20074, 20075, 21010.
    pub(crate) fn recall(&mut self, to: Address, target: MessageId) -> ApiResult<()> {
        let (room, _, row) = self.message(target)?;
        if room != Room::Direct(to) {
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
        self.check_writable(to)?;
        self.say(to, &Content::Recall(Recall { target })).map(drop)
    }
}
