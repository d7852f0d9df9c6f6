//! The calendar: what is due when.
//!
//! A hashed tree has no ranges, so what is due hangs as a list under the second in which its time
//! is over for sure, and a trie of bits over the seconds leads to the first of them: its root is
//! [`Calendar::TOP`], each node has 64 children, and a bit is set while there is something below.

use super::{Leaf, LeafKey};
use crate::{codec::Format, ledger::EntryId};
use serde::{Deserialize, Serialize};

/// What is due at some time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Due {
    /// A transfer goes back, if it still waits.
    Transfer(EntryId),
    /// What is left in a packet goes back.
    Packet(EntryId),
}

/// What is due in one second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DueSecond {
    /// What came last; the others follow it.
    pub last: Due,
}

impl Format for DueSecond {
    const NAME: &'static str = "due second";
    const VERSION: u8 = 1;
    const LIMIT: usize = 48;
}

impl Leaf for DueSecond {
    type Id = u64;
    const KIND: u8 = 15;

    fn key(second: &u64) -> LeafKey {
        LeafKey::new(Self::KIND, &[&second.to_be_bytes()])
    }
}

/// A node of the trie over the seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calendar {
    /// Bit k, counted from the lowest, is set if there is something in child k.
    pub children: u64,
}

impl Calendar {
    /// The level of the root; a node of level 0 has seconds below.
    pub const TOP: u8 = 5;
    /// The seconds under the root: over two thousand years from 1970 on.
    pub const SECONDS: u64 = 1 << (6 * (Self::TOP + 1));
}

impl Format for Calendar {
    const NAME: &'static str = "calendar";
    const VERSION: u8 = 1;
    const LIMIT: usize = 16;
}

impl Leaf for Calendar {
    /// The level and the number of the node on it: the seconds below, divided by their number.
    type Id = (u8, u64);
    const KIND: u8 = 16;

    fn key((level, number): &Self::Id) -> LeafKey {
        LeafKey::new(Self::KIND, &[&[*level], &number.to_be_bytes()])
    }
}
