//! What both reports begin with, and what they say of a process.

use super::process::Cost;
use std::{fs, thread};

/// Prints what was measured under which conditions.
pub(crate) fn head(title: &str, lines: &[(&str, String)]) {
    println!("{title}\n");
    let profile = if cfg!(debug_assertions) { "debug" } else { "release (cargo's bench profile)" };
    let cores = thread::available_parallelism().map_or(0, usize::from);
    let model = fs::read_to_string("/proc/cpuinfo").ok().and_then(|text| {
        let line = text.lines().find(|line| line.starts_with("model name"))?;
        Some(line.split_once(": ")?.1.to_owned())
    });
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split_whitespace().next().unwrap_or("unknown").to_owned();
    let machine = format!("{cores} cores ({}), load {load}", model.unwrap_or_default());
    let fixed = [("profile", profile.to_owned()), ("machine", machine)];
    for (name, says) in fixed
        .iter()
        .map(|(name, says)| (*name, says))
        .chain(lines.iter().map(|(name, says)| (*name, says)))
    {
        println!("  {name:<10} {says}");
    }
}

/// Says which threads took the CPU time of a process, the three that took most.
pub(crate) fn threads(cost: &Cost) -> String {
    let mut threads: Vec<(&String, u64)> = cost.threads.iter().map(|(n, ms)| (n, *ms)).collect();
    threads.sort_by_key(|(_, ms)| std::cmp::Reverse(*ms));
    let whole = cost.cpu_ms.max(1) as f64;
    let says = threads.into_iter().take(3).filter(|(_, ms)| *ms > 0);
    let says: Vec<String> =
        says.map(|(name, ms)| format!("{name} {:.0} %", 100.0 * ms as f64 / whole)).collect();
    format!("{} ms CPU: {}", cost.cpu_ms, says.join(", "))
}
