//! What the verifiable random function of a height is asked.

use super::Beacon;
use crate::{
    codec::{EncodeError, Format, encode},
    domain::BEACON_INPUT,
    ids::NetworkId,
    sign::preimage,
};
use serde::{Deserialize, Serialize};

/// The place of one beacon in one chain, and nothing that its proposer could vary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
    /// The chain: the hash of its genesis.
    pub chain: NetworkId,
    /// The height of the block that the beacon stands in.
    pub height: u64,
    /// The beacon of the block before it; [`Beacon::GENESIS`] at the first height.
    pub previous: Beacon,
}

impl Format for Input {
    const NAME: &'static str = "beacon input";
    const VERSION: u8 = 1;
    const LIMIT: usize = 1 + 32 + 9 + 64;
}

impl Input {
    /// Returns `alpha_string`: the domain, a zero byte and the encoded input.
    pub fn alpha(&self) -> Result<Vec<u8>, EncodeError> {
        Ok(preimage(BEACON_INPUT, &encode(self)?))
    }
}
