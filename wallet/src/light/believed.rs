//! What may be said under a header that is believed.

use magpie_protocol::ledger::{
    Header,
    state::LeafKey,
    tree::{ProofError, StateProof},
};

/// A header under which leaves are believed.
#[derive(Debug, Clone, Copy)]
pub struct Believed<'a>(&'a Header);

impl<'a> Believed<'a> {
    /// Returns a header that a follower answers for.
    pub(super) const fn new(header: &'a Header) -> Self {
        Self(header)
    }

    /// Returns the header.
    pub const fn header(&self) -> &'a Header {
        self.0
    }

    /// Returns the bytes of the leaf after this header's block, or nothing if there is none.
    ///
    /// Errors: [`ProofError`], the fault of who made the proof.
    pub fn verify_leaf<'p>(
        &self,
        key: &LeafKey,
        proof: &'p StateProof,
    ) -> Result<Option<&'p [u8]>, ProofError> {
        proof.verify(&self.0.state, key)
    }
}

/// How fresh what is believed is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// The newest header is under a minute old: what it shows is settled.
    Settled,
    /// It is older, or the clock and it disagree: what it shows was so at that time, in
    /// milliseconds.
    AsOf(u64),
    /// Two headers contradict each other: nothing is believed any more.
    Stopped,
}
