//! What the chapters tell with: the people, the network, what was posted so far, and the moves that
//! they share. Nothing is said before a node's API has said it.

use super::{
    ending::Ending,
    narration::Narrator,
    network::Network,
    person::{PASSWORD, Person},
    posted::{Counts, Posted, Reach},
    room::{Room, Who},
};
use crate::error::Error;
use magpie_node::host::{Fatal, Node};
use serde_json::{Value, json};
use std::{future::poll_fn, path::Path, pin::Pin, task::Poll, time::Duration};
use tokio::{task::JoinSet, time::timeout};

/// How long the nodes may take to end, so that the whole process ends within ten seconds.
const END_TIME: Duration = Duration::from_secs(9);

/// A story while it is told.
#[derive(Debug)]
pub(super) struct Tale {
    pub(super) network: Network,
    pub(super) people: [Person; 3],
    pub(super) narrator: Narrator,
    pub(super) ending: Ending,
    /// The red packet, once it was given.
    pub(super) packet: Option<String>,
    /// Bob's transfer, once it was taken.
    pub(super) transfer: Option<String>,
    /// What all believe of the ledger, once they do.
    pub(super) ledger: Value,
    posted: Vec<Posted>,
}

impl Tale {
    /// Returns a story in which nothing happened yet and no node runs.
    pub(super) fn new(network: Network, narrator: Narrator, ending: Ending) -> Self {
        let people = ["alice", "bob", "carol"].map(|name| Person::new(name, &network));
        let (packet, transfer, ledger) = (None, None, Value::Null);
        let posted = Vec::new();
        Self { network, people, narrator, ending, packet, transfer, ledger, posted }
    }

    /// Tells one step.
    pub(super) fn step(&self, name: &str, says: &str, data: &Value) -> Result<(), Error> {
        self.narrator.step(name, says, data)
    }

    /// Returns somebody's name.
    pub(super) fn name(&self, who: Who) -> &'static str {
        self.people[who].name
    }

    /// Starts somebody's node.
    pub(super) fn start(&mut self, who: Who) -> Result<(), Error> {
        self.ending.check()?;
        self.people[who].start(&self.network)
    }

    /// Cuts somebody's node off.
    pub(super) fn cut(&mut self, who: Who) {
        self.people[who].cut(&self.network);
    }

    /// Lets somebody say something; returns the message's id.
    pub(super) fn say(&mut self, by: Who, room: &Room, words: &str) -> Result<String, Error> {
        self.ending.check()?;
        let conversation = room.id(by, self);
        let id = self.people[by].send(conversation, words)?;
        let to = match room {
            Room::Direct(..) => self.name(room.others(by)[0]),
            Room::Group(_) => "the group",
        };
        let from = self.name(by);
        let data = json!({"from": from, "to": to, "conversation": conversation, "message": id, "text": words});
        self.step("send", &format!("{from} to {to}: {words}"), &data)?;
        self.posted.push(Posted { by, room: room.clone(), id: id.clone() });
        Ok(id)
    }

    /// Waits until messages have come as far as `is_there` says.
    fn wait(
        &self,
        what: &str,
        ids: &[String],
        is_there: impl Fn(Reach) -> bool,
    ) -> Result<(), Error> {
        for posted in self.posted.iter().filter(|posted| ids.contains(&posted.id)) {
            let what = || format!("{} of {} is {what}", posted.id, self.name(posted.by));
            self.ending.until(what, || {
                Ok(posted.reach(self)?).map(|reach| is_there(reach).then_some(()))
            })?;
        }
        Ok(())
    }

    /// Waits until messages are stored by super nodes, or delivered.
    pub(super) fn wait_sent(&self, ids: &[String]) -> Result<(), Error> {
        self.wait("sent", ids, |reach| reach.sent)
    }

    /// Waits until everybody in the room has messages, and tells it.
    pub(super) fn delivered(&self, ids: &[String], says: &str) -> Result<(), Error> {
        self.wait("delivered", ids, |reach| reach.sent && reach.delivered)?;
        self.step("delivered", says, &json!({"messages": ids}))
    }

    /// Lets everybody else in the room read messages, waits until that is known, and tells it.
    pub(super) fn read(&self, room: &Room, ids: &[String], says: &str) -> Result<(), Error> {
        for reader in [0, 1, 2] {
            let others = |posted: &&Posted| {
                ids.contains(&posted.id) && room.others(posted.by).contains(&reader)
            };
            let read: Vec<&str> =
                self.posted.iter().filter(others).map(|posted| posted.id.as_str()).collect();
            if read.is_empty() {
                continue;
            }
            let id = room.id(reader, self);
            let body = json!({"conversationId": id, "cid": id, "pub": "", "isRetry": false,
                "conversationType": room.receipt_kind(), "messageIds": read});
            self.people[reader].call("chat", "sendMessageAckByIds", &body)?;
        }
        self.wait("read", ids, |reach| reach.read)?;
        self.step("read", says, &json!({"messages": ids}))
    }

    /// Asks the nodes what became of everything that was sent. What nobody can answer for any more
    /// is not counted.
    pub(super) fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for reach in self.posted.iter().filter_map(|posted| posted.reach(self).ok()) {
            counts.add(reach);
        }
        counts
    }

    /// Checks that everything that was sent was delivered and read, as the chapters said.
    pub(super) fn check(&self, counts: Counts) -> Result<(), Error> {
        let all = self.posted.len();
        if counts == (Counts { sent: all, delivered: all, read: all }) {
            return Ok(());
        }
        Err(Error::Failed(format!("of {all} messages the nodes count otherwise: {counts:?}")))
    }

    /// Tells where the nodes are and how to speak to them.
    pub(super) fn show_nodes(&mut self) -> Result<(), Error> {
        self.narrator.chapter("nodes", "The nodes stay up; Ctrl-C ends them")?;
        let supers = self.network.supers.iter().map(|(name, data, node)| (&**name, &**data, node));
        let people = self.people.iter().filter_map(|person| {
            person.node.as_ref().map(|node| (person.name, &*person.data, node))
        });
        let mut shown: Vec<(&str, &Path, &Node)> = supers.collect();
        // Those that were cut off stand behind the others.
        shown.sort_by_key(|(name, ..)| *name);
        shown.extend(people);
        for (name, data, node) in shown {
            let (url, file) = (node.url().unwrap_or_default(), data.join("api.json"));
            let file = file.display().to_string();
            let says = format!("{name:<7} {url}  {file}");
            self.step("node", &says, &json!({"name": name, "url": url, "api": file}))?;
        }
        let [alice, ..] = &self.people;
        self.narrator.aside(&format!("all passwords are {PASSWORD}; try:"))?;
        for what in ["contact list", "wallet show"] {
            self.narrator.aside(&format!("magpie --data-dir {} {what}", alice.data.display()))?;
        }
        Ok(())
    }

    /// Waits until the end is asked for, or a node breaks.
    pub(super) fn stay(&mut self) -> Result<(), Error> {
        let supers = self.network.supers.iter_mut().map(|(_, _, node)| node);
        let people = self.people.iter_mut().filter_map(|person| person.node.as_mut());
        let mut nodes: Vec<Pin<Box<dyn Future<Output = Fatal> + '_>>> = Vec::new();
        for node in supers.chain(people) {
            nodes.push(Box::pin(node.broken()));
        }
        let broken = poll_fn(|cx| {
            let ready = nodes.iter_mut().find_map(|node| match node.as_mut().poll(cx) {
                Poll::Ready(fatal) => Some(fatal),
                Poll::Pending => None,
            });
            ready.map_or(Poll::Pending, Poll::Ready)
        });
        self.ending.block_on(async {
            tokio::select! {
                () = self.ending.asked() => Ok(()),
                fatal = broken => Err(fatal.into()),
            }
        })
    }

    /// Ends all nodes, each in order. Error: one of them was broken, or takes too long.
    pub(super) fn stop(self) -> Result<(), Error> {
        let Self { network, people, ending, .. } = self;
        let supers = network.supers.into_iter().map(|(_, _, node)| node);
        let people = people.into_iter().filter_map(|person| person.node);
        let nodes: Vec<Node> = supers.chain(people).collect();
        ending.block_on(async {
            let mut ends: JoinSet<Result<(), Fatal>> =
                nodes.into_iter().map(|node| Box::pin(node.stop())).collect();
            let all = async {
                while let Some(end) = ends.join_next().await {
                    end.map_err(|error| Error::Failed(error.to_string()))??;
                }
                Ok(())
            };
            let late = || Error::Failed(format!("the nodes did not end within {END_TIME:?}"));
            timeout(END_TIME, all).await.map_err(|_| late())?
        })
    }
}
