//! What a gossiped frame does: exactly one verdict.

use crate::core::{
    Role, Turn,
    net::{GossipId, NetCommand, Verdict},
};
use magpie_protocol::{address::NodeId, api::ApiResult, group::Topic};

impl Turn<'_> {
    /// Judges a frame that a peer passed on.
    pub(super) fn take_gossip(
        &mut self,
        id: GossipId,
        from: NodeId,
        topic: Topic,
        bytes: &[u8],
    ) -> ApiResult<()> {
        match self.core.config.role {
            Role::Super { .. } => self.relay_gossip(id, from, topic, bytes),
            // A person's node is in no group yet, so no frame is its own to judge.
            Role::User => self.command(NetCommand::Judge { id, verdict: Verdict::Ignore }),
        }
        Ok(())
    }

    /// A super node tells a member's frame from junk, and passes it on.
    fn relay_gossip(&mut self, id: GossipId, from: NodeId, topic: Topic, bytes: &[u8]) {
        let verdict = self.judge_frame(from, topic, bytes);
        self.command(NetCommand::Judge { id, verdict });
    }
}
