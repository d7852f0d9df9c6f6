//! What is missing for an audit.

use super::Evidence;
use magpie_protocol::{
    beacon::{Beacon, Contribution, fold},
    keys::ReceiveKey,
    ledger::ValidatorsHash,
    limits::{AUDIT_FOLD_HEIGHTS, AUDIT_HEADERS, AUDIT_VALIDATOR_SETS},
};
use std::collections::BTreeSet;

/// What an audit wants next. With it there may be more to want.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Needs {
    /// The members whose claims are wanted, or that there are none. Once as many claims are found
    /// as the packet counts, no more are wanted.
    pub claims: Vec<ReceiveKey>,
    /// The heights whose headers are wanted, ascending.
    pub headers: Vec<u64>,
    /// The sets of validators that are wanted.
    pub validators: Vec<ValidatorsHash>,
}

/// More headers or sets of validators would be wanted than an audit takes: nothing can be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the audit takes more than {AUDIT_HEADERS} headers or {AUDIT_VALIDATOR_SETS} sets of validators"
)]
pub struct Beyond;

impl Needs {
    /// Tells whether nothing is wanted.
    pub const fn is_empty(&self) -> bool {
        let Self { claims, headers, validators } = self;
        claims.is_empty() && headers.is_empty() && validators.is_empty()
    }
}

impl Evidence {
    /// Returns what is to be fetched next: claims first, then headers and sets.
    ///
    /// Errors: [`Beyond`].
    pub fn needs(&self) -> Result<Needs, Beyond> {
        let claims = self.needs_claims();
        if claims.is_empty() { self.needs_headers() } else { Ok(claims) }
    }

    /// Returns the claims that are missing.
    pub(super) fn needs_claims(&self) -> Needs {
        let counted = self.packet.count.saturating_sub(self.packet.left);
        if self.packet.opening.is_none()
            || self.claims.values().flatten().count() as u64 >= counted.into()
        {
            return Needs::default();
        }
        let members = self.wallets.keys().filter(|member| !self.claims.contains_key(member));
        Needs { claims: members.copied().collect(), ..Needs::default() }
    }

    fn needs_headers(&self) -> Result<Needs, Beyond> {
        let mut wanted = BTreeSet::new();
        let drawn = self.packet.opening.filter(|_| self.packet.kind.is_drawn());
        for (height, claims) in self.claims_by_height() {
            wanted.insert(height);
            if let Some(opening) = drawn {
                // The one at the opening says what the one that cuts was asked.
                let cut = opening.height.saturating_add(1).min(self.at.height);
                wanted.extend(opening.height..=cut);
                let paid = claims.values().find_map(|claim| claim.paid);
                let until = paid.map_or(self.at.height, |paid| paid.height);
                wanted.extend(self.needs_for_fold(height, until));
            }
            if wanted.len() > AUDIT_HEADERS {
                return Err(Beyond);
            }
        }
        wanted.retain(|height| !self.headers.contains_key(height));
        let sets: BTreeSet<_> = self.headers.values().map(|header| header.validators).collect();
        let more = self.headers.len().saturating_add(wanted.len());
        if more > AUDIT_HEADERS || sets.len() > AUDIT_VALIDATOR_SETS {
            return Err(Beyond);
        }
        let unknown = sets.into_iter().filter(|hash| !self.validators.contains_key(hash));
        let (headers, validators) = (wanted.into_iter().collect(), unknown.collect());
        Ok(Needs { headers, validators, ..Needs::default() })
    }

    /// Returns the heights that a fold wants next: none if it is ready, or cannot be by `until`, or
    /// waits for a set of validators.
    fn needs_for_fold(&self, height: u64, until: u64) -> Vec<u64> {
        let mut missing = None;
        let after = (height.saturating_add(1)..=until).map_while(|height| {
            let Some(header) = self.headers.get(&height) else {
                missing = Some(height);
                return None;
            };
            // Who proposed with how much power decides when it is ready, whatever the beacons are.
            let set = self.validators.get(&header.validators)?;
            let power = set.get(header.proposer).map_or(0, |validator| validator.power);
            Some(Contribution {
                height,
                proposer: header.proposer,
                power,
                total: set.power(),
                validators: header.validators,
                beacon: Beacon::GENESIS,
            })
        });
        let folded = fold(height, after);
        match missing {
            Some(first) if matches!(folded, Ok(None)) => {
                (first..=until.min(first.saturating_add(AUDIT_FOLD_HEIGHTS - 1))).collect()
            }
            _ => Vec::new(),
        }
    }
}
