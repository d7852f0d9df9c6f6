//! What people do with words and groups: one call each.

use super::{
    driver::{Purpose, Story},
    log::{Message, Room, Standing},
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Returns the text of a message, by its number.
pub(super) fn text_of(number: usize) -> String {
    format!("m{number}")
}

/// Returns the number of the message that a text belongs to.
pub(super) fn number_of(text: &str) -> Option<usize> {
    text.strip_prefix('m')?.parse().ok()
}

impl Story {
    /// Returns what the API calls a conversation of somebody, and its kind.
    pub(super) fn named(&self, of: usize, room: Room) -> (String, u8) {
        match room {
            Room::Direct(a, b) => {
                let other = if a == of { b } else { a };
                (self.people[other].address.clone(), 0)
            }
            Room::Group(group) => (self.log.groups[group].id.clone(), 1),
        }
    }

    /// Writes a message, in a group after a look at who is in it.
    pub(super) fn say(&mut self, from: usize, room: Room) {
        match room {
            Room::Direct(..) => self.say_now(from, room, BTreeSet::new()),
            Room::Group(group) => {
                let params = json!({"gId": self.log.groups[group].id});
                let purpose = Purpose::View { from, group };
                self.call(from, ("group", "getGroupItemByGid"), params, None, purpose);
            }
        }
    }

    /// Writes in a group whose members the author's node shows as these.
    pub(super) fn say_in_view(&mut self, from: usize, group: usize, members: &BTreeSet<String>) {
        if self.world.now >= self.until {
            return;
        }
        let removed = self.log.groups[group].removed.iter();
        let without = removed.filter(|who| !members.contains(&self.people[**who].address));
        let without = without.copied().collect();
        self.say_now(from, Room::Group(group), without);
    }

    fn say_now(&mut self, from: usize, room: Room, without: BTreeSet<usize>) {
        let number = self.log.messages.len();
        let after = self.people[from].knows.get(&room).cloned().unwrap_or_default();
        let at_ms = self.world.elapsed();
        let standing = Standing::Asked;
        let heard = BTreeMap::new();
        let message = Message { from, room, at_ms, standing, id: None, after, without, heard };
        let (conversation, kind) = self.named(from, room);
        let params = json!({
            "cnd": conversation, "cid": conversation, "conversationType": kind, "pub": "",
            "text": text_of(number),
        });
        if self.call(from, ("chat", "sendTextMessage"), params, None, Purpose::Say(number)) {
            self.log.messages.push(message);
        }
    }

    /// An owner removes one of those who stayed so far.
    pub(super) fn remove(&mut self, group: usize) {
        let log = &self.log.groups[group];
        let (owner, id) = (log.owner, log.id.clone());
        let others: Vec<_> = log.staying.iter().copied().filter(|who| *who != owner).collect();
        // Three at least stay: the owner and two to talk to.
        if others.len() < 3 {
            return;
        }
        let Some(&who) = self.dice.pick(&others) else { return };
        let items = json!([{"u_nd_add": self.people[who].address}]);
        let params = json!({"gId": id, "mSelectGroupItems": items});
        let purpose = Purpose::Remove { group, who };
        if self.call(owner, ("sync", "removeGroupMemberWith"), params, None, purpose) {
            self.log.groups[group].staying.remove(&who);
            self.log.groups[group].removed.insert(who);
        }
    }

    /// An owner lets somebody in who was never in it.
    pub(super) fn add(&mut self, group: usize) {
        let log = &mut self.log.groups[group];
        let (owner, id) = (log.owner, log.id.clone());
        let Some(who) = log.candidates.pop() else { return };
        let items = json!([{"nodeId": self.people[who].address, "u_nd_add": self.people[who].address, "cNdAdd": self.people[who].address}]);
        let params = json!({"gId": id, "mContacts": items});
        let purpose = Purpose::Add { group, who };
        if self.call(owner, ("sync", "addGroupMemberWith"), params, None, purpose) {
            self.log.groups[group].added.insert(who);
        } else {
            self.log.groups[group].candidates.push(who);
        }
    }

    /// Reads the addresses out of a listing of members.
    pub(super) fn addresses(rows: &Value) -> BTreeSet<String> {
        let rows = rows.as_array().into_iter().flatten();
        rows.filter_map(|row| row["u_nd_add"].as_str()).map(str::to_owned).collect()
    }
}
