//! What happened, as a hash: two runs of a seed are the same run if their hashes are equal.

use magpie_node::core::{
    Effect, FileChange, Input,
    net::{NetCommand, NetEvent},
};
use magpie_storage::engine::Batch;

/// A hash over every input, batch and effect of every node, in their order: when, where, of what kind
/// and how long they were. Their bytes depend on the ratchets, which draw from the operating system.
#[derive(Debug)]
pub struct Trace {
    shape: blake3::Hasher,
    /// How many there were.
    happenings: u64,
}

impl Default for Trace {
    fn default() -> Self {
        Self { shape: blake3::Hasher::new_derive_key("magpie/1/netsim-trace"), happenings: 0 }
    }
}

impl Trace {
    /// Notes that something happened at a node, at this time of the world.
    fn note(&mut self, at: usize, now: u64, kind: &str, parts: &[&[u8]]) {
        self.happenings += 1;
        let head = [(at as u64).to_be_bytes(), now.to_be_bytes()].concat();
        self.shape.update(&head).update(kind.as_bytes()).update(&[0]);
        for part in parts {
            self.shape.update(&(part.len() as u64).to_be_bytes());
        }
    }

    /// Notes what enters a core.
    pub fn input(&mut self, at: usize, now: u64, input: &Input) {
        match input {
            Input::Started => self.note(at, now, "started", &[]),
            Input::Call(call) => {
                let params = call.params.to_string();
                let name = format!("call {}.{}", call.module, call.method);
                self.note(at, now, &name, &[params.as_bytes()]);
            }
            Input::Register(_) => self.note(at, now, "register", &[]),
            Input::KeyDerived { job, key } => {
                self.note(at, now, "derived", &[&job.0.to_be_bytes(), &[u8::from(key.is_ok())]]);
            }
            Input::Tick => self.note(at, now, "tick", &[]),
            Input::Net(event) => self.event(at, now, event),
        }
    }

    fn event(&mut self, at: usize, now: u64, event: &NetEvent) {
        match event {
            NetEvent::Listening { address } => {
                self.note(at, now, "listening", &[address.as_bytes()]);
            }
            NetEvent::Connected { peer } => self.note(at, now, "connected", &[&peer.0]),
            NetEvent::Disconnected { peer } => self.note(at, now, "disconnected", &[&peer.0]),
            NetEvent::Inbound { from, protocol, bytes, .. } => {
                self.note(at, now, &format!("asked {protocol:?}"), &[&from.0, bytes]);
            }
            NetEvent::Answered { id, bytes } => {
                self.note(at, now, "answered", &[&id.0.to_be_bytes(), bytes]);
            }
            NetEvent::Failed { id, reason } => {
                self.note(at, now, &format!("failed {reason:?}"), &[&id.0.to_be_bytes()]);
            }
            NetEvent::Gossip { from, topic, bytes, .. } => {
                let topic = format!("{topic:?}");
                self.note(at, now, "gossip", &[&from.0, topic.as_bytes(), bytes]);
            }
        }
    }

    /// Notes a batch that became durable.
    pub fn batch(&mut self, at: usize, now: u64, batch: &Batch) {
        if batch.is_empty() {
            return;
        }
        // Rows are named with chance, and ratchets are kept in decimal digits: neither the order of
        // rows nor the length of their values is shape.
        let names: usize = batch.iter().map(|(key, _)| key.len()).sum();
        self.note(at, now, &format!("batch of {} rows, {names}", batch.len()), &[]);
    }

    /// Notes a private file that was written.
    pub fn file(&mut self, at: usize, now: u64, change: &FileChange) {
        match change {
            FileChange::Keys(body) => self.note(at, now, "keys", &[&body[..]]),
            FileChange::FastLogin(bytes) => {
                self.note(at, now, "fast", &[bytes.as_ref().map_or(&[][..], |bytes| &bytes[..])]);
            }
        }
    }

    /// Notes what leaves a core.
    pub fn effect(&mut self, at: usize, now: u64, effect: &Effect) {
        match effect {
            Effect::Answer { call, answer } => {
                let code = answer.as_ref().map_or_else(|error| error.code.number(), |_| 200);
                let data = answer.as_ref().map_or_else(|_| String::new(), ToString::to_string);
                let parts = [&call.0.to_be_bytes()[..], &code.to_be_bytes(), data.as_bytes()];
                self.note(at, now, "answer", &parts);
            }
            Effect::Derive { job, .. } => self.note(at, now, "derive", &[&job.0.to_be_bytes()]),
            Effect::Push { seq, frames } => {
                let parts = [&seq.to_be_bytes()[..], frames.concat().as_bytes()].concat();
                self.note(at, now, "push", &[&parts]);
            }
            Effect::CloseListeners { frame } => self.note(at, now, "close", &[frame.as_bytes()]),
            Effect::Net(command) => self.command(at, now, command),
        }
    }

    fn command(&mut self, at: usize, now: u64, command: &NetCommand) {
        match command {
            NetCommand::Request { id, to, protocol, bytes } => {
                let parts = [&id.0.to_be_bytes()[..], &to.0, bytes];
                self.note(at, now, &format!("ask {protocol:?}"), &parts);
            }
            NetCommand::Respond { bytes, .. } => self.note(at, now, "respond", &[bytes]),
            NetCommand::Refuse { .. } => self.note(at, now, "refuse", &[]),
            NetCommand::Keep { peer, .. } => self.note(at, now, "keep", &[&peer.0]),
            NetCommand::Forget { peer } => self.note(at, now, "forget", &[&peer.0]),
            NetCommand::AddAddresses { peer, .. } => self.note(at, now, "addresses", &[&peer.0]),
            NetCommand::Misbehaved { peer, fault } => {
                self.note(at, now, &format!("blame {fault:?}"), &[&peer.0]);
            }
            NetCommand::Subscribe { topic } | NetCommand::Unsubscribe { topic } => {
                self.note(at, now, "topic", &[format!("{topic:?}").as_bytes()]);
            }
            NetCommand::Publish { bytes, .. } => self.note(at, now, "publish", &[bytes]),
            NetCommand::Judge { verdict, .. } => {
                self.note(at, now, &format!("judge {verdict:?}"), &[]);
            }
        }
    }

    /// Returns the hash so far, in hexadecimal digits.
    pub fn hash(&self) -> String {
        self.shape.finalize().to_hex().to_string()
    }

    /// Returns how many inputs, batches and effects were noted.
    pub const fn happenings(&self) -> u64 {
        self.happenings
    }
}
