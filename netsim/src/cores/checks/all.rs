//! All checkers of a story's end.

use super::{causal, groups, ledger, messages, queues, removed};
use crate::cores::story::{Histories, Story};

/// Runs every checker that looks at the end of a story.
pub fn check_all(story: &mut Story, histories: &Histories) {
    messages::check(story, histories);
    causal::check(story, histories);
    groups::check(story, histories);
    removed::check(story, histories);
    ledger::check(story);
    queues::check(story);
}
