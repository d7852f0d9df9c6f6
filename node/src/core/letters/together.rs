//! Which payloads share an envelope: messages that wait for the same account, one behind the other.
//!
//! An envelope costs the same curve arithmetic whatever is in it, so that messages that wait for each
//! other cost little more than one.

use super::{
    rows::{About, Waiting},
    seal::Load,
};
use magpie_protocol::{
    bounded::{Blob, List},
    content::{Message, Messages, Payload},
    ids::MessageId,
    limits::MESSAGES_TOGETHER,
};

/// Bytes of messages that share an envelope, at most: they fit the third bucket with what stands
/// around them. In the largest one most of it would be padding.
const TOGETHER_BYTES: usize = 15 << 10;

/// How far apart the times are since which messages of one envelope wait, at most, milliseconds: when it
/// is given up, all of them are.
const APART_MS: u64 = 60 * 60 * 1_000;

/// Returns what each envelope brings, in the order of what waits.
pub(super) fn together(waiting: impl Iterator<Item = Waiting>) -> Vec<Load> {
    let mut loads = Vec::new();
    let mut gathered = Gathered::default();
    for row in waiting {
        match (row.about, Payload::from_bytes(&row.payload)) {
            (Some(id), Ok(Payload::Message(message))) => {
                if !gathered.has_room_for(&row) {
                    loads.extend(std::mem::take(&mut gathered).into_loads());
                }
                gathered.add(*message, id, row);
            }
            _ => {
                loads.extend(std::mem::take(&mut gathered).into_loads());
                loads.push(alone(row));
            }
        }
    }
    loads.extend(gathered.into_loads());
    loads
}

fn alone(row: Waiting) -> Load {
    let Waiting { payload, about, since_ms } = row;
    Load { payload, about: List::new(about.into_iter().collect()).unwrap_or_default(), since_ms }
}

/// Messages for one envelope, with the rows they came from.
#[derive(Default)]
struct Gathered {
    messages: Vec<Message>,
    ids: Vec<MessageId>,
    rows: Vec<Waiting>,
    bytes: usize,
}

impl Gathered {
    fn has_room_for(&self, row: &Waiting) -> bool {
        let Some(first) = self.rows.first() else { return true };
        self.rows.len() < MESSAGES_TOGETHER
            && self.bytes + row.payload.len() <= TOGETHER_BYTES
            && first.since_ms.abs_diff(row.since_ms) <= APART_MS
    }

    fn add(&mut self, message: Message, id: MessageId, row: Waiting) {
        self.bytes += row.payload.len();
        self.messages.push(message);
        self.ids.push(id);
        self.rows.push(row);
    }

    /// Returns one load for all, or one for each if there is but one, or if they cannot be joined.
    fn into_loads(self) -> Vec<Load> {
        let Self { messages, ids, rows, .. } = self;
        if messages.len() > 1
            && let Some(load) = joined(messages, ids, &rows)
        {
            return vec![load];
        }
        rows.into_iter().map(alone).collect()
    }
}

fn joined(messages: Vec<Message>, ids: Vec<MessageId>, rows: &[Waiting]) -> Option<Load> {
    let messages = Messages { messages: List::new(messages).ok()? };
    let payload = Payload::Messages(Box::new(messages)).to_bytes().ok()?;
    Some(Load {
        payload: Blob::new(payload).ok()?,
        about: About::new(ids).ok()?,
        since_ms: rows.iter().map(|row| row.since_ms).min()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use magpie_protocol::{
        address::Address,
        bounded::Text,
        content::{Content, Conversation, Kind, MessageText, Typing},
        ids::DeviceId,
    };
    use proptest::prelude::*;

    fn address() -> Address {
        "GmaDrppBC7P5ARKV8g3djiwP89vz1jLK23V2GBjuAEGB".parse().unwrap()
    }

    /// A message of so many characters that waits since `at`.
    fn waiting(at: u64, characters: usize) -> (Message, Waiting) {
        let text = MessageText { text: Text::new("x".repeat(characters)).unwrap() };
        let message = Message {
            conversation: Conversation::Direct(address()),
            author: address(),
            device: DeviceId([1; 32]),
            lamport: at,
            parents: List::default(),
            time_ms: at,
            burn_ms: 0,
            kind: Kind(0),
            body: Blob::default(),
        };
        let message = message.with_content(&Content::Text(text)).unwrap();
        let payload = Payload::Message(Box::new(message.clone())).to_bytes().unwrap();
        let about = Some(MessageId([u8::try_from(at % 251).unwrap(); 32]));
        (message, Waiting { payload: Blob::new(payload).unwrap(), about, since_ms: at })
    }

    fn other(at: u64) -> Waiting {
        let payload = Payload::Typing(Box::new(Typing { on: true })).to_bytes().unwrap();
        Waiting { payload: Blob::new(payload).unwrap(), about: None, since_ms: at }
    }

    fn messages(load: &Load) -> Vec<Message> {
        match Payload::from_bytes(&load.payload).unwrap() {
            Payload::Message(message) => vec![*message],
            Payload::Messages(several) => several.messages.into_vec(),
            _ => vec![],
        }
    }

    #[test]
    fn one_message_travels_as_it_always_did() {
        let (_, row) = waiting(5, 10);
        let loads = together([row.clone()].into_iter());
        assert_eq!(loads, [alone(row)]);
    }

    #[test]
    fn an_old_message_does_not_take_new_ones_along_when_it_is_given_up() {
        let rows = [1, APART_MS, APART_MS + 2, 2 * APART_MS].map(|at| waiting(at, 10).1);
        let loads = together(rows.into_iter());
        let ages: Vec<_> = loads.iter().map(|load| (load.since_ms, load.about.len())).collect();
        assert_eq!(ages, [(1, 2), (APART_MS + 2, 2)]);
    }

    #[test]
    fn sixty_four_short_ones_need_two_envelopes_of_the_third_bucket() {
        let rows: Vec<_> = (1..=64).map(|at| waiting(at, 256).1).collect();
        let loads = together(rows.into_iter());
        assert!(loads.len() <= 3, "{}", loads.len());
        assert_eq!(loads.iter().map(|load| load.about.len()).sum::<usize>(), 64);
        assert_eq!(loads.iter().map(|load| load.since_ms).min(), Some(1));
        assert!(loads.iter().all(|load| load.payload.len() <= TOGETHER_BYTES));
    }

    proptest! {
        #[test]
        fn nothing_is_lost_joined_across_others_or_out_of_order(
            sizes in proptest::collection::vec(proptest::option::of(1_usize..4_000), 0..90),
        ) {
            let mut rows = Vec::new();
            let mut written = Vec::new();
            for (at, size) in (1..).zip(&sizes) {
                match size {
                    Some(characters) => {
                        let (message, row) = waiting(at, *characters);
                        rows.push(row.clone());
                        written.push(vec![message]);
                    }
                    None => {
                        rows.push(other(at));
                        written.push(vec![]);
                    }
                }
            }
            let loads = together(rows.into_iter());
            let travelled: Vec<_> = loads.iter().flat_map(messages).collect();
            prop_assert_eq!(travelled, written.concat());
            for load in &loads {
                prop_assert_eq!(load.about.len(), messages(load).len());
                prop_assert!(load.about.len() <= MESSAGES_TOGETHER);
            }
            let others = sizes.iter().filter(|size| size.is_none()).count();
            prop_assert_eq!(loads.iter().filter(|load| load.about.is_empty()).count(), others);
        }
    }
}
