//! A seed is a run: twice the same.

use crate::{cores::run, scenario::builtin};

#[test]
fn a_day_of_chat_is_the_same_twice_and_loses_nothing() {
    let scenario = builtin::scenario("chat-day").unwrap().unwrap();
    let first = run(&scenario, 1, None);
    assert!(first.findings.is_empty(), "{:#?}", first.findings);
    assert!(first.delivered > 60 && first.delivered == first.expected, "{}", first.delivered);
    let again = run(&scenario, 1, None);
    assert_eq!(first.trace_hash, again.trace_hash);
    let other = run(&scenario, 2, None);
    assert_ne!(first.trace_hash, other.trace_hash);
}
