//! Where the ledger stands, as this node believes it.

use crate::{core::turn::Turn, ledger::order::Head};
use magpie_protocol::{
    api::{ApiError, ApiResult, ErrorCode, ledger::LedgerStatus},
    ledger::StateRoot,
    limits::SETTLED_MS,
};
use magpie_wallet::light::Freshness;

impl Turn<'_> {
    /// Shows the newest header that was believed, and why none is now; a super node's, that it has
    /// executed itself. Error: 500 without a network.
    pub(crate) fn show_status(&self) -> ApiResult<LedgerStatus> {
        if let Some(orderer) = &self.core.orderer {
            return self.show_head(orderer.head());
        }
        let light = self.followed()?;
        let (tip, newest) = (light.tip(), light.newest_kept());
        let breach = self.breach()?;
        let doubt = self.core.money.confirming.doubt(light.is_too_old(self.now));
        let unconfirmed = doubt.filter(|_| breach.is_none());
        let is_believed = breach.is_none() && unconfirmed.is_none();
        let certificate = newest.and_then(|kept| kept.certificate.as_ref());
        // One that was trusted was certified where it was shown.
        let shown = self.core.money.header(tip.height).map(|shown| &shown.certificate);
        let signed = certificate.or(shown).map_or(0, |certificate| certificate.signatures.len());
        Ok(LedgerStatus {
            height: tip.height,
            state_root: newest.map_or(StateRoot([0; 32]), |kept| kept.header.state),
            validators: count(light.validators().validators().len()),
            verified: newest.is_some() && is_believed,
            verified_by: count(signed),
            time: if newest.is_some() { tip.time_ms } else { 0 },
            settled: is_believed && light.freshness(self.now) == Freshness::Settled,
            peer_id: self.core.node_id().to_string(),
            chain: self.chain()?,
            unconfirmed,
            breach,
        })
    }

    /// Shows where a super node's own ledger stands.
    fn show_head(&self, head: &Head) -> ApiResult<LedgerStatus> {
        let Head { tip, validators, .. } = head;
        let newest = self.decided_header(tip.height);
        let newest = newest.map_err(|halt| ApiError::new(ErrorCode::Store, halt.to_string()))?;
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
            unconfirmed: None,
            breach: None,
        })
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
