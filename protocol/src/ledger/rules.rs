//! The rules of money that a network's genesis fixes: limits, fees, expiries and the clock.
//!
//! In: what a genesis says. Out: [`Rules`] that are sound, so that no fee or time made by them
//! overflows.

use super::{Amount, Instruction};
use crate::{
    bounded::List,
    codec::Format,
    limits::{BLOCK, BLOCK_ENTRIES, DAY_MS, ENTRY_KINDS, PACKET_SHARES},
};
use serde::{Deserialize, Serialize};

/// What entries cost; what is not here is free.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fees {
    /// A transfer.
    pub transfer: Amount,
    /// A packet, whatever its shares.
    pub packet: Amount,
    /// Each share of a packet, besides.
    pub packet_share: Amount,
    /// The commitment to a name.
    pub name_commit: Amount,
    /// A name for one period, at registration and renewal.
    pub name: Amount,
    /// Giving a name away.
    pub name_transfer: Amount,
    /// A notarized digest.
    pub notary: Amount,
}

/// How much entries may move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MoneyLimits {
    /// One transfer, at least.
    pub transfer_least: Amount,
    /// One transfer, at most.
    pub transfer: Amount,
    /// One packet, all shares together, at most.
    pub packet: Amount,
    /// One share of a packet, at least; where shares are drawn, on average.
    pub share_least: Amount,
    /// One share of a packet, at most; on average where shares are drawn, and what does not divide
    /// by the number of equal ones not counted.
    pub share_most: Amount,
    /// Shares of one packet.
    pub packet_shares: u32,
    /// What all issuers may mint in a day; above, the validators vote.
    pub mint_day: Amount,
    /// What all issuers may mint in total.
    pub mint_total: Amount,
    /// What all issuers may burn in a day.
    pub burn_day: Amount,
}

/// How long things last, in milliseconds by header time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lifetimes {
    /// How far ahead `valid_until` may be.
    pub entry: u64,
    /// A transfer that nobody accepts.
    pub transfer: u64,
    /// A packet, at most.
    pub packet: u64,
    /// A name from one renewal to the next.
    pub name: u64,
    /// How old a commitment is at the registration, at least.
    pub commitment_least: u64,
    /// How old it is then, at most.
    pub commitment_most: u64,
}

/// How blocks follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pace {
    /// The least time from one block to the next, in milliseconds.
    pub interval_ms: u64,
    /// After how long an empty block is due, in milliseconds.
    pub heartbeat_ms: u64,
    /// How far a fresh block may be ahead of a validator's clock, in milliseconds.
    pub ahead_ms: u64,
    /// How far it may be behind, in milliseconds.
    pub behind_ms: u64,
    /// Entries of one block.
    pub entries: u32,
    /// Bytes of one block.
    pub bytes: u32,
    /// Packets, transfers and names that expire at the begin of one block; as many as a block has
    /// entries, or more.
    pub expiries: u32,
    /// Blocks whose proposers share a fee.
    pub fee_blocks: u32,
    /// Heights after which a newly registered beacon key counts.
    pub beacon_key_heights: u32,
    /// How many heights ahead a validator's vote for others may count.
    pub vote_heights: u32,
    /// How many heights after a validator said two things it can still be shown.
    pub evidence_heights: u32,
}

/// The rules of money on one network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// The kinds of entries that are enabled, ascending.
    pub kinds: List<u16, ENTRY_KINDS>,
    /// What entries cost.
    pub fees: Fees,
    /// What they may move.
    pub limits: MoneyLimits,
    /// How long things last.
    pub lifetimes: Lifetimes,
    /// How blocks follow.
    pub pace: Pace,
}

impl Format for Rules {
    const NAME: &'static str = "money rules";
    const VERSION: u8 = 1;
    const LIMIT: usize = 1 << 10;
}

/// Why rules are not sound. The fault of whoever wrote the genesis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RulesError {
    /// The kinds are not in order, or one stands twice.
    #[error("the enabled kinds of entries ascend and differ")]
    KindOrder,
    /// A kind is enabled that this build does not know.
    #[error("entries of kind {0} are unknown to this build")]
    Kind(u16),
    /// A number is outside what works.
    #[error("{what} is {found}, allowed are {least} to {most}")]
    Range {
        /// What it is.
        what: &'static str,
        /// The number found.
        found: u64,
        /// The least.
        least: u64,
        /// The most.
        most: u64,
    },
    /// A fee and the most that it is paid for have no sum.
    #[error("fee and limit of a {0} have no sum")]
    Overflow(&'static str),
}

const YEARS: u64 = 100 * 365 * DAY_MS;

impl Rules {
    /// Returns the rules that a new network starts from: transfers, packets and an issuer, with
    /// the expiries and the clock of page 8.
    pub fn usual() -> Self {
        let coins = |number| Amount(Amount::COIN.0.saturating_mul(number));
        Self {
            kinds: List::new(vec![1, 2, 3, 4, 5, 6, 13, 14]).expect("fewer than ENTRY_KINDS"),
            fees: Fees {
                transfer: Amount(1_000),
                packet: Amount(1_000),
                packet_share: Amount(100),
                name_commit: Amount(1_000),
                name: Amount::COIN,
                name_transfer: Amount(1_000),
                notary: Amount(1_000),
            },
            limits: MoneyLimits {
                transfer_least: Amount(Amount::COIN.0 / 100),
                transfer: coins(1_000_000),
                packet: coins(100_000),
                share_least: Amount(Amount::COIN.0 / 100),
                share_most: coins(200),
                packet_shares: PACKET_SHARES,
                mint_day: coins(1_000_000),
                mint_total: coins(10_000_000_000),
                burn_day: coins(1_000_000),
            },
            lifetimes: Lifetimes {
                entry: 10 * 60 * 1_000,
                transfer: DAY_MS,
                packet: DAY_MS,
                name: 365 * DAY_MS,
                commitment_least: 60 * 1_000,
                commitment_most: DAY_MS,
            },
            pace: Pace {
                interval_ms: 500,
                heartbeat_ms: 10_000,
                ahead_ms: 2_000,
                behind_ms: 10_000,
                entries: 2_000,
                bytes: 1 << 20,
                expiries: 2_000,
                fee_blocks: 1_000,
                beacon_key_heights: 2_000,
                // More than a day of full blocks: people have to agree.
                vote_heights: 200_000,
                evidence_heights: 200_000,
            },
        }
    }

    /// Checks that a network can live by these rules. Errors: [`RulesError`].
    pub fn check(&self) -> Result<(), RulesError> {
        if !self.kinds.windows(2).all(|pair| matches!(pair, [a, b] if a < b)) {
            return Err(RulesError::KindOrder);
        }
        if let Some(kind) = self.kinds.iter().find(|kind| !Instruction::is_known(**kind)) {
            return Err(RulesError::Kind(*kind));
        }
        let Self { fees, limits, lifetimes, pace, .. } = self;
        let range = |what, found: u64, least, most| {
            let within = (least..=most).contains(&found);
            if within { Ok(()) } else { Err(RulesError::Range { what, found, least, most }) }
        };
        let shares = u64::from(limits.packet_shares);
        range("the most shares of a packet", shares, 1, u64::from(PACKET_SHARES))?;
        range("the most of a transfer", limits.transfer.0, 1, u64::MAX)?;
        range("the least of a transfer", limits.transfer_least.0, 1, limits.transfer.0)?;
        range("the least of a share", limits.share_least.0, 1, u64::MAX)?;
        range("the most of a share", limits.share_most.0, limits.share_least.0, u64::MAX)?;
        // The most shares fit a packet, so that no number of them is allowed in vain.
        let least = limits.share_least.0.saturating_mul(shares);
        range("the most of a packet", limits.packet.0, least, u64::MAX)?;
        range("what is minted in a day", limits.mint_day.0, 0, limits.mint_total.0)?;
        range("the life of a signed entry", lifetimes.entry, 1_000, DAY_MS)?;
        range("the life of a transfer", lifetimes.transfer, 60_000, YEARS)?;
        range("the life of a packet", lifetimes.packet, 60_000, YEARS)?;
        range("the life of a name", lifetimes.name, DAY_MS, YEARS)?;
        range("the most age of a commitment", lifetimes.commitment_most, 1, YEARS)?;
        let most = lifetimes.commitment_most;
        range("the least age of a commitment", lifetimes.commitment_least, 1, most)?;
        range("the block interval", pace.interval_ms, 1, 60_000)?;
        range("the heartbeat", pace.heartbeat_ms, pace.interval_ms, 10 * 60_000)?;
        range("the drift ahead", pace.ahead_ms, 1, 60_000)?;
        range("the drift behind", pace.behind_ms, 1, 10 * 60_000)?;
        range("the entries of a block", pace.entries.into(), 1, BLOCK_ENTRIES as u64)?;
        range("the bytes of a block", pace.bytes.into(), 64 << 10, BLOCK as u64)?;
        // Or what full blocks made would go back ever later.
        let least = u64::from(pace.entries);
        range("the expiries of a block", pace.expiries.into(), least, 100_000)?;
        range("the blocks that share a fee", pace.fee_blocks.into(), 1, 100_000)?;
        range("the heights of a new beacon key", pace.beacon_key_heights.into(), 1, 1_000_000)?;
        range("the heights of a validator's vote", pace.vote_heights.into(), 1, 10_000_000)?;
        range("the heights of evidence", pace.evidence_heights.into(), 1, 10_000_000)?;
        let sum = |a: Amount, b: Option<Amount>| b.and_then(|b| a.checked_add(b));
        sum(limits.transfer, Some(fees.transfer)).ok_or(RulesError::Overflow("transfer"))?;
        let packet = sum(fees.packet, fees.packet_share.checked_mul(shares));
        sum(limits.packet, packet).ok_or(RulesError::Overflow("packet"))?;
        Ok(())
    }

    /// Tells whether entries of this kind are enabled.
    pub fn enables(&self, kind: u16) -> bool {
        self.kinds.binary_search(&kind).is_ok()
    }

    /// Returns what a packet of this many shares costs; past all amounts, the most there is.
    pub const fn packet_fee(&self, shares: u32) -> Amount {
        let Fees { packet, packet_share, .. } = self.fees;
        // No gas reaches it, so what does not fit is refused like everything that is too dear.
        Amount(packet_share.0.saturating_mul(shares as u64).saturating_add(packet.0))
    }
}
