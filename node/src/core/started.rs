//! The first step: whom a node wants to stay connected with from its start.

use crate::core::{Turn, net::NetCommand};
use magpie_protocol::address::NodeId;
use std::collections::BTreeMap;

impl Turn<'_> {
    /// Asks the transport to stay connected with every super node of the genesis and of the
    /// bootstrap list, except itself. Bounded by the genesis and the network file.
    pub(crate) fn started(&mut self) {
        let own = self.core.node_id();
        let Some(membership) = &self.core.config.network else { return };
        let supers = membership.network.genesis().supers.iter();
        let mut places: BTreeMap<NodeId, Vec<String>> =
            supers.map(|keys| (keys.node, Vec::new())).collect();
        for (node, address) in &membership.bootstrap {
            places.entry(*node).or_default().push(address.clone());
        }
        places.remove(&own);
        for (peer, addresses) in places {
            self.command(NetCommand::Keep { peer, addresses });
        }
    }
}
