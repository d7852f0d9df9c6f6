//! A seed is a run: twice the same.

use crate::{cores::run, scenario::builtin};
use std::collections::BTreeSet;

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

#[test]
fn who_reads_several_ratchets_after_an_absence_reads_them_in_one_order() {
    let scenario = builtin::scenario("catch-up").unwrap().unwrap();
    let hashes: BTreeSet<String> = (0..8).map(|_| run(&scenario, 1, None).trace_hash).collect();
    assert_eq!(hashes.len(), 1, "{hashes:?}");
}
