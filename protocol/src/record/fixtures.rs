//! An account with two devices, from fixed keys, for the tests of this crate.

use super::*;
use crate::{
    address::{Address, NodeId},
    bounded::{List, Text},
    ids::{BlobHash, DeviceId, EntryHash},
    keys::{CurveKey, OlmIdentityKey, OlmSessionKey, OlmSigningKey, ReceiveKey, SealKey},
};
use ed25519_dalek::SigningKey;

/// The secret keys of a person; each seed is one more than the last.
pub(crate) struct Person {
    pub(crate) account: SigningKey,
    pub(crate) primary: SigningKey,
    pub(crate) second: SigningKey,
    pub(crate) nodes: [SigningKey; 2],
}

pub(crate) fn person(seed: u8) -> Person {
    let key = |offset: u8| SigningKey::from_bytes(&[seed.wrapping_add(offset); 32]);
    Person { account: key(0), primary: key(1), second: key(2), nodes: [key(3), key(4)] }
}

pub(crate) fn device_id(key: &SigningKey) -> DeviceId {
    DeviceId(key.verifying_key().to_bytes())
}

pub(crate) fn node_id(key: &SigningKey) -> NodeId {
    NodeId(key.verifying_key().to_bytes())
}

impl Person {
    pub(crate) fn address(&self) -> Address {
        Address::of(&self.account.verifying_key()).unwrap()
    }

    pub(crate) fn device(&self) -> DeviceId {
        device_id(&self.primary)
    }

    pub(crate) fn entry(
        &self,
        term: u32,
        version: u32,
        previous: Option<EntryHash>,
        both: bool,
    ) -> Entry {
        let mut devices = vec![Device {
            device: self.device(),
            node: node_id(&self.nodes[0]),
            added_ms: 1_700_000_000_000,
        }];
        if both {
            devices.push(Device {
                device: device_id(&self.second),
                node: node_id(&self.nodes[1]),
                added_ms: 1_700_000_000_001,
            });
        }
        devices.sort_by_key(|device| device.device);
        Entry {
            account: self.address(),
            at: ListVersion { term, version },
            previous,
            primary: self.device(),
            devices: List::new(devices).unwrap(),
        }
    }

    /// Term 0: opened with the primary alone.
    pub(crate) fn opening(&self) -> SignedEntry {
        self.entry(0, 0, None, false).sign_opening(&self.account).unwrap()
    }

    /// Version 1 of term 0: both devices.
    pub(crate) fn list(&self) -> DeviceList {
        let opening = self.opening();
        let previous = Some(opening.entry.hash().unwrap());
        let later = self.entry(0, 1, previous, true).sign_later(&self.primary).unwrap();
        DeviceList { opening, later: Some(later) }
    }

    pub(crate) fn verified(&self) -> VerifiedDeviceList {
        self.list().verify().unwrap()
    }

    pub(crate) fn bundle_body(&self) -> BundleBody {
        BundleBody {
            account: self.address(),
            device: self.device(),
            identity: OlmIdentityKey([0x21; 32]),
            signing: OlmSigningKey([0x22; 32]),
            seal: SealKey([0x23; 32]),
            fallback: FallbackKey { id: 5, key: OlmSessionKey([0x24; 32]) },
            list: ListVersion { term: 0, version: 1 },
            made_ms: 1_700_000_000_500,
        }
    }

    pub(crate) fn bundle(&self) -> KeyBundle {
        self.bundle_body().sign(&self.primary).unwrap()
    }

    pub(crate) fn card(&self) -> Card {
        let keys = KeyPart {
            account: self.address(),
            term: 0,
            curve: CurveKey([0x31; 32]),
            receive: ReceiveKey([0x32; 32]),
            wallet: self.address(),
        };
        Card {
            nickname: Text::new("喜鹊").unwrap(),
            avatar: Avatar {
                id: -1,
                url: Text::new("https://example.org/a.png").unwrap(),
                hash: Some(BlobHash([0x33; 32])),
            },
            reverse_name: Some(Text::new("magpie").unwrap()),
            keys: keys.sign(&self.account).unwrap(),
        }
    }

    pub(crate) fn profile_body(&self) -> ProfileBody {
        ProfileBody {
            account: self.address(),
            device: device_id(&self.second),
            list: ListVersion { term: 0, version: 1 },
            counter: 9,
            card: Some(self.card()),
        }
    }

    pub(crate) fn profile(&self) -> Profile {
        self.profile_body().sign(&self.second).unwrap()
    }

    pub(crate) fn addresses_body(&self) -> AddressesBody {
        let addresses = ["/ip4/192.0.2.1/tcp/4001", "/ip4/192.0.2.1/udp/4001/quic-v1"];
        AddressesBody {
            account: self.address(),
            node: node_id(&self.nodes[1]),
            sequence: 1_700_000_000_777,
            addresses: List::new(addresses.map(|text| Text::new(text).unwrap()).to_vec()).unwrap(),
        }
    }

    pub(crate) fn addresses(&self) -> Addresses {
        self.addresses_body().sign(&self.nodes[1]).unwrap()
    }

    pub(crate) fn records(&self) -> Vec<(&'static str, Record)> {
        vec![
            ("device_list", Record::DeviceList(Box::new(self.list()))),
            ("key_bundle", Record::KeyBundle(Box::new(self.bundle()))),
            ("profile", Record::Profile(Box::new(self.profile()))),
            ("addresses", Record::Addresses(Box::new(self.addresses()))),
        ]
    }
}
