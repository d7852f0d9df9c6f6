//! Messages and conversations: `request` is what a caller asks with, `row` what it is answered with.

mod request;
mod row;

pub use request::{
    AckMessages, Calls, Chat, GetConversation, GetMessage, ListMessages, METHODS, MODULE,
    MessageRefs, PageMark, RecallMessage, SendText, SetRead, Typing, dispatch,
};
pub use row::{ConversationRow, MessageRow, MessageSource, MessageState, SendState};

#[cfg(test)]
pub(crate) use request::check;
