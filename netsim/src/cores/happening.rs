//! What waits in the world's queue, and what people hear of it.

use magpie_node::core::{
    CallId, Input,
    net::{Protocol, RequestId, Unanswered},
};
use magpie_protocol::{address::NodeId, api::ApiError, group::Topic};
use serde_json::Value;
use std::{collections::BTreeSet, sync::Arc};

/// What a call is answered with: a tree of JSON, or a code.
pub type Answer = Result<Value, ApiError>;

/// A gossiped frame, which all who pass it on share.
#[derive(Debug)]
pub struct Gossiped {
    /// On which topic.
    pub topic: Topic,
    /// The frame.
    pub bytes: Vec<u8>,
    /// Names it among those that a node has seen.
    pub hash: [u8; 32],
}

impl Gossiped {
    /// Returns a frame of a topic.
    pub fn new(topic: Topic, bytes: Vec<u8>) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(format!("{topic:?}").as_bytes()).update(&bytes);
        Self { topic, bytes, hash: *hasher.finalize().as_bytes() }
    }
}

/// Something that will happen.
#[derive(Debug)]
pub enum Happening {
    /// A node that is still in this life gets an input.
    Input {
        /// Who.
        at: usize,
        /// In which life.
        life: u64,
        /// What.
        input: Box<Input>,
    },
    /// A node looks into its inbox.
    Work {
        /// Who.
        at: usize,
        /// In which life.
        life: u64,
    },
    /// A request arrives.
    Arrives {
        /// Whose.
        from: usize,
        /// In which life of the asker.
        life: u64,
        /// Where.
        to: usize,
        /// Names the answer.
        id: RequestId,
        /// The protocol.
        protocol: Protocol,
        /// The request.
        bytes: Vec<u8>,
    },
    /// An answer comes back.
    Returns {
        /// To whom.
        to: usize,
        /// In which life of the asker.
        life: u64,
        /// Over which link: who answered.
        from: usize,
        /// The request.
        id: RequestId,
        /// The answer, or why there is none.
        answer: Result<Vec<u8>, Unanswered>,
    },
    /// A request's time is over.
    Deadline {
        /// Whose.
        at: usize,
        /// In which life.
        life: u64,
        /// Which.
        id: RequestId,
    },
    /// A handshake is through.
    Dialled {
        /// Who dialled, in which life.
        from: (usize, u64),
        /// Who answered, in which life.
        to: (usize, u64),
    },
    /// A node tries again to reach a peer that it keeps.
    Redial {
        /// Who.
        at: usize,
        /// In which life.
        life: u64,
        /// Whom.
        peer: NodeId,
    },
    /// A node notices that a connection is gone.
    Lost {
        /// Who.
        at: usize,
        /// In which life.
        life: u64,
        /// Whose connection.
        peer: NodeId,
    },
    /// A connection breaks, if what was between its ends is still there.
    Severs {
        /// One end.
        a: usize,
        /// The other.
        b: usize,
    },
    /// A gossiped frame arrives.
    Gossip {
        /// Who passed it on.
        from: usize,
        /// Where.
        to: usize,
        /// What.
        frame: Arc<Gossiped>,
    },
    /// A node starts from its disk.
    Start {
        /// Who.
        at: usize,
    },
    /// A doomed node falls although it had no work.
    Struck {
        /// Who.
        at: usize,
        /// In which life.
        life: u64,
        /// For how long, milliseconds at most.
        down_ms: u64,
    },
    /// An adversary acts once more.
    Adversary {
        /// Which.
        number: usize,
    },
    /// What an adversary kept is sent.
    Replay {
        /// Under which number it was kept.
        number: u64,
    },
    /// The plan of faults and deeds goes on.
    Plan {
        /// Which entry of the plan.
        number: usize,
    },
}

/// What people and checkers hear.
#[derive(Debug)]
pub enum Told {
    /// A call was answered.
    Answer {
        /// By whom.
        at: usize,
        /// Which.
        call: CallId,
        /// With what.
        answer: Answer,
    },
    /// Listeners were told of an event.
    Push {
        /// By whom.
        at: usize,
        /// The frames, as JSON texts.
        frames: Vec<String>,
    },
    /// A node fell, and these calls will not be answered.
    Fell {
        /// Who.
        at: usize,
        /// The calls.
        calls: BTreeSet<CallId>,
    },
    /// A node started.
    Started {
        /// Who.
        at: usize,
    },
    /// The plan goes on.
    Plan {
        /// Which entry of it.
        number: usize,
    },
}
