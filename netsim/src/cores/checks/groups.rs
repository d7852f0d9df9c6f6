//! Those who stay in a group see the same members, and the same messages in the same order, whoever
//! wrote them: those of somebody who was removed meanwhile among them.

use crate::cores::story::{Histories, Room, Story};

const NAME: &str = "groups";

/// Compares every member with the group's owner.
pub(super) fn check(story: &mut Story, histories: &Histories) {
    for group in 0..story.log.groups.len() {
        let owner = story.log.groups[group].owner;
        let members = story.members_of(owner, group);
        for person in story.log.groups[group].staying.clone() {
            let at = story.people[person].at;
            let said = |who: usize| histories.get(&(who, Room::Group(group)));
            if said(person) != said(owner) {
                let numbers = |who: usize| -> Vec<usize> {
                    said(who).into_iter().flatten().map(|row| row.number).collect()
                };
                let what = format!(
                    "shows group {group} otherwise than its owner: {:?} and {:?}",
                    numbers(person),
                    numbers(owner)
                );
                story.world.find_out(at, NAME, what);
            }
            let own = story.members_of(person, group);
            if own != members {
                let count = |all: &Option<std::collections::BTreeSet<String>>| {
                    all.as_ref().map_or(0, std::collections::BTreeSet::len)
                };
                let what = format!(
                    "shows {} members of group {group}, its owner {}",
                    count(&own),
                    count(&members)
                );
                story.world.find_out(at, NAME, what);
            }
        }
    }
}
