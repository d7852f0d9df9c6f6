//! People with two devices, from fixed keys: their lists, records and envelopes.

use ed25519_dalek::SigningKey;
use magpie_protocol::{
    address::{Address, NodeId},
    bounded::{Blob, List, Text},
    codec::encode,
    envelope::{Envelope, Letter, OlmKind, OlmMessage, seal},
    ids::{DeviceId, EntryHash, EnvelopeId},
    keys::{OlmIdentityKey, OlmSessionKey, OlmSigningKey, SealKey},
    limits::RECORD,
    mail::{Auth, Put},
    record::{
        Addresses, AddressesBody, BundleBody, Device, DeviceList, Entry, FallbackKey, KeyBundle,
        ListVersion, Record,
    },
    token::Token,
};
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use x25519_dalek::{PublicKey, StaticSecret};

/// The time at which the stories begin.
pub(super) const START: u64 = 1_700_000_000_000;
/// What every letter says.
pub(super) const PLAINTEXT: &[u8] = b"the magpies make the bridge tonight";

/// One person; each seed is ten more than the last.
pub(super) struct Person {
    pub(super) account: SigningKey,
    pub(super) devices: [SigningKey; 3],
    pub(super) nodes: [SigningKey; 3],
}

pub(super) fn person(seed: u8) -> Person {
    let key = |offset: u8| SigningKey::from_bytes(&[seed + offset; 32]);
    Person { account: key(0), devices: [key(1), key(2), key(3)], nodes: [key(4), key(5), key(6)] }
}

impl Person {
    pub(super) fn address(&self) -> Address {
        Address::of(&self.account.verifying_key()).unwrap()
    }

    pub(super) fn node(&self, device: usize) -> NodeId {
        NodeId(self.nodes[device].verifying_key().to_bytes())
    }

    pub(super) fn device(&self, device: usize) -> DeviceId {
        DeviceId(self.devices[device].verifying_key().to_bytes())
    }

    fn entry(&self, at: (u32, u32), previous: Option<EntryHash>, devices: &[usize]) -> Entry {
        let mut devices: Vec<_> = devices
            .iter()
            .map(|n| Device { device: self.device(*n), node: self.node(*n), added_ms: START })
            .collect();
        devices.sort_by_key(|device| device.device);
        Entry {
            account: self.address(),
            at: ListVersion { term: at.0, version: at.1 },
            previous,
            primary: self.device(0),
            devices: List::new(devices).unwrap(),
        }
    }

    /// The list that names `devices` at a place; its term opens with the first device alone.
    pub(super) fn list(&self, at: (u32, u32), devices: &[usize]) -> Record {
        let opening = if at.1 == 0 { devices } else { &[0] };
        let opening = self.entry((at.0, 0), None, opening).sign_opening(&self.account).unwrap();
        let previous = Some(match at.1 {
            1 => opening.entry.hash().unwrap(),
            version => EntryHash([u8::try_from(version).unwrap(); 32]),
        });
        let later = (at.1 > 0)
            .then(|| self.entry(at, previous, devices).sign_later(&self.devices[0]).unwrap());
        Record::DeviceList(Box::new(DeviceList { opening, later }))
    }

    pub(super) fn bundle(&self, device: usize, at: (u32, u32), made_ms: u64) -> Record {
        Record::KeyBundle(Box::new(self.bundle_of(device, at, made_ms)))
    }

    fn bundle_of(&self, device: usize, at: (u32, u32), made_ms: u64) -> KeyBundle {
        let body = BundleBody {
            account: self.address(),
            device: self.device(device),
            identity: OlmIdentityKey([0x21; 32]),
            signing: OlmSigningKey([0x22; 32]),
            seal: SealKey([0x23; 32]),
            fallback: FallbackKey { id: 5, key: OlmSessionKey([0x24; 32]) },
            list: ListVersion { term: at.0, version: at.1 },
            made_ms,
        };
        body.sign(&self.devices[device]).unwrap()
    }

    pub(super) fn addresses(&self, device: usize, sequence: u64) -> Record {
        self.addresses_signed(device, sequence, &self.nodes[device])
    }

    pub(super) fn addresses_signed(
        &self,
        device: usize,
        sequence: u64,
        signer: &SigningKey,
    ) -> Record {
        let text = Text::new("/ip4/192.0.2.1/udp/4001/quic-v1").unwrap();
        let addresses = List::new(vec![text]).unwrap();
        let (account, node) = (self.address(), self.node(device));
        let body = AddressesBody { account, node, sequence, addresses };
        let Addresses { body, signature } = body.sign(signer).unwrap();
        Record::Addresses(Box::new(Addresses { body, signature }))
    }
}

pub(super) fn blob(record: &Record) -> Blob<RECORD> {
    Blob::new(encode(record).unwrap()).unwrap()
}

/// A sealed letter from `from` to a device, different for each `seed`, with `room` bytes more.
pub(super) fn envelope(
    from: &Person,
    mailbox: NodeId,
    expiry_ms: u64,
    seed: u64,
    room: usize,
) -> Vec<u8> {
    let mut body = PLAINTEXT.to_vec();
    body.resize(PLAINTEXT.len() + room, 7);
    let letter = Letter {
        account: from.address(),
        device: from.device(0),
        entry: EntryHash([1; 32]),
        list: ListVersion { term: 0, version: 0 },
        intro: None,
        olm: OlmMessage { kind: OlmKind::Normal, body: Blob::new(body).unwrap() },
    };
    let to = SealKey(PublicKey::from(&StaticSecret::from([3; 32])).to_bytes());
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    seal(&mut rng, &to, mailbox, expiry_ms, &letter).unwrap().bytes
}

pub(super) fn id_of(envelope: &[u8]) -> EnvelopeId {
    Envelope::parse(envelope).unwrap().id()
}

pub(super) fn token(number: u8) -> Token {
    Token::from_bytes([number; 16])
}

/// A put of an envelope into the mailbox it names.
pub(super) fn put(account: Address, auth: Auth, envelope: &[u8]) -> Put {
    let mailbox = Envelope::parse(envelope).unwrap().header().mailbox;
    Put { account, mailbox, auth, envelope: Blob::new(envelope.to_vec()).unwrap() }
}
