//! How much memory the process takes.

use std::fs;

/// Returns a line of the kernel's account of this process, in bytes.
fn status(name: &str) -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1_024)
}

/// Returns the memory that this process has in use, in bytes; nothing where the system does not tell.
pub fn resident_bytes() -> Option<u64> {
    status("VmRSS:")
}

/// Returns the most memory that this process ever had in use, in bytes; nothing where the system does
/// not tell.
pub fn peak_bytes() -> Option<u64> {
    status("VmHWM:")
}
