//! The network that a town's nodes belong to, and the keys of its super nodes.

use crate::{dice::Dice, swarm::links::Host};
use magpie_node::core::{Membership, Role};
use magpie_protocol::{
    bounded::{List, Text},
    ledger::Rules,
    limits::DAY_MS,
    network::{Genesis, GenesisError, KdfFloor, SuperNode},
};
use magpie_wallet::{
    device::DeviceSecrets,
    kdf::KdfParams,
    super_keys::{FeesSecret, IssuerSecret, SuperSecrets},
};

/// How long mail is kept.
const MAIL_RETENTION_MS: u64 = 30 * DAY_MS;
/// Leading zero bits of a stamp: hardly any work, for all nodes share one processor.
const STAMP_EFFORT: u8 = 2;

/// A network before its nodes start.
#[derive(Debug)]
pub(super) struct Founded {
    pub(super) membership: Membership,
    /// The devices and roles of the super nodes, in the order of their hosts.
    pub(super) supers: Vec<(DeviceSecrets, Role)>,
}

/// Makes a network of super nodes on the first hosts.
pub(super) fn found(seed: u64, supers: u32, created_ms: u64) -> Result<Founded, GenesisError> {
    let mut dice = Dice::new(seed, "genesis", 0);
    let issuer = IssuerSecret::generate(dice.rng());
    let mut public = Vec::new();
    let mut founded = Vec::new();
    let mut places = Vec::new();
    for number in 0..supers {
        let device = DeviceSecrets::generate(dice.rng());
        let secrets = SuperSecrets::generate(dice.rng());
        let node = device.node_id();
        public.push(SuperNode {
            node,
            receipts: secrets.receipts_public(),
            consensus: secrets.consensus_public(),
            beacon: secrets.beacon_public(),
            wallet: FeesSecret::generate(dice.rng()).address(),
        });
        places.push((node, format!("{}/p2p/{node}", Host(number).addr())));
        founded.push((device, Role::Super { secrets: Box::new(secrets) }));
    }
    let KdfParams { memory_kib, passes, lanes } = KdfParams::TEST;
    let genesis = Genesis {
        test_network: true,
        name: Text::new("simulated network").expect("a short name"),
        created_ms,
        issuer: issuer.public(),
        mail_retention_ms: MAIL_RETENTION_MS,
        stamp_effort: STAMP_EFFORT,
        kdf: KdfFloor { memory_kib, passes, lanes },
        supers: List::new(public).unwrap_or_default(),
        money: Rules::usual(),
    };
    let membership = Membership { network: genesis.verify()?, bootstrap: places };
    Ok(Founded { membership, supers: founded })
}
