//! What `magpie network new` writes: read back, and compared with a fixed network.

use super::{
    create::{drafts, network_file, ports},
    *,
};
use crate::host::{
    network_file::{network_text, read_network},
    ports::Ports,
    private_files,
};
use magpie_storage::private_file;
use magpie_wallet::{
    device::DeviceSecrets,
    super_keys::{FeesSecret, IssuerSecret},
};
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use std::{collections::BTreeSet, fs, os::unix::fs::PermissionsExt};

#[test]
fn the_files_of_a_new_network_fit_its_genesis() {
    let dir = tempfile::tempdir().unwrap();
    let at = dir.path().join("a/net");
    let made = new_network(&at, 3, None).unwrap();
    let (network, bootstrap) = read_network(&made.file).unwrap();
    assert_eq!((network.id(), made.supers.len()), (made.id, 3));
    assert_eq!(bootstrap.len(), 6);
    let mut taken = BTreeSet::new();
    for data in &made.supers {
        let device = private_file::read(&data.join("device")).unwrap();
        let node = DeviceSecrets::from_bytes(&device).unwrap().node_id();
        let secrets = private_files::read_super(data).unwrap();
        let keys = network.super_at(node).unwrap();
        assert_eq!(keys.receipts, secrets.receipts_public());
        assert_eq!(keys.consensus, secrets.consensus_public());
        assert_eq!(keys.beacon, secrets.beacon_public());
        let fees = private_file::read(&data.join("fees.key")).unwrap();
        assert_eq!(keys.wallet, FeesSecret::from_bytes(&fees).unwrap().address());
        let Ports { tcp, udp } = Ports::read(data).unwrap();
        assert!(tcp == udp && taken.insert(tcp));
        assert!(bootstrap.contains(&format!("/ip4/127.0.0.1/tcp/{tcp}/p2p/{node}")));
        assert!(bootstrap.contains(&format!("/ip4/127.0.0.1/udp/{udp}/quic-v1/p2p/{node}")));
        for secret in ["device", "super.keys", "fees.key"] {
            let mode = fs::metadata(data.join(secret)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{secret}");
        }
    }
    let issuer = IssuerSecret::from_bytes(&private_file::read(&made.issuer).unwrap()).unwrap();
    assert_eq!(network.genesis().issuer, issuer.public());
}

#[test]
fn a_directory_with_a_network_or_a_part_of_one_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let made = new_network(dir.path(), 1, None).unwrap();
    let before = fs::read(&made.file).unwrap();
    for part in ["network.toml", "issuer.key", "super1"] {
        let refused = new_network(dir.path(), 2, None).unwrap_err();
        assert!(matches!(&refused, NewNetworkError::Exists(path) if path.ends_with(part)));
        assert!(!dir.path().join("super2").exists());
        if part == "network.toml" {
            assert_eq!(fs::read(&made.file).unwrap(), before);
        }
        let path = dir.path().join(part);
        if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }.unwrap();
    }
    new_network(dir.path(), 1, None).unwrap();
}

#[test]
fn numbers_out_of_range_make_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let at = dir.path().join("net");
    for supers in [0, NEW_SUPERS + 1] {
        let refused = new_network(&at, supers, None);
        assert!(matches!(refused, Err(NewNetworkError::Supers(n)) if n == supers));
    }
    for base in [0, 65_535] {
        let refused = new_network(&at, 2, Some(base));
        assert!(matches!(refused, Err(NewNetworkError::BasePort { supers: 2, .. })), "{base}");
    }
    assert!(!at.exists());
    assert_eq!(ports(2, Some(65_534)).unwrap(), [65_534, 65_535]);
    let made = new_network(&at, NEW_SUPERS, Some(20_000)).unwrap();
    assert_eq!(made.supers.len(), NEW_SUPERS);
    assert_eq!(read_network(&made.file).unwrap().1.len(), 2 * NEW_SUPERS);
}

#[test]
fn golden_network_file() {
    let mut rng = ChaCha20Rng::from_seed([1; 32]);
    let issuer = IssuerSecret::generate(&mut rng);
    let drafts = drafts(&[4001], &mut rng);
    let file = network_file(&drafts, &issuer, 1_700_000_000_000).unwrap();
    assert_eq!(network_text(&file), include_str!("golden.toml"));
}
