//! The keys of the network's people, and what they sign.

use ed25519_dalek::SigningKey;
use magpie_protocol::{
    address::Address,
    bounded::{List, Text},
    ids::NetworkId,
    keys::IssuerKey,
    ledger::{
        Amount, Entry, Instruction, Mint, Rules,
        state::{Account, Leaf, LeafKey},
    },
    limits::DAY_MS,
    network::{Genesis, KdfFloor, Network, SuperNode},
};
use magpie_wallet::{device::DeviceSecrets, super_keys::SuperSecrets};

/// When the network was made, milliseconds since the Unix epoch.
pub(super) const CREATED: u64 = 1_800_000_000_000;

fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

fn wallet_of(seed: u8) -> Address {
    Address::from_bytes(key(seed).verifying_key().to_bytes()).unwrap()
}

/// The wallet that is minted to.
pub(super) fn wallet() -> Address {
    wallet_of(90)
}

/// The leaf of that wallet.
pub(super) fn account() -> LeafKey {
    Account::key(&wallet())
}

pub(super) fn network(supers: &[(DeviceSecrets, SuperSecrets)], name: &str) -> Network {
    let node = |(device, secrets): &(DeviceSecrets, SuperSecrets)| SuperNode {
        node: device.node_id(),
        receipts: secrets.receipts_public(),
        consensus: secrets.consensus_public(),
        beacon: secrets.beacon_public(),
        wallet: wallet_of(91),
    };
    let genesis = Genesis {
        test_network: true,
        name: Text::new(name).unwrap(),
        created_ms: CREATED,
        issuer: IssuerKey(key(92).verifying_key().to_bytes()),
        mail_retention_ms: 30 * DAY_MS,
        stamp_effort: 1,
        kdf: KdfFloor { memory_kib: 64, passes: 1, lanes: 1 },
        supers: List::new(supers.iter().map(node).collect()).unwrap(),
        money: Rules::usual(),
    };
    genesis.verify().unwrap()
}

/// The issuer's entry of this number: `amount` whole units to the wallet.
pub(super) fn mint(chain: NetworkId, sequence: u64, amount: u64, now: u64) -> Entry {
    let mint = Mint {
        issuer: IssuerKey(key(92).verifying_key().to_bytes()),
        sequence,
        valid_until_ms: now + 60_000,
        wallet: wallet(),
        amount: Amount(amount * 100_000_000),
        reference: [0; 32],
    };
    Instruction::from(mint).sign(chain, &key(92)).unwrap()
}
