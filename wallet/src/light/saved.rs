//! What a follower keeps on disk: it must come back to no header before its newest.

use super::{Fork, Kept, Light, RestoreError};
use magpie_protocol::{
    bounded::List,
    codec::{self, EncodeError, Format},
    ids::NetworkId,
    ledger::{Certificate, Header, Tip, Validators, ValidatorsHash},
    limits::LIGHT_HEADERS,
};
use serde::{Deserialize, Serialize};

/// Sets of validators: one of each kept header, and the next.
const SETS: usize = LIGHT_HEADERS + 1;

/// A follower as bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Saved {
    chain: NetworkId,
    created_ms: u64,
    /// Who votes on the next height.
    next: ValidatorsHash,
    sets: List<Validators, SETS>,
    kept: List<Kept, LIGHT_HEADERS>,
    fork: Option<Fork>,
}

impl Format for Saved {
    const NAME: &'static str = "light verification";
    const VERSION: u8 = 1;
    const LIMIT: usize =
        SETS * Validators::LIMIT + (LIGHT_HEADERS + 2) * (Header::LIMIT + Certificate::LIMIT) + 256;
}

impl Light {
    /// Returns what is to be kept on disk, before anything is said under a new header.
    pub fn to_bytes(&self) -> Result<Vec<u8>, EncodeError> {
        let unsupported = |_| EncodeError::Unsupported(Saved::NAME);
        let sets = self.sets.iter().map(|set| set.as_wire().clone()).collect();
        codec::encode(&Saved {
            chain: self.chain,
            created_ms: self.created_ms,
            next: self.tip.next_validators,
            sets: List::new(sets).map_err(unsupported)?,
            kept: List::new(self.kept.clone()).map_err(unsupported)?,
            fork: self.fork.clone(),
        })
    }

    /// Returns the follower that was kept. The bytes are this wallet's own: certificates in them
    /// are not checked again. Errors: [`RestoreError`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, RestoreError> {
        let Saved { chain, created_ms, next, sets, kept, fork } = codec::decode(bytes)?;
        let sets = sets.into_vec().into_iter().map(Validators::verify);
        let sets = sets.collect::<Result<Vec<_>, _>>()?;
        let kept = kept.into_vec();
        if !kept.is_sorted_by(|a, b| a.header.height < b.header.height) {
            return Err(RestoreError::Apart("headers ascend"));
        }
        if kept.iter().any(|kept| kept.header.chain != chain) {
            return Err(RestoreError::Apart("headers are of one chain"));
        }
        let tip = match kept.last() {
            Some(newest) => newest.header.tip()?,
            None => Tip::genesis(chain, created_ms, next),
        };
        let light = Self { chain, created_ms, tip, sets, kept, fork };
        if tip.next_validators != next || light.set(next).is_none() {
            return Err(RestoreError::Apart("who votes next is known"));
        }
        Ok(light)
    }
}
