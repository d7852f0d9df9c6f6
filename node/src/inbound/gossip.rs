//! What a gossiped frame does.

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
        _from: NodeId,
        topic: Topic,
        bytes: &[u8],
    ) -> ApiResult<()> {
        let verdict = match self.core.config.role {
            Role::User if self.core.open.is_some() => self.hear_gossip(topic, bytes)?,
            _ => Verdict::Ignore,
        };
        self.command(NetCommand::Judge { id, verdict });
        Ok(())
    }
}
