//! The tables of the report.

use crate::{
    sending::Run,
    world::{process::Cost, report},
};
use std::time::Duration;

/// What was measured with so many messages waiting.
#[derive(Debug)]
pub(crate) struct MagpieRow {
    pub(crate) waiting: usize,
    pub(crate) run: Run,
    /// What the sender's process cost.
    pub(crate) here: Cost,
    /// What the receiver's process cost.
    pub(crate) there: Cost,
    /// Where the CPU time of both went, by kind; nothing where nobody looked.
    pub(crate) profile: Option<Vec<(String, f64)>>,
}

/// What libp2p alone did.
#[derive(Debug)]
pub(crate) struct BareRow {
    pub(crate) in_flight: usize,
    /// Messages in one request.
    pub(crate) together: usize,
    pub(crate) messages: usize,
    pub(crate) wall: Duration,
}

impl MagpieRow {
    fn rate(&self) -> f64 {
        self.run.latencies.len() as f64 / self.run.wall.as_secs_f64()
    }
}

impl BareRow {
    fn rate(&self) -> f64 {
        self.messages as f64 / self.wall.as_secs_f64()
    }
}

/// Prints what Magpie did.
pub(crate) fn magpie(rows: &[MagpieRow]) {
    println!(
        "  {:>7} {:>8} {:>8} {:>8} {:>8} {:>8} {:>13} {:>15} {:>15}",
        "waiting",
        "messages",
        "seconds",
        "msg/s",
        "p50 ms",
        "p99 ms",
        "flushes/msg",
        "batch B/msg",
        "disk B/msg"
    );
    println!("  {:>52} {:>13} {:>15} {:>15}", "", "from / to", "from / to", "from / to");
    for row in rows {
        let count = row.run.latencies.len();
        let [p50, p99] = row.run.latencies.percentiles([50, 99]);
        let each = |value: fn(&Cost) -> u64| {
            [&row.here, &row.there].map(|cost| value(cost) as f64 / count.max(1) as f64)
        };
        let flushes = each(|cost| cost.commits);
        let batch = each(|cost| cost.batch_bytes);
        let disk = each(|cost| cost.disk_bytes);
        println!(
            "  {:>7} {count:>8} {:>8.1} {:>8.0} {p50:>8.1} {p99:>8.1} {:>13} {:>15} {:>15}",
            row.waiting,
            row.run.wall.as_secs_f64(),
            row.rate(),
            format!("{:.2} / {:.2}", flushes[0], flushes[1]),
            format!("{:.0} / {:.0}", batch[0], batch[1]),
            format!("{:.0} / {:.0}", disk[0], disk[1]),
        );
    }
    println!("  what it cost, with so many waiting:");
    for row in rows {
        for (who, cost) in [("sender", &row.here), ("receiver", &row.there)] {
            let shares = core_share(cost, row.run.wall);
            println!(
                "  {:>7} {who:<8} core's thread: {shares}; {:.1} steps a flush; {}",
                row.waiting,
                cost.steps as f64 / cost.commits.max(1) as f64,
                report::threads(cost),
            );
        }
        let (busy, stored) = (row.run.busy, row.run.stored);
        if busy + stored > 0 {
            println!("  {:>7} {busy} calls met a full mailbox, {stored} went by mail", row.waiting);
        }
        if let Some(kinds) = &row.profile {
            let says: Vec<String> =
                kinds.iter().map(|(kind, percent)| format!("{kind} {percent:.0} %")).collect();
            println!("  {:>7} CPU of both by perf: {}", row.waiting, says.join(", "));
        }
    }
}

/// Prints what libp2p alone did.
pub(crate) fn bare(rows: &[BareRow]) {
    println!(
        "  {:>9} {:>11} {:>8} {:>8} {:>8}",
        "in flight", "msg/request", "messages", "seconds", "msg/s"
    );
    for row in rows {
        let (seconds, rate) = (row.wall.as_secs_f64(), row.rate());
        let BareRow { in_flight, together, messages, .. } = row;
        println!("  {in_flight:>9} {together:>11} {messages:>8} {seconds:>8.2} {rate:>8.0}");
    }
}

/// Prints Magpie's rates as parts of libp2p's.
pub(crate) fn ratio(magpie: &[MagpieRow], bare: &[BareRow], middle: usize) {
    for row in magpie {
        let to = |is: fn(&BareRow, usize) -> bool| {
            let found = bare.iter().find(|bare| is(bare, middle));
            found.map_or(0.0, |bare| row.rate() / bare.rate())
        };
        let (single, batch) = (to(|bare, n| bare.in_flight == n), to(|bare, n| bare.together == n));
        println!(
            "  ratio with {} waiting: {single:.4} of {middle} in flight, {batch:.4} of {middle} in one request",
            row.waiting
        );
    }
}

/// Says what the one core of a process did in a time.
fn core_share(cost: &Cost, wall: Duration) -> String {
    let share = |ns: u64| 100.0 * ns as f64 / wall.as_nanos() as f64;
    let (steps, flush) = (share(cost.step_ns), share(cost.flush_ns));
    format!("steps {steps:.0} %, write and flush {flush:.0} %, rest {:.0} %", 100.0 - steps - flush)
}
