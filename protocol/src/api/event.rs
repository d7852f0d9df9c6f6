//! What a node tells a program that listens: every event, by kind.
//!
//! In: what a step changed. Out: an [`EventFrame`] for each registration of the event's class. The
//! sequence number is given in the batch that makes the change, so a listener that comes back reads
//! on where it stopped, or is told `resync`.

use super::{
    chat::{MessageRow, MessageState, SendState},
    contact::{ApplyRow, ContactRow},
    field::{Millis, OneOrGroup12, choices},
    group::GroupRow,
    user::Profile,
};
use crate::{address::Address, codec::Format, limits};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// Who hears an event: the listeners that one registration method made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum EventClass {
    /// Registered by `socketEvent.addReceive`: messages and conversations.
    Receive,
    /// Registered by `socketEvent.addContactEventHandler`.
    Contact,
    /// Registered by `socketEvent.addGroupEventHandler`.
    Group,
    /// Everybody, without a registration: the session itself changed.
    Login,
}

macro_rules! events {
    ($( $(#[doc = $doc:literal])+ $class:ident $wire:literal $variant:ident($Data:ty), )*) => {
        /// Something that happened. Variants are stored by position: append only.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        pub enum Event {$(
            $(#[doc = $doc])+
            $variant($Data),
        )*}

        impl Event {
            /// Every event's wire name and class, in the order of the variants.
            pub const NAMES: &[(&str, EventClass)] = &[$(($wire, EventClass::$class)),*];

            /// Returns the event's name on the wire.
            pub const fn name(&self) -> &'static str {
                match self { $( Self::$variant(_) => $wire, )* }
            }

            /// Returns who hears the event.
            pub const fn class(&self) -> EventClass {
                match self { $( Self::$variant(_) => EventClass::$class, )* }
            }

            /// Returns the event's data as a listener gets it.
            pub fn data(&self) -> Value {
                match self {
                    $( Self::$variant(data) => serde_json::to_value(data), )*
                }
                .expect("names and numbers are JSON")
            }

            /// Returns what a listener gets that registered as `identifier`, as JSON.
            pub fn frame_text(&self, seq: u64, identifier: &str) -> String {
                let event = self.name();
                match self {
                    $( Self::$variant(data) => {
                        serde_json::to_string(&Framed { seq, identifier, event, data })
                    } )*
                }
                .expect("names and numbers are JSON")
            }
        }

        /// Every event's wire name, class, doc and schema, for the API's description.
        pub(super) const EVENTS: &[(&str, EventClass, &str, super::contract::SchemaOf)] = &[$((
            $wire,
            EventClass::$class,
            concat!($($doc),+),
            super::contract::schema_of::<$Data>,
        )),*];
    };
}

events! {
    /// A message was received, or sent by another of the account's devices.
    Receive "message" Message(MessageRow),
    /// A message got further: stored, delivered, read, or given up.
    Receive "messageState" MessageStateChanged(MessageProgress),
    /// A message was changed: recalled, or its content decided.
    Receive "messageChanged" MessageChanged(MessageRow),
    /// A conversation was made, read, deleted, or has a new newest message.
    Receive "conversation" Conversation(ConversationChange),
    /// Somebody is writing, or no longer. Not kept for listeners that come back.
    Receive "typing" Typing(TypingNotice),
    /// Somebody asks to become a friend.
    Contact "friendRequest" FriendRequest(ApplyRow),
    /// Somebody answered one's request to become a friend.
    Contact "friendRequestAnswered" FriendRequestAnswered(FriendAnswer),
    /// A contact is new, or was changed: its profile, remark, or whether it is blocked.
    Contact "contactChanged" ContactChanged(ContactRow),
    /// A friend ended the friendship.
    Contact "friendDeleted" FriendDeleted(FriendGone),
    /// A group was made, or one was taken into it.
    Group "groupCreated" GroupCreated(GroupRow),
    /// A group's name, avatar, announcement, settings or state was changed.
    Group "groupChanged" GroupChanged(GroupRow),
    /// A group's members, or their roles, were changed.
    Group "groupMembersChanged" GroupMembersChanged(MembersChange),
    /// Somebody signed in or out, or another vault was opened; the connection is closed behind it.
    Login "loginState" LoginState(LoginChange),
    /// Events between what a listener last saw and the next are no longer kept: read everything again.
    Login "resync" Resync(Gap),
    /// The account's own profile was changed.
    Contact "profileChanged" ProfileChanged(Profile),
}

impl Event {
    /// Returns whether the event is kept for listeners that come back.
    pub const fn is_kept(&self) -> bool {
        !matches!(self, Self::Typing(_) | Self::LoginState(_) | Self::Resync(_))
    }
}

/// An [`EventFrame`] as it is written.
#[derive(Serialize)]
struct Framed<'a, T> {
    seq: u64,
    identifier: &'a str,
    event: &'a str,
    data: &'a T,
}

/// One event on a listener's WebSocket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EventFrame {
    /// The event's number: rising, and the same for all registrations that hear it.
    pub seq: u64,
    /// The registration that it is for; empty for what everybody hears.
    pub identifier: String,
    /// What happened.
    pub event: String,
    /// To what.
    pub data: Value,
}

/// How far a message has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MessageProgress {
    /// The message.
    #[serde(rename = "msg_id")]
    pub message: String,
    /// Its conversation.
    #[serde(rename = "rs_id")]
    pub conversation: String,
    /// With who it is for.
    #[serde(rename = "msg_state")]
    pub state: MessageState,
    /// From here.
    #[serde(rename = "msg_is_send")]
    pub sent: SendState,
    /// When it came so far.
    pub updated_time: Millis,
}

/// How a conversation stands now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConversationChange {
    /// The conversation.
    #[serde(rename = "rs_id")]
    pub conversation: String,
    /// Whether it is with one person or a group.
    #[serde(rename = "rs_type")]
    pub kind: OneOrGroup12,
    /// Unread messages.
    #[serde(rename = "rs_unread")]
    pub unread: u64,
    /// The newest message, or nothing.
    #[serde(rename = "msg_id")]
    pub message: String,
    /// When it was changed.
    pub updated_time: Millis,
    /// Whether it is gone.
    pub deleted: bool,
}

/// Whether somebody is writing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TypingNotice {
    /// The conversation: the friend's address, or the group's id.
    pub cnd: String,
    /// Who writes.
    pub node_id: Address,
    /// Whether they are still at it.
    pub is_inputting: bool,
}

/// What became of one's request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FriendAnswer {
    /// Who answered.
    pub node_id: Address,
    /// Whether they are a friend now.
    pub accepted: bool,
}

/// Who is no friend any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FriendGone {
    /// Who ended the friendship.
    pub node_id: Address,
}

/// Whom a change of members touches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MembersChange {
    /// The group's id.
    #[serde(rename = "g_id")]
    pub group: String,
    /// Who is a member now.
    pub added: Vec<Address>,
    /// Who no longer is.
    pub removed: Vec<Address>,
    /// Whose role or name is another now.
    pub changed: Vec<Address>,
}

choices! {
    /// What happened to the session.
    pub enum LoginEvent {
        /// It ended.
        SignedOut = 0,
        /// It began, or another vault was opened.
        SignedIn = 1,
    }
}

/// What happened to the session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LoginChange {
    /// The new state.
    pub value: LoginEvent,
}

/// What a listener has missed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Gap {
    /// The number from which the listener wanted to read on.
    pub from: u64,
    /// The next number that it will get.
    pub next: u64,
}

/// An event as it is kept for listeners that come back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredEvent {
    /// When it happened.
    pub at: Millis,
    /// What happened.
    pub event: Event,
}

impl Format for StoredEvent {
    const NAME: &'static str = "stored event";
    const VERSION: u8 = 1;
    const LIMIT: usize = limits::EVENT_BYTES;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::{DecodeError, decode, encode};
    use proptest::prelude::*;
    use serde_json::json;
    use std::collections::BTreeSet;

    fn stored() -> StoredEvent {
        let state = MessageProgress {
            message: "m".into(),
            conversation: "c".into(),
            state: MessageState::Delivered,
            sent: SendState::Sent,
            updated_time: 300,
        };
        StoredEvent { at: 5, event: Event::MessageStateChanged(state) }
    }

    #[test]
    fn golden_bytes_of_a_stored_event() {
        let bytes = encode(&stored()).unwrap();
        // version, at, variant, "m", "c", state 3 and sent 1 in zigzag, 300 as a u16 varint
        assert_eq!(hex::encode(&bytes), "010501016d01630602fb2c01");
        assert_eq!(decode::<StoredEvent>(&bytes), Ok(stored()));
    }

    #[test]
    fn rows_survive_the_store() {
        let row = json!({
            "g_id": "g", "id": "g", "g_name": "家", "g_info": "", "g_pfp_id": -1, "g_pfp_url": "",
            "g_msg_version": 1, "created_time": 2, "updated_time": 3, "state": 1, "b_id": "1",
            "b_hide_state": 0, "c_domain": "",
        });
        let group = serde_json::from_value(row.clone()).unwrap();
        let event = StoredEvent { at: 1, event: Event::GroupChanged(group) };
        let again: StoredEvent = decode(&encode(&event).unwrap()).unwrap();
        assert_eq!(again.event.data(), row);
        let contact: ContactRow = serde_json::from_value(json!({
            "c_id": "GmaDrppBC7P5ARKV8g3djiwP89vz1jLK23V2GBjuAEGB",
            "c_nd_add": "GmaDrppBC7P5ARKV8g3djiwP89vz1jLK23V2GBjuAEGB",
            "c_nic": "bob", "c_pfp_id": 7, "c_pub_curve": "", "c_pub_key": "", "c_version": 1,
            "c_state": 2, "c_black_state": 0, "c_be_black_state": 1, "c_pfp_url": "", "c_ps": "",
            "c_number_id": "", "created_time": 1, "updated_time": 1, "c_is_top": 0,
            "c_is_disturb": 0, "b_id": "1", "b_hide_state": 0, "c_is_group": 0, "c_domain": "",
            "b_exp": 0, "b_exp_time": 0, "mark_unread": 1, "wallet_address": null,
            "wallet_puk": null, "wallet_index": null,
        }))
        .unwrap();
        let event = StoredEvent { at: 1, event: Event::ContactChanged(contact) };
        assert_eq!(decode::<StoredEvent>(&encode(&event).unwrap()), Ok(event));
    }

    #[test]
    fn golden_bytes_of_a_changed_profile() {
        let row = json!({
            "u_id": "a", "u_nick": "早", "u_nd_add": "GmaDrppBC7P5ARKV8g3djiwP89vz1jLK23V2GBjuAEGB",
            "u_pfp_id": 1, "u_pfp_url": "", "u_empty_pwd": "", "u_ip": "", "c_pub_key": "",
            "c_pub_curve": "", "u_anon_pwd": "", "u_max_bolcks": 24, "u_max_gp_mbr": 1000,
            "u_version": 2, "c_list_version": 0, "u_max_gp_vc_mbr": 9, "created_time": 3,
            "updated_time": 4, "u_domain": "", "back_back_file": 1,
        });
        let profile: Profile = serde_json::from_value(row.clone()).unwrap();
        let event = StoredEvent { at: 5, event: Event::ProfileChanged(profile) };
        assert_eq!(
            (event.event.name(), event.event.class()),
            ("profileChanged", EventClass::Contact)
        );
        let bytes = encode(&event).unwrap();
        let bytes = crate::golden::check("stored-event-profile", bytes);
        let again: StoredEvent = decode(&bytes).unwrap();
        assert_eq!(again, event);
        assert_eq!(again.event.data(), row);
    }

    #[test]
    fn a_frame_is_what_the_surface_promises() {
        let frame = stored().event.frame_text(9, "mine");
        let frame: EventFrame = serde_json::from_str(&frame).unwrap();
        assert_eq!(
            serde_json::to_value(frame).unwrap(),
            json!({ "seq": 9, "identifier": "mine", "event": "messageState", "data": {
                "msg_id": "m", "rs_id": "c", "msg_state": 3, "msg_is_send": 1, "updated_time": 300,
            }})
        );
    }

    #[test]
    fn names_differ() {
        let names: BTreeSet<_> = Event::NAMES.iter().map(|(name, _)| name).collect();
        assert_eq!(names.len(), Event::NAMES.len());
    }

    proptest! {
        #[test]
        fn random_bytes_never_panic_and_are_rarely_events(
            bytes in prop::collection::vec(any::<u8>(), 0..300),
        ) {
            let _ = decode::<StoredEvent>(&bytes);
            let mut other = bytes;
            other.insert(0, 2);
            let refused = matches!(decode::<StoredEvent>(&other), Err(DecodeError::Version { .. }));
            prop_assert!(refused);
        }
    }
}
