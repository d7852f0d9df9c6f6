//! What a gossiped frame does.

use crate::core::{
    Turn,
    net::{GossipId, NetCommand, Verdict},
};
use magpie_protocol::{address::NodeId, api::ApiResult, group::Topic};

impl Turn<'_> {
    /// Judges a frame that a peer passed on. This node is in no group, so no frame is its own to
    /// judge.
    pub(super) fn take_gossip(
        &mut self,
        id: GossipId,
        _from: NodeId,
        _topic: Topic,
        _bytes: &[u8],
    ) -> ApiResult<()> {
        self.command(NetCommand::Judge { id, verdict: Verdict::Ignore });
        Ok(())
    }
}
