//! The network that a simulation runs: a genesis of its own, and the keys of its super nodes.

use crate::dice::Dice;
use magpie_protocol::{
    bounded::{List, Text},
    keys::{ConsensusKey, IssuerKey, ReceiptsKey},
    ledger::Rules,
    limits::DAY_MS,
    network::{Genesis, GenesisError, KdfFloor, Network, SuperNode},
};
use magpie_wallet::{
    device::DeviceSecrets,
    kdf::KdfParams,
    super_keys::{FeesSecret, IssuerSecret, SuperSecrets},
};

/// When every simulation begins, milliseconds since the Unix epoch.
pub const BEGIN_MS: u64 = 1_800_000_000_000;
/// Leading zero bits of a stamp: the work is not what is simulated.
const STAMP_EFFORT: u8 = 4;
/// Between blocks without entries, milliseconds.
const HEARTBEAT_MS: u64 = 10_000;

/// A network with all its secrets.
#[derive(Debug)]
pub struct Founded {
    /// The network, as everybody knows it.
    pub network: Network,
    /// The super nodes' keys, in the order of the genesis.
    pub supers: Vec<(DeviceSecrets, SuperSecrets)>,
    /// The key that makes units.
    pub issuer: IssuerSecret,
}

impl Founded {
    /// Makes a network of so many super nodes.
    pub fn new(supers: u32, seed: u64) -> Result<Self, GenesisError> {
        let mut dice = Dice::new(seed, "genesis", 0);
        let rng = dice.rng();
        let keys: Vec<_> = (0..supers)
            .map(|_| (DeviceSecrets::generate(rng), SuperSecrets::generate(rng)))
            .collect();
        let issuer = IssuerSecret::generate(rng);
        let nodes = keys.iter().map(|(device, secrets)| SuperNode {
            node: device.node_id(),
            receipts: ReceiptsKey(secrets.receipts_public().0),
            consensus: ConsensusKey(secrets.consensus_public().0),
            beacon: secrets.beacon_public(),
            wallet: FeesSecret::generate(rng).address(),
        });
        let nodes: Vec<_> = nodes.collect();
        let mut money = Rules::usual();
        money.pace.heartbeat_ms = HEARTBEAT_MS;
        let genesis = Genesis {
            test_network: true,
            name: Text::new("simulated").unwrap_or_default(),
            created_ms: BEGIN_MS - 60_000,
            issuer: IssuerKey(issuer.public().0),
            mail_retention_ms: 30 * DAY_MS,
            stamp_effort: STAMP_EFFORT,
            kdf: KdfFloor {
                memory_kib: KdfParams::TEST.memory_kib,
                passes: KdfParams::TEST.passes,
                lanes: KdfParams::TEST.lanes,
            },
            supers: List::new(nodes).unwrap_or_default(),
            money,
        };
        Ok(Self { network: genesis.verify()?, supers: keys, issuer })
    }
}
