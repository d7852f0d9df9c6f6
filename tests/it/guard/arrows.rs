//! Who may import whom: arrows point only downwards, and the pure crates reach nothing that does I/O.
//!
//! Direct dependencies are read from `cargo metadata --no-deps`, what a crate reaches from
//! `cargo tree` with that crate's own features. Both answer from the lock, without a network.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use super::source;

/// Every crate of ours with those of ours that it may import; a crate not listed is a violation.
const ARROWS: &[(&str, &[&str])] = &[
    ("magpie-protocol", &[]),
    ("magpie-storage", &["magpie-protocol"]),
    ("magpie-wallet", &["magpie-protocol"]),
    ("magpie-node", &["magpie-protocol", "magpie-storage", "magpie-wallet"]),
    ("magpie-netsim", &["magpie-protocol", "magpie-storage", "magpie-wallet", "magpie-node"]),
    ("magpie-cli", &["magpie-protocol", "magpie-wallet", "magpie-node"]),
    (
        "magpie-tests",
        &[
            "magpie-protocol",
            "magpie-storage",
            "magpie-wallet",
            "magpie-node",
            "magpie-netsim",
            "magpie-cli",
        ],
    ),
];

/// Packages of others that only some crates may name; `*` stands for the rest of a name.
const OWNERS: &[(&str, &[&str])] = &[
    ("arc-malachitebft*", &["magpie-node"]),
    ("axum*", &["magpie-node"]),
    ("bincode*", &["magpie-protocol"]),
    ("clap*", &["magpie-cli", "magpie-netsim"]),
    ("libp2p*", &["magpie-node", "magpie-netsim"]),
    ("sled", &["magpie-storage"]),
    ("tokio*", &["magpie-node", "magpie-netsim", "magpie-cli", "magpie-tests"]),
    ("vodozemac", &["magpie-node"]),
];

/// What a build of a crate may never contain, however deep: (crate, cargo's arguments, packages).
const UNREACHABLE: &[(&str, &[&str], &[&str])] = &[
    ("magpie-protocol", &[], &["axum*", "clap*", "libp2p*", "sled", "tokio*"]),
    ("magpie-storage", &[], &["axum*", "clap*", "libp2p*", "tokio*"]),
    ("magpie-wallet", &[], &["axum*", "clap*", "libp2p*", "sled", "tokio*"]),
    // The pure core alone. Malachite names tokio, with none of its features, and a libp2p-identity,
    // for a type that we never use; what does I/O comes with the packages named here.
    (
        "magpie-node",
        &["--no-default-features"],
        &[
            "axum*",
            "clap*",
            "libp2p",
            "libp2p-core*",
            "libp2p-swarm*",
            "mio",
            "socket2",
            "tokio-macros",
            "tokio-util",
        ],
    ),
    // What the simulator builds: libp2p and tokio, but nothing that opens a socket for them.
    (
        "magpie-node",
        &["--no-default-features", "--features", "host"],
        &[
            "axum*",
            "clap*",
            "libp2p-dns",
            "libp2p-mdns",
            "libp2p-quic",
            "libp2p-tcp",
            "libp2p-upnp",
            "libp2p-websocket*",
        ],
    ),
];

/// The direct dependencies of each crate of the workspace, of every kind, by package name.
type Direct = BTreeMap<String, BTreeSet<String>>;

/// Tells whether a package's name fits a pattern of the tables above.
fn fits(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => name
            .strip_prefix(start)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '_'])),
        None => name == pattern,
    }
}

/// Returns the arrows of `direct` that no table allows.
fn wrong_arrows(direct: &Direct) -> Vec<String> {
    let mut wrong = Vec::new();
    for (krate, dependencies) in direct {
        let Some((_, below)) = ARROWS.iter().find(|(name, _)| name == krate) else {
            wrong.push(format!("{krate} stands in no row of ARROWS"));
            continue;
        };
        for dependency in dependencies {
            if dependency.starts_with("magpie-") && !below.contains(&dependency.as_str()) {
                wrong.push(format!("{krate} may not import {dependency}"));
            }
            for (pattern, owners) in OWNERS {
                if fits(pattern, dependency) && !owners.contains(&krate.as_str()) {
                    wrong.push(format!("{krate} may not name {dependency}; only {owners:?} may"));
                }
            }
        }
    }
    wrong
}

/// Returns the packages in the output of `cargo tree --prefix none` that fit one of `patterns`.
fn reached(tree: &str, patterns: &[&str]) -> BTreeSet<String> {
    tree.lines()
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| patterns.iter().any(|pattern| fits(pattern, name)))
        .map(str::to_owned)
        .collect()
}

/// Reads the direct dependencies out of the output of `cargo metadata --no-deps`.
fn direct(metadata: &str) -> Direct {
    let metadata: serde_json::Value = serde_json::from_str(metadata).expect("metadata is JSON");
    let name = |of: &serde_json::Value| of["name"].as_str().expect("a name").to_owned();
    let packages = metadata["packages"].as_array().expect("a list of packages");
    packages
        .iter()
        .map(|package| {
            let dependencies = package["dependencies"].as_array().expect("a list of dependencies");
            (name(package), dependencies.iter().map(name).collect())
        })
        .collect()
}

/// Runs cargo in the workspace's root and returns what it printed.
fn cargo(arguments: &[&str]) -> String {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let output = Command::new(cargo)
        .args(arguments)
        .args(["--locked", "--offline"])
        .current_dir(source::root())
        .output()
        .expect("cargo runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo {arguments:?} failed:\n{errors}");
    String::from_utf8(output.stdout).expect("cargo prints UTF-8")
}

#[test]
fn arrows_point_only_downwards() {
    let direct = direct(&cargo(&["metadata", "--format-version", "1", "--no-deps"]));
    assert!(direct.len() >= 7, "the whole workspace is read: {:?}", direct.keys());
    assert_eq!(wrong_arrows(&direct), Vec::<String>::new());
}

#[test]
fn pure_builds_reach_no_runtime_and_no_network() {
    for (krate, features, forbidden) in UNREACHABLE {
        let mut arguments = vec!["tree", "-p", *krate, "-e", "normal,build", "--prefix", "none"];
        arguments.extend(*features);
        let tree = cargo(&arguments);
        assert!(tree.starts_with(krate), "the tree of {krate} begins with it:\n{tree}");
        let reached = reached(&tree, forbidden);
        assert!(reached.is_empty(), "{krate} {features:?} reaches {reached:?}");
    }
}

#[test]
fn a_planted_arrow_is_found() {
    let planted = |krate: &str, dependency: &str| {
        let mut direct = direct(
            r#"{"packages":[
                {"name":"magpie-protocol","dependencies":[{"name":"serde"},{"name":"bincode"}]},
                {"name":"magpie-storage","dependencies":[{"name":"magpie-protocol"},{"name":"sled"}]},
                {"name":"magpie-node","dependencies":[{"name":"magpie-storage"},{"name":"libp2p"}]},
                {"name":"magpie-cli","dependencies":[{"name":"clap"},{"name":"magpie-node"}]}
            ]}"#,
        );
        assert_eq!(wrong_arrows(&direct), Vec::<String>::new(), "sound before planting");
        direct.entry(krate.to_owned()).or_default().insert(dependency.to_owned());
        wrong_arrows(&direct)
    };
    for (krate, dependency) in [
        ("magpie-protocol", "magpie-storage"),
        ("magpie-storage", "magpie-node"),
        ("magpie-wallet", "magpie-storage"),
        ("magpie-cli", "magpie-storage"),
        ("magpie-protocol", "libp2p-identity"),
        ("magpie-node", "sled"),
        ("magpie-cli", "libp2p"),
        ("magpie-storage", "tokio-util"),
        ("magpie-node", "bincode"),
        ("magpie-shortcut", "serde"),
    ] {
        assert_eq!(planted(krate, dependency).len(), 1, "{krate} -> {dependency}");
    }
    assert!(planted("magpie-storage", "sledgehammer").is_empty(), "a name is not its beginning");
}

#[test]
fn a_planted_package_is_reached() {
    let tree = "magpie-storage v0.1.0 (path)\nsled v0.34.7\nfxhash v0.2.1\nlibp2p-core v0.44.0\n\
                tokio v1.48.0 (*)\n";
    let found = reached(tree, &["libp2p*", "tokio*", "clap*"]);
    assert_eq!(found, BTreeSet::from(["libp2p-core".to_owned(), "tokio".to_owned()]));
    assert!(reached(tree, &["axum*"]).is_empty());
}
