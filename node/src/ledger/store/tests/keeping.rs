//! What is refused, what is pruned, and that reopening changes no root.

use super::{
    super::*,
    chain::{Model, block_after, change, changes, decide, genesis, step},
};
use magpie_protocol::ledger::{
    StateRoot,
    state::{Changes, LeafKey, Leaves},
    tree::{Snapshot, TreeError, apply, prove, root},
};
use magpie_storage::{
    engine::MemoryDisk,
    overlay::{Overlay, Tx},
};
use rand_chacha::ChaCha8Rng;
use rand_core::SeedableRng;

/// Returns every key that the random changes touch.
fn places() -> impl Iterator<Item = LeafKey> {
    (0..48_u8).map(|place| LeafKey([place.wrapping_mul(67); 32]))
}

fn opened(disk: &MemoryDisk) -> Overlay {
    Overlay::new(Box::new(disk.open().unwrap()))
}

#[test]
fn reopening_and_committing_late_give_the_same_roots() {
    let roots = |every: u64| {
        let mut rng = ChaCha8Rng::seed_from_u64(5);
        let disk = MemoryDisk::new();
        let mut overlay = opened(&disk);
        let mut roots: Vec<StateRoot> = Vec::new();
        for height in 0..60 {
            step(&mut overlay, &changes(&mut rng)).unwrap();
            roots.push(check(&overlay).unwrap().unwrap().state);
            if height % every == 0 {
                overlay.commit().unwrap();
                drop(overlay);
                overlay = opened(&disk);
            }
        }
        roots
    };
    assert_eq!(roots(1), roots(7));
    assert_eq!(roots(1), roots(100));
}

#[test]
fn old_heights_go_and_kept_ones_stay() {
    let mut rng = ChaCha8Rng::seed_from_u64(6);
    let mut overlay = opened(&MemoryDisk::new());
    let (mut model, mut past) = (Model::new(), Vec::new());
    let last = KEPT_HEIGHTS + 20;
    for _ in 0..=last {
        let changes = changes(&mut rng);
        step(&mut overlay, &changes).unwrap();
        overlay.commit().unwrap();
        change(&mut model, &changes);
        past.push(model.clone());
    }
    let nodes = StoredNodes::new(&overlay);
    for height in 0..=last {
        let kept = height + KEPT_HEIGHTS > last;
        assert_eq!(root(&nodes, height).unwrap().is_some(), kept, "height {height}");
        assert_eq!(Snapshot::open(&nodes, height).is_ok(), kept);
        if kept {
            let (snapshot, model) =
                (Snapshot::open(&nodes, height).unwrap(), &past[height as usize]);
            for key in places() {
                assert_eq!(snapshot.leaf(&key).unwrap(), model.get(&key).cloned(), "{height}");
            }
        }
        assert_eq!(header(&overlay, height).unwrap().is_some(), height > 0);
    }
    let mut tx = Tx::new(&overlay);
    assert!(prune(&mut tx, last, 3).unwrap() == 3);
    while prune(&mut tx, last, 100).unwrap() > 0 {}
    assert_eq!(check(&tx).unwrap().unwrap().tip().height, last);
    assert_eq!(root(&StoredNodes::new(&tx), last - 1).unwrap(), None);
}

#[test]
fn a_height_that_has_its_root_has_all_of_it() {
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let mut overlay = opened(&MemoryDisk::new());
    let (mut model, mut past) = (Model::new(), Vec::new());
    for _ in 0..12 {
        let changes = changes(&mut rng);
        step(&mut overlay, &changes).unwrap();
        change(&mut model, &changes);
        past.push(model.clone());
    }
    let mut tx = Tx::new(&overlay);
    while prune(&mut tx, 11, 1).unwrap() > 0 {
        let nodes = StoredNodes::new(&tx);
        for (height, model) in (0..).zip(&past) {
            let Some(root) = root(&nodes, height).unwrap() else { continue };
            for key in places() {
                let proof = prove(&nodes, height, &key).unwrap();
                let bytes = model.get(&key).map(Vec::as_slice);
                assert_eq!(proof.verify(&root, &key).unwrap(), bytes);
            }
        }
    }
    assert_eq!(root(&StoredNodes::new(&tx), 10).unwrap(), None);
}

#[test]
fn what_does_not_fit_is_refused_and_writes_nothing() {
    let mut overlay = opened(&MemoryDisk::new());
    assert!(check(&overlay).unwrap().is_none());
    let (root, batch) = apply(&StoredNodes::new(&overlay), 0, &Changes::new()).unwrap();
    let block = block_after(&genesis(), root);
    let decided = decide(&block.header).unwrap();
    let refused = |overlay: &Overlay, block, state, batch| {
        let mut tx = Tx::new(overlay);
        let error = put_block(&mut tx, &decided, block, state, batch).unwrap_err();
        assert!(tx.batch().is_empty());
        error
    };
    assert!(matches!(refused(&overlay, &block, root, &batch), StoreError::NoGenesis));
    step(&mut overlay, &Changes::new()).unwrap();
    let genesis_again = put_genesis(&mut Tx::new(&overlay), &genesis(), root, &batch);
    assert!(matches!(genesis_again, Err(StoreError::Genesis(0))));
    assert!(matches!(refused(&overlay, &block, root, &batch), StoreError::Apart(1)));
    let (root, batch) = apply(&StoredNodes::new(&overlay), 1, &Changes::new()).unwrap();
    let other = StateRoot([9; 32]);
    assert!(matches!(refused(&overlay, &block, other, &batch), StoreError::Root { .. }));
    // The root is right, and the tree to be written is another, or none.
    let odd = Changes::from([(LeafKey([1; 32]), Some(vec![1]))]);
    let (found, other) = apply(&StoredNodes::new(&overlay), 1, &odd).unwrap();
    assert!(matches!(
        refused(&overlay, &block, root, &other),
        StoreError::Root { height: 1, found: is, .. } if is == found
    ));
    let mut none = batch.clone();
    none.nodes.clear();
    assert!(matches!(refused(&overlay, &block, root, &none), StoreError::Apart(1)));
    let mut another = block.clone();
    another.header.time_ms += 1;
    assert!(matches!(refused(&overlay, &another, root, &batch), StoreError::Apart(1)));
    step(&mut overlay, &Changes::new()).unwrap();
    assert!(matches!(refused(&overlay, &block, root, &batch), StoreError::Header(_)));
}

#[test]
fn a_value_that_the_disk_lost_is_an_error_and_no_older_one() {
    let mut overlay = opened(&MemoryDisk::new());
    let key = LeafKey([1; 32]);
    for byte in [7, 8] {
        step(&mut overlay, &Changes::from([(key, Some(vec![byte]))])).unwrap();
    }
    let mut tx = Tx::new(&overlay);
    super::super::rows::VALUES.delete(&mut tx, &(key.0, 1));
    let nodes = StoredNodes::new(&tx);
    let lost = |error| matches!(error, TreeError::Value(found, 1) if found == key);
    assert!(lost(Snapshot::open(&nodes, 1).unwrap().leaf(&key).unwrap_err()));
    assert!(lost(apply(&nodes, 2, &Changes::from([(key, None)])).unwrap_err()));
    assert_eq!(Snapshot::open(&nodes, 0).unwrap().leaf(&key).unwrap(), Some(vec![7]));
}
