//! `magpie wallet`: what the account has, transfers, and recharges by who holds an issuer's key.
//! Start at [`command`].

mod command;
mod mint;
mod transfer;

pub(crate) use command::Wallet;
pub(crate) use mint::mint;
