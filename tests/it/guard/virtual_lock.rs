//! The simulator's binary is built from a lock file of its own: what it shares with the product has
//! to be the same version, or it would simulate something else.

use super::source::root;
use std::collections::{BTreeMap, BTreeSet};

/// Crates that the simulator's binary replaces by stand-ins of its own.
const STANDS_IN: &[&str] = &["futures-timer", "web-time"];

/// The versions of every crate in a lock file, by name, with where each comes from.
type Locked = BTreeMap<String, BTreeSet<(String, Option<String>)>>;

fn locked(text: &str) -> Locked {
    let lock: toml::Table = text.parse().expect("a lock file is TOML");
    let mut found = Locked::new();
    for package in lock["package"].as_array().expect("a list of packages") {
        let field = |name: &str| package.get(name).and_then(|it| it.as_str()).map(str::to_owned);
        let version = field("version").expect("a version");
        let entry = found.entry(field("name").expect("a name")).or_default();
        entry.insert((version, field("source")));
    }
    found
}

/// Returns the crates of `other` that are in `product` too, with another version or source.
fn differing(product: &Locked, other: &Locked) -> Vec<String> {
    let shared = other.iter().filter(|(name, _)| !STANDS_IN.contains(&name.as_str()));
    let shared = shared.filter_map(|(name, theirs)| Some((name, theirs, product.get(name)?)));
    let differs = shared.filter(|(_, theirs, ours)| !theirs.is_subset(ours));
    differs.map(|(name, theirs, ours)| format!("{name}: {theirs:?} is not {ours:?}")).collect()
}

fn read(path: &str) -> Locked {
    locked(&std::fs::read_to_string(root().join(path)).expect("a lock file"))
}

#[test]
fn the_simulator_is_built_from_what_the_product_is_built_from() {
    let (product, simulator) = (read("Cargo.lock"), read("netsim/virtual/Cargo.lock"));
    assert!(simulator.len() > 100 && simulator.contains_key("libp2p-gossipsub"));
    assert_eq!(differing(&product, &simulator), Vec::<String>::new());
    for (name, versions) in STANDS_IN.iter().map(|name| (name, &simulator[*name])) {
        let versions: Vec<_> = versions.iter().collect();
        let [(version, None)] = versions.as_slice() else { panic!("{name}: {versions:?}") };
        let real = product[*name].iter().map(|(real, _)| real);
        assert!(real.into_iter().eq([version]), "{name} stands in for another version");
    }
}

#[test]
fn a_planted_version_is_found() {
    let package = |name: &str, version: &str| {
        format!("[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n")
    };
    let lock = |packages: &[(&str, &str)]| {
        locked(&packages.iter().map(|(name, version)| package(name, version)).collect::<String>())
    };
    let product = lock(&[("a", "1.0.0"), ("b", "1.0.0"), ("b", "2.0.0")]);
    assert!(
        differing(&product, &lock(&[("a", "1.0.0"), ("b", "2.0.0"), ("c", "1.0.0")])).is_empty()
    );
    assert_eq!(differing(&product, &lock(&[("a", "1.0.1"), ("b", "2.0.0")])).len(), 1);
    assert_eq!(differing(&product, &lock(&[("b", "3.0.0")])).len(), 1);
    assert!(differing(&product, &lock(&[("web-time", "9.0.0")])).is_empty());
}
