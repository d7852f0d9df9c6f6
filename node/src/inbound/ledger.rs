//! `/magpie/ledger/1`, asked of a super node: entries, headers and proofs for anybody, and what
//! super nodes tell each other.

use crate::{
    core::{
        Turn,
        mesh::Admission,
        net::{Fault, GossipId, InboundId, NetCommand},
    },
    ledger::order::Halt,
};
use magpie_protocol::{
    address::NodeId,
    codec::{DecodeError, decode, encode},
    ledger::exchange::{Answer, Refusal, Request},
};

/// Signatures that an entry may cost.
const ENTRY_SIGNATURES: usize = 2;
/// Small items that reading a leaf and its proof is worth.
const PROOF_ITEMS: usize = 4;
/// After how many seconds a super node that asked too much may ask again.
const SHARE_WAIT: u16 = 1;

impl Turn<'_> {
    /// Serves one request of the ledger: exactly one answer, or a fault of the peer.
    pub(super) fn serve_ledger(&mut self, id: InboundId, from: NodeId, bytes: &[u8]) {
        let Some(orderer) = &mut self.core.orderer else {
            return self.command(NetCommand::Refuse { id });
        };
        if orderer.is_other(&from) {
            if !orderer.admit_other(from, self.now) {
                return self.answer_ledger(id, &from, &Answer::Refused(Refusal::Wait(SHARE_WAIT)));
            }
        } else {
            match self.core.mesh.admit(from, self.now, bytes.len()) {
                Admission::Served => {}
                Admission::Wait(seconds) => {
                    let wait = Answer::Refused(Refusal::Wait(seconds));
                    return self.answer_ledger(id, &from, &wait);
                }
                Admission::Flooding => return self.fault(id, from, Fault::Flooding),
            }
            // Before anything of it is read: a block is long.
            if Request::is_consensus(bytes) {
                self.answer_ledger(id, &from, &Answer::Refused(Refusal::NotYours));
                return self.command(NetCommand::Misbehaved { peer: from, fault: Fault::Forged });
            }
        }
        let request = match decode::<Request>(bytes) {
            Ok(request) => request,
            // It may be honest, and newer than this node.
            Err(DecodeError::Version { .. }) => return self.command(NetCommand::Refuse { id }),
            Err(_) => return self.fault(id, from, Fault::Malformed),
        };
        match self.ledger_answer(from, request) {
            Ok(answer) => self.answer_ledger(id, &from, &answer),
            Err(halt) => self.halt(halt),
        }
    }

    fn ledger_answer(&mut self, from: NodeId, request: Request) -> Result<Answer, Halt> {
        match request {
            Request::Consensus(message) => {
                self.take_statement(from, message);
                Ok(Answer::Done)
            }
            Request::Submit(entry) => {
                self.core.mesh.charge(&from, ENTRY_SIGNATURES, 0, 0);
                self.take_entry(Some(from), *entry)
            }
            Request::Prove { knows, keys } => {
                self.core.mesh.charge(&from, 0, keys.len().saturating_mul(PROOF_ITEMS), 0);
                self.prove_leaves(knows, &keys)
            }
            Request::Header(height) => self.show_header(height),
        }
    }

    fn answer_ledger(&mut self, id: InboundId, to: &NodeId, answer: &Answer) {
        match encode(answer) {
            Ok(bytes) => {
                self.core.mesh.charge(to, 0, 0, bytes.len());
                self.respond(id, bytes);
            }
            // Every answer is built within its limit; a peer would hear of a bug as a refusal.
            Err(_) => self.command(NetCommand::Refuse { id }),
        }
    }

    /// Judges a header that a peer passed on.
    pub(super) fn take_ledger_gossip(&mut self, id: GossipId, from: NodeId, bytes: &[u8]) {
        match self.judge_header(from, bytes) {
            Ok(verdict) => self.command(NetCommand::Judge { id, verdict }),
            Err(halt) => self.halt(halt),
        }
    }
}
