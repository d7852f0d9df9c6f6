//! The chain without the order: where it begins, what it executes once, and what the recount sees.

use super::{
    network::{newest, run},
    place::genesis,
    recount, town,
};
use crate::ledger::{
    chain::{ChainError, Genesis, Ledger},
    order::{
        Chain,
        tests::scene::{BEGIN, CHAIN, Scene, validators},
    },
    store,
};
use magpie_protocol::{
    ids::NetworkId,
    ledger::{
        Amount,
        state::{Account, Leaf},
    },
};
use magpie_storage::{
    engine::MemoryDisk,
    overlay::{Overlay, Tx},
};

fn opened(overlay: &mut Overlay, genesis: &Genesis) -> Result<Ledger, ChainError> {
    let mut tx = Tx::new(overlay);
    let ledger = Ledger::open(genesis, &mut tx)?;
    let batch = tx.into_batch();
    overlay.push(batch);
    overlay.commit().unwrap();
    Ok(ledger)
}

#[test]
fn a_chain_begins_once_and_only_with_its_own_genesis() {
    let (_, set) = validators(4);
    let genesis = genesis(&set, town::rules());
    let mut overlay = Overlay::new(Box::new(MemoryDisk::new().open().unwrap()));
    let ledger = opened(&mut overlay, &genesis).unwrap();
    let head = ledger.head(&overlay).unwrap();
    assert_eq!((head.tip, &head.validators), (genesis.tip, &set));
    assert_eq!(ledger.decided(&overlay, 0).unwrap(), None);
    let again = opened(&mut overlay, &genesis).unwrap();
    assert_eq!(again.head(&overlay).unwrap(), head);
    let other = |chain, created| {
        Genesis::new(chain, created, town::rules(), &[town::issuer()], &set).unwrap()
    };
    let stranger = opened(&mut overlay, &other(NetworkId([9; 32]), BEGIN - 60_000));
    assert!(matches!(stranger, Err(ChainError::Network { .. })));
    let later = opened(&mut overlay, &other(CHAIN, BEGIN));
    assert!(matches!(later, Err(ChainError::Genesis)));
}

#[test]
fn rules_that_nobody_can_live_by_begin_nothing() {
    let (_, set) = validators(1);
    let mut rules = town::rules();
    rules.pace.interval_ms = 0;
    assert!(Genesis::new(CHAIN, BEGIN, rules, &[], &set).is_err());
}

#[test]
fn a_block_is_executed_once_at_each_validator() {
    let run = run(Scene::calm(4, 1), None, 20);
    for node in 0..4 {
        let height = run.world.heights()[node].unwrap();
        let (_, place) = run.world.place(node).unwrap();
        assert!(height > 5);
        // A draft that is empty before a block is due is thrown away; none of these was.
        assert_eq!(place.ledger.executions, height, "at {node}");
    }
}

#[test]
fn the_recount_sees_a_unit_from_nowhere_and_a_leaf_that_no_block_made() {
    let run = run(Scene::calm(4, 1), None, 15);
    let (node, leaves) = newest(&run.world).unwrap();
    let (overlay, _) = run.world.place(node).unwrap();
    let root = store::tip(overlay).unwrap().unwrap().state;
    assert_eq!(recount::wrong(&leaves, root), None);
    let key = Account::key(&town::wallet(0));
    let mut account: Account = town::leaf(&leaves, &town::wallet(0)).unwrap();
    account.balance = account.balance.checked_add(Amount(1)).unwrap();
    let mut rich = leaves.clone();
    rich.insert(key, account.to_leaf().unwrap());
    assert!(recount::wrong(&rich, root).unwrap().starts_with("counted"));
    let mut more = leaves;
    more.insert(Account::key(&town::wallet(99)), Account::default().to_leaf().unwrap());
    assert!(recount::wrong(&more, root).unwrap().starts_with("the leaves"));
}
