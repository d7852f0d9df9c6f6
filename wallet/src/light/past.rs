//! Headers before the newest.

use super::{Kept, Light};
use magpie_protocol::ledger::{Certificate, CertifiedHeader, Header, ValidatorSet};

impl Light {
    /// Tells whether validators that this follower knows decided a header that is not newer than its
    /// newest, and no fork was seen.
    pub fn vouches(&self, header: Header, certificate: Certificate) -> bool {
        let Some(set) = self.set(header.validators) else { return false };
        self.fork.is_none()
            && header.height <= self.tip.height
            && CertifiedHeader::verify(header, certificate, self.chain, set).is_ok()
    }

    /// Returns the newest header that is believed, if there is one and no fork was seen.
    pub fn newest_kept(&self) -> Option<&Kept> {
        self.kept.last().filter(|_| self.fork.is_none())
    }

    /// Returns who votes on the next height.
    pub fn validators(&self) -> &ValidatorSet {
        self.set(self.tip.next_validators).expect("who votes next is always among the sets")
    }

    /// Returns the sets of validators that are known: of the kept headers, and of the next height.
    pub fn sets(&self) -> &[ValidatorSet] {
        &self.sets
    }
}
