//! Why an entry is refused by the state, and what breaks the state itself.

use crate::{
    address::{Address, AddressError},
    beacon::FoldError,
    codec::EncodeError,
    draw::DrawError,
    keys::{IssuerKey, ReceiveKey},
    ledger::{
        Amount, EntryError, EntryId, HeightError, PacketKind, TimeError, ValidatorsError,
        state::{Books, LeafError},
    },
};

/// Why an entry cannot stand in a block after this state. The fault of whoever made it, or of
/// somebody who was faster.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is not valid on this chain under these rules, whatever the state.
    #[error(transparent)]
    Entry(#[from] EntryError),
    /// It is not valid at this time.
    #[error(transparent)]
    Time(#[from] TimeError),
    /// It is not valid at this height.
    #[error(transparent)]
    Height(#[from] HeightError),
    /// No rule of this build says what it does.
    #[error("{0}: this build does not execute it")]
    NotExecuted(&'static str),
    /// Another sequence number is next: one below `expected` was used, one above may be valid later.
    #[error("the next sequence number is {expected}, the entry has {found}")]
    Sequence {
        /// The next.
        expected: u64,
        /// The entry's.
        found: u64,
    },
    /// The wallet has too little.
    #[error("{wallet} has {balance} and would pay {needed}")]
    Funds {
        /// The wallet.
        wallet: Address,
        /// What it has.
        balance: Amount,
        /// What it would pay.
        needed: Amount,
    },
    /// It would last longer than times are counted.
    #[error("it would expire at {0} ms, which no calendar has")]
    TooFar(u64),
    /// There is no such transfer.
    #[error("there is no transfer {0}")]
    NoTransfer(EntryId),
    /// Only the payee accepts and declines.
    #[error("transfer {transfer} is not for {receive}")]
    NotPayee {
        /// The transfer.
        transfer: EntryId,
        /// Who signed.
        receive: ReceiveKey,
    },
    /// It was accepted or declined.
    #[error("transfer {0} waits no more")]
    Settled(EntryId),
    /// Its time is over.
    #[error("the time of {id} was over at {expires_ms}, the block is of {time_ms}")]
    Expired {
        /// The transfer or packet.
        id: EntryId,
        /// When its time was over.
        expires_ms: u64,
        /// The block's time.
        time_ms: u64,
    },
    /// There is no such packet.
    #[error("there is no packet {0}")]
    NoPacket(EntryId),
    /// Only the creator opens it.
    #[error("packet {packet} is not opened by {receive}")]
    NotCreator {
        /// The packet.
        packet: EntryId,
        /// Who signed.
        receive: ReceiveKey,
    },
    /// A packet is opened once.
    #[error("packet {0} is open")]
    Open(EntryId),
    /// A packet of this kind is not opened so.
    #[error("packet {packet} is {kind:?}, which is not opened so")]
    Opening {
        /// The packet.
        packet: EntryId,
        /// Its kind.
        kind: PacketKind,
    },
    /// Its creation named others who may claim.
    #[error("packet {0} was made for other members")]
    Members(EntryId),
    /// Nobody can claim yet.
    #[error("packet {0} is not open")]
    NotOpen(EntryId),
    /// This key claimed already.
    #[error("{receive} claimed from packet {packet} already")]
    Claimed {
        /// The packet.
        packet: EntryId,
        /// The key.
        receive: ReceiveKey,
    },
    /// All shares are claimed.
    #[error("nothing is left in packet {0}")]
    Empty(EntryId),
    /// The path does not lead to the packet's members.
    #[error("{receive} is no member of packet {packet}")]
    NotMember {
        /// The packet.
        packet: EntryId,
        /// Who signed.
        receive: ReceiveKey,
    },
    /// The claim does not prove the packet's word, or proves one where none is asked.
    #[error("the claim from packet {0} does not answer its word")]
    Word(EntryId),
    /// The key issues nothing here.
    #[error("{0} is no issuer")]
    NotIssuer(IssuerKey),
    /// It is more than the genesis allows; above, the validators vote.
    #[error("{what}: {amount}, {left} are left")]
    Issue {
        /// Which limit.
        what: &'static str,
        /// How much was asked.
        amount: Amount,
        /// How much is left.
        left: Amount,
    },
}

/// What is wrong with the state, or the code: ours. The node stops.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault<E> {
    /// A leaf cannot be read from the store.
    #[error("a leaf of state cannot be read: {0}")]
    Leaves(E),
    /// A leaf's bytes are not what was written.
    #[error(transparent)]
    Leaf(#[from] LeafError),
    /// A leaf that another names is not there.
    #[error("{0}: the leaf is not there")]
    Missing(&'static str),
    /// A leaf does not fit its format.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// A sum left what can be counted, or went below nothing.
    #[error("{0}: no such amount")]
    Amount(&'static str),
    /// Money came from nowhere, or went there.
    #[error("the money does not add up: {0:?}")]
    Conservation(Box<Books>),
    /// The beacons kept do not fold.
    #[error(transparent)]
    Fold(#[from] FoldError),
    /// The claims kept cannot be drawn.
    #[error(transparent)]
    Draw(#[from] DrawError),
    /// The validators kept are no set.
    #[error(transparent)]
    Validators(#[from] ValidatorsError),
    /// An issuer's key is no wallet.
    #[error(transparent)]
    Address(#[from] AddressError),
}

/// What comes out where both somebody else and we can be at fault: the inner error is theirs, the
/// outer ours.
pub type Judged<T, R, E> = Result<Result<T, R>, Fault<E>>;

/// How a rule ends that does not hold: the entry's fault or ours, told apart again by the caller.
#[derive(Debug)]
pub(super) enum Stop<E> {
    /// The entry's.
    Refused(Refusal),
    /// Ours.
    Fault(Fault<E>),
}

impl<E> Stop<E> {
    /// Tells the two apart.
    pub(super) fn split<T>(result: Result<T, Self>) -> Judged<T, Refusal, E> {
        match result {
            Ok(value) => Ok(Ok(value)),
            Err(Self::Refused(refusal)) => Ok(Err(refusal)),
            Err(Self::Fault(fault)) => Err(fault),
        }
    }
}

impl<E> From<Refusal> for Stop<E> {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl<E> From<Fault<E>> for Stop<E> {
    fn from(fault: Fault<E>) -> Self {
        Self::Fault(fault)
    }
}
