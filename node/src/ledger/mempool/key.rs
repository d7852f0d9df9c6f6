//! What an entry would do, and for whom: where it stands among those that wait.

use magpie_protocol::{
    address::Address,
    keys::{IssuerKey, ReceiveKey},
    ledger::{EntryId, Instruction},
};

/// Whose entries are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lane {
    /// A wallet that pays. Its entries go in the order of their sequence numbers.
    Wallet(Address),
    /// An issuer; likewise.
    Issuer(IssuerKey),
    /// A receive key that accepts, declines, opens or claims.
    Receive(ReceiveKey),
}

/// Where an entry stands in its lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// Under its sequence number.
    Sequence(u64),
    /// Under the transfer or packet that it is about.
    About {
        /// The transfer or packet.
        target: EntryId,
        /// The entry's kind.
        kind: u16,
    },
}

/// What an entry would do: only one of a key can ever stand in a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// Whose it is.
    pub lane: Lane,
    /// Where it stands.
    pub place: Place,
}

impl Key {
    /// Returns the key of an instruction, or nothing if no rule executes its kind.
    pub fn of(instruction: &Instruction) -> Option<Self> {
        let kind = instruction.number();
        let about = |receive, target| {
            Some(Self { lane: Lane::Receive(receive), place: Place::About { target, kind } })
        };
        let issued = |issuer, sequence| {
            Some(Self { lane: Lane::Issuer(issuer), place: Place::Sequence(sequence) })
        };
        match instruction {
            Instruction::Accept(body) => about(body.receive, body.transfer),
            Instruction::Decline(body) => about(body.receive, body.transfer),
            Instruction::OpenPacket(body) => about(body.receive, body.packet),
            Instruction::ClaimPacket(body) => about(body.payee.receive, body.packet),
            Instruction::Mint(body) => issued(body.issuer, body.sequence),
            Instruction::Burn(body) => issued(body.issuer, body.sequence),
            Instruction::Transfer(_) | Instruction::CreatePacket(_) => {
                let payment = instruction.payment()?;
                let (lane, place) =
                    (Lane::Wallet(payment.wallet), Place::Sequence(payment.sequence));
                Some(Self { lane, place })
            }
            _ => None,
        }
    }

    /// Returns the transfer or packet that it is about.
    pub const fn target(&self) -> Option<EntryId> {
        match self.place {
            Place::About { target, .. } => Some(target),
            Place::Sequence(_) => None,
        }
    }
}
