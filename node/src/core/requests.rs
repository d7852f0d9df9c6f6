//! Requests of ours on their way: what each answer is for.

use crate::core::{
    effect::Effect,
    net::{NetCommand, Protocol, RequestId},
    ordering::Cargo,
    turn::Turn,
};
use magpie_protocol::{
    address::{Address, NodeId},
    group::EpochKey,
    ids::GroupId,
    ledger::{EntryId, state::LeafKey},
};
use std::collections::BTreeMap;

/// Requests that may be on their way at once; the swarm bounds them per peer besides.
pub(crate) const REQUESTS: usize = 4_096;

/// What a request of ours was made for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To put our records into the directory.
    Publish,
    /// To tell whose mail is welcome: of these accounts.
    Tokens(Vec<Address>),
    /// To learn about an account.
    LookUp(Address),
    /// To hand envelopes to a device, by their numbers in the outbox.
    Deliver(Vec<u64>),
    /// To leave envelopes in a device's mailbox, by their numbers in the outbox.
    Deposit(NodeId, Vec<u64>),
    /// To fetch our mail.
    Collect,
    /// To leave frames of groups, by their numbers.
    PutFrames(Vec<u64>),
    /// To fetch frames of an epoch.
    FetchFrames(EpochKey),
    /// To get operations of a group from a member.
    Pull(GroupId),
    /// To compare messages of a group with a member, in these ranges of clocks and this round.
    Compare(GroupId, Vec<(u64, u64)>, u8),
    /// To get messages of a group from a member.
    PullMessages(GroupId),
    /// To be shown these leaves of the ledger.
    Prove(Vec<LeafKey>),
    /// To hand an entry on.
    Submit(EntryId),
    /// To be shown the header of a height.
    Header(u64),
    /// To learn the newest header, without believing it.
    Name,
    /// To be sure of the header of a height.
    Confirm(u64),
    /// To hand another super node something of the ledger.
    Hand(Cargo),
    /// To let our mail be forgotten, or a courtesy: whatever the answer is, nothing follows.
    Nothing,
}

/// The requests that wait for an answer.
#[derive(Debug, Default)]
pub(crate) struct Requests {
    waiting: BTreeMap<RequestId, (NodeId, Purpose)>,
    last: u64,
}

impl Requests {
    /// Returns how many requests are on their way.
    pub(crate) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Takes out what an answer is for. Each request is answered or failed once.
    pub(crate) fn take(&mut self, id: RequestId) -> Option<(NodeId, Purpose)> {
        self.waiting.remove(&id)
    }

    /// Returns whether a request for this is on its way to a peer.
    pub(crate) fn is_waiting(&self, to: NodeId, like: impl Fn(&Purpose) -> bool) -> bool {
        self.waiting.values().any(|(peer, purpose)| *peer == to && like(purpose))
    }

    /// Returns what the requests on their way to a peer are for.
    pub(crate) fn to(&self, to: NodeId) -> impl Iterator<Item = &Purpose> {
        let ours = self.waiting.values().filter(move |(peer, _)| *peer == to);
        ours.map(|(_, purpose)| purpose)
    }

    /// Returns how many requests for this are on their way to a peer.
    pub(crate) fn count(&self, to: NodeId, like: impl Fn(&Purpose) -> bool) -> usize {
        self.waiting.values().filter(|(peer, purpose)| *peer == to && like(purpose)).count()
    }

    /// Forgets what every request of the account is for: it signed out.
    pub(crate) fn forget(&mut self) {
        // What the ledger is asked is not the account's alone, and every answer is waited for.
        self.waiting.retain(|_, (_, purpose)| {
            matches!(
                purpose,
                Purpose::Hand(_)
                    | Purpose::Prove(_)
                    | Purpose::Submit(_)
                    | Purpose::Header(_)
                    | Purpose::Name
                    | Purpose::Confirm(_)
            )
        });
    }
}

impl Turn<'_> {
    /// Asks a peer once the step is durable. Returns whether there was room for one more request.
    pub(crate) fn ask_peer(
        &mut self,
        to: NodeId,
        protocol: Protocol,
        bytes: Vec<u8>,
        purpose: Purpose,
    ) -> bool {
        let requests = &mut self.core.requests;
        if requests.waiting.len() >= REQUESTS {
            return false;
        }
        requests.last += 1;
        let id = RequestId(requests.last);
        requests.waiting.insert(id, (to, purpose));
        self.effects.push(Effect::Net(NetCommand::Request { id, to, protocol, bytes }));
        true
    }
}
