//! The slow truth about a state: all its leaves, counted and hashed again.

use magpie_protocol::ledger::{
    Amount, StateRoot,
    state::{Account, Books, Changes, Leaf, LeafKey, Packet, Transfer},
    tree::{KeptValue, NodePlace, Nodes, TreeNode, apply},
};
use std::{collections::BTreeMap, convert::Infallible};

pub(in crate::ledger) type Leaves = BTreeMap<LeafKey, Vec<u8>>;

struct Nothing;

impl Nodes for Nothing {
    type Error = Infallible;

    fn node(&self, _place: &NodePlace) -> Result<Option<TreeNode>, Infallible> {
        Ok(None)
    }

    fn value(&self, _key: &LeafKey, _height: u64) -> Result<Option<KeptValue>, Infallible> {
        Ok(None)
    }
}

fn held<T: Leaf>(leaves: &Leaves) -> Amount {
    let own = leaves.values().filter(|bytes| bytes[0] == T::KIND);
    Amount::checked_sum(own.map(|bytes| T::from_leaf(bytes).unwrap().held())).unwrap()
}

/// Returns what is wrong with a state that a header calls by this root.
pub(in crate::ledger) fn wrong(leaves: &Leaves, root: StateRoot) -> Option<String> {
    let books = Books::from_leaf(&leaves[&Books::key(&())]).unwrap();
    let (balances, transfers) = (held::<Account>(leaves), held::<Transfer>(leaves));
    let found = Books { balances, transfers, packets: held::<Packet>(leaves), ..books };
    if found != books || !found.balance() {
        return Some(format!("counted {found:?}, the books say {books:?}"));
    }
    let all: Changes = leaves.iter().map(|(key, bytes)| (*key, Some(bytes.clone()))).collect();
    let (found, _) = apply(&Nothing, 0, &all).unwrap();
    (found != root).then(|| format!("the leaves have the root {found}, not {root}"))
}
