//! Who answers what they saw stands behind it, everywhere.

use crate::cores::story::{Histories, Story};
use std::collections::BTreeMap;

const NAME: &str = "causal-order";

/// Looks at every pair of a message and one that its author had seen.
pub(super) fn check(story: &mut Story, histories: &Histories) {
    let mut found = Vec::new();
    for ((person, _), history) in histories {
        let places: BTreeMap<usize, usize> =
            history.iter().enumerate().map(|(place, row)| (row.number, place)).collect();
        for (number, place) in &places {
            let Some(message) = story.log.messages.get(*number) else { continue };
            let late = message
                .after
                .iter()
                .find(|seen| places.get(seen).is_some_and(|of_seen| of_seen > place));
            if let Some(seen) = late {
                found.push((
                    *person,
                    format!("shows m{number} before m{seen}, which its author had seen"),
                ));
            }
        }
    }
    for (person, what) in found {
        let at = story.people[person].at;
        story.world.find_out(at, NAME, what);
    }
}
