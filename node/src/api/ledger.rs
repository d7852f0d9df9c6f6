//! The ledger: the bodies are calls of the rules in `core::money`.

use crate::core::Turn;
use magpie_protocol::api::{
    Answer, ApiResult,
    ledger::{
        DecidedHeaderRow, IssuerRow, Ledger, LedgerStatus, OneHeight, OneIssuer, SubmitEntry,
        Submitted,
    },
    shape::Empty,
};

impl Ledger for Turn<'_> {
    fn ledger_status(&mut self, _: Empty) -> ApiResult<LedgerStatus> {
        self.show_status()
    }

    fn ledger_header(&mut self, request: OneHeight) -> ApiResult<Answer<DecidedHeaderRow>> {
        self.ask_header(request.height)?;
        Ok(Answer::Later)
    }

    fn submit_entry(&mut self, request: SubmitEntry) -> ApiResult<Answer<Submitted>> {
        self.hand_on_foreign(request.entry.0)?;
        Ok(Answer::Later)
    }

    fn ledger_issuer(&mut self, request: OneIssuer) -> ApiResult<Answer<IssuerRow>> {
        self.ask_issuer(request.key)?;
        Ok(Answer::Later)
    }
}
