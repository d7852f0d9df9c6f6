//! What of peers gossipsub takes in at all: frames of subscribed topics, and so many subscriptions.
//!
//! Gossipsub remembers what it took before it asks whether anybody wants it. Therefore what nobody
//! wants is refused before that, here.

use super::behaviour::TOPICS;
use libp2p::gossipsub::{
    DataTransform, MaxCountSubscriptionFilter, Message, RawMessage, TopicHash,
    TopicSubscriptionFilter,
};
use magpie_protocol::{group::Topic, limits};
use std::{
    collections::BTreeSet,
    io,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
};

/// Hex digits of a topic's name.
const NAME: usize = 64;

/// Returns the topic of this name, or nothing if it is no topic's.
pub(in crate::host::net) fn topic_of(name: &TopicHash) -> Option<Topic> {
    let name = name.as_str();
    let lower = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    if name.len() != NAME || !name.bytes().all(lower) {
        return None;
    }
    name.parse().ok()
}

/// What is open to frames of peers; clones share it.
#[derive(Debug, Clone, Default)]
pub(in crate::host::net) struct Intake {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    /// At most [`TOPICS`].
    topics: Mutex<BTreeSet<TopicHash>>,
    shut: AtomicBool,
    copies: AtomicU64,
}

impl Intake {
    fn topics(&self) -> MutexGuard<'_, BTreeSet<TopicHash>> {
        // A set is whole whatever happened while it was held.
        self.shared.topics.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes frames of a topic from now on; `false` if there are as many topics as may be.
    pub(super) fn open(&self, topic: TopicHash) -> bool {
        let mut topics = self.topics();
        if topics.len() >= TOPICS && !topics.contains(&topic) {
            return false;
        }
        topics.insert(topic);
        true
    }

    /// Takes no more frames of a topic, and says whether it did.
    pub(super) fn close(&self, topic: &TopicHash) -> bool {
        self.topics().remove(topic)
    }

    /// Says whether frames of a topic are taken.
    pub(super) fn is_open(&self, topic: &TopicHash) -> bool {
        self.topics().contains(topic)
    }

    /// Returns how many frames of open topics came, each as often as a peer sent it.
    pub(in crate::host::net) fn copies(&self) -> u64 {
        self.shared.copies.load(Relaxed)
    }

    /// Takes nothing at all until told otherwise.
    pub(super) fn shut(&self, shut: bool) {
        self.shared.shut.store(shut, Relaxed);
    }
}

impl DataTransform for Intake {
    fn inbound_transform(&self, raw: RawMessage) -> Result<Message, io::Error> {
        let too_large = raw.data.len() > limits::FRAME;
        if self.shared.shut.load(Relaxed) || too_large || !self.is_open(&raw.topic) {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        self.shared.copies.fetch_add(1, Relaxed);
        let RawMessage { source, data, sequence_number, topic, .. } = raw;
        Ok(Message { source, data, sequence_number, topic })
    }

    fn outbound_transform(&self, _: &TopicHash, data: Vec<u8>) -> Result<Vec<u8>, io::Error> {
        Ok(data)
    }
}

/// Takes subscriptions to topics alone, and [`TOPICS`] of each peer.
pub(in crate::host::net) type Subscriptions = MaxCountSubscriptionFilter<Names>;

/// Returns the filter of peers' subscriptions, which ignores all of a request that goes over.
pub(super) const fn subscriptions() -> Subscriptions {
    MaxCountSubscriptionFilter {
        filter: Names,
        max_subscribed_topics: TOPICS,
        max_subscriptions_per_request: TOPICS,
    }
}

/// Tells names of topics from other texts.
#[derive(Debug)]
pub(in crate::host::net) struct Names;

impl TopicSubscriptionFilter for Names {
    fn can_subscribe(&mut self, topic: &TopicHash) -> bool {
        topic_of(topic).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(n: usize) -> TopicHash {
        TopicHash::from_raw(format!("{n:064x}"))
    }

    fn raw(topic: TopicHash, len: usize) -> RawMessage {
        RawMessage {
            source: None,
            data: vec![7; len],
            sequence_number: None,
            topic,
            signature: None,
            key: None,
            validated: false,
        }
    }

    #[test]
    fn only_the_one_name_of_a_topic_is_a_name() {
        let topic = Topic([0xab; 32]);
        let text = topic.to_string();
        assert_eq!(topic_of(&TopicHash::from_raw(text.clone())), Some(topic));
        let bad = ["", "ab", "magpie", &text[1..], &text.to_uppercase(), &"zz".repeat(32)];
        for text in bad.map(str::to_owned).into_iter().chain([text.clone() + "ab"]) {
            let name = TopicHash::from_raw(text);
            assert!(topic_of(&name).is_none() && !Names.can_subscribe(&name), "{name}");
        }
    }

    #[test]
    fn topics_are_bounded() {
        let intake = Intake::default();
        for n in 0..TOPICS {
            assert!(intake.open(name(n)));
        }
        assert!(!intake.open(name(TOPICS)));
        assert!(intake.open(name(0)), "open already");
        assert!(intake.close(&name(0)) && !intake.close(&name(0)));
        assert!(intake.open(name(TOPICS)));
    }

    #[test]
    fn what_is_not_wanted_is_refused_before_it_is_remembered() {
        let intake = Intake::default();
        intake.open(name(1));
        let taken = |topic, len| intake.inbound_transform(raw(topic, len)).is_ok();
        assert!(taken(name(1), limits::FRAME));
        assert!(!taken(name(1), limits::FRAME + 1));
        assert!(!taken(name(2), 1));
        assert_eq!(intake.copies(), 1);
        intake.shut(true);
        assert!(!taken(name(1), 1));
        intake.shut(false);
        assert!(taken(name(1), 1));
        intake.close(&name(1));
        assert!(!taken(name(1), 1));
    }
}
