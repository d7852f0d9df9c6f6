//! A chain of one validator whose blocks change random leaves.

use super::super::*;
use ed25519_dalek::SigningKey;
use magpie_protocol::{
    address::Address,
    beacon::Proof,
    bounded::List,
    codec::EncodeError,
    ids::NetworkId,
    keys::{BeaconKey, ConsensusKey},
    ledger::{
        Block, Certificate, CertifiedHeader, CommitSignature, Header, StateRoot, Step, Tip,
        Validator, ValidatorSet, Vote, entries_root,
        state::{Changes, LeafKey},
        tree::apply,
    },
};
use magpie_storage::overlay::{Overlay, Tx};
use rand_chacha::ChaCha8Rng;
use rand_core::Rng;
use std::collections::BTreeMap;

pub(super) const CHAIN: NetworkId = NetworkId([7; 32]);

/// Leaves as a map: what the state must be.
pub(super) type Model = BTreeMap<LeafKey, Vec<u8>>;

pub(super) fn validator() -> SigningKey {
    SigningKey::from_bytes(&[4; 32])
}

pub(super) fn validators() -> ValidatorSet {
    let key = ConsensusKey(validator().verifying_key().to_bytes());
    let wallet = Address::of(&SigningKey::from_bytes(&[6; 32]).verifying_key()).unwrap();
    let beacon = BeaconKey(SigningKey::from_bytes(&[5; 32]).verifying_key().to_bytes());
    ValidatorSet::new(vec![Validator { key, power: 1, beacon, wallet }]).unwrap()
}

pub(super) fn genesis() -> Tip {
    Tip::genesis(CHAIN, 1_000, validators().hash())
}

pub(super) fn block_after(tip: &Tip, state: StateRoot) -> Block {
    let set = validators();
    let header = Header {
        chain: CHAIN,
        rules: Header::RULES,
        height: tip.height + 1,
        round: 0,
        proposer: set.validators()[0].key,
        parent: tip.hash,
        time_ms: tip.time_ms + 1,
        entries: entries_root(&[]),
        state,
        validators: set.hash(),
        next_validators: set.hash(),
        beacon: Proof([6; 80]),
    };
    Block { header, entries: List::default() }
}

pub(super) fn decide(header: &Header) -> Result<CertifiedHeader, EncodeError> {
    let (set, block) = (validators(), header.hash()?);
    let height = header.height;
    let vote = Vote { chain: CHAIN, height, round: 0, step: Step::Precommit, block: Some(block) };
    let signature = vote.sign(&validator())?;
    let signature = CommitSignature { validator: set.validators()[0].key, signature };
    let signatures = List::new(vec![signature]).unwrap();
    let certificate = Certificate { height, round: 0, block, signatures };
    Ok(CertifiedHeader::verify(header.clone(), certificate, CHAIN, &set).unwrap())
}

pub(super) fn changes(rng: &mut ChaCha8Rng) -> Changes {
    let some = |rng: &mut ChaCha8Rng| {
        let place = (rng.next_u32() % 48) as u8;
        let bytes = vec![rng.next_u32() as u8; (rng.next_u32() % 20) as usize];
        let gone = rng.next_u32().is_multiple_of(3);
        (LeafKey([place.wrapping_mul(67); 32]), (!gone).then_some(bytes))
    };
    (0..rng.next_u32() % 12).map(|_| some(rng)).collect()
}

pub(super) fn change(model: &mut Model, changes: &Changes) {
    for (key, bytes) in changes {
        match bytes {
            Some(bytes) => model.insert(*key, bytes.clone()),
            None => model.remove(key),
        };
    }
}

/// Puts the genesis, or the next block, with these changes into the overlay; not yet committed.
pub(super) fn step(overlay: &mut Overlay, changes: &Changes) -> Result<(), StoreError> {
    let mut tx = Tx::new(overlay);
    match tip(&tx)?.map(|kept| kept.tip()) {
        None => {
            let (root, batch) = apply(&StoredNodes::new(overlay), 0, changes)?;
            put_genesis(&mut tx, &genesis(), root, &batch)?;
        }
        Some(tip) => {
            let (root, batch) = apply(&StoredNodes::new(overlay), tip.height + 1, changes)?;
            let block = block_after(&tip, root);
            put_block(&mut tx, &decide(&block.header).unwrap(), &block, root, &batch)?;
        }
    }
    let batch = tx.into_batch();
    overlay.push(batch);
    Ok(())
}
