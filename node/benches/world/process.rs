//! What a process cost so far, as Linux counts it in `/proc/self`, and its cores' commits.

use super::{Failed, commits};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fs};

/// Milliseconds of one tick of the CPU times in `stat`: `USER_HZ` is 100 on Linux.
const TICK_MS: u64 = 10;

/// What a process cost since it began.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Cost {
    /// Batches written and flushed by the cores of this process.
    pub(crate) commits: u64,
    /// Inputs that they stepped.
    pub(crate) steps: u64,
    /// Bytes of keys and values in those batches.
    pub(crate) batch_bytes: u64,
    /// Time that the cores' threads spent in steps, nanoseconds of the clock on the wall.
    pub(crate) step_ns: u64,
    /// Time that they spent in writing and flushing, likewise.
    pub(crate) flush_ns: u64,
    /// Bytes that the process caused to be written to disk (`write_bytes` in `/proc/self/io`).
    pub(crate) disk_bytes: u64,
    /// CPU time, user and system, milliseconds.
    pub(crate) cpu_ms: u64,
    /// The same by thread name.
    pub(crate) threads: BTreeMap<String, u64>,
    /// The largest memory so far, bytes.
    pub(crate) peak_bytes: u64,
}

impl Cost {
    /// Returns what this process cost so far. Error: this is no Linux.
    pub(crate) fn now() -> Result<Self, Failed> {
        let counted = commits::counted();
        let mut cost = Self {
            commits: counted.commits,
            steps: counted.steps,
            batch_bytes: counted.bytes,
            step_ns: counted.step_ns,
            flush_ns: counted.flush_ns,
            disk_bytes: line("/proc/self/io", "write_bytes:")?,
            cpu_ms: cpu_ms(&fs::read_to_string("/proc/self/stat")?)?.1,
            threads: BTreeMap::new(),
            peak_bytes: line("/proc/self/status", "VmHWM:")? << 10,
        };
        for task in fs::read_dir("/proc/self/task")? {
            // A thread may end while it is looked at.
            let Ok(stat) = fs::read_to_string(task?.path().join("stat")) else { continue };
            let (name, ms) = cpu_ms(&stat)?;
            *cost.threads.entry(name).or_default() += ms;
        }
        Ok(cost)
    }

    /// Returns what was added since `before`; the peak stays what it is.
    pub(crate) fn since(&self, before: &Self) -> Self {
        let threads = self.threads.iter().map(|(name, ms)| {
            (name.clone(), ms.saturating_sub(before.threads.get(name).copied().unwrap_or(0)))
        });
        Self {
            commits: self.commits - before.commits,
            steps: self.steps - before.steps,
            batch_bytes: self.batch_bytes - before.batch_bytes,
            step_ns: self.step_ns - before.step_ns,
            flush_ns: self.flush_ns - before.flush_ns,
            disk_bytes: self.disk_bytes - before.disk_bytes,
            cpu_ms: self.cpu_ms - before.cpu_ms,
            threads: threads.collect(),
            peak_bytes: self.peak_bytes,
        }
    }
}

/// Returns the number behind a name in a file of `/proc`.
fn line(path: &str, name: &str) -> Result<u64, Failed> {
    let text = fs::read_to_string(path)?;
    let value = text.lines().find_map(|line| line.strip_prefix(name));
    let number = value.and_then(|value| value.split_whitespace().next());
    Ok(number.ok_or_else(|| format!("{path} has no {name}"))?.parse()?)
}

/// Returns the name and the CPU time in a `stat` file.
fn cpu_ms(stat: &str) -> Result<(String, u64), Failed> {
    // The name stands in parentheses and may hold anything, so the last one ends it.
    let (head, rest) = stat.rsplit_once(") ").ok_or("a stat file without a name")?;
    let (_, name) = head.split_once('(').ok_or("a stat file without a name")?;
    let mut fields = rest.split_whitespace().skip(11);
    let mut ticks = || -> Result<u64, Failed> { Ok(fields.next().ok_or("a short stat")?.parse()?) };
    let (user, system) = (ticks()?, ticks()?);
    Ok((name.to_owned(), (user + system) * TICK_MS))
}
