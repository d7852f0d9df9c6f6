//! `compare`: what differs between two runs.

use super::args::Wrong;
use crate::report;
use std::path::Path;

/// Prints the numbers of two runs that differ.
pub(super) fn compare(a: &Path, b: &Path) -> Result<bool, Wrong> {
    let (first, second) = (report::read_summary(a)?, report::read_summary(b)?);
    if (&first.scenario, first.seed) != (&second.scenario, second.seed) {
        println!(
            "{} seed {}  |  {} seed {}",
            first.scenario, first.seed, second.scenario, second.seed
        );
    }
    let is_same = first.trace_hash == second.trace_hash;
    println!("the traces are {}", if is_same { "the same" } else { "different" });
    for it in report::compare(&first, &second) {
        let shown =
            |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |it| format!("{it:.2}"));
        let change = match (it.a, it.b) {
            (Some(a), Some(b)) if a != 0.0 => format!("{:+.1} %", (b - a) / a * 100.0),
            _ => String::new(),
        };
        println!("{:22} {:>14} {:>14}  {change}", it.name, shown(it.a), shown(it.b));
    }
    Ok(true)
}
