//! Where CPU time goes, by `perf` if it is asked for: samples of functions, grouped by crate.

use crate::world::Failed;
use std::{
    collections::BTreeMap,
    env,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

/// The variable that asks for a profile.
const VARIABLE: &str = "MAGPIE_BENCH_PERF";
/// Samples a second.
const FREQUENCY: &str = "499";

/// Kinds of work, and what the names of their functions hold. The first that fits counts.
const KINDS: &[(&str, &[&str])] = &[
    ("sled", &["sled::", "pagecache"]),
    ("curve arithmetic (signatures, HPKE, X25519)", &["curve25519", "ed25519", "x25519"]),
    (
        "ciphers and hashes",
        &[
            "aes",
            "polyval",
            "ghash",
            "chacha",
            "poly1305",
            "sha2",
            "sha256",
            "sha512",
            "blake3",
            "hmac",
            "hkdf",
            "argon",
            "ring_core",
            "gcm",
        ],
    ),
    (
        "libp2p and tokio",
        &[
            "libp2p",
            "quinn",
            "yamux",
            "snow",
            "tokio",
            "rustls",
            "mio",
            "futures",
            "multistream",
            "rw_stream_sink",
            "asynchronous_codec",
        ],
    ),
    ("JSON and codec", &["serde", "bincode", "json"]),
    ("memory", &["malloc", "free", "realloc", "calloc", "memcpy", "memmove", "memset", "alloc::"]),
    ("magpie", &["magpie"]),
];

/// `perf` while it looks.
#[derive(Debug)]
pub(crate) struct Profile {
    perf: Child,
    file: PathBuf,
}

impl Profile {
    /// Begins to look at processes; none if nobody asked for it.
    pub(crate) fn start(dir: &Path, processes: &[u32]) -> Result<Option<Self>, Failed> {
        if env::var_os(VARIABLE).is_none() {
            return Ok(None);
        }
        let file = dir.join("perf.data");
        let ids: Vec<String> = processes.iter().map(u32::to_string).collect();
        let perf = Command::new("perf")
            .args(["record", "-q", "-e", "cpu-clock", "-F", FREQUENCY, "-p", &ids.join(","), "-o"])
            .arg(&file)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        Ok(Some(Self { perf, file }))
    }

    /// Ends it and returns the parts in a hundred that each kind of work has, the largest first.
    pub(crate) fn stop(mut self) -> Result<Vec<(String, f64)>, Failed> {
        let id = self.perf.id().to_string();
        Command::new("kill").args(["-INT", &id]).status()?;
        self.perf.wait()?;
        let report = Command::new("perf")
            .args(["report", "--stdio", "-q", "--sort", "symbol", "-F", "overhead,symbol", "-i"])
            .arg(&self.file)
            .stderr(Stdio::null())
            .output()?;
        let mut kinds = BTreeMap::<&str, f64>::new();
        for line in String::from_utf8_lossy(&report.stdout).lines() {
            let Some((percent, symbol)) = line.trim().split_once('%') else { continue };
            let Ok(percent) = percent.parse::<f64>() else { continue };
            *kinds.entry(kind_of(symbol)).or_default() += percent;
        }
        let mut kinds: Vec<(String, f64)> =
            kinds.into_iter().map(|(kind, percent)| (kind.to_owned(), percent)).collect();
        kinds.sort_by(|(_, a), (_, b)| b.total_cmp(a));
        Ok(kinds)
    }
}

fn kind_of(symbol: &str) -> &'static str {
    if symbol.contains("[k]") {
        return "kernel";
    }
    let fits = |words: &&(&str, &[&str])| words.1.iter().any(|word| symbol.contains(word));
    KINDS.iter().find(fits).map_or("other", |(kind, _)| kind)
}
