//! The state before the first block.

use crate::{
    address::Address,
    beacon::Beacon,
    codec::EncodeError,
    keys::IssuerKey,
    ledger::{
        ValidatorSet,
        state::{Books, Changes, FeeTurns, Issuer, Leaf, Progress},
    },
    limits::ISSUERS,
};

/// Why there is no state to begin with. The fault of whoever wrote the genesis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GenesisStateError {
    /// There are too many issuers.
    #[error("{0} issuers, at most {ISSUERS} are allowed")]
    Issuers(usize),
    /// An issuer's key is no canonical Ed25519 key.
    #[error("the issuer's key {0} is no canonical Ed25519 public key")]
    Issuer(IssuerKey),
    /// It does not fit its format.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

fn put<T: Leaf>(changes: &mut Changes, id: &T::Id, leaf: &T) -> Result<(), EncodeError> {
    changes.insert(T::key(id), Some(leaf.to_leaf()?));
    Ok(())
}

/// Returns the leaves of height 0: no money, the issuers who make the first, and who votes on the
/// first block.
pub fn genesis_changes(
    created_ms: u64,
    issuers: &[IssuerKey],
    validators: &ValidatorSet,
) -> Result<Changes, GenesisStateError> {
    if issuers.len() > ISSUERS {
        return Err(GenesisStateError::Issuers(issuers.len()));
    }
    let mut changes = Changes::new();
    for issuer in issuers {
        Address::from_bytes(issuer.0).map_err(|_| GenesisStateError::Issuer(*issuer))?;
        put(&mut changes, issuer, &Issuer::default())?;
    }
    put(&mut changes, &(), validators.as_wire())?;
    put(&mut changes, &(), &Books::default())?;
    put(&mut changes, &(), &FeeTurns::default())?;
    let progress = Progress {
        height: 0,
        time_ms: created_ms,
        beacon: Beacon::GENESIS,
        opened: false,
        oldest: None,
        newest: None,
        beacons_from: 1,
    };
    put(&mut changes, &(), &progress)?;
    Ok(changes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        beacon::SecretKey,
        keys::{BeaconKey, ConsensusKey},
        ledger::Validator,
    };
    use ed25519_dalek::SigningKey;

    fn set(beacon: BeaconKey) -> ValidatorSet {
        let key = SigningKey::from_bytes(&[1; 32]).verifying_key().to_bytes();
        let wallet = Address::of(&SigningKey::from_bytes(&[9; 32]).verifying_key()).unwrap();
        let validator = Validator { key: ConsensusKey(key), power: 1, beacon, wallet };
        ValidatorSet::new(vec![validator]).unwrap()
    }

    #[test]
    fn a_chain_begins_with_issuers_validators_and_no_money() {
        let validators = set(SecretKey::from_bytes([2; 32]).public());
        let issuer = IssuerKey(SigningKey::from_bytes(&[3; 32]).verifying_key().to_bytes());
        let changes = genesis_changes(7, &[issuer], &validators).unwrap();
        assert_eq!(changes.len(), 5);
        let leaf = |key| changes.get(&key).and_then(Option::as_deref).unwrap();
        assert_eq!(Books::from_leaf(leaf(Books::key(&()))), Ok(Books::default()));
        assert_eq!(Issuer::from_leaf(leaf(Issuer::key(&issuer))), Ok(Issuer::default()));
        let progress = Progress::from_leaf(leaf(Progress::key(&()))).unwrap();
        assert_eq!((progress.height, progress.time_ms), (0, 7));
    }

    #[test]
    fn keys_that_could_never_act_begin_no_chain() {
        let good = set(SecretKey::from_bytes([2; 32]).public());
        let weak = IssuerKey([0; 32]);
        assert_eq!(genesis_changes(7, &[weak], &good), Err(GenesisStateError::Issuer(weak)));
        let many = vec![weak; ISSUERS + 1];
        assert_eq!(genesis_changes(7, &many, &good), Err(GenesisStateError::Issuers(ISSUERS + 1)));
    }
}
