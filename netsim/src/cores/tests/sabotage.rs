//! Each checker finds the bug that is planted for it.

use crate::{
    cores::{Sabotage, run},
    scenario::{Scenario, builtin},
};

/// Seeds within which a planted bug has to be found.
const SEEDS: u64 = 200;

fn small(name: &str) -> Scenario {
    builtin::scenario(name).unwrap().unwrap()
}

/// Runs seeds until one of the bug's checkers finds it.
fn is_caught(sabotage: Sabotage, scenario: &Scenario) {
    for seed in 1..=SEEDS {
        let ran = run(scenario, seed, Some(sabotage));
        let finders = sabotage.finders();
        if ran.findings.iter().any(|finding| finders.contains(&finding.checker)) {
            return;
        }
    }
    panic!("{} is not found in {SEEDS} seeds", sabotage.name());
}

#[test]
fn what_disks_and_hosts_do_wrong_is_found_in_a_day_of_chat() {
    let scenario = small("chat-day");
    for sabotage in [
        Sabotage::SkipFlush,
        Sabotage::EarlyPublish,
        Sabotage::StaleStore,
        Sabotage::CallTwice,
        Sabotage::Reorder,
        Sabotage::AnswerTwice,
        Sabotage::Blame,
    ] {
        is_caught(sabotage, &scenario);
    }
}

#[test]
fn what_members_hear_and_read_wrongly_is_found_in_a_group() {
    let scenario = small("group-small");
    for sabotage in [Sabotage::DeafMember, Sabotage::LendHistory] {
        is_caught(sabotage, &scenario);
    }
}

#[test]
fn what_is_wrong_with_money_is_found_in_a_rush() {
    let scenario = small("red-packets");
    for sabotage in
        [Sabotage::PrintMoney, Sabotage::DoubleClaim, Sabotage::LosePayment, Sabotage::TwoTraitors]
    {
        is_caught(sabotage, &scenario);
    }
}

#[test]
fn an_inbox_that_nobody_looks_into_is_found_among_adversaries() {
    is_caught(Sabotage::Hoard, &small("byzantine"));
}

#[test]
fn every_planted_bug_has_a_name_and_a_finder() {
    for (sabotage, name, finders) in Sabotage::ALL {
        assert_eq!(Sabotage::named(name), Some(*sabotage));
        assert!(!finders.is_empty() && sabotage.name() == *name);
    }
    assert_eq!(Sabotage::named("nothing-like-it"), None);
}
