//! Whether a run is what its scenario expects.

use super::Summary;
use crate::scenario::Expect;

/// Returns what a run does not fulfil, in sentences; nothing if all is as expected.
pub fn unmet(expect: &Expect, summary: &Summary) -> Vec<String> {
    let mut unmet = Vec::new();
    if summary.violations > 0 {
        unmet.push(format!("{} violations were found", summary.violations));
    }
    let all = summary.by_name();
    let mut least: Vec<(&str, f64)> = expect.least.iter().map(|(n, v)| (n.as_str(), *v)).collect();
    least.extend(expect.delivered.map(|share| ("delivered_share", share)));
    for (name, bound) in least {
        match all.get(name) {
            Some(found) if *found >= bound => {}
            Some(found) => unmet.push(format!("{name} is {found}, at least {bound} is expected")),
            None => unmet.push(format!("{name} is no number of the summary")),
        }
    }
    let mut most: Vec<(&str, f64)> = expect.most.iter().map(|(n, v)| (n.as_str(), *v)).collect();
    most.extend(expect.latency_p99_ms.map(|ms| ("latency_p99_ms", ms as f64)));
    for (name, bound) in most {
        match all.get(name) {
            Some(found) if *found <= bound => {}
            Some(found) => unmet.push(format!("{name} is {found}, at most {bound} is expected")),
            None => unmet.push(format!("{name} is no number of the summary")),
        }
    }
    unmet
}
