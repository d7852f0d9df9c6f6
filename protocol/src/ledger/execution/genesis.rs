//! The state before the first block.

use crate::{
    address::Address,
    beacon::{Beacon, BeaconError},
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
    /// A validator could never prove a beacon.
    #[error(transparent)]
    Beacon(#[from] BeaconError),
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
    for validator in validators.validators() {
        validator.beacon.check()?;
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
