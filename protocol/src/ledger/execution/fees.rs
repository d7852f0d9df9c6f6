//! Fees: each period of `fee_blocks` heights, what came in goes to those who proposed its blocks,
//! in equal parts a block, on the wallets that they have for it.

use super::{deed::Deed, error::Fault, money, overlay::Overlay};
use crate::{
    address::Address,
    bounded::List,
    ledger::{
        Amount, Rules,
        state::{FeeTurns, Leaves, Turns},
    },
    limits::FEE_PROPOSERS,
};

/// Counts the block for its proposer's wallet, and pays if it is the last of a period.
pub(super) fn settle<L: Leaves>(
    state: &mut Overlay<'_, L>,
    rules: &Rules,
    height: u64,
    wallet: Address,
    told: &mut Vec<Deed>,
) -> Result<(), Fault<L::Error>> {
    let mut turns = state.need::<FeeTurns>(&())?.0.into_vec();
    match turns.binary_search_by_key(&wallet, |turns| turns.wallet) {
        Ok(at) => {
            if let Some(turns) = turns.get_mut(at) {
                turns.blocks = turns.blocks.saturating_add(1);
            }
        }
        Err(at) if turns.len() < FEE_PROPOSERS => turns.insert(at, Turns { wallet, blocks: 1 }),
        Err(_) => {}
    }
    if height.is_multiple_of(u64::from(rules.pace.fee_blocks)) {
        pay(state, &turns, told)?;
        turns.clear();
    }
    let turns = List::new(turns).expect("one is added only below FEE_PROPOSERS");
    state.put(&(), &FeeTurns(turns))
}

/// Pays each proposer its parts; what does not divide stays for the next period.
fn pay<L: Leaves>(
    state: &mut Overlay<'_, L>,
    turns: &[Turns],
    told: &mut Vec<Deed>,
) -> Result<(), Fault<L::Error>> {
    let blocks = turns.iter().map(|turns| u64::from(turns.blocks)).sum::<u64>();
    let part = Amount(state.books.fees.0.checked_div(blocks).unwrap_or_default());
    if part == Amount::ZERO {
        return Ok(());
    }
    for Turns { wallet, blocks } in turns {
        let amount = part.checked_mul(u64::from(*blocks)).ok_or(Fault::Amount("fees"))?;
        let rest = state.books.fees.checked_sub(amount);
        state.books.fees = rest.ok_or(Fault::Amount("fees"))?;
        money::credit(state, *wallet, amount)?;
        told.push(Deed::Earned { wallet: *wallet, amount });
    }
    Ok(())
}
