//! A wallet that follows what the validators decided believes leaves by their proofs, and no others.

use super::{
    network::{newest, run},
    town,
};
use crate::ledger::{
    order::tests::scene::{BEGIN, CHAIN, Scene},
    store::{self, StoredNodes},
};
use magpie_protocol::ledger::state::Leaves;
use magpie_protocol::ledger::{
    state::{Claim, Leaf, LeafKey, Transfer},
    tree::{Snapshot, prove},
};
use magpie_wallet::light::{Followed, Light};

#[test]
fn a_light_wallet_believes_a_transfer_and_a_claim_and_no_other() {
    let run = run(Scene::calm(4, 1), None, 40);
    let (node, leaves) = newest(&run.world).unwrap();
    let (overlay, _) = run.world.place(node).unwrap();
    let last = store::tip(overlay).unwrap().unwrap().tip().height;
    let mut light = Light::from_genesis(CHAIN, BEGIN - 60_000, run.world.set.clone());
    for height in 1..=last {
        let kept = store::header(overlay, height).unwrap().unwrap();
        let followed = light.follow(kept.header, kept.certificate, None, BEGIN);
        assert_eq!(followed, Ok(Followed::Newest));
    }
    let mut transfers = run.town.transfers.iter().map(|(id, _)| Transfer::key(id));
    let transfer = transfers.rfind(|key| leaves.contains_key(key)).unwrap();
    let mut claims = run.town.packets.iter().flat_map(|(id, ..)| {
        (0..town::PEOPLE).map(|person| Claim::key(&(*id, town::receive(person))))
    });
    let claim = claims.rfind(|key| leaves.contains_key(key)).unwrap();
    let nodes = StoredNodes::new(overlay);
    let believed = light.believed(last, BEGIN).unwrap();
    for key in [transfer, claim] {
        let proof = prove(&nodes, last, &key).unwrap();
        let bytes = believed.verify_leaf(&key, &proof).unwrap();
        assert_eq!(bytes, leaves.get(&key).map(Vec::as_slice));
        // Shown for another leaf, or of a height at which it was not there yet.
        assert!(believed.verify_leaf(&LeafKey([7; 32]), &proof).is_err());
        let absent = |height: &u64| {
            let snapshot = Snapshot::open(&nodes, *height).unwrap();
            snapshot.leaf(&key).unwrap().is_none()
        };
        let before = (1..last).rev().find(absent).unwrap();
        let old = prove(&nodes, before, &key).unwrap();
        assert!(believed.verify_leaf(&key, &old).is_err());
    }
}
