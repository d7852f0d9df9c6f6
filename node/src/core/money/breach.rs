//! A ledger that broke its own rules, though its validators signed that, forked, or is not that of the
//! network file: nothing of it is believed any more.

use super::{
    confirming::Contradiction,
    packets::shortened,
    rows::{BREACH, Breach},
};
use crate::core::turn::Turn;
use magpie_protocol::{
    api::{
        ApiError, ApiResult, ErrorCode,
        ledger::{BreachKind, DecidedHeaderRow, LedgerBreach},
    },
    bounded::Blob,
    codec::{decode, encode},
    ledger::{EntryId, exchange::DecidedHeader},
};
use magpie_wallet::{
    audit,
    light::{Decided, Fork},
};
use serde_json::json;

impl Turn<'_> {
    /// Stops believing the ledger, and keeps why with the header that its validators signed: from now on
    /// every call that needs the ledger is answered so, after a restart too, and nothing is spent.
    pub(super) fn stop_believing(
        &mut self,
        packet: EntryId,
        height: u64,
        wrong: &audit::Contradiction,
    ) -> ApiResult<ApiError> {
        let header = self.core.money.header(height).and_then(|decided| encode(decided).ok());
        let header = header.and_then(|bytes| Blob::new(bytes).ok()).unwrap_or_default();
        let (why, found_ms) = (shortened(&wrong.to_string()), self.now);
        let breach = Breach { packet, height, header, why, found_ms };
        let put = BREACH.put(&mut self.tx, &(), &breach);
        self.stored(put)?;
        let error = breach.error();
        self.core.money.breach = Some(breach);
        Ok(error)
    }

    /// Returns the answer to every call that needs the ledger, if nothing of it is believed any more.
    pub(super) fn breach_error(&self) -> Option<ApiError> {
        let money = &self.core.money;
        let failed = |why: String| {
            ApiError::new(ErrorCode::Failed, format!("{why}: nothing of the ledger is believed"))
        };
        let fork = money.light.as_ref().and_then(|light| light.fork());
        let fork = fork.map(|_| failed(FORK.to_owned()));
        let draw = || money.breach.as_ref().map(Breach::error);
        let wrong = || money.confirming.contradiction.as_ref().map(|of| failed(of.why()));
        fork.or_else(draw).or_else(wrong)
    }

    /// Shows what ended the belief in the ledger, if anything did. Error: 500 for a header that has no
    /// bytes, which none has that came over the wire.
    pub(super) fn breach(&self) -> ApiResult<Option<LedgerBreach>> {
        let money = &self.core.money;
        if let Some(fork) = money.light.as_ref().and_then(|light| light.fork()) {
            return Ok(Some(forked(fork)?));
        }
        if let Some(Breach { packet, height, header, why, .. }) = &money.breach {
            let header = decode::<DecidedHeader>(header).ok();
            let headers = header.iter().map(row).collect::<ApiResult<_>>()?;
            let (kind, red_packet_id) = (BreachKind::Draw, Some(*packet));
            let (height, why) = (*height, why.to_string());
            return Ok(Some(LedgerBreach { kind, height, why, red_packet_id, headers }));
        }
        let Some(wrong) = &money.confirming.contradiction else { return Ok(None) };
        let kind = match wrong {
            Contradiction::Checkpoint(_) => BreachKind::Checkpoint,
            Contradiction::Named(..) => BreachKind::Fork,
        };
        let (height, why) = (wrong.height(), wrong.why());
        let headers = wrong.headers().into_iter().map(row).collect::<ApiResult<_>>()?;
        Ok(Some(LedgerBreach { kind, height, why, red_packet_id: None, headers }))
    }
}

/// What is said of a fork.
const FORK: &str = "two certified headers contradict each other";

fn forked(Fork { ours, theirs }: &Fork) -> ApiResult<LedgerBreach> {
    // What was trusted without a certificate shows nothing to others.
    let certificate = ours.certificate.clone();
    let ours = certificate.map(|certificate| (ours.header.clone(), certificate));
    let Decided { header, certificate } = theirs.clone();
    let height = header.height;
    let both = ours.into_iter().chain([(header, certificate)]);
    let rows = both.map(|(header, certificate)| DecidedHeaderRow::of(&header, &certificate));
    let (kind, why, headers) = (BreachKind::Fork, FORK.to_owned(), rows.collect::<ApiResult<_>>()?);
    Ok(LedgerBreach { kind, height, why, red_packet_id: None, headers })
}

fn row(decided: &DecidedHeader) -> ApiResult<DecidedHeaderRow> {
    DecidedHeaderRow::of(&decided.header, &decided.certificate)
}

impl Breach {
    /// Returns the answer to every call that needs the ledger: 500, with the packet and the height.
    pub(super) fn error(&self) -> ApiError {
        let Self { packet, height, why, .. } = self;
        let mut error = ApiError::new(
            ErrorCode::Failed,
            format!("the ledger breaks its own rules, and nothing of it is believed: {why}"),
        );
        error.data = json!({ "redPacketId": packet.to_string(), "height": height });
        error
    }
}
