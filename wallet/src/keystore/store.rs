//! The key store itself: what is done with it, and its bytes.
//!
//! In: a body read from the file, or randomness for a new one. Out: the changed body. Every change
//! is to this value alone; the caller writes [`KeyStore::to_bytes`] to the file before it goes on.
//!
//! | bytes | what, integers little-endian |
//! |---|---|
//! | 1 | version, 1 |
//! | 12 | KDF: memory in KiB, passes, lanes |
//! | 32 | salt of the login |
//! | 12 | login attempts: count (4), end of the wait in ms (8) |
//! | 32 x 130 | slots: commitment (32), nonce (12), text (70), tag (16) |
//! | 1 | whether a wallet lock was ever set |
//! | 32 | salt of the wallet lock |
//! | 12 | wallet attempts |
//! | 76 | wallet lock: commitment (32), nonce (12), text (16), tag (16) |

use super::{
    attempts::{Attempts, Wait},
    seal::{OVERHEAD, Seal},
    slot::{Contents, Opened, PLAIN, SLOTS, Slot},
};
use crate::{
    kdf::{KdfError, KdfParams, PasswordKey, Salt},
    mnemonic::Entropy,
};
use magpie_protocol::domain::{KEY_SLOT, WALLET_LOCK};
use rand_core::CryptoRng;
use std::fmt;

const VERSION: u8 = 1;
const ENTROPY: usize = 16;
const ATTEMPTS: usize = 4 + 8;
/// Bytes of a key store, always.
pub const BODY_LEN: usize =
    1 + 12 + 32 + ATTEMPTS + SLOTS * (PLAIN + OVERHEAD) + 1 + 32 + ATTEMPTS + ENTROPY + OVERHEAD;

/// Why bytes are no key store, or a change to one was refused; then nothing changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyStoreError {
    /// The body is cut off or too long.
    #[error("a key store has {BODY_LEN} bytes, not {0}")]
    Length(usize),
    /// The version is one this build does not read.
    #[error("key store version {0}, this build reads {VERSION}")]
    Version(u8),
    /// The KDF parameters are out of bounds.
    #[error(transparent)]
    Kdf(#[from] KdfError),
    /// The flag of the wallet lock is neither yes nor no.
    #[error("{0} is no flag of the wallet lock")]
    Flag(u8),
    /// The password's key was derived with another salt than the one asked for.
    #[error("the key was derived with the wrong salt")]
    WrongSalt,
    /// The wallet lock needs a salt that was not used before.
    #[error("a new wallet password needs a new salt")]
    SaltReused,
    /// The contents have a login key where the slot has none, or none where it has one.
    #[error("slot {0} and its contents disagree on the login key")]
    LoginKey(u8),
}

/// The body of the key slots file.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyStore {
    params: KdfParams,
    salt: Salt,
    attempts: Attempts,
    slots: [Seal<PLAIN>; SLOTS],
    wallet: WalletLock,
}

#[derive(Clone, PartialEq, Eq)]
struct WalletLock {
    set: bool,
    salt: Salt,
    attempts: Attempts,
    seal: Seal<ENTROPY>,
}

impl KeyStore {
    /// Returns a store that nothing opens, with fresh salts and random slots.
    ///
    /// Error: [`KeyStoreError::Kdf`] if the parameters are out of bounds; whether this network
    /// allows weak ones is for the caller to ask ([`KdfParams::check`]).
    pub fn create(
        rng: &mut (impl CryptoRng + ?Sized),
        params: KdfParams,
    ) -> Result<Self, KeyStoreError> {
        params.check(true)?;
        Ok(Self {
            params,
            salt: Salt::random(rng),
            attempts: Attempts::default(),
            slots: std::array::from_fn(|_| Seal::random(rng)),
            wallet: WalletLock {
                set: false,
                salt: Salt::random(rng),
                attempts: Attempts::default(),
                seal: Seal::random(rng),
            },
        })
    }

    /// Returns how hard a password of this store is to try.
    pub const fn params(&self) -> KdfParams {
        self.params
    }

    /// Returns the salt of every login password: IM, vaults', blank and wipe.
    pub const fn login_salt(&self) -> Salt {
        self.salt
    }

    /// Returns the salt of the wallet password that is set.
    pub const fn wallet_salt(&self) -> Salt {
        self.wallet.salt
    }

    /// Counts a login attempt; write the file before trying it. Error: it must not be tried yet,
    /// and the file is written all the same, because it was counted.
    pub fn begin_attempt(&mut self, now_ms: u64) -> Result<(), Wait> {
        self.attempts.begin(now_ms)
    }

    /// Ends a login attempt that opened nothing; write the file. Returns the wait it starts.
    pub fn wrong(&mut self, now_ms: u64) -> Option<Wait> {
        self.attempts.wrong(now_ms)
    }

    /// Ends a login attempt that opened a slot, any slot; write the file.
    pub fn right(&mut self) {
        self.attempts.right();
    }

    /// Returns the wait before the next login, if one is running; counts nothing.
    pub fn wait(&self, now_ms: u64) -> Option<Wait> {
        self.attempts.wait(now_ms)
    }

    /// Returns what a login password opens, or nothing. Always tries all slots; if several open,
    /// the first in the order of [`Slot::index`] is the one.
    pub fn open(&self, key: &PasswordKey) -> Option<Opened> {
        let mut opened = None;
        for (index, seal) in (0..).zip(&self.slots) {
            let plain = seal.open(KEY_SLOT, index, key);
            let this = plain.and_then(|plain| Opened::read(index, &plain));
            opened = opened.or(this);
        }
        opened
    }

    /// Puts contents into a slot under a login password, over whatever was there.
    ///
    /// Errors: [`KeyStoreError::WrongSalt`] if the key is not of [`KeyStore::login_salt`],
    /// [`KeyStoreError::LoginKey`] if blank or wipe bring a login key, or others do not.
    pub fn set(
        &mut self,
        slot: Slot,
        key: &PasswordKey,
        contents: &Contents,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<(), KeyStoreError> {
        if key.salt() != self.salt {
            return Err(KeyStoreError::WrongSalt);
        }
        if contents.login_key.is_some() != slot.role().has_login_key() {
            return Err(KeyStoreError::LoginKey(slot.index()));
        }
        let plain = contents.plain(slot, rng);
        let seal = Seal::close(KEY_SLOT, slot.index(), key, &plain, rng);
        self.put(slot, seal);
        Ok(())
    }

    /// Makes a slot one that nothing opens, and that looks like any other.
    pub fn erase(&mut self, slot: Slot, rng: &mut (impl CryptoRng + ?Sized)) {
        self.put(slot, Seal::random(rng));
    }

    fn put(&mut self, slot: Slot, seal: Seal<PLAIN>) {
        let place = self.slots.get_mut(usize::from(slot.index()));
        *place.expect("a slot's index is below SLOTS") = seal;
    }

    /// Makes every slot and the wallet lock ones that nothing opens: the wipe.
    ///
    /// What stays says nothing: both salts (so that the password just typed can be given the blank
    /// vault), the counters, and whether there ever was a wallet lock, since its sudden absence
    /// would tell that a wipe happened.
    pub fn erase_all(&mut self, rng: &mut (impl CryptoRng + ?Sized)) {
        for seal in &mut self.slots {
            *seal = Seal::random(rng);
        }
        self.wallet.seal = Seal::random(rng);
    }

    /// Returns whether a wallet password was ever set here; after a wipe it still says so.
    pub const fn has_wallet(&self) -> bool {
        self.wallet.set
    }

    /// Counts an attempt at the wallet lock, as [`KeyStore::begin_attempt`] does for the login.
    pub fn begin_wallet_attempt(&mut self, now_ms: u64) -> Result<(), Wait> {
        self.wallet.attempts.begin(now_ms)
    }

    /// Ends an attempt at the wallet lock that was wrong; write the file.
    pub fn wallet_wrong(&mut self, now_ms: u64) -> Option<Wait> {
        self.wallet.attempts.wrong(now_ms)
    }

    /// Ends an attempt at the wallet lock that was right; write the file.
    pub fn wallet_right(&mut self) {
        self.wallet.attempts.right();
    }

    /// Returns the wait before the next wallet attempt, if one is running; counts nothing.
    pub fn wallet_wait(&self, now_ms: u64) -> Option<Wait> {
        self.wallet.attempts.wait(now_ms)
    }

    /// Returns the entropy behind the wallet lock, or nothing if the password is wrong or none is set.
    pub fn open_wallet(&self, key: &PasswordKey) -> Option<Entropy> {
        let plain = self.wallet.seal.open(WALLET_LOCK, 0, key)?;
        Some(Entropy::from_bytes(*plain))
    }

    /// Puts the entropy behind a new wallet password, and forgets the wrong attempts at the old one.
    ///
    /// The key is derived with a fresh [`Salt`], which becomes [`KeyStore::wallet_salt`]. Error:
    /// [`KeyStoreError::SaltReused`] if it is the login's or the present wallet lock's.
    pub fn set_wallet(
        &mut self,
        key: &PasswordKey,
        entropy: &Entropy,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<(), KeyStoreError> {
        let salt = key.salt();
        if salt == self.salt || salt == self.wallet.salt {
            return Err(KeyStoreError::SaltReused);
        }
        let seal = Seal::close(WALLET_LOCK, 0, key, entropy.as_bytes(), rng);
        self.wallet = WalletLock { set: true, salt, attempts: Attempts::default(), seal };
        Ok(())
    }

    /// Returns the body's bytes; all secrets in them are sealed.
    pub fn to_bytes(&self) -> [u8; BODY_LEN] {
        let mut out = Vec::with_capacity(BODY_LEN);
        out.push(VERSION);
        for n in [self.params.memory_kib, self.params.passes, self.params.lanes] {
            out.extend_from_slice(&n.to_le_bytes());
        }
        out.extend_from_slice(&self.salt.0);
        write_attempts(self.attempts, &mut out);
        for seal in &self.slots {
            seal.write(&mut out);
        }
        out.push(u8::from(self.wallet.set));
        out.extend_from_slice(&self.wallet.salt.0);
        write_attempts(self.wallet.attempts, &mut out);
        self.wallet.seal.write(&mut out);
        out.try_into().expect("the parts add up to BODY_LEN")
    }

    /// Returns the store that a body's bytes are.
    ///
    /// Errors: [`KeyStoreError::Length`], [`KeyStoreError::Version`], [`KeyStoreError::Kdf`],
    /// [`KeyStoreError::Flag`]. A garbled slot is no error: it opens nothing, like an unused one.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, KeyStoreError> {
        let length = KeyStoreError::Length(bytes.len());
        let body: &[u8; BODY_LEN] = bytes.try_into().map_err(|_| length)?;
        let (&[version], rest) = body.split_first_chunk().ok_or(length)?;
        if version != VERSION {
            return Err(KeyStoreError::Version(version));
        }
        let (params, rest) = read_params(rest).ok_or(length)?;
        params.check(true)?;
        let (salt, rest) = rest.split_first_chunk().ok_or(length)?;
        let (attempts, mut rest) = read_attempts(rest).ok_or(length)?;
        let mut slots = Vec::with_capacity(SLOTS);
        while slots.len() < SLOTS {
            let (seal, after) = Seal::read(rest).ok_or(length)?;
            slots.push(seal);
            rest = after;
        }
        let (&[flag], rest) = rest.split_first_chunk().ok_or(length)?;
        let (wallet_salt, rest) = rest.split_first_chunk().ok_or(length)?;
        let (wallet_attempts, rest) = read_attempts(rest).ok_or(length)?;
        let (seal, _) = Seal::read(rest).ok_or(length)?;
        Ok(Self {
            params,
            salt: Salt(*salt),
            attempts,
            slots: slots.try_into().map_err(|_| length)?,
            wallet: WalletLock {
                set: match flag {
                    0 => false,
                    1 => true,
                    other => return Err(KeyStoreError::Flag(other)),
                },
                salt: Salt(*wallet_salt),
                attempts: wallet_attempts,
                seal,
            },
        })
    }
}

impl fmt::Debug for KeyStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyStore").field("params", &self.params).finish_non_exhaustive()
    }
}

fn write_attempts(attempts: Attempts, out: &mut Vec<u8>) {
    out.extend_from_slice(&attempts.count.to_le_bytes());
    out.extend_from_slice(&attempts.until_ms.to_le_bytes());
}

fn read_attempts(bytes: &[u8]) -> Option<(Attempts, &[u8])> {
    let (count, bytes) = bytes.split_first_chunk()?;
    let (until_ms, bytes) = bytes.split_first_chunk()?;
    let attempts =
        Attempts { count: u32::from_le_bytes(*count), until_ms: u64::from_le_bytes(*until_ms) };
    Some((attempts, bytes))
}

fn read_params(bytes: &[u8]) -> Option<(KdfParams, &[u8])> {
    let (memory, bytes) = bytes.split_first_chunk()?;
    let (passes, bytes) = bytes.split_first_chunk()?;
    let (lanes, bytes) = bytes.split_first_chunk()?;
    let params = KdfParams {
        memory_kib: u32::from_le_bytes(*memory),
        passes: u32::from_le_bytes(*passes),
        lanes: u32::from_le_bytes(*lanes),
    };
    Some((params, bytes))
}
