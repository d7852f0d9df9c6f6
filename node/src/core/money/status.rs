//! Where the ledger stands, as this node believes it.

use crate::{core::turn::Turn, ledger::order::Head};
use magpie_protocol::{
    api::{ApiError, ApiResult, ErrorCode, ledger::LedgerStatus},
    ledger::StateRoot,
    limits::SETTLED_MS,
};
use magpie_wallet::light::Freshness;

impl Turn<'_> {
    /// Shows the newest header that is believed; a super node's, that it has executed itself.
    pub(crate) fn show_status(&self) -> ApiResult<LedgerStatus> {
        if let Some(orderer) = &self.core.orderer {
            return self.show_head(orderer.head());
        }
        let light = self.light()?;
        let tip = light.tip();
        let newest = light.newest_kept();
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Ok(LedgerStatus {
            height: tip.height,
            state_root: newest.map_or(StateRoot([0; 32]), |kept| kept.header.state),
            validators: count(light.validators().validators().len()),
            verified: newest.is_some(),
            verified_by: newest
                .and_then(|kept| kept.certificate.as_ref())
                .map_or(0, |certificate| count(certificate.signatures.len())),
            time: if newest.is_some() { tip.time_ms } else { 0 },
            settled: light.freshness(self.now) == Freshness::Settled,
            peer_id: self.core.node_id().to_string(),
            chain: self.chain()?,
        })
    }

    /// Shows where a super node's own ledger stands.
    fn show_head(&self, head: &Head) -> ApiResult<LedgerStatus> {
        let Head { tip, validators, .. } = head;
        let newest = self.decided_header(tip.height);
        let newest = newest.map_err(|halt| ApiError::new(ErrorCode::Store, halt.to_string()))?;
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let state = newest.as_ref().map(|it| it.header.state);
        let signed = newest.as_ref().map_or(0, |it| it.certificate.signatures.len());
        Ok(LedgerStatus {
            height: tip.height,
            state_root: state.unwrap_or(StateRoot([0; 32])),
            validators: count(validators.validators().len()),
            verified: newest.is_some(),
            verified_by: count(signed),
            time: if newest.is_some() { tip.time_ms } else { 0 },
            settled: newest.is_some() && self.now.abs_diff(tip.time_ms) < SETTLED_MS,
            peer_id: self.core.node_id().to_string(),
            chain: self.chain()?,
        })
    }
}
