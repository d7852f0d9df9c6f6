//! What the core asks of gossip, what gossipsub tells, and what is due.

use super::{
    Counts, Intake,
    pending::{Frame, Pending},
    score_of,
    seen::Seen,
    topic_of,
};
use crate::{
    core::net::{Fault, GossipId, NetEvent, Verdict},
    host::net::{
        config::{node_of, peer_of},
        task::Task,
    },
};
use libp2p::gossipsub::{self, IdentTopic, MessageAcceptance, PublishError};
use magpie_protocol::{address::NodeId, group::Topic, limits};

/// How often peers' scores follow their faults as these are forgiven.
const RATED_EVERY_MS: u64 = 60_000;

/// What is known around gossipsub.
#[derive(Debug)]
pub(in crate::host::net) struct Gossiping {
    intake: Intake,
    counts: Counts,
    pending: Pending,
    seen: Seen,
    unsent: Unsent,
    /// When peers' scores are looked at again.
    next_rating: u64,
}

/// Frames of the core that went to nobody, which is no error: the mailbox carries them as well.
#[derive(Debug, Default)]
struct Unsent {
    /// Nobody connected was subscribed.
    alone: u64,
    /// The frame was seen already.
    duplicate: u64,
    /// Every peer read too slowly.
    full: u64,
}

impl Gossiping {
    pub(in crate::host::net) fn new() -> Self {
        let intake = Intake::default();
        let counts = Counts::new(intake.clone());
        let (pending, seen, unsent) = Default::default();
        Self { intake, counts, pending, seen, unsent, next_rating: 0 }
    }

    /// Returns where others read what went on.
    pub(in crate::host::net) fn counts(&self) -> Counts {
        self.counts.clone()
    }

    /// Returns what gossipsub takes frames in through.
    pub(in crate::host::net) fn intake(&self) -> Intake {
        self.intake.clone()
    }
}

fn named(topic: Topic) -> IdentTopic {
    IdentTopic::new(topic.to_string())
}

impl Task {
    fn gossip(&mut self) -> &mut super::Gossip {
        &mut self.swarm.behaviour_mut().gossip
    }

    /// Takes the frames of a topic from now on.
    pub(in crate::host::net) fn subscribe(&mut self, topic: Topic) {
        let name = named(topic);
        if !self.gossiping.intake.open(name.hash()) {
            tracing::warn!(%topic, "as many topics are subscribed as may be");
            return;
        }
        if let Err(error) = self.gossip().subscribe(&name) {
            tracing::warn!(%topic, %error, "not subscribed");
        }
    }

    /// Takes no more frames of a topic, nor hands out those that wait.
    pub(in crate::host::net) fn unsubscribe(&mut self, topic: Topic) {
        let name = named(topic);
        if !self.gossiping.intake.close(&name.hash()) {
            return;
        }
        self.gossip().unsubscribe(&name);
        let of_topic = |event: &NetEvent| match event {
            NetEvent::Gossip { id, topic: of, .. } if *of == topic => Some(*id),
            _ => None,
        };
        let dropped: Vec<_> = self.outbox.iter().filter_map(of_topic).collect();
        self.outbox.retain(|event| of_topic(event).is_none());
        for id in dropped {
            self.judge(id, Verdict::Ignore);
        }
    }

    /// Gives a frame to whoever is subscribed.
    pub(in crate::host::net) fn publish(&mut self, topic: Topic, bytes: Vec<u8>) {
        let len = bytes.len();
        if len > limits::FRAME {
            tracing::warn!(%topic, len, "a frame over the limit is not sent");
            return;
        }
        let result = self.gossip().publish(named(topic), bytes);
        let now = self.now();
        let unsent = &mut self.gossiping.unsent;
        let count = match &result {
            Ok(_) => {
                self.gossiping.seen.count(now);
                return;
            }
            Err(PublishError::NoPeersSubscribedToTopic) => &mut unsent.alone,
            Err(PublishError::Duplicate) => &mut unsent.duplicate,
            Err(PublishError::AllQueuesFull(_)) => {
                self.gossiping.seen.count(now);
                &mut unsent.full
            }
            Err(error) => {
                tracing::warn!(%topic, %error, "a frame was not sent");
                return;
            }
        };
        *count += 1;
        tracing::debug!(%topic, len, ?unsent, "a frame went to nobody");
    }

    /// Does with a frame what the core decided.
    pub(in crate::host::net) fn judge(&mut self, id: GossipId, verdict: Verdict) {
        let Some(frame) = self.gossiping.pending.take(id) else {
            tracing::debug!(id = id.0, ?verdict, "a verdict was too late");
            return;
        };
        self.settle(&frame, verdict);
        let Some(from) = node_of(&frame.source) else { return };
        match verdict {
            Verdict::Accept => self.peers.used(from, self.now()),
            Verdict::Ignore => {}
            Verdict::Reject => self.misbehaved(from, Fault::Forged),
        }
    }

    /// Tells gossipsub what becomes of a frame, which it may have forgotten.
    fn settle(&mut self, frame: &Frame, verdict: Verdict) {
        let acceptance = match verdict {
            Verdict::Accept => MessageAcceptance::Accept,
            Verdict::Ignore => MessageAcceptance::Ignore,
            Verdict::Reject => MessageAcceptance::Reject,
        };
        self.gossip().report_message_validation_result(&frame.id, &frame.source, acceptance);
    }

    pub(in crate::host::net) fn on_gossip(&mut self, event: gossipsub::Event) {
        match event {
            gossipsub::Event::Message { propagation_source, message_id, message } => {
                let now = self.now();
                self.gossiping.seen.count(now);
                if self.gossiping.seen.is_full(now) {
                    tracing::warn!("more frames than are remembered: none is taken for a while");
                    self.gossiping.intake.shut(true);
                }
                let frame = Frame { id: message_id, source: propagation_source };
                let from = node_of(&frame.source);
                // The core may have unsubscribed since gossipsub took it.
                let open = self.gossiping.intake.is_open(&message.topic);
                let topic = topic_of(&message.topic).filter(|_| open);
                let (Some(from), Some(topic)) = (from, topic) else {
                    return self.settle(&frame, Verdict::Ignore);
                };
                let (id, oldest) = self.gossiping.pending.admit(frame);
                if let Some(oldest) = oldest {
                    tracing::debug!("a frame waited too long for its verdict");
                    self.settle(&oldest, Verdict::Ignore);
                }
                let bytes = message.data;
                self.outbox.push_back(NetEvent::Gossip { id, from, topic, bytes });
            }
            gossipsub::Event::SlowPeer { peer_id, failed_messages } => {
                tracing::debug!(peer = %peer_id, ?failed_messages, "a peer reads too slowly");
            }
            other => tracing::trace!(?other, "gossip"),
        }
    }

    /// Makes a connected peer's standing in gossip what its faults are worth.
    pub(in crate::host::net) fn rate(&mut self, node: NodeId) {
        let score = score_of(self.score.nearness(node, self.now()));
        self.gossip().set_application_score(&peer_of(node), score);
    }

    /// Does what is due: opens the intake again, forgives.
    pub(in crate::host::net) fn tend_gossip(&mut self) {
        let now = self.now();
        let mesh = self.gossip().all_mesh_peers().count();
        self.gossiping.counts.set_mesh(mesh);
        if !self.gossiping.seen.is_full(now) {
            self.gossiping.intake.shut(false);
        }
        if now < self.gossiping.next_rating {
            return;
        }
        self.gossiping.next_rating = now + RATED_EVERY_MS;
        let remembered: Vec<_> = self.score.remembered().collect();
        for node in remembered {
            self.rate(node);
        }
    }
}
