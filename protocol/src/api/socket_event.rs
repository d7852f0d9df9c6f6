//! Registering for events; what arrives is in [`event`](super::event).

use super::{field::NonEmptyText, methods::methods, shape::Empty};
use crate::limits;
use serde::{Deserialize, Deserializer, Serialize, de};
use utoipa::ToSchema;

methods! {
    /// Registering for events, which then arrive on the WebSocket with the identifier given here.
    pub trait SocketEvent = "socketEvent" {
        /// Registers for friend requests, and for changes of contacts.
        "addContactEventHandler" add_contact_event_handler(Subscribe) -> Empty, read;
        /// Registers for changes of groups and their members.
        "addGroupEventHandler" add_group_event_handler(Subscribe) -> Empty, read;
        /// Registers for messages and changes of conversations.
        "addReceive" add_receive(Subscribe) -> Empty, read;
    }
}

/// The name under which events are to arrive.
pub type Identifier = NonEmptyText<{ limits::EVENT_IDENTIFIER_CHARS }>;

/// A registration. Registering an identifier again changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Subscribe {
    /// The name under which events are to arrive; may also be sent as `id`.
    pub identifier: Identifier,
}

impl<'de> Deserialize<'de> for Subscribe {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        /// The two names; a serde alias would refuse a request that carries both.
        #[derive(Deserialize)]
        struct Names {
            identifier: Option<Identifier>,
            id: Option<Identifier>,
        }
        let Names { identifier, id } = Names::deserialize(deserializer)?;
        let identifier = identifier.or(id).ok_or_else(|| de::Error::missing_field("identifier"))?;
        Ok(Self { identifier })
    }
}
