//! What the nodes say at the end.

use super::{
    answers::shown,
    driver::Story,
    log::{Log, Room, Standing},
};
use crate::cores::Sabotage;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// One row of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The number of the message that it shows.
    pub number: usize,
    /// The message's id.
    pub id: String,
}

/// A conversation as somebody's node lists it, oldest first.
pub type History = Vec<Row>;

/// All conversations of all people; one that could not be read is missing.
pub type Histories = BTreeMap<(usize, Room), History>;

impl Story {
    /// Returns who is in a group, as somebody's node shows it.
    pub(super) fn members(&mut self, person: usize, group: &str) -> Option<BTreeSet<String>> {
        let answer = self.ask(person, ("group", "getGroupItemByGid"), json!({"gId": group}))?;
        answer.ok().map(|rows| Self::addresses(&rows))
    }

    /// Returns who is in a group of the log, as somebody's node shows it.
    pub fn members_of(&mut self, person: usize, group: usize) -> Option<BTreeSet<String>> {
        let id = self.log.groups[group].id.clone();
        self.members(person, &id)
    }

    /// Returns whose node a person's host asks for a conversation: their own, but for the planted bug.
    fn asked(&self, person: usize, room: Room) -> usize {
        match room {
            Room::Group(group) if self.world.sabotage == Some(Sabotage::LendHistory) => {
                let log = &self.log.groups[group];
                if log.removed.contains(&person) { log.owner } else { person }
            }
            _ => person,
        }
    }

    /// Returns a conversation as somebody's node lists it.
    fn history(&mut self, person: usize, room: Room) -> Option<History> {
        let person = self.asked(person, room);
        let (conversation, _) = self.named(person, room);
        let page = json!({
            "conversationId": conversation, "startTime": -1, "pageSize": 1000, "orderBy": "ASC",
        });
        let rows = self.ask(person, ("chat", "getMessagesByConversationId"), page)?.ok()?;
        let row = |row: &serde_json::Value| {
            let id = row["msg_id"].as_str()?.to_owned();
            Some(Row { number: shown(row)?, id })
        };
        Some(rows.as_array()?.iter().filter_map(row).collect())
    }

    /// Returns every conversation of everybody.
    pub fn histories(&mut self) -> Histories {
        let mut all = Histories::new();
        for person in 0..self.people.len() {
            let friends = self.people[person].friends.clone();
            let mut rooms: Vec<Room> =
                friends.iter().map(|other| Room::of(person, *other)).collect();
            let is_in = |it: &super::log::GroupLog| {
                it.staying.contains(&person) || it.removed.contains(&person)
            };
            let groups = self.log.groups.iter().enumerate();
            rooms.extend(groups.filter(|(_, it)| is_in(it)).map(|(n, _)| Room::Group(n)));
            for room in rooms {
                if let Some(history) = self.history(person, room) {
                    all.insert((person, room), history);
                }
            }
        }
        all
    }

    /// Returns the deliveries that were to be, and how many of them took place.
    pub fn deliveries(&self, histories: &Histories) -> (u64, u64) {
        let (mut expected, mut delivered) = (0, 0);
        for (number, message) in self.log.messages.iter().enumerate() {
            if message.standing != Standing::Done {
                continue;
            }
            for who in self.listeners(number) {
                expected += 1;
                let history = histories.get(&(who, message.room));
                let is_there = history.is_some_and(|it| it.iter().any(|row| row.number == number));
                delivered += u64::from(is_there);
            }
        }
        (expected, delivered)
    }

    /// Tells whether those who stay in a group show the same messages.
    pub fn agree(&self, histories: &Histories) -> bool {
        self.log.groups.iter().enumerate().all(|(number, group)| {
            let of = |who: usize| histories.get(&(who, Room::Group(number)));
            group.staying.iter().all(|who| of(*who) == of(group.owner))
        })
    }

    /// Tells whether those who stay in a group show the same members.
    pub fn members_agree(&mut self) -> bool {
        for group in 0..self.log.groups.len() {
            let of_owner = self.members_of(self.log.groups[group].owner, group);
            for who in self.log.groups[group].staying.clone() {
                if self.members_of(who, group) != of_owner {
                    return false;
                }
            }
        }
        true
    }

    /// Tells whether everybody is there, and nothing of what people began is undecided.
    pub fn is_quiet(&self) -> bool {
        let is_open = |it: Standing| matches!(it, Standing::Asked | Standing::Refused(21_009));
        let payments = self.log.payments.iter().all(|it| !is_open(it.standing));
        let packets = self.log.packets.iter().all(|it| !is_open(it.standing));
        payments
            && packets
            && self.claims_are_over()
            && (0..self.people.len()).all(|person| self.is_there(person))
    }

    /// Returns how many payments and packets were answered 200, and how many claims.
    pub fn settled(&self) -> [u64; 3] {
        let is_done = |it: Standing| u64::from(it == Standing::Done);
        let Log { payments, packets, .. } = &self.log;
        let claims = packets.iter().flat_map(|it| it.claims.values());
        [
            payments.iter().map(|it| is_done(it.standing)).sum(),
            packets.iter().map(|it| is_done(it.standing)).sum(),
            claims.map(|it| u64::from(it.is_settled())).sum(),
        ]
    }

    /// Ends the faults: everybody is up, everything reaches everything.
    pub fn make_peace(&mut self) {
        self.is_peace = true;
        self.world.make_peace();
        for at in 0..self.world.places.len() {
            self.world.start(at);
        }
    }
}
