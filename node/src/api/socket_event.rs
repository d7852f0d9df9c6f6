//! Registering for events.

use crate::core::Turn;
use magpie_protocol::api::{
    ApiResult,
    event::EventClass,
    shape::Empty,
    socket_event::{SocketEvent, Subscribe},
};

impl SocketEvent for Turn<'_> {
    fn add_contact_event_handler(&mut self, request: Subscribe) -> ApiResult<Empty> {
        self.subscribe(EventClass::Contact, request.identifier)
    }

    fn add_group_event_handler(&mut self, request: Subscribe) -> ApiResult<Empty> {
        self.subscribe(EventClass::Group, request.identifier)
    }

    fn add_receive(&mut self, request: Subscribe) -> ApiResult<Empty> {
        self.subscribe(EventClass::Receive, request.identifier)
    }
}
