//! Signing with the receive key: opening and claiming packets, accepting and declining transfers.
//! No password is asked for: the key spends nothing.

use super::{
    errand::{Frame, Step, Work},
    settle::{Settling, Then},
};
use crate::core::turn::Turn;
use ed25519_dalek::SigningKey;
use magpie_protocol::{
    address::Address,
    api::{ApiError, ApiResult, ErrorCode},
    ids::NetworkId,
    keys::ReceiveKey,
    ledger::{
        Accept, ClaimPacket, Decline, Entry, EntryId, Instruction, Members, OpenPacket, Payee,
        state::{Claim, Leaf, Packet, Transfer, TransferState},
    },
};

/// What is to be signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signing {
    /// Says who may claim from a packet: those whom its card names.
    Open {
        /// The packet.
        packet: EntryId,
    },
    /// Takes a share.
    Claim {
        /// The packet.
        packet: EntryId,
    },
    /// Takes a transfer, or sends it back.
    Decide {
        /// The transfer.
        transfer: EntryId,
        /// Whether it is taken.
        accepts: bool,
    },
}

/// What comes of looking whether to sign.
enum Said {
    /// This is signed, and that follows.
    Signs(Box<Instruction>, Then),
    /// It is not.
    Not(Step),
}

/// The digests of a call's key and of what it asks, if it has a key.
pub(crate) type CallName = Option<([u8; 32], [u8; 32])>;

impl Signing {
    /// Returns what a caller asked for, by which a call is told from another with the same key. It
    /// stands in rows as a digest, so that its words stay as they are.
    pub(super) fn asked(&self) -> String {
        match self {
            Self::Open { packet } => format!("open {packet}"),
            Self::Claim { packet } => format!("claim {packet}"),
            Self::Decide { transfer, accepts: true } => format!("accept {transfer}"),
            Self::Decide { transfer, accepts: false } => format!("decline {transfer}"),
        }
    }
}

impl Turn<'_> {
    /// Signs if what was shown lets it stand, and remembers which entry the call's key stands for.
    pub(super) fn try_sign(
        &mut self,
        of: Signing,
        named: CallName,
        frame: Frame,
    ) -> ApiResult<Step> {
        self.light()?;
        let said = match of {
            Signing::Open { packet } => self.try_open(packet)?,
            Signing::Claim { packet } => self.try_claim(packet, frame)?,
            Signing::Decide { transfer, accepts } => self.try_decide(transfer, accepts, frame)?,
        };
        match said {
            Said::Signs(instruction, then) => {
                self.sign_and_settle(*instruction, then, named, frame)
            }
            Said::Not(step) => Ok(step),
        }
    }

    /// Returns the key that this account claims, accepts and declines with.
    pub(super) fn receive_key(&self) -> ApiResult<ReceiveKey> {
        Ok(self.open()?.account.key_part.keys.receive)
    }

    /// Returns this account as others pay it.
    pub(super) fn payee(&self) -> ApiResult<Payee> {
        let keys = &self.open()?.account.key_part.keys;
        Ok(Payee { receive: keys.receive, wallet: keys.wallet })
    }

    fn try_open(&mut self, packet: EntryId) -> ApiResult<Said> {
        let receive = self.receive_key()?;
        let members = self.packet_members(packet)?;
        let body = OpenPacket {
            packet,
            receive,
            members: members.root(),
            count: members.count(),
            word: None,
        };
        Ok(Said::Signs(Box::new(body.into()), Then::Packet(packet)))
    }

    fn try_claim(&mut self, id: EntryId, frame: Frame) -> ApiResult<Said> {
        let payee = self.payee()?;
        let mine = (id, payee.receive);
        let money = &self.core.money;
        let packet = money.leaf::<Packet>(&id, frame.least);
        let (Some(packet), Some(claim)) = (packet, money.leaf::<Claim>(&mine, frame.least)) else {
            return Ok(Said::Not(Step::Wants(vec![Packet::key(&id), Claim::key(&mine)])));
        };
        let refused = |code: ErrorCode| Ok(Said::Not(Step::Ends(Err(code.into()))));
        let Some(leaf) = packet.leaf else { return refused(ErrorCode::PacketUnknown) };
        if claim.leaf.is_some() {
            return refused(ErrorCode::AlreadyOpened);
        }
        if leaf.over || packet.time_ms >= leaf.expires_ms {
            return refused(ErrorCode::Expired);
        }
        // The card may be faster than the ledger.
        let Some(opening) = leaf.opening else {
            let height = self.core.money.height();
            return Ok(Said::Not(Step::WantsUnder(vec![Packet::key(&id)], height)));
        };
        if leaf.left == 0 {
            return refused(ErrorCode::PacketEmpty);
        }
        let members = self.packet_members(id)?;
        let path = members.path(&payee).filter(|_| members.root() == opening.members);
        let Some(path) = path else { return refused(ErrorCode::NotEligible) };
        let body = ClaimPacket { packet: id, payee, path, word: None };
        Ok(Said::Signs(Box::new(body.into()), Then::Share(id)))
    }

    fn try_decide(&mut self, id: EntryId, accepts: bool, frame: Frame) -> ApiResult<Said> {
        let receive = self.receive_key()?;
        let Some(seen) = self.core.money.leaf::<Transfer>(&id, frame.least) else {
            return Ok(Said::Not(Step::Wants(vec![Transfer::key(&id)])));
        };
        let refused = |code: ErrorCode| Ok(Said::Not(Step::Ends(Err(code.into()))));
        let Some(leaf) = seen.leaf else { return refused(ErrorCode::PacketUnknown) };
        if leaf.payee.receive != receive {
            return refused(ErrorCode::NotEligible);
        }
        match leaf.state {
            TransferState::Waiting => {}
            TransferState::Returned { .. } => return refused(ErrorCode::Expired),
            _ => return refused(ErrorCode::AlreadyDecided),
        }
        if seen.time_ms >= leaf.expires_ms {
            return refused(ErrorCode::Expired);
        }
        Ok(match accepts {
            true => {
                Said::Signs(Box::new(Accept { transfer: id, receive }.into()), Then::Transfer(id))
            }
            false => Said::Signs(
                Box::new(Decline { transfer: id, receive }.into()),
                Then::Remittance(id),
            ),
        })
    }

    /// Signs with the receive key, keeps the entry, and goes on with its settling.
    fn sign_and_settle(
        &mut self,
        instruction: Instruction,
        then: Then,
        named: CallName,
        frame: Frame,
    ) -> ApiResult<Step> {
        if let Some(step) = self.already_settling(&instruction) {
            return Ok(step);
        }
        self.check_waiting()?;
        let chain = self.chain()?;
        let key = self.open()?.account.receive.key();
        let (id, entry) = signed(&instruction, chain, &key)?;
        self.keep_entry(id, &entry)?;
        self.name_entry(named, id)?;
        let settling = Settling::kept(id, entry, instruction, then);
        Ok(frame.becomes(Work::Settle(Box::new(settling))))
    }

    /// Returns the refusal of who asks again for what is under way: Ed25519 signatures are the same
    /// each time, and so would the entry be.
    fn already_settling(&self, instruction: &Instruction) -> Option<Step> {
        let mut errands = self.core.money.errands.values();
        let is_same = errands.any(
            |errand| matches!(&errand.work, Work::Settle(it) if it.instruction == *instruction),
        );
        is_same.then(|| Step::Ends(Err(ErrorCode::Pending.into())))
    }

    /// Returns who may claim from a packet: the members of its group as its card says, or the one
    /// person that it is for. Errors: 21005 if this node cannot tell, 21006.
    pub(super) fn packet_members(&mut self, packet: EntryId) -> ApiResult<Members> {
        let payees: Vec<Payee> =
            self.packet_payees(packet)?.into_iter().map(|(_, payee)| payee).collect();
        Members::new(&payees).map_err(|e| ApiError::new(ErrorCode::NotEligible, e.to_string()))
    }

    /// Returns the accounts that may claim from a packet, with their keys. Errors as
    /// [`packet_members`](Self::packet_members).
    pub(super) fn packet_payees(&mut self, packet: EntryId) -> ApiResult<Vec<(Address, Payee)>> {
        let row = self.packet_row(packet)?;
        self.audience_payees(&row)
    }
}

/// Signs what an entry does, and returns it with its id. Error: 500, if it has no bytes.
pub(super) fn signed(
    instruction: &Instruction,
    chain: NetworkId,
    key: &SigningKey,
) -> ApiResult<(EntryId, Entry)> {
    let failed = |error: String| ApiError::new(ErrorCode::Failed, error);
    let entry = instruction.sign(chain, key).map_err(|error| failed(error.to_string()))?;
    let id = entry.id().map_err(|error| failed(error.to_string()))?;
    Ok((id, entry))
}
