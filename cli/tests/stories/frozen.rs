//! What all super nodes have on disk at one moment, and a witness who looks at it.

use crate::{
    node::{Node, Place},
    people::Network,
};
use magpie_node::{
    host::{look_at, read_network},
    ledger::witness::{Finding, Looked, Witness},
};
use magpie_protocol::{
    consensus::SignedVote,
    ledger::{BlockHash, Vote},
};
use magpie_wallet::super_keys::SuperSecrets;
use std::{collections::BTreeSet, fs, path::Path};

/// Returns a witness of a network, who has seen nothing.
pub(crate) fn witness(network: &Network) -> Witness {
    Witness::new(&read_network(&network.file()).unwrap().0)
}

/// Stops all super nodes that run, as one, copies their stores, does what `then` does, and lets them go
/// on; the witness looks at the copies.
pub(crate) fn freeze(
    supers: &[(Place, Option<Node>)],
    witness: &mut Witness,
    then: impl FnOnce(),
) -> Vec<Looked> {
    let running = || supers.iter().filter_map(|(_, node)| node.as_ref());
    running().for_each(|node| node.signal("STOP"));
    let dir = tempfile::tempdir().unwrap();
    for (at, (place, _)) in supers.iter().enumerate() {
        copy_tree(&place.data().join("store"), &dir.path().join(format!("{at}/store")));
    }
    then();
    running().for_each(|node| node.signal("CONT"));
    let look = |at: usize| look_at(witness, &dir.path().join(at.to_string())).unwrap();
    (0..supers.len()).map(look).collect()
}

/// Lets a witness look at the stores of super nodes that have ended.
pub(crate) fn look(supers: &[(Place, Option<Node>)], witness: &mut Witness) -> Vec<Looked> {
    supers.iter().map(|(place, _)| look_at(witness, &place.data()).unwrap()).collect()
}

/// Sees that nothing was found, that all validators were heard, and that the witness is not blind:
/// it finds one more vote that a validator's own key signs, and none that another key signs for it.
#[track_caller]
pub(crate) fn assert_clean(witness: &mut Witness, supers: &[(Place, Option<Node>)]) {
    assert_eq!(witness.found(), &BTreeSet::new());
    assert_eq!(witness.heard().len(), supers.len());
    let keys = |at: usize| {
        let bytes = fs::read(supers[at].0.data().join("super.keys")).unwrap();
        SuperSecrets::from_bytes(&bytes).unwrap()
    };
    let validator = keys(0).consensus_public();
    let said = witness.any_precommit(validator).unwrap();
    let other = Vote { block: Some(BlockHash([9; 32])), ..said };
    let signed = |key| {
        let signature = other.sign(&key).unwrap();
        magpie_node::ledger::order::Statement::Vote(SignedVote {
            vote: other,
            validator,
            signature,
        })
    };
    witness.hear(&signed(keys(1).consensus()));
    assert_eq!(witness.found(), &BTreeSet::new());
    witness.hear(&signed(keys(0).consensus()));
    let found: Vec<_> = witness.found().iter().collect();
    assert!(matches!(found[..], [Finding::TwoStatements { height, .. }] if *height == said.height));
}

fn copy_tree(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_tree(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}
