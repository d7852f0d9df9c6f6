//! `/magpie/group/1`, asked of a person's node by another member's.

use crate::core::{
    Turn,
    net::{Fault, InboundId, NetCommand},
};
use magpie_protocol::{
    address::NodeId,
    api::ApiResult,
    codec::{DecodeError, decode, encode},
    group::exchange::Request,
};

impl Turn<'_> {
    /// Answers a member's device. While the vault is closed nothing can be said of any group.
    pub(super) fn take_group(
        &mut self,
        id: InboundId,
        from: NodeId,
        bytes: &[u8],
    ) -> ApiResult<()> {
        if self.core.open.is_none() {
            self.command(NetCommand::Refuse { id });
            return Ok(());
        }
        let request = match decode::<Request>(bytes) {
            Ok(request) => request,
            // It may be honest, and newer than this node.
            Err(DecodeError::Version { .. }) => {
                self.command(NetCommand::Refuse { id });
                return Ok(());
            }
            Err(_) => {
                self.fault(id, from, Fault::Malformed);
                return Ok(());
            }
        };
        let answer = self.answer_member(from, request)?;
        match encode(&answer) {
            Ok(bytes) => self.respond(id, bytes),
            // Every answer is built within its limit.
            Err(_) => self.command(NetCommand::Refuse { id }),
        }
        Ok(())
    }
}
