//! One input to the order, and what it wants done.

use super::lines::Cargo;
use crate::{
    core::{
        net::{Fault, NetCommand},
        turn::Turn,
    },
    ledger::order::{Effect, Halt, Input},
};
use magpie_protocol::{
    address::NodeId,
    codec::encode,
    consensus::{DecidedBlock, Message},
    ledger::{Evidence, exchange::Request},
};
use std::sync::Arc;

impl Turn<'_> {
    /// Tells the order something. What it writes is in the step's transaction, what it says leaves
    /// once that is durable; a halt ends the node.
    pub(super) fn order(&mut self, input: Input) {
        if self.is_broken() {
            return;
        }
        let Some(orderer) = &mut self.core.orderer else { return };
        let orderer = &mut **orderer;
        let done = orderer.order.step(input, self.now, &mut orderer.ledger, &mut self.tx);
        let done = done.and_then(|effects| {
            effects.into_iter().try_for_each(|effect| self.carry_out_order(effect))
        });
        if let Err(halt) = done {
            self.halt(halt);
        }
    }

    /// Lets the order do what is due.
    pub(crate) fn order_tick(&mut self) {
        let Some(orderer) = &mut self.core.orderer else { return };
        if orderer.wake_at.is_some_and(|at| at <= self.now) {
            orderer.wake_at = None;
            self.order(Input::Tick);
        }
    }

    /// Takes what another super node said.
    pub(crate) fn take_statement(&mut self, from: NodeId, message: Box<Message>) {
        self.order(Input::Message { from, message });
    }

    fn carry_out_order(&mut self, effect: Effect) -> Result<(), Halt> {
        match effect {
            Effect::Publish(message) => {
                let bytes = encode(&Request::Consensus(Box::new(message)))?;
                self.hand_all(Cargo::Statement, bytes);
            }
            Effect::Send { to, message } => self.state(to, message)?,
            Effect::Wake(at) => {
                if let Some(orderer) = &mut self.core.orderer {
                    orderer.wake_at = Some(at);
                }
            }
            Effect::Decided(decided) => self.decided(*decided)?,
            Effect::Evidence(evidence) => self.report(*evidence)?,
            Effect::Blame(peer) => {
                self.command(NetCommand::Misbehaved { peer, fault: Fault::Forged });
            }
        }
        Ok(())
    }

    fn state(&mut self, to: NodeId, message: Message) -> Result<(), Halt> {
        let bytes = encode(&Request::Consensus(Box::new(message)))?;
        self.hand(to, Cargo::Statement, &Arc::from(bytes));
        Ok(())
    }

    fn decided(&mut self, decided: DecidedBlock) -> Result<(), Halt> {
        if let Some(orderer) = &mut self.core.orderer {
            orderer.note_validators();
        }
        self.gossip_header(decided)
    }

    /// Lets evidence wait for a block, if entries of its kind may.
    fn report(&mut self, evidence: Evidence) -> Result<(), Halt> {
        match self.evidence_entry(evidence) {
            Some(entry) => self.take_entry(None, entry).map(drop),
            None => Ok(()),
        }
    }
}
