//! A ledger that broke its own rules, though its validators signed that: nothing of it is believed any
//! more, as after a fork.

use super::{
    packets::shortened,
    rows::{BREACH, Breach},
};
use crate::core::turn::Turn;
use magpie_protocol::{
    api::{ApiError, ApiResult, ErrorCode},
    bounded::Blob,
    codec::encode,
    ledger::EntryId,
};
use magpie_wallet::audit::Contradiction;
use serde_json::json;

impl Turn<'_> {
    /// Stops believing the ledger, and keeps why with the header that its validators signed: from now on
    /// every call that needs the ledger is answered so, after a restart too, and nothing is spent.
    pub(super) fn stop_believing(
        &mut self,
        packet: EntryId,
        height: u64,
        wrong: &Contradiction,
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
