//! The plan of the 32 slots, and what one of them holds.
//!
//! In: the keys of a vault. Out: the fixed number of bytes that are sealed, and back. The order of
//! the slots decides when one password opens several.

use crate::secret::{LoginKey, VaultKey};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

/// Slots in the file: three with a role, 24 for own vaults, and five that are never used.
pub const SLOTS: usize = 32;
/// Slots for own vaults.
pub const VAULT_SLOTS: u8 = 24;

const FIRST_VAULT: u8 = 3;
/// Bytes sealed in a slot: role, vault's number, vault key, whether there is a login key, login key.
pub(super) const PLAIN: usize = 1 + 4 + 32 + 1 + 32;

/// A slot that may be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot(u8);

impl Slot {
    /// The default vault's.
    pub const DEFAULT: Self = Self(0);
    /// The blank vault's.
    pub const BLANK: Self = Self(1);
    /// The wipe password's.
    pub const WIPE: Self = Self(2);

    /// Returns own vault slot `number`, below [`VAULT_SLOTS`].
    pub const fn vault(number: u8) -> Option<Self> {
        if number < VAULT_SLOTS { Some(Self(FIRST_VAULT + number)) } else { None }
    }

    /// Returns which own vault slot this is, if it is one: the number given to [`Slot::vault`].
    pub const fn vault_number(self) -> Option<u8> {
        self.0.checked_sub(FIRST_VAULT)
    }

    /// Returns where in the file this slot stands, below [`SLOTS`].
    pub const fn index(self) -> u8 {
        self.0
    }

    /// Returns what a password that opens this slot does.
    pub const fn role(self) -> Role {
        match self.0 {
            0 => Role::Default,
            1 => Role::Blank,
            2 => Role::Wipe,
            _ => Role::Vault,
        }
    }
}

/// What a password does at login.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Opens the default vault.
    Default,
    /// Opens the blank vault.
    Blank,
    /// Destroys, and shows the blank vault.
    Wipe,
    /// Opens an own vault.
    Vault,
}

impl Role {
    /// Returns whether a slot of this role holds the login key: all but blank and wipe do.
    pub const fn has_login_key(self) -> bool {
        matches!(self, Self::Default | Self::Vault)
    }

    const fn byte(self) -> u8 {
        match self {
            Self::Default => 1,
            Self::Blank => 2,
            Self::Wipe => 3,
            Self::Vault => 4,
        }
    }
}

/// What is put into a slot.
#[derive(Debug, Clone)]
pub struct Contents {
    /// The vault's number, as the API and its records call it.
    pub vault: u32,
    /// What the vault's rows are sealed under.
    pub vault_key: VaultKey,
    /// What the account's shared secrets are sealed under; none for blank and wipe.
    pub login_key: Option<LoginKey>,
}

/// What a password opened.
#[derive(Debug, Clone)]
pub struct Opened {
    /// The slot, to change its password or to erase it.
    pub slot: Slot,
    /// What the password does.
    pub role: Role,
    /// The vault's number, as the API and its records call it.
    pub vault: u32,
    /// What the vault's rows are sealed under.
    pub vault_key: VaultKey,
    /// What the account's shared secrets are sealed under; none for blank and wipe.
    pub login_key: Option<LoginKey>,
}

impl Contents {
    /// Returns the bytes to seal in `slot`; the place of an absent login key is random.
    pub(super) fn plain(
        &self,
        slot: Slot,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Zeroizing<[u8; PLAIN]> {
        let mut plain = Zeroizing::new([0; PLAIN]);
        let filler;
        let login = match &self.login_key {
            Some(key) => key,
            None => {
                filler = LoginKey::random(rng);
                &filler
            }
        };
        plain[0] = slot.role().byte();
        plain[1..5].copy_from_slice(&self.vault.to_le_bytes());
        plain[5..37].copy_from_slice(self.vault_key.as_bytes());
        plain[37] = u8::from(self.login_key.is_some());
        plain[38..].copy_from_slice(login.as_bytes());
        plain
    }
}

impl Opened {
    /// Returns what the opened bytes of slot `index` say, if they say what that slot may hold.
    pub(super) fn read(index: u8, plain: &[u8; PLAIN]) -> Option<Self> {
        let slot = Slot(index);
        let role = slot.role();
        let (&[role_byte], rest) = plain.split_first_chunk()?;
        let (vault, rest) = rest.split_first_chunk()?;
        let (vault_key, rest) = rest.split_first_chunk()?;
        let (&[flag], rest) = rest.split_first_chunk()?;
        let (login_key, _) = rest.split_first_chunk()?;
        if role_byte != role.byte() || flag != u8::from(role.has_login_key()) {
            return None;
        }
        Some(Self {
            slot,
            role,
            vault: u32::from_le_bytes(*vault),
            vault_key: VaultKey::from_bytes(*vault_key),
            login_key: role.has_login_key().then(|| LoginKey::from_bytes(*login_key)),
        })
    }
}
