//! The beginning: the genesis in a fresh store, or the chain as it stands in this one.

use super::Orderer;
use crate::{
    core::{Role, net::NetCommand, turn::Turn},
    ledger::{
        chain::{Genesis, Ledger},
        order::{Halt, Input, Keys, Order},
    },
};
use magpie_protocol::ledger::exchange::topic;

impl Turn<'_> {
    /// Opens the ledger of a super node that the genesis names, and goes on where it stood; any
    /// other node orders nothing.
    pub(crate) fn start_ordering(&mut self) {
        match self.open_orderer() {
            Ok(Some(orderer)) => {
                let topic = orderer.topic;
                self.core.orderer = Some(Box::new(orderer));
                self.command(NetCommand::Subscribe { topic });
                self.order(Input::Started);
            }
            Ok(None) => {}
            Err(halt) => self.halt(halt),
        }
    }

    fn open_orderer(&mut self) -> Result<Option<Orderer>, Halt> {
        let own = self.core.node_id();
        let config = &self.core.config;
        let (Role::Super { secrets }, Some(membership)) = (&config.role, &config.network) else {
            return Ok(None);
        };
        let network = &membership.network;
        if network.super_at(own).is_none() {
            return Ok(None);
        }
        let facts = network.genesis();
        let rules = facts.money.clone();
        let issuers = [facts.issuer];
        let (id, set) = (network.id(), network.validators());
        let genesis = Genesis::new(id, facts.created_ms, rules, &issuers, set);
        let genesis = genesis.map_err(|error| Halt::Chain(error.to_string()))?;
        let ledger = Ledger::open(&genesis, &mut self.tx)?;
        let keys = Keys::new(secrets.consensus(), secrets.beacon());
        #[cfg(test)]
        let keys = keys.planted();
        let order = Order::open(keys, &ledger, &self.tx)?;
        let others = facts.supers.iter().map(|keys| keys.node).filter(|node| *node != own);
        Ok(Some(Orderer::new(order, ledger, topic(id), others)))
    }
}
