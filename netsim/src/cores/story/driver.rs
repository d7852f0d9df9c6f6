//! People and the world they live in: calls go out, answers and events come back.

use super::{
    log::{Event, Log, Room},
    plan::Planned,
};
use crate::cores::happening::Answer;
use crate::{
    cores::{Sabotage, happening::Told, world::World},
    dice::Dice,
    scenario::Scenario,
};
use magpie_node::core::CallId;
use magpie_protocol::network::GenesisError;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The login password of everybody.
pub(super) const PASSWORD: &str = "im-1111111111";
/// The wallet password of everybody.
pub(super) const WALLET: &str = "wallet-1111111111";
/// For how long a call that is made in peace may take, milliseconds.
const PATIENCE_MS: u64 = 40_000;
/// Before a sign-in is tried again, milliseconds.
const AGAIN_MS: u64 = 500;
/// Lines of what happened that are kept.
const EVENTS: usize = 50_000;

/// One person with a node.
#[derive(Debug, Clone, Default)]
pub struct Person {
    /// The place of the node.
    pub at: usize,
    /// The account's address.
    pub address: String,
    /// The wallet's address.
    pub wallet: String,
    /// Friends, by number of person.
    pub friends: BTreeSet<usize>,
    /// Whether there is an account.
    pub is_registered: bool,
    /// Whether the vault is open.
    pub is_signed_in: bool,
    /// Messages that the person has seen or written, by conversation.
    pub knows: BTreeMap<Room, BTreeSet<usize>>,
}

/// What a call was made for.
#[derive(Debug, Clone)]
pub(super) enum Purpose {
    /// Somebody waits for it here.
    Here,
    /// A person signs in again.
    SignIn(usize),
    /// A message, by number.
    Say(usize),
    /// Who is in a group, before somebody says something there.
    View { from: usize, group: usize },
    /// A removal from a group.
    Remove { group: usize, who: usize },
    /// An addition to a group.
    Add { group: usize, who: usize },
    /// A transfer, by number.
    Pay(usize),
    /// The card of a transfer.
    PaymentCard,
    /// The payee takes it.
    Accept(usize),
    /// A red packet, by number.
    Fund(usize),
    /// The card of a packet, by number.
    PacketCard(usize),
    /// A person claims a share of a packet.
    Claim { packet: usize, who: usize },
}

/// People, and the world they live in.
#[derive(Debug)]
pub struct Story {
    /// The nodes.
    pub world: World,
    /// The people, by number.
    pub people: Vec<Person>,
    /// What they did.
    pub log: Log,
    pub(super) dice: Dice,
    pub(super) plan: Vec<Planned>,
    /// Who makes the red packets, and for which groups.
    pub(super) funders: Vec<(usize, usize)>,
    calls: BTreeMap<CallId, Purpose>,
    answers: BTreeMap<CallId, Option<Answer>>,
    /// Until when people begin something, world time in milliseconds.
    pub(super) until: u64,
    /// Whether faults and work are over.
    pub(super) is_peace: bool,
}

impl Story {
    /// Returns the people of a scenario, none of whose nodes runs yet.
    pub fn new(
        scenario: Scenario,
        seed: u64,
        sabotage: Option<Sabotage>,
    ) -> Result<Self, GenesisError> {
        let world = World::new(scenario, seed, sabotage)?;
        let people = world.people().map(|at| Person { at, ..Person::default() }).collect();
        Ok(Self {
            world,
            people,
            log: Log::default(),
            dice: Dice::new(seed, "people", 0),
            plan: vec![],
            funders: vec![],
            calls: BTreeMap::new(),
            answers: BTreeMap::new(),
            until: 0,
            is_peace: true,
        })
    }

    /// Notes what happened, for people to read.
    pub fn note(&mut self, at: usize, what: String) {
        if self.log.events.len() < EVENTS {
            let (at_ms, node) = (self.world.elapsed(), self.world.scenario.name_of(at));
            self.log.events.push(Event { at_ms, node, what });
        }
    }

    /// Lets this many milliseconds pass.
    pub fn pass(&mut self, ms: u64) {
        let end = self.world.now + ms;
        while self.step(end) {}
    }

    /// Lets one thing happen and hears of it; returns whether something was left before `end`.
    pub(super) fn step(&mut self, end: u64) -> bool {
        let happened = self.world.advance(end);
        while let Some(told) = self.world.told.pop_front() {
            self.hear(told);
        }
        happened
    }

    /// Makes a call whose answer comes to [`Self::answered`]; returns whether the node took it.
    pub(super) fn call(
        &mut self,
        person: usize,
        method: (&str, &str),
        params: Value,
        key: Option<String>,
        purpose: Purpose,
    ) -> bool {
        let at = self.people[person].at;
        let twice = self.world.sabotage == Some(Sabotage::CallTwice) && method.0 == "chat";
        if twice && self.world.call(at, method, params.clone(), key.clone()).is_none() {
            return false;
        }
        let Some(id) = self.world.call(at, method, params, key) else { return false };
        self.calls.insert(id, purpose);
        true
    }

    /// Makes a call and lets time pass until it is answered; nothing if the node fell, or if it takes
    /// too long.
    pub(super) fn ask(
        &mut self,
        person: usize,
        method: (&str, &str),
        params: Value,
    ) -> Option<Answer> {
        let at = self.people[person].at;
        let id = self.world.call(at, method, params, None)?;
        self.calls.insert(id, Purpose::Here);
        let end = self.world.now + PATIENCE_MS;
        loop {
            if let Some(answer) = self.answers.remove(&id) {
                return answer;
            }
            if !self.step(end) {
                self.calls.remove(&id);
                let what = format!("{}.{} is not answered in {PATIENCE_MS} ms", method.0, method.1);
                self.world.find_out(at, "answers-in-time", what);
                return None;
            }
        }
    }

    fn hear(&mut self, told: Told) {
        match told {
            Told::Answer { at, call, answer } => match self.calls.remove(&call) {
                Some(Purpose::Here) => drop(self.answers.insert(call, Some(answer))),
                Some(purpose) => self.answered(at, purpose, answer),
                None => {}
            },
            Told::Push { at, frames } => self.pushed(at, &frames),
            Told::Fell { at, calls } => {
                self.note(at, "falls".to_owned());
                if let Some(person) = self.person_at(at) {
                    self.people[person].is_signed_in = false;
                }
                for call in calls {
                    match self.calls.remove(&call) {
                        Some(Purpose::Here) => drop(self.answers.insert(call, None)),
                        Some(purpose) => self.unanswered(purpose),
                        None => {}
                    }
                }
            }
            Told::Started { at } => {
                self.note(at, "starts".to_owned());
                if let Some(person) = self.person_at(at)
                    && self.people[person].is_registered
                {
                    self.sign_in_again(person);
                }
            }
            Told::Plan { number } => self.planned(number),
        }
    }

    /// Returns the number of the person whose node stands at a place.
    pub(super) fn person_at(&self, at: usize) -> Option<usize> {
        let people = self.world.people();
        people.contains(&at).then(|| at - people.start)
    }

    /// Opens a person's vault after a restart.
    pub(super) fn sign_in_again(&mut self, person: usize) {
        let params = json!({"password": PASSWORD, "loginType": "text"});
        self.call(person, ("login", "exportLogin"), params, None, Purpose::SignIn(person));
    }

    /// Tries again to open a person's vault, a little later.
    pub(super) fn sign_in_later(&mut self, person: usize) {
        self.plan_in(AGAIN_MS, Planned::SignIn(person));
    }

    /// Tells whether a person can do something now.
    pub(super) fn is_there(&self, person: usize) -> bool {
        let Person { at, is_signed_in, .. } = &self.people[person];
        *is_signed_in && self.world.is_up(*at)
    }
}
