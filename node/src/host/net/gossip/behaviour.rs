//! How gossipsub is set up: anonymous frames with ids of their content, none passed on unjudged.

use super::intake::{Intake, Subscriptions, subscriptions};
use libp2p::gossipsub::{
    Behaviour, ConfigBuilder, Message, MessageAuthenticity, MessageId, PeerScoreParams,
    PeerScoreThresholds, ValidationMode,
};
use magpie_protocol::{digest::digest, domain, limits};
use std::{collections::HashMap, time::Duration};

/// Gossipsub as this node speaks it.
pub(in crate::host::net) type Gossip = Behaviour<Intake, Subscriptions>;

/// Topics of one node at one time.
pub(super) const TOPICS: usize = 1_024;
/// One subscription on the wire, 64 hex digits and their frame.
const SUBSCRIPTION: usize = 80;
/// All subscriptions of a node: they travel together when a connection opens.
const SUBSCRIPTIONS: usize = TOPICS * SUBSCRIPTION;
/// What stands around a frame on the wire.
const ENVELOPE: usize = 1 << 10;
/// Bytes that gossipsub may have read of what follows when it measures what it received.
const READ_AHEAD: usize = 8 << 10;
/// The most bytes of one thing on the wire.
const TRANSMIT: usize = larger(limits::FRAME, SUBSCRIPTIONS) + ENVELOPE + READ_AHEAD;
/// Frames in one thing on the wire; our own nodes send one.
const FRAMES_AT_ONCE: usize = 64;
/// Ids that are offered or asked for at once, 34 bytes each.
const IDS_AT_ONCE: usize = 1_000;
/// Frames that wait for one peer to read them, each up to [`limits::FRAME`].
const QUEUE: usize = 256;
/// How long a frame is remembered, so that it is taken once. Twice as long as one may be old.
pub(super) const SEEN_FOR: Duration = Duration::from_secs(5 * 60);

/// Peers of one topic to whom frames go as they come; a node of a smaller group has all of them.
const MESH: usize = 6;
/// Fewer than these are too few.
const MESH_LOW: usize = 4;
/// Of these, peers that this node chose and that did not come by themselves.
const MESH_OUTBOUND: usize = 2;

/// A part of the way to being blocked that costs nothing here, so that one slip leaves a peer in
/// its place.
const FORGIVEN: f64 = 0.25;
/// What the rest of the way to being blocked costs.
const WORST: f64 = -100.0;
/// Under this a peer is neither told what there is nor asked.
const NO_GOSSIP: f64 = -10.0;
/// Under this what this node publishes is not sent to the peer.
const NO_PUBLISH: f64 = -40.0;
/// Under this a peer is not listened to.
const NO_HEARING: f64 = -60.0;

const fn larger(a: usize, b: usize) -> usize {
    if a > b { a } else { b }
}

/// Returns gossipsub as this node speaks it, with `mesh_high` peers of one topic to whom frames go as
/// they come, at most.
pub(in crate::host::net) fn gossip(intake: Intake, mesh_high: usize) -> Gossip {
    let config = ConfigBuilder::default()
        .validation_mode(ValidationMode::Anonymous)
        .validate_messages()
        .message_id_fn(id_of)
        .duplicate_cache_time(SEEN_FOR)
        .max_transmit_size(TRANSMIT)
        .max_control_message_size(SUBSCRIPTIONS)
        .max_publish_messages(FRAMES_AT_ONCE)
        .max_control_messages_sent(IDS_AT_ONCE)
        .connection_handler_queue_len(QUEUE)
        .mesh_n(MESH)
        .mesh_n_low(MESH_LOW)
        .mesh_n_high(mesh_high.max(MESH))
        .mesh_outbound_min(MESH_OUTBOUND)
        .flood_publish(true)
        .build()
        .expect("the constants above fit each other");
    let mut gossip = Behaviour::new_with_subscription_filter_and_transform(
        MessageAuthenticity::Anonymous,
        config,
        subscriptions(),
        intake,
    )
    .expect("both modes are anonymous");
    gossip.with_peer_score(params(), thresholds()).expect("the constants above fit each other");
    gossip
}

/// Returns what a peer is worth that has come so near to being blocked, from 0 to 1.
pub(in crate::host::net) fn score_of(nearness: f64) -> f64 {
    WORST * (nearness - FORGIVEN).max(0.0)
}

/// The score of a peer is what its faults make it, and what gossipsub sees of its manners.
fn params() -> PeerScoreParams {
    PeerScoreParams {
        // A topic's own score needs an entry for each topic that there ever was. A forged frame is a
        // fault as others are, and those are kept, bounded, in the node's own score.
        topics: HashMap::new(),
        app_specific_weight: 1.0,
        // Many nodes of one address are a household, a company, or a test.
        ip_colocation_factor_weight: 0.0,
        // Faults are remembered by the node's own score, bounded; this one would remember every key
        // that ever connected.
        retain_score: Duration::ZERO,
        ..PeerScoreParams::default()
    }
}

fn thresholds() -> PeerScoreThresholds {
    PeerScoreThresholds {
        gossip_threshold: NO_GOSSIP,
        publish_threshold: NO_PUBLISH,
        graylist_threshold: NO_HEARING,
        // Nobody tells of others' addresses here.
        accept_px_threshold: f64::MAX,
        // No score is over nought, so a mesh is worth a change if half of it is under.
        opportunistic_graft_threshold: 0.0,
    }
}

/// Returns the id of a frame, which is the same whoever passes it on.
fn id_of(message: &Message) -> MessageId {
    let named = [message.topic.as_str().as_bytes(), &message.data].concat();
    MessageId::new(&digest(domain::GOSSIP_ID, &named))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::net::Role;
    use libp2p::gossipsub::TopicHash;

    fn id(topic: &str, data: &[u8]) -> String {
        let topic = TopicHash::from_raw(topic);
        let message = Message { source: None, data: data.to_vec(), sequence_number: None, topic };
        id_of(&message).to_string()
    }

    #[test]
    fn an_id_is_of_topic_and_content_and_never_changes() {
        let topic = "ab".repeat(32);
        assert_eq!(
            id(&topic, b"frame"),
            "23f62114bb61acc09cbb9b26224cc46d6d2dca5ac4d99f43082bebd5820325a5"
        );
        assert_ne!(id(&topic, b"frame"), id(&topic, b"frames"));
        assert_ne!(id(&topic, b"frame"), id(&"ac".repeat(32), b"frame"));
    }

    #[test]
    fn the_constants_fit_each_other() {
        for role in [Role::User, Role::Super] {
            let _ = gossip(Intake::default(), role.limits().mesh_high);
        }
    }

    #[test]
    fn one_slip_costs_nothing_and_near_to_being_blocked_nobody_listens() {
        assert_eq!(score_of(0.0), 0.0);
        assert_eq!(score_of(0.2), 0.0);
        assert!(score_of(0.5) < NO_GOSSIP && score_of(0.5) > NO_PUBLISH);
        assert!(score_of(1.0) < NO_HEARING);
    }
}
