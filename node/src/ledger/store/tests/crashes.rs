//! Crashes anywhere: what is found again is a whole height, its state the one its header names.

use super::{
    super::*,
    chain::{Model, change, changes, step},
};
use magpie_protocol::ledger::{
    state::Leaves,
    tree::{Snapshot, prove},
};
use magpie_storage::{
    engine::{EngineError, Fault, MemoryDisk},
    overlay::{Overlay, Tx},
    table::TableError,
};
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};

const CRASHES: u64 = 600;

/// Checks the newest height against the model of every height, and returns it.
fn found(overlay: &Overlay, past: &[Model]) -> Option<u64> {
    let kept = check(overlay).unwrap()?;
    let height = kept.tip().height;
    let model = &past[usize::try_from(height).unwrap()];
    let nodes = StoredNodes::new(overlay);
    let snapshot = Snapshot::open(&nodes, height).unwrap();
    for byte in 0..48_u8 {
        let key = magpie_protocol::ledger::state::LeafKey([byte.wrapping_mul(67); 32]);
        assert_eq!(snapshot.leaf(&key).unwrap(), model.get(&key).cloned());
        let proof = prove(&nodes, height, &key).unwrap();
        assert_eq!(proof.verify(&kept.state, &key).unwrap(), model.get(&key).map(Vec::as_slice));
    }
    if height > 0 {
        let kept_header = header(overlay, height).unwrap().unwrap();
        let block = decided(overlay, height).unwrap().unwrap().block;
        assert_eq!(kept_header.header, block.header);
        assert_eq!(block.header.state, kept.state);
        assert_eq!(height_of(overlay, &kept.tip().hash).unwrap(), Some(height));
    }
    assert_eq!(header(overlay, height + 1).unwrap(), None);
    assert_eq!(decided(overlay, height + 1).unwrap(), None);
    Some(height)
}

/// Steps and commits until something fails or enough was done.
fn run(
    overlay: &mut Overlay,
    past: &mut Vec<Model>,
    rng: &mut ChaCha8Rng,
) -> Result<(), StoreError> {
    for _ in 0..rng.next_u32() % 8 {
        for _ in 0..1 + rng.next_u32() % 2 {
            let changes = changes(rng);
            step(overlay, &changes)?;
            let mut model = past.last().cloned().unwrap_or_default();
            change(&mut model, &changes);
            past.push(model);
            let mut tx = Tx::new(overlay);
            prune(&mut tx, (past.len() as u64).saturating_sub(4), 1 + rng.next_u32() as usize % 9)?;
            let batch = tx.into_batch();
            overlay.push(batch);
        }
        overlay.commit().map_err(TableError::from)?;
    }
    Ok(())
}

#[test]
fn a_crash_anywhere_leaves_a_whole_height() {
    let mut rng = ChaCha8Rng::seed_from_u64(20_261_121);
    let disk = MemoryDisk::new();
    let mut past: Vec<Model> = Vec::new();
    let mut failures = 0;
    for _ in 0..CRASHES {
        let mut overlay = Overlay::new(Box::new(disk.open().unwrap()));
        if rng.next_u32().is_multiple_of(2) {
            disk.inject(Fault::From(rng.next_u64() % 400));
        }
        let ended = run(&mut overlay, &mut past, &mut rng);
        disk.repair();
        drop(overlay);
        disk.crash(rng.next_u64());
        match ended {
            Ok(()) => {}
            Err(
                StoreError::Table(TableError::Engine(EngineError::Io { .. }))
                | StoreError::Tree(magpie_protocol::ledger::tree::TreeError::Store(
                    TableError::Engine(EngineError::Io { .. }),
                )),
            ) => failures += 1,
            Err(error) => panic!("{error}"),
        }
        let overlay = Overlay::new(Box::new(disk.open().unwrap()));
        let height = found(&overlay, &past);
        past.truncate(height.map_or(0, |height| height as usize + 1));
    }
    assert!(failures > CRASHES / 10, "{failures}: the faults were hardly met");
    assert!(past.len() > 100, "{} heights", past.len());
}
