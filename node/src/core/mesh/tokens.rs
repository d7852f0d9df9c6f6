//! Tokens: whose mail an account's devices welcome, as hashes with a quota each.
//!
//! A token is good for all mailboxes of the account, and its quota counts in each by itself: a
//! device that is switched off keeps no mail from the others.

use super::{
    bounds::{MAIL_DISK_BYTES, ROW_BYTES, TOKENS_PER_ACCOUNT},
    rows::{GRANTED, Granted, TOKEN_COUNTS, TOTALS, TokenCount},
};
use crate::core::turn::Turn;
use magpie_protocol::{
    address::NodeId,
    mail::{Answer, Refusal, Tokens},
};
use magpie_storage::table::TableError;
use std::collections::{BTreeMap, BTreeSet};

impl Turn<'_> {
    /// Sets and withdraws tokens for a device of the account: all of the request, or nothing.
    pub(crate) fn set_tokens(
        &mut self,
        from: NodeId,
        tokens: &Tokens,
    ) -> Result<Answer, TableError> {
        if !self.is_device(tokens.account, from)? {
            return Ok(Answer::Refused(Refusal::UnknownDevice));
        }
        let account = *tokens.account.as_bytes();
        let set: BTreeMap<_, _> =
            tokens.set.iter().map(|grant| (grant.hash.0, grant.quota.capped())).collect();
        let withdraw: BTreeSet<_> = tokens.withdraw.iter().map(|hash| hash.0).collect();
        // Which of the two would win is nobody's guess.
        if set.len() != tokens.set.len() || withdraw.iter().any(|hash| set.contains_key(hash)) {
            return Ok(Answer::Refused(Refusal::Malformed));
        }
        let mut added = 0_u32;
        for hash in set.keys() {
            added += u32::from(!GRANTED.contains(&self.tx, &(account, *hash))?);
        }
        let mut removed = Vec::new();
        for hash in withdraw {
            if GRANTED.contains(&self.tx, &(account, hash))? {
                removed.push(hash);
            }
        }
        let gone = u32::try_from(removed.len()).unwrap_or(u32::MAX);
        let count = TOKEN_COUNTS.get(&self.tx, &account)?.unwrap_or_default();
        let count = TokenCount(count.0.saturating_add(added).saturating_sub(gone));
        let mut totals = self.totals()?;
        let cost = |rows: u32| u64::from(rows).saturating_mul(ROW_BYTES);
        totals.bytes = totals.bytes.saturating_add(cost(added)).saturating_sub(cost(gone));
        // A request that adds nothing is never refused for want of room.
        if added > gone && (count.0 > TOKENS_PER_ACCOUNT || totals.bytes > MAIL_DISK_BYTES) {
            return Ok(Answer::Refused(Refusal::Full));
        }
        for hash in removed {
            GRANTED.delete(&mut self.tx, &(account, hash));
        }
        for (hash, quota) in set {
            GRANTED.put(&mut self.tx, &(account, hash), &Granted(quota))?;
        }
        TOKEN_COUNTS.put(&mut self.tx, &account, &count)?;
        TOTALS.put(&mut self.tx, &(), &totals)?;
        Ok(Answer::Done)
    }
}
