//! Going forward along certified headers.

use super::{Decided, FollowError, Fork, Kept, Light};
use magpie_protocol::{
    ledger::{Certificate, CertifiedHeader, Header, HeaderError, Tip, ValidatorSet, Validators},
    limits::{LIGHT_AGE_MS, LIGHT_HEADERS},
};

/// What became of a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Followed {
    /// It is the newest now, and to be kept on disk before anything is said under it.
    Newest,
    /// It is believed already.
    Known,
    /// It was left out on the way and contradicts nothing: it is kept, to compare others with.
    Between,
    /// It is older than what is kept, or than 30 days: nothing can be said of it.
    Old,
    /// It contradicts what is believed. Both are kept ([`Light::fork`]), and nothing is believed
    /// or followed any more.
    Forked,
}

impl Light {
    /// Follows a header if the validators that vote at its height certified it.
    ///
    /// The header is the next, or a later one with the same validators: those between may be left
    /// out, but not one that changes the validators. `next` is who votes after it, of need only
    /// where the header names validators that are not known yet. `now_ms` is the clock's: from a
    /// header over 30 days old by it none is followed, and only [`Light::trust`] leads on. Errors:
    /// [`FollowError`].
    pub fn follow(
        &mut self,
        header: Header,
        certificate: Certificate,
        next: Option<Validators>,
        now_ms: u64,
    ) -> Result<Followed, FollowError> {
        if self.fork.is_some() {
            return Ok(Followed::Forked);
        }
        let tip = self.tip;
        if self.is_too_old(now_ms) {
            let Tip { height, time_ms, .. } = tip;
            return Err(FollowError::TooOld { height, time_ms, now_ms });
        }
        if header.height <= tip.height {
            return self.compare(header, certificate, now_ms);
        }
        let (chain, hash) = (self.chain, tip.next_validators);
        let Some(set) = self.set(hash) else {
            let height = tip.height;
            return Err(FollowError::NextValidators { height, expected: hash });
        };
        let decided = CertifiedHeader::verify(header, certificate, chain, set)?;
        let header = decided.header();
        header.check_rules()?;
        if header.height == tip.height.saturating_add(1) && header.parent != tip.hash {
            let Some(ours) = self.kept(tip.height).cloned() else {
                let (height, expected, found) = (header.height, tip.hash, header.parent);
                return Err(HeaderError::Parent { height, expected, found }.into());
            };
            return Ok(self.stop(ours, &decided));
        }
        if header.time_ms <= tip.time_ms {
            let (height, time_ms, parent_ms) = (header.height, header.time_ms, tip.time_ms);
            return Err(HeaderError::Order { height, time_ms, parent_ms }.into());
        }
        let fresh = self.next_set(header, next)?;
        self.advance(Kept::of(&decided), *decided.tip(), fresh);
        Ok(Followed::Newest)
    }

    /// Returns the validators that the header brings, if they are new.
    fn next_set(
        &self,
        header: &Header,
        next: Option<Validators>,
    ) -> Result<Option<ValidatorSet>, FollowError> {
        let expected = header.next_validators;
        if self.set(expected).is_some() {
            return Ok(None);
        }
        let next = next.map(Validators::verify).transpose()?;
        let next = next.filter(|next| next.hash() == expected);
        let missing = FollowError::NextValidators { height: header.height, expected };
        next.map(Some).ok_or(missing)
    }

    /// Makes a header the newest, with the validators that it brings.
    pub(super) fn advance(&mut self, newest: Kept, tip: Tip, fresh: Option<ValidatorSet>) {
        self.kept.push(newest);
        self.tip = tip;
        self.sets.extend(fresh);
        self.drop_old();
    }

    /// Keeps as many headers as there may be, and the validators that they need.
    fn drop_old(&mut self) {
        let over = self.kept.len().saturating_sub(LIGHT_HEADERS);
        self.kept.drain(..over);
        let (tip, kept) = (self.tip, &self.kept);
        self.sets.retain(|set| {
            let hash = set.hash();
            hash == tip.next_validators || kept.iter().any(|kept| kept.header.validators == hash)
        });
    }

    /// Compares a header that is not after the newest with those that are kept: the one of its
    /// height, or the two beside it.
    fn compare(
        &mut self,
        header: Header,
        certificate: Certificate,
        now_ms: u64,
    ) -> Result<Followed, FollowError> {
        let ours = self.kept(header.height);
        if ours.is_some_and(|ours| ours.header == header) {
            return Ok(Followed::Known);
        }
        let at = self.kept.partition_point(|kept| kept.header.height < header.height);
        let (below, above) = (self.below(at, now_ms), self.kept.get(at));
        // Who voted so long ago may have lost its key; of a checkpoint, and of what is before all
        // that is kept, one may not know who voted at all. What the header says of its own time
        // is worth nothing yet.
        let after = below.is_some_and(|below| below.header.next_validators == header.validators);
        let before = above.is_some_and(|above| above.header.validators == header.validators);
        let voting = match ours {
            Some(ours) => Some(ours.header.validators),
            None => (after || before).then_some(header.validators),
        };
        let recent = above.is_some_and(|above| !is_old(above, now_ms));
        let set = voting.filter(|_| recent).and_then(|voting| self.set(voting));
        let Some(set) = set else { return Ok(Followed::Old) };
        let theirs = CertifiedHeader::verify(header, certificate, self.chain, set)?;
        match ours.cloned() {
            Some(ours) => Ok(self.stop(ours, &theirs)),
            None => self.put_between(&theirs, at, now_ms),
        }
    }

    /// Keeps a certified header whose height was left out, unless one beside it contradicts it.
    fn put_between(
        &mut self,
        theirs: &CertifiedHeader,
        at: usize,
        now_ms: u64,
    ) -> Result<Followed, FollowError> {
        let Header { height, time_ms, parent, .. } = *theirs.header();
        let (below, above) = (self.below(at, now_ms), self.kept.get(at));
        if let Some(above) = above {
            let next = height.checked_add(1) == Some(above.header.height);
            if next && above.header.parent != theirs.tip().hash {
                let above = above.clone();
                return Ok(self.stop(above, theirs));
            }
            if time_ms >= above.header.time_ms {
                let (parent_ms, time_ms) = (time_ms, above.header.time_ms);
                return Err(HeaderError::Order { height, time_ms, parent_ms }.into());
            }
        }
        let Some(below) = below else { return Ok(Followed::Old) };
        let next = below.header.height.checked_add(1) == Some(height);
        if next && below.header.hash().map_err(HeaderError::from)? != parent {
            let below = below.clone();
            return Ok(self.stop(below, theirs));
        }
        if time_ms <= below.header.time_ms {
            let parent_ms = below.header.time_ms;
            return Err(HeaderError::Order { height, time_ms, parent_ms }.into());
        }
        // What changes the validators must not be left out, so it cannot stand between.
        let Header { validators, next_validators, .. } = *theirs.header();
        if below.header.next_validators != validators || next_validators != validators {
            return Ok(Followed::Old);
        }
        self.kept.insert(at, Kept::of(theirs));
        self.drop_old();
        Ok(Followed::Between)
    }

    /// Returns the header that is kept below a place, if it is not too old to compare with.
    fn below(&self, at: usize, now_ms: u64) -> Option<&Kept> {
        let below = self.kept.get(at.checked_sub(1)?);
        below.filter(|below| !is_old(below, now_ms))
    }

    fn stop(&mut self, ours: Kept, theirs: &CertifiedHeader) -> Followed {
        let (header, certificate) = (theirs.header().clone(), theirs.certificate().clone());
        self.fork = Some(Fork { ours, theirs: Decided { header, certificate } });
        Followed::Forked
    }
}

const fn is_old(kept: &Kept, now_ms: u64) -> bool {
    now_ms.saturating_sub(kept.header.time_ms) > LIGHT_AGE_MS
}
