//! What an audit finds wrong, and what is no evidence.

use magpie_protocol::{
    beacon::{BeaconError, FoldError},
    draw::DrawError,
    keys::{ConsensusKey, ReceiveKey},
    ledger::Amount,
    limits::{AUDIT_HEADERS, AUDIT_VALIDATOR_SETS},
};

/// Why something is no evidence for this packet. The fault of the caller who gathered it; nothing
/// changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EvidenceError {
    /// The claim is of somebody whom the card does not name.
    #[error("{0:?} is no member of the packet")]
    Stranger(ReceiveKey),
    /// The header is of another chain.
    #[error("header of height {0} is of another chain")]
    Chain(u64),
    /// The header is above that of the leaves, or another of its height is there.
    #[error("header of height {0} is above the leaves', or the second of its height")]
    Height(u64),
    /// There are as many headers as an audit takes.
    #[error("an audit takes {AUDIT_HEADERS} headers")]
    Headers,
    /// There are as many sets of validators as an audit takes.
    #[error("an audit takes {AUDIT_VALIDATOR_SETS} sets of validators")]
    Validators,
}

/// Where the ledger contradicts its own rules. The fault of the validators who signed it, or of
/// who made a card that names others than the packet does ([`Contradiction::Members`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Contradiction {
    /// The packet's leaf contradicts itself.
    #[error("the packet's leaf is wrong: {0}")]
    Packet(&'static str),
    /// The packet was opened for others than the card's members.
    #[error("the packet was not opened for the members of its card")]
    Members,
    /// The packet says that it has other claims than its members made.
    #[error("the packet counts {counted} claims, its members made {found}")]
    Claims {
        /// Shares that are claimed, by the packet's leaf.
        counted: u32,
        /// Claims that there are.
        found: u32,
    },
    /// The packet says that other claims wait than do.
    #[error("the packet says that {counted} claims wait, {found} do")]
    Waiting {
        /// Claims that wait, by the packet's leaf.
        counted: u32,
        /// Claims that are not paid.
        found: u32,
    },
    /// What was paid, went back and is left is not what was put in.
    #[error("the packet held {expected}, its parts make {found:?}")]
    Sum {
        /// What was put in.
        expected: Amount,
        /// What the parts are together, if that is an amount.
        found: Option<Amount>,
    },
    /// A claim pays a wallet that is not its member's.
    #[error("the claim of {0:?} pays a wallet that is not its own")]
    Wallet(ReceiveKey),
    /// A claim stands where it cannot, or was paid when it cannot have been.
    #[error("the claim of {claimer:?} at height {height}: {rule}")]
    Claim {
        /// Whose claim.
        claimer: ReceiveKey,
        /// The height of its block.
        height: u64,
        /// What is broken.
        rule: &'static str,
    },
    /// The claims of one height do not follow one another, each once.
    #[error("the claims of height {0} are no list")]
    Order(u64),
    /// Claims of one height were not dealt together, or before those of a lower one.
    #[error("the claims of height {0} were dealt out of turn")]
    Turn(u64),
    /// Claims were dealt before enough proposers had contributed.
    #[error("the claims of height {height} were dealt at {paid}, their seed is ready at {ready:?}")]
    Early {
        /// The height of the claims.
        height: u64,
        /// When they were dealt.
        paid: u64,
        /// When they could be, if that is known.
        ready: Option<u64>,
    },
    /// A header was proposed by somebody whose turn it was not.
    #[error("height {height}: it was not the turn of {proposer}")]
    Proposer {
        /// The height.
        height: u64,
        /// Who proposed.
        proposer: ConsensusKey,
    },
    /// A header's beacon is not proven.
    #[error("height {height}: {error}")]
    Beacon {
        /// The height.
        height: u64,
        /// Why not.
        error: BeaconError,
    },
    /// A claim got another slot than it draws.
    #[error("{claimer:?} got slot {found:?} and draws {expected:?}")]
    Slot {
        /// Whose claim.
        claimer: ReceiveKey,
        /// What it draws.
        expected: Option<u32>,
        /// What it got.
        found: Option<u32>,
    },
    /// A claim got another amount than is due to it.
    #[error("{claimer:?} got {found}, due is {expected}")]
    Amount {
        /// Whose claim.
        claimer: ReceiveKey,
        /// What is due.
        expected: Amount,
        /// What it got.
        found: Amount,
    },
    /// The packet cannot be drawn at all.
    #[error(transparent)]
    Draw(#[from] DrawError),
    /// There is no fold at the claims' height.
    #[error(transparent)]
    Fold(#[from] FoldError),
}
