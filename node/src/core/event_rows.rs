//! Events as they are kept for listeners that come back: those of a group of steps together, in pages,
//! and of a message only which one it is.

use crate::core::chat::rows::{Order, Room};
use magpie_protocol::{
    api::{
        chat::{MessageState, SendState},
        event::Event,
    },
    bounded::List,
    codec::{Format, encode},
    ids::MessageId,
    limits::EVENT_BYTES,
};
use magpie_storage::{personal::PersonalTable, table::TableError};
use serde::{Deserialize, Serialize};

/// Events in a page, at most.
const PAGE_EVENTS: usize = 64;
/// Bytes of a page's events, unless it has only one: the store writes a row again when its neighbours
/// change, which larger ones pay more for.
const PAGE_BYTES: usize = 4 << 10;
/// Bytes of an event with its number and time, at most.
const KEPT_BYTES: usize = EVENT_BYTES + 32;
/// What an event counts that names a message alone: as much as the largest one has.
const NAMED_BYTES: usize = 96;

/// The pages, by the number of their last event.
pub(crate) const EVENT_PAGES: PersonalTable<(), u64, EventPage> = PersonalTable::new("event pages");

/// What of an event is kept. Stored by position: append only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Noted {
    /// A message came. It is told as it stands when somebody asks, so that nothing of one that was taken
    /// back or deleted stays here.
    Message(Room, Order),
    /// A message was changed; the same.
    MessageChanged(Room, Order),
    /// A message got further.
    Progress {
        /// Its conversation.
        room: Room,
        /// The message.
        id: MessageId,
        /// With who it is for.
        state: MessageState,
        /// From here.
        sent: SendState,
        /// When, milliseconds since the Unix epoch.
        updated_ms: u64,
    },
    /// Anything else.
    Event(Box<Event>),
}

/// One event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KeptEvent {
    /// Its number.
    pub(crate) seq: u64,
    /// When it happened, milliseconds since the Unix epoch.
    pub(crate) at_ms: u64,
    /// What happened.
    pub(crate) noted: Noted,
}

impl Format for KeptEvent {
    const NAME: &'static str = "kept event";
    const VERSION: u8 = 1;
    const LIMIT: usize = KEPT_BYTES;
}

impl KeptEvent {
    /// Returns the bytes it takes, at most. Error: it is larger than an event may be.
    pub(crate) fn bytes(&self) -> Result<usize, TableError> {
        let refused = |source| TableError::Value { table: EVENT_PAGES.name(), source };
        match self.noted {
            Noted::Event(_) => encode(self).map(|bytes| bytes.len()).map_err(refused),
            _ => Ok(NAMED_BYTES),
        }
    }
}

/// Events one after the other; numbers between them belong to events that are not kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct EventPage(pub(crate) List<KeptEvent, PAGE_EVENTS>);

impl Format for EventPage {
    const NAME: &'static str = "event page";
    const VERSION: u8 = 1;
    const LIMIT: usize = KEPT_BYTES + PAGE_BYTES;
}

impl EventPage {
    /// Returns the number and the time of its last event.
    pub(crate) fn last(&self) -> Option<(u64, u64)> {
        self.0.last().map(|event| (event.seq, event.at_ms))
    }
}

/// Cuts events, each with its bytes, into pages.
pub(crate) fn pages(events: Vec<(usize, KeptEvent)>) -> Vec<EventPage> {
    let (mut pages, mut page, mut filled) = (Vec::new(), Vec::new(), 0);
    for (bytes, event) in events {
        if !page.is_empty() && (filled + bytes > PAGE_BYTES || page.len() == PAGE_EVENTS) {
            pages.push(std::mem::take(&mut page));
            filled = 0;
        }
        page.push(event);
        filled += bytes;
    }
    pages.push(page);
    // None is longer than a list may be.
    pages.into_iter().filter(|page| !page.is_empty()).flat_map(List::new).map(EventPage).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use magpie_protocol::{address::Address, codec::decode, ids::GroupId};
    use proptest::prelude::*;

    fn address() -> Address {
        "GmaDrppBC7P5ARKV8g3djiwP89vz1jLK23V2GBjuAEGB".parse().unwrap()
    }

    fn kept(seq: u64, noted: Noted) -> KeptEvent {
        KeptEvent { seq, at_ms: 2, noted }
    }

    fn named() -> [Noted; 3] {
        let (direct, group) = (Room::Direct(address()), Room::Group(GroupId([7; 32])));
        let id = MessageId([9; 32]);
        let (state, sent) = (MessageState::Delivered, SendState::Sent);
        [
            Noted::Message(direct, (3, id)),
            Noted::MessageChanged(group, (4, id)),
            Noted::Progress { room: direct, id, state, sent, updated_ms: 5 },
        ]
    }

    #[test]
    fn golden_bytes_of_a_page() {
        let events: Vec<_> = (1..).zip(named()).map(|(seq, noted)| kept(seq, noted)).collect();
        let page = EventPage(List::new(events).unwrap());
        let bytes = encode(&page).unwrap();
        let (peer, group) = (hex::encode(address().as_bytes()), "07".repeat(32));
        let id = "09".repeat(32);
        let expected = [
            "0103".to_owned(),
            "0102".to_owned() + "00" + "00" + &peer + "03" + &id,
            "0202".to_owned() + "01" + "01" + &group + "04" + &id,
            "0302".to_owned() + "02" + "00" + &peer + &id + "0602" + "05",
        ];
        assert_eq!(hex::encode(&bytes), expected.concat());
        assert_eq!(decode::<EventPage>(&bytes), Ok(page));
    }

    #[test]
    fn an_event_that_names_a_message_is_never_larger_than_it_counts() {
        let id = MessageId([0xff; 32]);
        let room = Room::Direct(address());
        let (state, sent) = (MessageState::Read, SendState::Failed);
        for noted in [
            Noted::Message(room, (u64::MAX, id)),
            Noted::MessageChanged(room, (u64::MAX, id)),
            Noted::Progress { room, id, state, sent, updated_ms: u64::MAX },
        ] {
            let event = KeptEvent { seq: u64::MAX, at_ms: u64::MAX, noted };
            assert!(encode(&event).unwrap().len() <= event.bytes().unwrap());
        }
    }

    proptest! {
        #[test]
        fn pages_hold_all_events_in_their_order_and_keep_their_bounds(
            sizes in proptest::collection::vec(1..6_000_usize, 0..300)
        ) {
            let [noted, ..] = named();
            let events: Vec<_> = (1..).zip(&sizes)
                .map(|(seq, bytes)| (*bytes, kept(seq, noted.clone()))).collect();
            let pages = pages(events);
            let mut at = sizes.iter();
            let mut next = 1;
            for EventPage(page) in &pages {
                let bytes: usize = at.by_ref().take(page.len()).sum();
                prop_assert!(page.len() == 1 || bytes <= PAGE_BYTES);
                for event in page.iter() {
                    prop_assert_eq!(event.seq, next);
                    next += 1;
                }
            }
            prop_assert_eq!(next - 1, sizes.len() as u64);
        }

        #[test]
        fn random_bytes_are_a_page_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            if let Ok(page) = decode::<EventPage>(&bytes) {
                prop_assert_eq!(encode(&page).unwrap(), bytes);
            }
        }
    }
}
