use super::fixture::{contents, key, rng, store};
use crate::{
    kdf::Salt,
    keystore::{KeyStore, KeyStoreError, Role, SLOTS, Slot, VAULT_SLOTS},
    mnemonic::Entropy,
};

/// Every slot that may be written, in the order that decides.
fn plan() -> Vec<Slot> {
    let mut slots = vec![Slot::DEFAULT, Slot::BLANK, Slot::WIPE];
    slots.extend((0..VAULT_SLOTS).map(|n| Slot::vault(n).unwrap()));
    slots
}

#[test]
fn the_plan_has_twenty_seven_slots_and_five_are_never_used() {
    let indexes: Vec<u8> = plan().iter().map(|slot| slot.index()).collect();
    assert_eq!(indexes, (0..27).collect::<Vec<u8>>());
    assert_eq!(SLOTS - indexes.len(), 5);
    assert_eq!(Slot::vault(VAULT_SLOTS), None);
    assert_eq!(Slot::vault(5).unwrap().vault_number(), Some(5));
    assert_eq!(Slot::WIPE.vault_number(), None);
    let roles: Vec<Role> = plan().iter().take(4).map(|slot| slot.role()).collect();
    assert_eq!(roles, [Role::Default, Role::Blank, Role::Wipe, Role::Vault]);
}

#[test]
fn every_slot_opens_to_its_own_contents_and_a_wrong_password_to_none() {
    let mut store = store(1);
    let mut rng = rng(2);
    let salt = store.login_salt();
    for slot in plan() {
        let key = key(&format!("password {}", slot.index()), salt);
        store.set(slot, &key, &contents(slot, slot.index()), &mut rng).unwrap();
    }
    let store = KeyStore::from_bytes(&store.to_bytes()).unwrap();
    for slot in plan() {
        let opened = store.open(&key(&format!("password {}", slot.index()), salt)).unwrap();
        assert_eq!((opened.slot, opened.role), (slot, slot.role()));
        assert_eq!(opened.vault, u32::from(slot.index()) + 1);
        assert_eq!(opened.vault_key.as_bytes(), &[slot.index(); 32]);
        assert_eq!(
            opened.login_key.map(|key| *key.as_bytes()),
            slot.role().has_login_key().then_some([0xee; 32])
        );
    }
    assert!(store.open(&key("password 27", salt)).is_none());
    assert!(store.open(&key("password 0", Salt([0; 32]))).is_none());
}

#[test]
fn of_several_slots_with_one_password_the_first_opens() {
    let mut store = store(1);
    let mut rng = rng(2);
    let key = key("the same", store.login_salt());
    for slot in plan().into_iter().rev() {
        store.set(slot, &key, &contents(slot, 1), &mut rng).unwrap();
        assert_eq!(store.open(&key).unwrap().slot, slot);
    }
    for slot in plan() {
        assert_eq!(store.open(&key).unwrap().slot, slot);
        store.erase(slot, &mut rng);
    }
    assert!(store.open(&key).is_none());
}

#[test]
fn a_slot_moved_to_another_place_opens_nothing() {
    let mut store = store(1);
    let key = key("password", store.login_salt());
    let slot = Slot::vault(3).unwrap();
    store.set(slot, &key, &contents(slot, 1), &mut rng(2)).unwrap();
    let mut bytes = store.to_bytes();
    let (from, to) = (57 + 130 * usize::from(slot.index()), 57 + 130 * 9);
    bytes.copy_within(from..from + 130, to);
    bytes[from..from + 130].fill(7);
    assert!(KeyStore::from_bytes(&bytes).unwrap().open(&key).is_none());
}

#[test]
fn every_bit_of_a_slot_is_bound() {
    let mut store = store(1);
    let key = key("password", store.login_salt());
    store.set(Slot::DEFAULT, &key, &contents(Slot::DEFAULT, 1), &mut rng(2)).unwrap();
    let bytes = store.to_bytes();
    for bit in 0..130 * 8 {
        let mut garbled = bytes;
        garbled[57 + bit / 8] ^= 1 << (bit % 8);
        assert!(KeyStore::from_bytes(&garbled).unwrap().open(&key).is_none(), "bit {bit}");
    }
}

#[test]
fn sealing_the_same_again_looks_new() {
    let mut store = store(1);
    let mut rng = rng(2);
    let key = key("password", store.login_salt());
    let mut seal = || {
        store.set(Slot::DEFAULT, &key, &contents(Slot::DEFAULT, 1), &mut rng).unwrap();
        store.to_bytes()[57..57 + 130].to_vec()
    };
    let (first, second) = (seal(), seal());
    let equal = first.iter().zip(&second).filter(|(a, b)| a == b).count();
    assert!(equal < 8, "{equal} of 130 bytes stayed");
}

#[test]
fn misuse_is_refused_and_changes_nothing() {
    let mut store = store(1);
    let mut rng = rng(2);
    let before = store.clone();
    let good = key("password", store.login_salt());
    let foreign = key("password", Salt([9; 32]));
    let default = contents(Slot::DEFAULT, 1);
    let blank = contents(Slot::BLANK, 1);
    let refused = store.set(Slot::DEFAULT, &foreign, &default, &mut rng);
    assert_eq!(refused, Err(KeyStoreError::WrongSalt));
    let refused = store.set(Slot::DEFAULT, &good, &blank, &mut rng);
    assert_eq!(refused, Err(KeyStoreError::LoginKey(0)));
    for slot in [Slot::BLANK, Slot::WIPE] {
        let refused = store.set(slot, &good, &default, &mut rng);
        assert_eq!(refused, Err(KeyStoreError::LoginKey(slot.index())));
    }
    for salt in [store.login_salt(), store.wallet_salt()] {
        let refused =
            store.set_wallet(&key("wallet", salt), &Entropy::from_bytes([1; 16]), &mut rng);
        assert_eq!(refused, Err(KeyStoreError::SaltReused));
    }
    assert_eq!(store, before);
}

#[test]
fn the_wallet_lock_opens_by_its_own_password_alone() {
    let mut store = store(1);
    let mut rng = rng(2);
    assert!(!store.has_wallet());
    assert!(store.open_wallet(&key("wallet", store.wallet_salt())).is_none());

    let entropy = Entropy::from_bytes([0x5a; 16]);
    let first = key("wallet", Salt::random(&mut rng));
    store.set_wallet(&first, &entropy, &mut rng).unwrap();
    let mut store = KeyStore::from_bytes(&store.to_bytes()).unwrap();
    assert!(store.has_wallet());
    assert_eq!(store.wallet_salt(), first.salt());
    assert_eq!(store.open_wallet(&first).unwrap().as_bytes(), &[0x5a; 16]);
    assert!(store.open_wallet(&key("Wallet", first.salt())).is_none());
    assert!(store.open(&first).is_none());

    let second = key("another", Salt::random(&mut rng));
    store.set_wallet(&second, &entropy, &mut rng).unwrap();
    assert!(store.open_wallet(&first).is_none());
    assert_eq!(store.open_wallet(&second).unwrap().as_bytes(), &[0x5a; 16]);
}

#[test]
fn after_a_wipe_nothing_opens_and_the_typed_password_can_be_given_the_blank_vault() {
    let mut store = store(1);
    let mut rng = rng(2);
    let login = key("password", store.login_salt());
    for slot in plan() {
        store.set(slot, &login, &contents(slot, 1), &mut rng).unwrap();
    }
    let wallet = key("wallet", Salt::random(&mut rng));
    store.set_wallet(&wallet, &Entropy::from_bytes([1; 16]), &mut rng).unwrap();
    let before = store.to_bytes();
    store.erase_all(&mut rng);
    assert!(store.open(&login).is_none());
    assert!(store.open_wallet(&wallet).is_none());
    let after = store.to_bytes();
    for (i, (a, b)) in before[57..].chunks(130).zip(after[57..].chunks(130)).take(32).enumerate() {
        let equal = a.iter().zip(b).filter(|(a, b)| a == b).count();
        assert!(equal < 8, "slot {i}: {equal} of 130 bytes stayed");
    }
    // What stays is what a file without a wipe shows too.
    assert_eq!(before[..57], after[..57]);
    assert!(store.has_wallet());

    let blank = contents(Slot::BLANK, 2);
    store.set(Slot::BLANK, &login, &blank, &mut rng).unwrap();
    assert_eq!(store.open(&login).unwrap().role, Role::Blank);
}

#[test]
fn debug_shows_no_byte_of_a_secret() {
    let mut store = store(1);
    let login = key("password", store.login_salt());
    store.set(Slot::DEFAULT, &login, &contents(Slot::DEFAULT, 0xab), &mut rng(2)).unwrap();
    let contents = contents(Slot::DEFAULT, 0xab);
    let opened = store.open(&login).unwrap();
    for text in [format!("{store:?}"), format!("{contents:?}"), format!("{opened:?}")] {
        // 0xab and 0xee in decimal and in hex.
        for byte in ["171", "238", "ab", "ee"] {
            let hidden = text.replace("KeyStore", "").replace("vault", "");
            assert!(!hidden.contains(byte), "{text}");
        }
    }
}
