//! Numbers that were worked out by hand, and a folder that is read back.

use super::{
    Interval, Measured, Origin, Quantiles, Series, Summary, compare, read_summary, unmet, write,
};
use crate::{
    cores::{Ran, SettledClaim},
    scenario::{Expect, builtin},
};
use std::collections::BTreeMap;

fn measured() -> Measured {
    Measured {
        seed: 7,
        trace_hash: "ab".into(),
        trace_covers: "bytes".into(),
        expected: 4,
        delivered: 3,
        latencies: vec![(1_000, 10), (2_000, 30), (3_000, 20)],
        numbers: BTreeMap::from([("blocks".into(), 5.0)]),
        series: vec![Series {
            name: "bytes".into(),
            unit: "bytes".into(),
            points: vec![(1.0, 2.0), (2.0, 8.0)],
            is_dotted: false,
        }],
        sent: BTreeMap::from([("super-0".into(), 10), ("person-0".into(), 5)]),
        simulated_ms: 4_000,
        wall_ms: 100,
        ..Measured::default()
    }
}

#[test]
fn quantiles_are_by_nearest_rank() {
    let all = Quantiles::of(1..=100);
    assert_eq!((all.p50, all.p90, all.p99, all.max), (50, 90, 99, 100));
    let few = Quantiles::of([10, 30, 20].into_iter());
    assert_eq!((few.p50, few.p90, few.p99, few.max), (20, 30, 30, 30));
    assert_eq!(Quantiles::of(std::iter::empty()), Quantiles::default());
}

#[test]
fn an_interval_is_by_students_t() {
    let interval = Interval::of(&[1.0, 2.0, 3.0]).unwrap();
    // The standard deviation is 1, t for two degrees of freedom 4.303.
    assert!((interval.half - 4.303 / 3.0_f64.sqrt()).abs() < 1e-9, "{interval:?}");
    assert_eq!((interval.mean, interval.least, interval.most), (2.0, 1.0, 3.0));
    assert_eq!(Interval::of(&[]), None);
    assert_eq!(Interval::of(&[5.0]).unwrap().half, 0.0);
}

#[test]
fn expectations_name_what_is_not_met() {
    let summary = Summary::of("test", &measured());
    let expect = Expect {
        delivered: Some(1.0),
        latency_p99_ms: Some(29),
        least: BTreeMap::from([("blocks".into(), 5.0)]),
        most: BTreeMap::from([("nothing".into(), 1.0)]),
    };
    assert_eq!(
        unmet(&expect, &summary),
        [
            "delivered_share is 0.75, at least 1 is expected",
            "nothing is no number of the summary",
            "latency_p99_ms is 30, at most 29 is expected",
        ]
    );
    assert_eq!(unmet(&Expect::default(), &summary), Vec::<String>::new());
}

#[test]
fn a_folder_is_written_whole_and_its_summary_read_back() {
    let dir = tempfile::tempdir().unwrap();
    let text = builtin::text("chat-day").unwrap();
    let scenario = builtin::scenario("chat-day").unwrap().unwrap();
    let origin = Origin { scenario: &scenario, text, sabotage: None, without_attack: false };
    let (summary, unmet) = write(dir.path(), &origin, &measured()).unwrap();
    assert_eq!(unmet, ["delivered_share is 0.75, at least 1 is expected"]);
    assert_eq!(read_summary(dir.path()).unwrap(), summary);
    let read = |name: &str| std::fs::read_to_string(dir.path().join(name)).unwrap();
    assert!(read("manifest.json").contains(blake3::hash(text.as_bytes()).to_hex().as_str()));
    assert_eq!(read("metrics.csv").lines().count(), 1 + 2 + 3);
    let page = read("report.html");
    assert!(
        page.matches("<svg").count() >= 4 && !page.contains("<script") && !page.contains("src=")
    );
    let mut other = summary.clone();
    other.numbers.insert("blocks".into(), 6.0);
    let differs: Vec<_> = compare(&summary, &other).into_iter().map(|it| it.name).collect();
    assert_eq!(differs, ["blocks"]);
}

#[test]
fn a_report_says_what_was_changed_of_its_scenario() {
    let dir = tempfile::tempdir().unwrap();
    let scenario = builtin::scenario("dawn-attack").unwrap().unwrap();
    let text = builtin::text("dawn-attack").unwrap();
    let told = |sabotage, without_attack| {
        let origin = Origin { scenario: &scenario, text, sabotage, without_attack };
        write(dir.path(), &origin, &measured()).unwrap();
        let read = |name: &str| std::fs::read_to_string(dir.path().join(name)).unwrap();
        (read("manifest.json"), read("report.html"))
    };
    let (manifest, page) = told(None, false);
    assert!(manifest.contains("\"without_attack\": false") && manifest.contains("\"nodes\": 50"));
    assert!(!page.contains("left out") && !page.contains("was planted"));
    let (manifest, page) = told(Some("a-bug"), true);
    assert!(manifest.contains("\"without_attack\": true") && manifest.contains("\"a-bug\""));
    assert!(page.contains("Its attackers were left out") && page.contains("a-bug was planted"));
}

#[test]
fn claims_are_told_by_their_times_and_blocks_by_their_entries() {
    let claim =
        |called_ms, decided_ms, settled_ms| SettledClaim { called_ms, decided_ms, settled_ms };
    let claims = vec![
        claim(1_000, Some(1_500), 2_000),
        claim(1_000, None, 4_000),
        claim(1_200, Some(1_600), 1_700),
    ];
    let blocks = vec![(900, 0), (1_500, 3), (1_600, 1)];
    let measured = Measured::from(Ran { expected_claims: 4, claims, blocks, ..Ran::default() });
    let told = |name: &str| measured.numbers.get(name).copied();
    assert_eq!((told("expected_claims"), told("claims_share")), (Some(4.0), Some(0.75)));
    assert_eq!(told("claim_finality_p50_ms"), Some(1_000.0));
    assert_eq!(told("claim_finality_max_ms"), Some(3_000.0));
    assert_eq!(told("claim_in_block_p50_ms"), Some(400.0));
    assert_eq!(told("claim_in_block_max_ms"), Some(500.0));
    assert_eq!((told("entries"), told("blocks_with_entries")), (Some(4.0), Some(2.0)));
    assert_eq!((told("entries_a_block"), told("most_entries_in_a_block")), (Some(2.0), Some(3.0)));
    let settled = measured.series.iter().find(|series| series.name == "settled claims").unwrap();
    assert_eq!(settled.points, [(1.7, 1.0), (2.0, 2.0), (4.0, 3.0)]);
    assert_eq!(Measured::from(Ran::default()).numbers.get("claims_share"), None);
}
