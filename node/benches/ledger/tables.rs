//! The lines of the report.

use crate::{
    bare, crowd,
    light::Verified,
    stage::Row,
    submitting::{Pace, Run},
    world::{latency::Latencies, process::Cost, report},
};
use std::time::Duration;

/// Prints what became of entries that were submitted at users' nodes.
pub(crate) fn submitted(what: &str, pace: Pace, row: &Row<Run>) {
    let mut latencies = Latencies::default();
    row.run.latencies_us.iter().for_each(|us| latencies.add(Duration::from_micros(*us)));
    let how = match pace {
        Pace::Offered(rate) => format!("{rate:.0} a second offered"),
        Pace::Answered => "as quickly as those before are answered".to_owned(),
    };
    let wall = Duration::from_micros(row.run.wall_us);
    println!("  users' nodes, {what}, {how}:");
    settled(row, &latencies, wall);
    if row.run.late > 0 {
        println!(
            "    {} times a call was told after 15 s that nothing is decided, and made again",
            row.run.late
        );
    }
    for (code, (count, message)) in &row.run.failed {
        println!("    {count} calls answered {code}: {message}");
    }
}

/// Prints what became of payments in a row.
pub(crate) fn friends(latencies: &Latencies) {
    let [p1, p50, p100] = latencies.percentiles([1, 50, 100]);
    println!(
        "  one person pays a friend {} times in a row, 10 ms apart, with the password: first {p1:.0} ms, p50 {p50:.0} ms, last {p100:.0} ms",
        latencies.len()
    );
}

/// Prints what became of entries that were handed to super nodes.
pub(crate) fn crowd(what: &str, row: &Row<crowd::Run>) {
    println!("  super nodes alone, {what}:");
    settled(row, &row.run.latencies, row.run.wall);
    println!(
        "    all taken in after {:.1} s, {} blocks followed, {} times there was no room, {} times a peer was told to wait",
        row.run.taken.as_secs_f64(),
        row.run.headers,
        row.run.full,
        row.run.told_to_wait
    );
}

fn settled<R>(row: &Row<R>, latencies: &Latencies, wall: Duration) {
    let [p50, p99] = latencies.percentiles([50, 99]);
    let count = latencies.len();
    let seconds = wall.as_secs_f64();
    println!(
        "    {count} of {} final in {seconds:.1} s: {:.0} a second; p50 {p50:.0} ms, p99 {p99:.0} ms",
        row.entries,
        count as f64 / seconds
    );
    for (who, costs) in [("a super node", &row.supers), ("a user's node", &row.users)] {
        cost(who, costs, row.entries, wall);
    }
    if let Some(kinds) = &row.profile {
        let says: Vec<String> =
            kinds.iter().map(|(kind, percent)| format!("{kind} {percent:.0} %")).collect();
        println!("    CPU of all nodes by perf: {}", says.join(", "));
    }
}

/// Prints what an entry cost each node of a kind, on average.
fn cost(who: &str, costs: &[Cost], entries: usize, wall: Duration) {
    let nodes = costs.len().max(1);
    let sum = |value: fn(&Cost) -> u64| costs.iter().map(value).sum::<u64>() as f64;
    let each = |value: fn(&Cost) -> u64| sum(value) / nodes as f64 / entries.max(1) as f64;
    let share =
        |value: fn(&Cost) -> u64| 100.0 * sum(value) / nodes as f64 / wall.as_nanos() as f64;
    println!(
        "    {who:<13} an entry: {:.2} flushes, {:.0} B in batches, {:.0} B on disk, {:.2} ms CPU; core's thread: steps {:.0} %, write and flush {:.0} %; {} MiB",
        each(|cost| cost.commits),
        each(|cost| cost.batch_bytes),
        each(|cost| cost.disk_bytes),
        each(|cost| cost.cpu_ms),
        share(|cost| cost.step_ns),
        share(|cost| cost.flush_ns),
        costs.iter().map(|cost| cost.peak_bytes >> 20).max().unwrap_or_default(),
    );
    if let Some(most) = costs.iter().max_by_key(|cost| cost.cpu_ms) {
        println!("    {who:<13} the busiest: {}", report::threads(most));
    }
}

/// Prints what the verification of a leaf takes.
pub(crate) fn verified(of: &Verified) {
    let micros = |time: Duration| time.as_secs_f64() * 1e6;
    println!(
        "  light verification: header and certificate ({} signatures) {:.1} us, {} B; proof {:.1} us, {} B; together {:.1} us, {} B",
        of.signatures,
        micros(of.follow),
        of.header_bytes,
        micros(of.leaf),
        of.proof_bytes,
        micros(of.follow + of.leaf),
        of.header_bytes + of.proof_bytes,
    );
}

/// Prints what the order did alone.
pub(crate) fn bare(what: &str, run: &bare::Run) {
    let [p50, p99] = run.gaps.percentiles([50, 99]);
    let seconds = run.wall.as_secs_f64();
    println!(
        "  the order alone, {what}: {} heights in {seconds:.1} s: {:.0} a second, {:.0} entries a second; from one to the next p50 {p50:.1} ms, p99 {p99:.1} ms; {:.1} flushes a height and validator, {:.2} ms each",
        run.heights,
        run.heights as f64 / seconds,
        run.entries as f64 / seconds,
        run.flushes as f64 / run.heights as f64 / run.validators as f64,
        run.flushing.as_secs_f64() * 1e3 / run.flushes.max(1) as f64,
    );
}
