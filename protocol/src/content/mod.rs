//! What two devices say inside a session: the plaintext of an Olm message (page 3).
//!
//! In: plaintext from a session, and who the session is with. Out: a [`Payload`]; a [`Message`]
//! among them becomes a [`VerifiedMessage`] with its id and place in the conversation. What this
//! build does not know is kept as bytes, to be shown as "needs a newer Magpie".

mod clock;
mod group;
mod kind;
mod message;
mod money;
mod payload;

pub use clock::{ClockError, OrderKey, Place, check_clock, next_clock};
pub use group::{GroupOperations, GroupSecrets, GroupSession, GroupWanted, MegolmKey};
pub use kind::{Content, ContentError, Kind, MessageText, Recall, System, SystemEvent};
pub use message::{Conversation, Message, MessageError, Messages, VerifiedMessage};
pub use money::{
    Audience, MoneyError, PacketCard, PacketMessage, PacketNotice, TransferCard, TransferMessage,
    TransferNotice, WordLock,
};
pub use payload::{
    Blocked, Deleted, DeliveryReceipt, FriendAnswer, FriendRequest, Payload, PayloadError, Typing,
    UnreadEnvelopes,
};

#[cfg(test)]
mod money_tests;
#[cfg(test)]
mod tests;
