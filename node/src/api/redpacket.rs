//! Red packets: the bodies are calls of the rules in `core::money`.

use crate::core::Turn;
use magpie_protocol::api::{
    Answer, ApiResult, ErrorCode,
    redpacket::{OneRedPacket, PacketDetail, RedPacket},
};

impl RedPacket for Turn<'_> {
    fn red_packet_detail(&mut self, request: OneRedPacket) -> ApiResult<Answer<PacketDetail>> {
        let packet = request.red_packet_id.id().ok_or(ErrorCode::PacketUnknown)?;
        self.ask_packet(packet)?;
        Ok(Answer::Later)
    }
}
