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

#[cfg(test)]
mod tests {
    use crate::core::{Config, Core, Effect, Input, Membership, Role, Start, net::NetCommand};
    use magpie_protocol::{
        address::NodeId,
        bounded::{List, Text},
        keys::{ConsensusKey, IssuerKey, ReceiptsKey},
        ledger::Rules,
        limits::DAY_MS,
        network::{Genesis, KdfFloor, Network, SuperNode},
    };
    use magpie_storage::{engine::MemoryDisk, schema};
    use magpie_wallet::{
        device::DeviceSecrets,
        kdf::KdfParams,
        super_keys::{FeesSecret, IssuerSecret, SuperSecrets},
    };
    use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
    use std::collections::BTreeMap;

    fn network(supers: &[NodeId], rng: &mut ChaCha20Rng) -> Network {
        let mut keys = |node: &NodeId| {
            let secrets = SuperSecrets::generate(rng);
            let receipts = ReceiptsKey(secrets.receipts_public().0);
            SuperNode {
                node: *node,
                receipts,
                consensus: ConsensusKey(secrets.consensus_public().0),
                beacon: secrets.beacon_public(),
                wallet: FeesSecret::generate(rng).address(),
            }
        };
        let supers = List::new(supers.iter().map(&mut keys).collect()).unwrap();
        let genesis = Genesis {
            test_network: true,
            name: Text::new("test").unwrap(),
            created_ms: 1,
            issuer: IssuerKey(IssuerSecret::generate(rng).public().0),
            mail_retention_ms: 30 * DAY_MS,
            stamp_effort: 1,
            kdf: KdfFloor { memory_kib: 64, passes: 1, lanes: 1 },
            supers,
            money: Rules::usual(),
        };
        genesis.verify().unwrap()
    }

    #[test]
    fn every_super_node_but_itself_is_kept_with_all_its_places() {
        let mut rng = ChaCha20Rng::from_seed([3; 32]);
        let device = DeviceSecrets::generate(&mut rng);
        let (own, bob) = (device.node_id(), DeviceSecrets::generate(&mut rng).node_id());
        let later = DeviceSecrets::generate(&mut rng).node_id();
        let place =
            |node: NodeId, port: u16| (node, format!("/ip4/192.0.2.1/tcp/{port}/p2p/{node}"));
        let bootstrap = vec![place(own, 1), place(bob, 2), place(later, 3), place(bob, 4)];
        let membership = Membership { network: network(&[own, bob], &mut rng), bootstrap };
        let config = Config { kdf: KdfParams::TEST, network: Some(membership), role: Role::User };
        let store = schema::open(Box::new(MemoryDisk::new().open().unwrap())).unwrap();
        let start = Start { device, keys: None, fast: None };
        let mut core = Core::new(config, start, &store).unwrap();
        let outcome = core.step(Input::Started, &store, 1_700_000_000_000, &mut rng).unwrap();
        let kept: BTreeMap<_, _> = outcome
            .effects
            .into_iter()
            .filter_map(|effect| match effect {
                Effect::Net(NetCommand::Keep { peer, addresses }) => Some((peer, addresses)),
                _ => None,
            })
            .collect();
        let wanted = BTreeMap::from([
            (bob, vec![place(bob, 2).1, place(bob, 4).1]),
            (later, vec![place(later, 3).1]),
        ]);
        assert_eq!(kept, wanted);
    }
}
