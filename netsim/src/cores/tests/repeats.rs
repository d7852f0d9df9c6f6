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

#[test]
fn what_is_written_around_a_removal_is_shown_by_all_who_stay_and_no_delivery_counts_twice() {
    let scenario = builtin::scenario("group-small").unwrap().unwrap();
    for seed in [8, 14] {
        let ran = run(&scenario, seed, None);
        assert!(ran.findings.is_empty(), "{seed}: {:#?}", ran.findings);
        let told = ran.latencies.len() as u64;
        assert!(told > 0 && told <= ran.expected, "{seed}: {told} of {}", ran.expected);
    }
}
