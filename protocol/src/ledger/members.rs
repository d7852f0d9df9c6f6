//! Who may claim from a packet: the members of its conversation, as leaves of a Merkle tree.
//!
//! In: the payees that the group's state names at the card's heads. Out: [`Members`], whose root
//! and number `OpenPacket` fixes, and for each of them the path that their claim carries.

use super::{
    id::MembersRoot,
    merkle::{self, MerkleHash, MerklePath, Tree},
};
use crate::{address::Address, domain::MEMBERS_TREE, keys::ReceiveKey, limits::PACKET_MEMBERS};
use serde::{Deserialize, Serialize};

/// Who is paid: whose receive key takes it, and the wallet it goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Payee {
    /// The key that accepts or claims.
    pub receive: ReceiveKey,
    /// Where the money goes.
    pub wallet: Address,
}

impl Payee {
    fn leaf(&self) -> MerkleHash {
        let mut data = [0; 64];
        data[..32].copy_from_slice(self.receive.as_bytes());
        data[32..].copy_from_slice(self.wallet.as_bytes());
        merkle::leaf(MEMBERS_TREE, &data)
    }
}

/// Why payees are not a packet's members. The fault of whoever gathered them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MembersError {
    /// There is none.
    #[error("a packet is for somebody")]
    None,
    /// There are too many.
    #[error("{0} members, at most {PACKET_MEMBERS} are allowed")]
    TooMany(usize),
    /// One receive key stands twice; its second claim would be a double one.
    #[error("the receive key {0} stands twice")]
    Twice(ReceiveKey),
}

/// The members that may claim, in the one order in which everybody has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Members {
    /// Ascending.
    leaves: Vec<MerkleHash>,
    tree: Tree,
}

impl Members {
    /// Orders these payees by their leaves. Errors: [`MembersError`].
    pub fn new(payees: &[Payee]) -> Result<Self, MembersError> {
        if payees.is_empty() {
            return Err(MembersError::None);
        }
        if payees.len() > PACKET_MEMBERS {
            return Err(MembersError::TooMany(payees.len()));
        }
        let mut keys: Vec<_> = payees.iter().map(|payee| payee.receive).collect();
        keys.sort_unstable();
        let twice = keys.windows(2).find(|pair| matches!(pair, [a, b] if a == b));
        if let Some([key, ..]) = twice {
            return Err(MembersError::Twice(*key));
        }
        let mut leaves: Vec<_> = payees.iter().map(Payee::leaf).collect();
        leaves.sort_unstable();
        let tree = Tree::new(MEMBERS_TREE, leaves.clone());
        Ok(Self { leaves, tree })
    }

    /// Returns the root.
    pub fn root(&self) -> MembersRoot {
        MembersRoot(self.tree.root())
    }

    /// Returns how many there are.
    pub fn count(&self) -> u32 {
        u32::try_from(self.leaves.len()).expect("at most PACKET_MEMBERS")
    }

    /// Returns the path of this payee, or nothing if it is none of them.
    pub fn path(&self, payee: &Payee) -> Option<MerklePath> {
        self.tree.path(self.leaves.binary_search(&payee.leaf()).ok()?)
    }
}

impl MerklePath {
    /// Tells whether `payee` is one of the `count` members under `root`.
    pub fn leads_to_member(&self, payee: &Payee, count: u32, root: MembersRoot) -> bool {
        self.leads(MEMBERS_TREE, payee.leaf(), count, root.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golden;
    use ed25519_dalek::SigningKey;

    fn payee(seed: u8) -> Payee {
        let wallet = SigningKey::from_bytes(&[seed; 32]).verifying_key();
        Payee { receive: ReceiveKey([seed; 32]), wallet: Address::of(&wallet).unwrap() }
    }

    #[test]
    fn golden_root_whatever_the_order() {
        let mut payees: Vec<_> = (1..=7).map(payee).collect();
        let members = Members::new(&payees).unwrap();
        golden::check("ledger_members_root", members.root().0.to_vec());
        payees.reverse();
        assert_eq!(Members::new(&payees).unwrap(), members);
        assert_eq!(members.count(), 7);
    }

    #[test]
    fn members_are_proven_and_nobody_else() {
        let payees: Vec<_> = (1..=9).map(payee).collect();
        let members = Members::new(&payees).unwrap();
        for payee in &payees {
            let path = members.path(payee).unwrap();
            assert!(path.leads_to_member(payee, 9, members.root()));
            // The same key with another wallet, another's path, another root.
            let robbed = Payee { wallet: self::payee(77).wallet, ..*payee };
            assert!(!path.leads_to_member(&robbed, 9, members.root()));
            assert!(!path.leads_to_member(&self::payee(77), 9, members.root()));
            assert!(!path.leads_to_member(payee, 9, MembersRoot([0; 32])));
        }
        assert_eq!(members.path(&payee(77)), None);
        assert_eq!(members.path(&Payee { wallet: payee(2).wallet, ..payee(1) }), None);
        let alone = Members::new(&payees[..1]).unwrap();
        assert!(alone.path(&payees[0]).unwrap().leads_to_member(&payees[0], 1, alone.root()));
    }

    #[test]
    fn none_too_many_and_the_same_twice_are_refused() {
        assert_eq!(Members::new(&[]), Err(MembersError::None));
        let many = vec![payee(1); PACKET_MEMBERS + 1];
        assert_eq!(Members::new(&many), Err(MembersError::TooMany(PACKET_MEMBERS + 1)));
        let twice = [payee(1), payee(2), Payee { wallet: payee(3).wallet, ..payee(1) }];
        assert_eq!(Members::new(&twice), Err(MembersError::Twice(ReceiveKey([1; 32]))));
    }
}
