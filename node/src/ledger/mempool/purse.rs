//! What a wallet or an issuer will be once what it waits for is done.

use super::Lane;
use magpie_protocol::{
    address::Address,
    codec::EncodeError,
    keys::IssuerKey,
    ledger::{
        Amount, Instruction, Rules,
        execution::Fault,
        state::{Account, Issuer, Leaf, LeafKey, Leaves},
    },
};

/// The leaf that counts a lane's entries.
#[derive(Debug, Clone, Copy)]
pub(super) enum Purse {
    /// A wallet's account.
    Wallet(Address, Account),
    /// An issuer's.
    Issuer(IssuerKey, Issuer),
    /// None: the lane's entries do not count up.
    None,
}

/// Reads a leaf, if it is there.
pub(super) fn read<L: Leaves, T: Leaf>(
    leaves: &L,
    id: &T::Id,
) -> Result<Option<T>, Fault<L::Error>> {
    let bytes = leaves.leaf(&T::key(id)).map_err(Fault::Leaves)?;
    Ok(bytes.map(|bytes| T::from_leaf(&bytes)).transpose()?)
}

impl Purse {
    /// Returns the purse of a lane as it stands in the state.
    pub(super) fn read<L: Leaves>(leaves: &L, lane: Lane) -> Result<Self, Fault<L::Error>> {
        Ok(match lane {
            Lane::Wallet(wallet) => {
                Self::Wallet(wallet, read(leaves, &wallet)?.unwrap_or_default())
            }
            Lane::Issuer(key) => {
                read(leaves, &key)?.map_or(Self::None, |issuer| Self::Issuer(key, issuer))
            }
            Lane::Receive(_) => Self::None,
        })
    }

    /// Pays for an entry that held, as its execution will.
    pub(super) fn pay(&mut self, rules: &Rules, instruction: &Instruction) {
        match self {
            Self::Wallet(_, account) => {
                let fee = instruction.fee(rules);
                let cost = amount(instruction).checked_add(fee).unwrap_or(Amount(u64::MAX));
                account.balance = account.balance.checked_sub(cost).unwrap_or_default();
                account.sequence = account.sequence.saturating_add(1);
            }
            Self::Issuer(_, issuer) => issuer.sequence = issuer.sequence.saturating_add(1),
            Self::None => {}
        }
    }

    /// Returns the state with this purse in the place of its own.
    pub(super) fn over<'a, L>(&self, leaves: &'a L) -> Result<Paid<'a, L>, EncodeError> {
        let leaf = match self {
            Self::Wallet(wallet, account) => Some((Account::key(wallet), account.to_leaf()?)),
            Self::Issuer(key, issuer) => Some((Issuer::key(key), issuer.to_leaf()?)),
            Self::None => None,
        };
        Ok(Paid { leaves, leaf })
    }
}

/// Returns what an instruction takes from the wallet that pays, besides the fee.
fn amount(instruction: &Instruction) -> Amount {
    match instruction {
        Instruction::Transfer(body) => body.amount,
        Instruction::CreatePacket(body) => body.amount,
        _ => Amount::ZERO,
    }
}

/// The state with one leaf changed.
#[derive(Debug)]
pub(super) struct Paid<'a, L> {
    leaves: &'a L,
    leaf: Option<(LeafKey, Vec<u8>)>,
}

impl<L: Leaves> Leaves for Paid<'_, L> {
    type Error = L::Error;

    fn leaf(&self, key: &LeafKey) -> Result<Option<Vec<u8>>, L::Error> {
        match &self.leaf {
            Some((changed, bytes)) if changed == key => Ok(Some(bytes.clone())),
            _ => self.leaves.leaf(key),
        }
    }
}
