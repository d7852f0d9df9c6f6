//! What a chain begins with.

use magpie_protocol::{
    ids::NetworkId,
    keys::IssuerKey,
    ledger::{
        Rules, RulesError, Tip, ValidatorSet,
        execution::{GenesisStateError, genesis_changes},
        state::Changes,
    },
};

/// Why a chain cannot begin so. The fault of whoever wrote the genesis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GenesisError {
    /// Nobody can live by its rules.
    #[error(transparent)]
    Rules(#[from] RulesError),
    /// It is no state.
    #[error(transparent)]
    State(#[from] GenesisStateError),
}

/// The checked beginning of a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Genesis {
    pub(super) tip: Tip,
    pub(super) rules: Rules,
    pub(super) changes: Changes,
}

impl Genesis {
    /// Checks the rules, and makes the state before the first block, made at `created_ms`, in
    /// milliseconds. Errors: [`GenesisError`].
    pub fn new(
        chain: NetworkId,
        created_ms: u64,
        rules: Rules,
        issuers: &[IssuerKey],
        validators: &ValidatorSet,
    ) -> Result<Self, GenesisError> {
        rules.check()?;
        let changes = genesis_changes(created_ms, issuers, validators)?;
        let tip = Tip::genesis(chain, created_ms, validators.hash());
        Ok(Self { tip, rules, changes })
    }
}
