//! What a gossiped frame does: exactly one verdict.

use crate::core::{
    Role, Turn,
    net::{GossipId, NetCommand, Verdict},
};
use magpie_protocol::{address::NodeId, api::ApiResult, group::Topic};

impl Turn<'_> {
    /// Judges a frame that a peer passed on: a super node tells a member's frame from junk, a
    /// person's node takes it in.
    pub(super) fn take_gossip(
        &mut self,
        id: GossipId,
        from: NodeId,
        topic: Topic,
        bytes: &[u8],
    ) -> ApiResult<()> {
        if self.core.orderer.as_ref().is_some_and(|orderer| orderer.is_topic(&topic)) {
            self.take_ledger_gossip(id, from, bytes);
            return Ok(());
        }
        let verdict = match self.core.config.role {
            Role::Super { .. } => self.judge_frame(from, topic, bytes),
            Role::User if self.ledger_topic() == Some(topic) => self.hear_header(from, bytes)?,
            Role::User if self.core.open.is_some() => self.hear_gossip(topic, bytes)?,
            Role::User => Verdict::Ignore,
        };
        self.command(NetCommand::Judge { id, verdict });
        Ok(())
    }
}
