//! Transfers: the bodies are calls of the rules in `core::money`.

use crate::core::Turn;
use magpie_protocol::api::{
    Answer, ApiResult, ErrorCode,
    remittance::{OneRemittance, RefundRemittance, Remittance, RemittanceRecord},
};

impl Remittance for Turn<'_> {
    fn refund_remittance(
        &mut self,
        request: RefundRemittance,
    ) -> ApiResult<Answer<RemittanceRecord>> {
        let transfer = request.remittance_id.id().ok_or(ErrorCode::PacketUnknown)?;
        self.refund_transfer(transfer)?;
        Ok(Answer::Later)
    }

    fn remittance_record(&mut self, request: OneRemittance) -> ApiResult<Answer<RemittanceRecord>> {
        let transfer = request.remittance_id.id().ok_or(ErrorCode::PacketUnknown)?;
        self.ask_transfer(transfer)?;
        Ok(Answer::Later)
    }
}
