//! What an audit looks at.

use super::EvidenceError;
use magpie_protocol::{
    address::Address,
    keys::ReceiveKey,
    ledger::{
        EntryId, Header, Members, MembersError, Payee, ValidatorSet, ValidatorsHash,
        state::{Claim, Packet},
    },
    limits::{AUDIT_HEADERS, AUDIT_VALIDATOR_SETS},
};
use std::collections::{BTreeMap, BTreeSet};

/// What is known of one packet under one header. The caller has verified each part by itself: the
/// leaves by their proofs under headers, headers by certificates or by the hash that a later one
/// names.
#[derive(Debug, Clone)]
pub struct Evidence {
    pub(super) id: EntryId,
    pub(super) packet: Packet,
    pub(super) at: Header,
    pub(super) members: Members,
    pub(super) wallets: BTreeMap<ReceiveKey, BTreeSet<Address>>,
    /// By member; nothing where it is shown that there is no claim.
    pub(super) claims: BTreeMap<ReceiveKey, Option<Claim>>,
    pub(super) headers: BTreeMap<u64, Header>,
    pub(super) validators: BTreeMap<ValidatorsHash, ValidatorSet>,
}

impl Evidence {
    /// Begins with a packet's leaf, the header under which it was read, and the members whom the
    /// packet's card names.
    ///
    /// Errors: [`MembersError`], the fault of who made the card.
    pub fn new(
        id: EntryId,
        packet: Packet,
        at: Header,
        members: &[Payee],
    ) -> Result<Self, MembersError> {
        let mut wallets = BTreeMap::<_, BTreeSet<_>>::new();
        for Payee { receive, wallet } in members {
            wallets.entry(*receive).or_default().insert(*wallet);
        }
        let members = Members::new(members)?;
        let headers = BTreeMap::from([(at.height, at.clone())]);
        let (claims, validators) = (BTreeMap::new(), BTreeMap::new());
        Ok(Self { id, packet, at, members, wallets, claims, headers, validators })
    }

    /// Takes the leaf of a member's claim, or that there is none.
    ///
    /// It is read under the packet's header or a later one, not an earlier one: of what came after
    /// the packet's header nothing is counted, but what came before it would be missed. Errors:
    /// [`EvidenceError::Stranger`].
    pub fn add_claim(
        &mut self,
        member: ReceiveKey,
        claim: Option<Claim>,
    ) -> Result<(), EvidenceError> {
        if !self.wallets.contains_key(&member) {
            return Err(EvidenceError::Stranger(member));
        }
        let now = self.at.height;
        let claim = claim
            .filter(|claim| claim.height <= now)
            .map(|claim| Claim { paid: claim.paid.filter(|paid| paid.height <= now), ..claim });
        self.claims.insert(member, claim);
        Ok(())
    }

    /// Takes a header of the same chain, at most as high as the packet's.
    ///
    /// Errors: [`EvidenceError::Chain`], [`EvidenceError::Height`], [`EvidenceError::Headers`].
    pub fn add_header(&mut self, header: Header) -> Result<(), EvidenceError> {
        let height = header.height;
        if header.chain != self.at.chain {
            return Err(EvidenceError::Chain(height));
        }
        if height > self.at.height || self.headers.get(&height).is_some_and(|own| *own != header) {
            return Err(EvidenceError::Height(height));
        }
        if self.headers.len() >= AUDIT_HEADERS && !self.headers.contains_key(&height) {
            return Err(EvidenceError::Headers);
        }
        self.headers.insert(height, header);
        Ok(())
    }

    /// Takes a set of validators, which counts for the headers that name its hash. Errors:
    /// [`EvidenceError::Validators`].
    pub fn add_validators(&mut self, set: ValidatorSet) -> Result<(), EvidenceError> {
        let hash = set.hash();
        if self.validators.len() >= AUDIT_VALIDATOR_SETS && !self.validators.contains_key(&hash) {
            return Err(EvidenceError::Validators);
        }
        self.validators.insert(hash, set);
        Ok(())
    }

    /// Returns the claims that there are, by the heights of their blocks.
    pub(super) fn claims_by_height(&self) -> BTreeMap<u64, BTreeMap<ReceiveKey, Claim>> {
        let mut heights = BTreeMap::<u64, BTreeMap<ReceiveKey, Claim>>::new();
        for (receive, claim) in &self.claims {
            if let Some(claim) = claim {
                heights.entry(claim.height).or_default().insert(*receive, *claim);
            }
        }
        heights
    }
}
