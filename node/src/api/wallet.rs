//! The wallet: the bodies are calls of the rules in `core::money`.

use crate::core::Turn;
use magpie_protocol::api::{
    Answer, ApiResult,
    shape::Empty,
    wallet::{ListRecords, Wallet, WalletInfo, WalletRecord},
};

impl Wallet for Turn<'_> {
    fn wallet_info(&mut self, _: Empty) -> ApiResult<Answer<WalletInfo>> {
        self.ask_wallet()?;
        Ok(Answer::Later)
    }

    fn wallet_records(&mut self, request: ListRecords) -> ApiResult<Vec<WalletRecord>> {
        self.list_records(request.skipped(), request.rows())
    }
}
