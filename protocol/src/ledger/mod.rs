//! The ledger: its bytes, its rules, its state and what blocks do to it (page 8).
//!
//! In: bytes from a wallet, a mempool or a super node. Out: values that are checked as far as
//! their own bytes go: [`Entry::verify`] makes a [`VerifiedEntry`], [`Validators::verify`] a
//! [`ValidatorSet`], [`CertifiedHeader::verify`] a header that a wallet believes. Start at
//! [`Instruction`] for what can be done and at [`Rules`] for what a genesis allows; what needs the
//! state is in [`execution`], which reads and changes the leaves of [`state`].

mod amount;
mod block;
mod certificate;
mod entry;
mod error;
pub mod exchange;
pub mod execution;
mod header;
mod id;
mod instruction;
mod issuer;
mod members;
mod merkle;
mod name;
mod notary;
mod packet;
mod payment;
mod rules;
pub mod state;
mod term;
mod transfer;
pub mod tree;
mod validators;
mod vote;

pub use amount::Amount;
pub use block::{Block, BlockError, entries_root, entry_path};
pub use certificate::{Certificate, CertificateError, CertifiedHeader, CommitSignature};
pub use entry::{Entry, VerifiedEntry};
pub use error::{EntryError, SignError, UnknownKind, VerifyError};
pub use header::{Header, HeaderError, Tip};
pub use id::{
    BlockHash, EntriesRoot, EntryId, MembersRoot, NameCommitment, StateRoot, ValidatorsHash,
};
pub use instruction::Instruction;
pub use issuer::{Burn, Mint};
pub use members::{Members, MembersError, MembersHead, Payee};
pub use merkle::{MerkleHash, MerklePath};
pub use name::{CommitName, Name, RegisterName, RenewName, TransferName, name_commitment};
pub use notary::Notarize;
pub use packet::{ClaimPacket, CreatePacket, OpenPacket, PacketKind, WordProof};
pub use payment::Payment;
pub use rules::{Fees, Lifetimes, MoneyLimits, Pace, Rules, RulesError};
pub use term::{HeightError, TimeError};
pub use transfer::{Accept, Decline, Transfer};
pub use validators::{
    UpdateValidators, Validator, ValidatorChange, ValidatorSet, Validators, ValidatorsError,
};
pub use vote::{Conflict, Evidence, Proposal, Step, Vote};

#[cfg(test)]
mod tests;
