//! What came of calls, and what listeners were told.

use super::{
    deeds::{number_of, text_of},
    driver::{Purpose, Story},
    log::{Room, Standing},
};
use crate::cores::happening::Answer;
use serde_json::Value;

/// Returns what a call came to.
pub(super) fn standing(answer: &Answer) -> Standing {
    match answer {
        Ok(_) => Standing::Done,
        Err(error) => Standing::Refused(error.code.number()),
    }
}

impl Story {
    /// Notes the answer to a call.
    pub(super) fn answered(&mut self, at: usize, purpose: Purpose, answer: Answer) {
        match purpose {
            Purpose::Here => {}
            Purpose::SignIn(person) => match answer {
                Ok(_) => {
                    self.people[person].is_signed_in = true;
                    self.looks_at_packets(person);
                }
                Err(error) => {
                    let what = format!("the vault does not open again: {error}");
                    self.world.find_out(at, "signs-in-again", what);
                    self.sign_in_later(person);
                }
            },
            Purpose::Say(number) => self.said(at, number, &answer),
            Purpose::View { from, group } => {
                if let Ok(rows) = &answer {
                    self.say_in_view(from, group, &Self::addresses(rows));
                }
            }
            Purpose::Remove { group, who } => {
                self.note(
                    at,
                    format!("removes person-{who} from group {group}: {}", code(&answer)),
                );
                if answer.is_err() {
                    // It did not happen: whoever was to be removed stays.
                    self.log.groups[group].removed.remove(&who);
                    self.log.groups[group].staying.insert(who);
                }
            }
            Purpose::Add { group, who } => {
                self.note(at, format!("adds person-{who} to group {group}: {}", code(&answer)));
            }
            other => self.money_answered(at, other, answer),
        }
    }

    fn said(&mut self, at: usize, number: usize, answer: &Answer) {
        let message = &mut self.log.messages[number];
        message.standing = standing(answer);
        let (from, room) = (message.from, message.room);
        if let Ok(rows) = answer {
            let row = if rows.is_array() { &rows[0] } else { rows };
            message.id = row["msg_id"].as_str().map(str::to_owned);
            self.people[from].knows.entry(room).or_default().insert(number);
        }
        self.note(at, format!("writes {} in {room:?}: {}", text_of(number), code(answer)));
    }

    /// Notes that a call will not be answered.
    pub(super) fn unanswered(&mut self, purpose: Purpose) {
        match purpose {
            Purpose::Say(number) => self.log.messages[number].standing = Standing::Unanswered,
            Purpose::Here
            | Purpose::SignIn(_)
            | Purpose::View { .. }
            | Purpose::Remove { .. }
            | Purpose::Add { .. } => {}
            other => self.money_unanswered(other),
        }
    }

    /// Hears events that a node pushed.
    pub(super) fn pushed(&mut self, at: usize, frames: &[String]) {
        let Some(person) = self.person_at(at) else { return };
        for frame in frames {
            let Ok(frame) = serde_json::from_str::<Value>(frame) else {
                self.world.find_out(at, "events", format!("an event is no JSON: {frame}"));
                continue;
            };
            if frame["event"] != "message" {
                continue;
            }
            let Some(number) = shown(&frame["data"]) else {
                self.sees_packet(person, &frame["data"]);
                continue;
            };
            let elapsed = self.world.elapsed();
            let Some(message) = self.log.messages.get_mut(number) else {
                self.world.find_out(at, "messages", format!("m{number} was never written"));
                continue;
            };
            let room = message.room;
            if message.from != person && !message.heard.contains_key(&person) {
                message.heard.insert(person, elapsed);
                self.note(at, format!("hears {}", text_of(number)));
            }
            self.people[person].knows.entry(room).or_default().insert(number);
        }
    }

    /// Returns everybody who is to hear a message in the end.
    pub fn listeners(&self, number: usize) -> Vec<usize> {
        let message = &self.log.messages[number];
        match message.room {
            Room::Direct(a, b) => vec![if a == message.from { b } else { a }],
            Room::Group(group) => {
                let staying = &self.log.groups[group].staying;
                if !staying.contains(&message.from) {
                    return vec![];
                }
                staying.iter().copied().filter(|who| *who != message.from).collect()
            }
        }
    }
}

/// Returns the number of the message that a row shows, if it is one of the story's texts.
pub(super) fn shown(row: &Value) -> Option<usize> {
    if row["msg_type"] != 1 {
        return None;
    }
    let body: Value = serde_json::from_str(row["msg_cry"].as_str()?).ok()?;
    number_of(body["text"].as_str()?)
}

pub(super) fn code(answer: &Answer) -> String {
    match answer {
        Ok(_) => "200".to_owned(),
        Err(error) => format!("{} {}", error.code.number(), error.message),
    }
}
