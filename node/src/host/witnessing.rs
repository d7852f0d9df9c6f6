//! Looking at the store of a super node that does not run.

use super::node::{StartError, open_store};
use crate::ledger::{
    order::Halt,
    witness::{Looked, Witness},
};
use std::path::Path;

/// Why a store was not looked at.
#[derive(Debug, thiserror::Error)]
pub enum WitnessError {
    /// It cannot be opened: it is not there, or a node has it.
    #[error(transparent)]
    Open(#[from] StartError),
    /// It cannot be read.
    #[error(transparent)]
    Read(#[from] Halt),
}

/// Lets a witness look at the store in a super node's data directory, or in a copy of it.
///
/// Errors: [`WitnessError`].
pub fn look_at(witness: &mut Witness, data_dir: &Path) -> Result<Looked, WitnessError> {
    let store = open_store(data_dir)?;
    Ok(witness.look(&store)?)
}
