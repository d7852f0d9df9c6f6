//! The answer to a peer, and whether the peer is at fault.

/// What became of something that a member of an epoch is said to have signed.
#[derive(Debug)]
pub(crate) struct Judged<A> {
    /// For the peer.
    pub(crate) answer: A,
    /// Whether the epoch's key did not sign it.
    pub(crate) forged: bool,
}

impl<A> From<A> for Judged<A> {
    fn from(answer: A) -> Self {
        Self { answer, forged: false }
    }
}
