//! Where the ledger stands, as this node believes it.

use crate::core::turn::Turn;
use magpie_protocol::{
    api::{ApiResult, ledger::LedgerStatus},
    ledger::StateRoot,
};
use magpie_wallet::light::Freshness;

impl Turn<'_> {
    /// Shows the newest header that is believed.
    pub(crate) fn show_status(&self) -> ApiResult<LedgerStatus> {
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
}
