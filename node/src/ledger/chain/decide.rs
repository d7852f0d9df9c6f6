//! Writing a decided block.

use super::{ChainError, Ledger, ledger};
use crate::ledger::{
    mempool::Terms,
    store::{self, StoredNodes},
};
use magpie_protocol::{
    beacon::Beacon,
    consensus::DecidedBlock,
    ledger::{CertifiedHeader, ValidatorSet},
};
use magpie_storage::overlay::Tx;

impl Ledger {
    /// Writes a decided block with its state and certificate as the new tip, and returns who votes
    /// next. It is executed if its outcome is not remembered.
    pub(super) fn decide_block(
        &mut self,
        tx: &mut Tx<'_>,
        decided: &DecidedBlock,
        beacon: &Beacon,
    ) -> Result<ValidatorSet, ChainError> {
        let DecidedBlock { block, certificate } = decided;
        let (height, hash) = (block.header.height, block.header.hash()?);
        let outcome = match self.outcomes.settle(hash) {
            Some(outcome) => outcome,
            None => self.execute(tx, block)?.map_err(|why| ChainError::Refused { height, why })?,
        };
        let before = ledger::head(tx)?;
        let (header, certificate) = (block.header.clone(), certificate.clone());
        let certified =
            CertifiedHeader::verify_next(header, certificate, &before.tip, &before.validators)?;
        store::put_block(tx, &certified, block, outcome.state, &outcome.batch)?;
        let head = ledger::head(tx)?;
        if head.beacon != *beacon {
            return Err(ChainError::Apart(height));
        }
        let nodes = StoredNodes::new(tx);
        let leaves = ledger::newest(&nodes, tx)?;
        let now_ms = block.header.time_ms;
        let terms = Terms { chain: self.chain, rules: &self.rules, now_ms };
        self.pool.settle(&terms, &leaves, &outcome.touched)?;
        Ok(head.validators)
    }
}
