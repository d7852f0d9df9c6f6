//! A removed member reads nothing that was sent by a device that had seen the removal.

use crate::cores::story::{Histories, Room, Story};

const NAME: &str = "removed-reads-nothing";

/// Looks into what removed members can read.
pub(super) fn check(story: &mut Story, histories: &Histories) {
    let mut found = Vec::new();
    for (group, log) in story.log.groups.iter().enumerate() {
        for person in &log.removed {
            let history = histories.get(&(*person, Room::Group(group)));
            for row in history.into_iter().flatten() {
                let message = story.log.messages.get(row.number);
                if message.is_some_and(|message| message.without.contains(person)) {
                    found.push((*person, format!("was removed, and reads m{}", row.number)));
                }
            }
        }
    }
    for (person, what) in found {
        let at = story.people[person].at;
        story.world.find_out(at, NAME, what);
    }
}
