//! Planted bugs are found, and nothing is found where none is planted.

use crate::{cores::Sabotage, cores::run, scenario::builtin};
use std::collections::BTreeSet;

#[test]
fn every_planted_bug_has_a_name_a_finder_and_a_scenario() {
    let mut names = BTreeSet::new();
    for planted in Sabotage::ALL {
        assert_eq!(Sabotage::named(planted.name), Some(planted.sabotage));
        assert!(names.insert(planted.name) && planted.sabotage.name() == planted.name);
        assert!(!planted.finders.is_empty());
        assert!(builtin::scenario(planted.scenario).unwrap().is_ok(), "{}", planted.scenario);
    }
    assert_eq!(Sabotage::named("nothing-like-it"), None);
}

#[test]
fn a_seed_that_shows_a_bug_is_clean_without_it() {
    let scenario = builtin::scenario("red-packets").unwrap().unwrap();
    let planted = Sabotage::ALL.iter().find(|it| it.sabotage == Sabotage::ShortChange).unwrap();
    let caught = planted.catch(&scenario, 1..=200).unwrap();
    assert_eq!(caught.checker, "whole-packets");
    assert_eq!(planted.catch(&scenario, 1..=caught.seed), Some(caught));
    let ran = run(&scenario, caught.seed, None);
    assert!(ran.findings.is_empty(), "{:#?}", ran.findings);
    assert!(ran.payments[2] > 0 && ran.payments[2] == ran.expected_claims, "{:?}", ran.payments);
}
