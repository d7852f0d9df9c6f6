//! Who may claim from a packet: the members of its conversation, as leaves of a Merkle tree.
//!
//! In: the payees that the group's state names at the card's heads. Out: [`Members`], whose root
//! and number `OpenPacket` fixes, or `CreatePacket` before it, and for each of them the path that their claim carries.

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

/// Who may claim from a packet, as root and number alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MembersHead {
    /// The root of who may claim.
    pub root: MembersRoot,
    /// How many they are.
    pub count: u32,
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
}

/// The members that may claim, in the one order in which everybody has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Members {
    /// Ascending.
    leaves: Vec<MerkleHash>,
    tree: Tree,
}

impl Members {
    /// Orders these payees by their leaves, each leaf once. Errors: [`MembersError`].
    ///
    /// What members publish of themselves nobody vouches for. One who names another's receive key
    /// beside a wallet of its own adds a leaf that it cannot claim by, because the claim is signed
    /// by that key; the other claims by its own leaf, and once, because a packet counts claims by
    /// receive key. So one key may stand with several wallets, and stops nobody's packet.
    pub fn new(payees: &[Payee]) -> Result<Self, MembersError> {
        if payees.is_empty() {
            return Err(MembersError::None);
        }
        let mut leaves: Vec<_> = payees.iter().map(Payee::leaf).collect();
        leaves.sort_unstable();
        leaves.dedup();
        if leaves.len() > PACKET_MEMBERS {
            return Err(MembersError::TooMany(leaves.len()));
        }
        let tree = Tree::new(MEMBERS_TREE, leaves.clone());
        Ok(Self { leaves, tree })
    }

    /// Returns the root.
    pub fn root(&self) -> MembersRoot {
        MembersRoot(self.tree.root())
    }

    /// Returns how many leaves there are.
    pub fn count(&self) -> u32 {
        u32::try_from(self.leaves.len()).expect("at most PACKET_MEMBERS")
    }

    /// Returns root and number.
    pub fn head(&self) -> MembersHead {
        MembersHead { root: self.root(), count: self.count() }
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
    fn none_and_too_many_are_refused() {
        assert_eq!(Members::new(&[]), Err(MembersError::None));
        let of = |number: usize| {
            let mut receive = [0; 32];
            receive[..8].copy_from_slice(&number.to_be_bytes());
            Payee { receive: ReceiveKey(receive), ..payee(1) }
        };
        let many: Vec<_> = (0..=PACKET_MEMBERS).map(of).collect();
        assert_eq!(Members::new(&many), Err(MembersError::TooMany(PACKET_MEMBERS + 1)));
        let mut most = many[1..].to_vec();
        most.push(many[1]);
        assert_eq!(Members::new(&most).unwrap().count(), PACKET_MEMBERS as u32);
    }

    #[test]
    fn who_names_anothers_key_stops_no_packet() {
        let foreign = Payee { wallet: payee(3).wallet, ..payee(1) };
        let members = Members::new(&[payee(1), payee(2), foreign, payee(2), payee(2)]).unwrap();
        assert_eq!(members.count(), 3);
        for payee in [payee(1), payee(2), foreign] {
            let path = members.path(&payee).unwrap();
            assert!(path.leads_to_member(&payee, 3, members.root()));
        }
        assert_eq!(members, Members::new(&[foreign, payee(2), payee(1)]).unwrap());
    }
}
