//! Going forward along certified headers.

use super::{Decided, FollowError, Fork, Kept, Light};
use magpie_protocol::{
    ledger::{Certificate, CertifiedHeader, Header, HeaderError, ValidatorSet, Validators},
    limits::LIGHT_HEADERS,
};

/// What became of a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Followed {
    /// It is the newest now, and to be kept on disk before anything is said under it.
    Newest,
    /// It is believed already.
    Known,
    /// It is older than what is kept: nothing can be said of it.
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
    /// where the header names validators that are not known yet. Errors: [`FollowError`], the
    /// fault of who handed it over.
    pub fn follow(
        &mut self,
        header: Header,
        certificate: Certificate,
        next: Option<Validators>,
    ) -> Result<Followed, FollowError> {
        if self.fork.is_some() {
            return Ok(Followed::Forked);
        }
        if header.height <= self.tip.height {
            return self.compare(header, certificate);
        }
        let tip = self.tip;
        let (chain, hash) = (self.chain, tip.next_validators);
        let Some(set) = self.set(hash) else {
            let height = tip.height;
            return Err(FollowError::NextValidators { height, expected: hash });
        };
        let decided = CertifiedHeader::verify(header, certificate, chain, set)?;
        let header = decided.header();
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
        self.advance(&decided, fresh);
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

    fn advance(&mut self, decided: &CertifiedHeader, fresh: Option<ValidatorSet>) {
        let certificate = Some(decided.certificate().clone());
        self.kept.push(Kept { header: decided.header().clone(), certificate });
        let over = self.kept.len().saturating_sub(LIGHT_HEADERS);
        self.kept.drain(..over);
        self.tip = *decided.tip();
        self.sets.extend(fresh);
        let (tip, kept) = (self.tip, &self.kept);
        self.sets.retain(|set| {
            let hash = set.hash();
            hash == tip.next_validators || kept.iter().any(|kept| kept.header.validators == hash)
        });
    }

    /// Compares a header with the one of its height that is believed.
    fn compare(
        &mut self,
        header: Header,
        certificate: Certificate,
    ) -> Result<Followed, FollowError> {
        let Some(ours) = self.kept(header.height) else { return Ok(Followed::Old) };
        if ours.header == header {
            return Ok(Followed::Known);
        }
        // Of a checkpoint one knows who votes after it, but not who voted on it.
        let Some(set) = self.set(ours.header.validators) else { return Ok(Followed::Old) };
        let theirs = CertifiedHeader::verify(header, certificate, self.chain, set)?;
        let ours = ours.clone();
        Ok(self.stop(ours, &theirs))
    }

    fn stop(&mut self, ours: Kept, theirs: &CertifiedHeader) -> Followed {
        let (header, certificate) = (theirs.header().clone(), theirs.certificate().clone());
        self.fork = Some(Fork { ours, theirs: Decided { header, certificate } });
        Followed::Forked
    }
}
