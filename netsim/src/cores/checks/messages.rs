//! No acknowledged message is lost, none is doubled, none comes out of nowhere.

use crate::cores::story::{Histories, Room, Standing, Story};

const NAME: &str = "messages";

/// Compares every conversation with what was written.
pub(super) fn check(story: &mut Story, histories: &Histories) {
    let mut found = Vec::new();
    for ((person, room), history) in histories {
        for (number, message) in story.log.messages.iter().enumerate() {
            if message.room != *room {
                continue;
            }
            let times = history.iter().filter(|row| row.number == number).count();
            let is_to_have = message.from == *person || {
                let listeners = story.listeners(number);
                listeners.contains(person)
            };
            let what = match message.standing {
                _ if times > 1 => format!("shows m{number} {times} times"),
                Standing::Refused(code) if times > 0 => {
                    format!("shows m{number}, which was refused with {code}")
                }
                Standing::Done if times == 0 && is_to_have && stays(story, *person, *room) => {
                    format!("lost m{number} of person-{}, which was acknowledged", message.from)
                }
                _ => continue,
            };
            found.push((*person, what));
        }
        for row in history {
            let known = story.log.messages.get(row.number);
            let is_right = known.is_some_and(|message| {
                message.room == *room && message.id.as_ref().is_none_or(|id| *id == row.id)
            });
            if !is_right {
                found.push((
                    *person,
                    format!("shows m{} in {room:?}: it is not of there", row.number),
                ));
            }
        }
    }
    for (person, what) in found {
        let at = story.people[person].at;
        story.world.find_out(at, NAME, what);
    }
    unread(story, histories);
}

/// Tells whether somebody is in a conversation from its beginning to the end.
fn stays(story: &Story, person: usize, room: Room) -> bool {
    match room {
        Room::Direct(..) => true,
        Room::Group(group) => story.log.groups[group].staying.contains(&person),
    }
}

/// Finds conversations that could not be read at all.
fn unread(story: &mut Story, histories: &Histories) {
    for person in 0..story.people.len() {
        for friend in story.people[person].friends.clone() {
            let room = Room::of(person, friend);
            if !histories.contains_key(&(person, room)) {
                let at = story.people[person].at;
                story.world.find_out(at, NAME, format!("{room:?} cannot be read"));
            }
        }
    }
}
