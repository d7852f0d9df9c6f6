//! What may be said under a header that is believed.

use super::{Freshness, Trace};
use magpie_protocol::ledger::{
    Header,
    state::LeafKey,
    tree::{ProofError, StateProof},
};

/// A header under which leaves are believed, and how fresh it is.
#[derive(Debug, Clone, Copy)]
pub struct Believed<'a> {
    header: &'a Header,
    freshness: Freshness,
}

impl<'a> Believed<'a> {
    /// Returns a header that a follower answers for, seen by a clock in milliseconds.
    pub(super) const fn new(header: &'a Header, now_ms: u64) -> Self {
        Self { header, freshness: Freshness::of(header.time_ms, now_ms) }
    }

    /// Returns the header.
    pub const fn header(&self) -> &'a Header {
        self.header
    }

    /// Returns the time of what is shown under the header, in milliseconds.
    pub const fn time_ms(&self) -> u64 {
        self.header.time_ms
    }

    /// Tells how fresh the header was when it was asked for.
    pub const fn freshness(&self) -> Freshness {
        self.freshness
    }

    /// Returns the bytes of the leaf after this header's block, or nothing if there is none.
    ///
    /// Errors: [`ProofError`], the fault of who made the proof.
    pub fn verify_leaf<'p>(
        &self,
        key: &LeafKey,
        proof: &'p StateProof,
    ) -> Result<Option<&'p [u8]>, ProofError> {
        proof.verify(&self.header.state, key)
    }

    /// Tells whether an entry never happened and never will: its trace is missing, and the header
    /// is of a time at which no block takes the entry any more.
    ///
    /// False if it happened, or still may. Only what is true here may be signed again. Errors:
    /// [`ProofError`], the fault of who made the proof.
    pub fn never_happened(&self, trace: &Trace, proof: &StateProof) -> Result<bool, ProofError> {
        let missing = self.verify_leaf(trace.key(), proof)?.is_none();
        Ok(missing && self.header.time_ms >= trace.valid_until_ms())
    }
}
