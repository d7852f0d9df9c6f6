//! What a test does to a node's store behind its back, and what it finds there.

use super::world::{At, World};

impl World {
    /// Takes a person's Olm identity away, for one that its bundle does not name: nobody reads them
    /// and they read nobody.
    pub(super) fn lose_identity(&mut self, at: At) {
        use crate::core::{
            letters::rows::{IDENTITY, IdentityRow},
            ratchet::Identity,
            turn::Turn,
        };
        self.forget_sessions(at);
        let now = self.now;
        let peer = &mut self.peers[at];
        let mut turn = Turn::new(&mut peer.core, &peer.store, now, &mut peer.rng, None);
        let own = turn.open_mut().unwrap().letters.identity.as_mut().unwrap();
        (own.identity, own.fallback) = Identity::generate();
        let row = IdentityRow {
            pickle: own.identity.pickle(),
            fallback: own.fallback,
            fallback_id: own.fallback_id,
            fallback_ms: own.fallback_ms,
        };
        turn.write(&IDENTITY, &(), &(), &row).unwrap();
        let batch = turn.finish().unwrap().batch;
        peer.store.push(batch);
        peer.store.commit().unwrap();
    }

    /// Takes a person's sessions away, as a store that silently went back in time would.
    pub(super) fn forget_sessions(&mut self, at: At) {
        use crate::core::{letters::rows::SESSIONS, turn::Turn};
        use magpie_storage::{engine::Order, table::Keys};
        let now = self.now;
        let peer = &mut self.peers[at];
        let devices: Vec<_> =
            peer.core.open.as_ref().unwrap().letters.sessions.keys().copied().collect();
        let mut turn = Turn::new(&mut peer.core, &peer.store, now, &mut peer.rng, None);
        let rows = turn.rows().unwrap();
        for device in devices {
            let found =
                SESSIONS.scan(&turn.tx, &rows, &device, &Keys::all(), Order::Ascending, 100);
            for (id, _) in found.unwrap() {
                turn.delete(&SESSIONS, &device, &id).unwrap();
            }
        }
        turn.open_mut().unwrap().letters.sessions.clear();
        let batch = turn.finish().unwrap().batch;
        peer.store.push(batch);
        peer.store.commit().unwrap();
    }

    /// Lets a person meet somebody whose device list claims another's node, as a letter brings it.
    pub(super) fn meet_impostor(&mut self, at: At, of: At) {
        use crate::core::turn::Turn;
        use ed25519_dalek::SigningKey;
        use magpie_protocol::{
            address::Address,
            bounded::List,
            ids::DeviceId,
            record::{Device, DeviceList, Entry, ListVersion},
        };
        let [account, device] = [77, 78].map(|seed| SigningKey::from_bytes(&[seed; 32]));
        let device = DeviceId(device.verifying_key().to_bytes());
        let claimed = Device { device, node: self.node(of), added_ms: self.now };
        let entry = Entry {
            account: Address::of(&account.verifying_key()).unwrap(),
            at: ListVersion { term: 1, version: 0 },
            previous: None,
            primary: device,
            devices: List::new(vec![claimed]).unwrap(),
        };
        let opening = entry.sign_opening(&account).unwrap();
        let list = DeviceList { opening, later: None }.verify().unwrap();
        let now = self.now;
        let peer = &mut self.peers[at];
        let mut turn = Turn::new(&mut peer.core, &peer.store, now, &mut peer.rng, None);
        turn.met(&list, None).unwrap();
        let batch = turn.finish().unwrap().batch;
        peer.store.push(batch);
        peer.store.commit().unwrap();
    }

    /// Lets one thing happen after the other until a node tells its listeners something.
    pub(super) fn step_until_told(&mut self, at: At) {
        let before = self.pushed(at);
        while self.pushed(at) == before {
            assert!(self.step_one(), "it is told nothing");
        }
    }

    /// Everything that is in a node's store, one behind the other, for searching it.
    pub(super) fn stored_bytes(&self, at: At) -> Vec<u8> {
        self.stored_rows(at).into_iter().flat_map(|(key, value)| [key, value].concat()).collect()
    }

    /// The keys and values of a node's store.
    pub(super) fn stored_rows(&self, at: At) -> Vec<(Vec<u8>, Vec<u8>)> {
        use magpie_storage::{
            engine::{KeyRange, Order},
            overlay::View,
        };
        let rows = self.peers[at].store.range(&KeyRange::all(), Order::Ascending, usize::MAX);
        rows.unwrap().into_iter().map(|(key, value)| (key.to_vec(), value.to_vec())).collect()
    }
}
