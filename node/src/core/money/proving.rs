//! Asking super nodes for leaves with their proofs.

use super::{follow::Heard, memory::Shown, silence::SILENT_MS};
use crate::core::{
    agenda::Task,
    net::{Fault, NetCommand, Protocol},
    requests::Purpose,
    turn::Turn,
};
use magpie_protocol::{
    address::NodeId,
    api::ApiResult,
    bounded::List,
    codec::{DecodeError, decode, encode},
    ledger::{
        exchange::{Answer, Proven, Request},
        state::LeafKey,
    },
    limits::PROVEN_LEAVES,
};

/// The wait before a super node is asked again that was behind, milliseconds.
const BEHIND_MS: u64 = 200;

/// The same where no leaf waits for the header that it does not have yet.
const HEADER_MS: u64 = 1_000;

/// What an answer was.
enum Judged {
    /// All that was asked for was shown, under a header that may be older than wished.
    Shown,
    /// It could not answer.
    Nothing,
    /// It lied.
    Lie,
}

impl Turn<'_> {
    /// Asks a super node for the leaves that are wanted, and with them for the newest header.
    pub(crate) fn ask_ledger(&mut self) -> ApiResult<()> {
        self.ask_headers();
        if self.core.money.is_stopped() {
            return Ok(());
        }
        if let Some(goal) = self.confirming_goal() {
            self.ask_to_confirm(goal);
            return Ok(());
        }
        let money = &self.core.money;
        if !money.is_wanting() {
            return Ok(());
        }
        if self.now < money.ask_from_ms {
            self.core.agenda.plan(Task::Ledger, money.ask_from_ms);
            return Ok(());
        }
        if let Err(later) = money.may_ask(self.now) {
            if let Some(later) = later {
                self.core.agenda.plan(Task::Ledger, later);
            }
            return Ok(());
        }
        let Some(light) = &money.light else { return Ok(()) };
        let knows = light.tip().next_validators;
        let keys = money.next_wanted(PROVEN_LEAVES);
        let Some(to) = self.next_super() else { return Ok(()) };
        let list = List::new(keys.clone()).unwrap_or_default();
        let Ok(bytes) = encode(&Request::Prove { knows, keys: list }) else { return Ok(()) };
        if self.ask_super(to, bytes, Purpose::Prove(keys)) {
            let money = &mut self.core.money;
            (money.asking, money.asked_ms) = (money.asking.saturating_add(1), self.now);
        } else {
            self.retry_ledger();
        }
        Ok(())
    }

    /// Asks a super node something, and looks again when it should have answered.
    pub(super) fn ask_super(&mut self, to: NodeId, bytes: Vec<u8>, purpose: Purpose) -> bool {
        let asked = self.ask_peer(to, Protocol::Ledger, bytes, purpose);
        if asked {
            self.core.money.silence.asked(to, self.now);
            self.core.agenda.plan(Task::Ledger, self.now.saturating_add(SILENT_MS));
        }
        asked
    }

    /// Returns the super nodes to ask: connected ones alone if there is any, and of them those that
    /// answer.
    pub(super) fn near_supers(&self) -> Vec<NodeId> {
        let supers = self.core.supers();
        let (net, silence) = (&self.core.net, &self.core.money.silence);
        let near: Vec<NodeId> = supers.iter().filter(|node| net.has(node)).copied().collect();
        let near = if near.is_empty() { supers } else { near };
        let answering: Vec<NodeId> =
            near.iter().filter(|node| !silence.is_silent(**node, self.now)).copied().collect();
        if answering.is_empty() { near } else { answering }
    }

    /// Returns the super node to ask next: one after the other.
    pub(super) fn next_super(&mut self) -> Option<NodeId> {
        let from = self.near_supers();
        let money = &mut self.core.money;
        money.asked = money.asked.wrapping_add(1);
        from.get(money.asked.checked_rem(from.len())?).copied()
    }

    /// Takes a super node's answer to a request for leaves.
    pub(crate) fn proven(
        &mut self,
        from: NodeId,
        keys: Vec<LeafKey>,
        answer: Option<&[u8]>,
    ) -> ApiResult<()> {
        self.core.money.silence.over(from, self.now);
        self.core.money.asking = self.core.money.asking.saturating_sub(1);
        match self.judge_proven(&keys, answer)? {
            Judged::Shown => {
                self.core.agenda.went_well(Task::Ledger);
                if self.core.money.is_wanting() {
                    // Who has shown less than was wished is behind.
                    let stays = keys.iter().any(|key| self.core.money.next_wanted(1).contains(key));
                    let wait = match keys.is_empty() {
                        true => HEADER_MS,
                        false if stays => BEHIND_MS,
                        false => 0,
                    };
                    let from = self.now.saturating_add(wait);
                    self.core.money.ask_from_ms = from;
                    self.core.agenda.plan(Task::Ledger, from);
                }
                self.run_shown(&keys)
            }
            Judged::Nothing => {
                self.retry_ledger();
                Ok(())
            }
            Judged::Lie => {
                self.command(NetCommand::Misbehaved { peer: from, fault: Fault::Forged });
                self.retry_ledger();
                Ok(())
            }
        }
    }

    fn judge_proven(&mut self, keys: &[LeafKey], answer: Option<&[u8]>) -> ApiResult<Judged> {
        let Some(bytes) = answer else { return Ok(Judged::Nothing) };
        let proven = match decode::<Answer>(bytes) {
            Ok(Answer::Proven(proven)) => proven,
            // It may have nothing to show yet, be asked too much, or be newer than this node.
            Ok(Answer::Refused(_)) | Err(DecodeError::Version { .. }) => {
                return Ok(Judged::Nothing);
            }
            Ok(_) | Err(_) => return Ok(Judged::Lie),
        };
        let Proven { newest, proofs } = *proven;
        let (header, height) = (newest.decided.header.clone(), newest.decided.header.height);
        match self.follow(newest.decided, newest.next)? {
            Heard::Believed => {}
            Heard::Unknown | Heard::Forked => return Ok(Judged::Nothing),
            Heard::Forged => return Ok(Judged::Lie),
        }
        if proofs.len() != keys.len() {
            return Ok(Judged::Lie);
        }
        let money = &mut self.core.money;
        let Some(believed) =
            money.light.as_ref().and_then(|light| light.believed(height, self.now))
        else {
            return Ok(Judged::Nothing);
        };
        let mut found = Vec::with_capacity(keys.len());
        for (key, proof) in keys.iter().zip(proofs.iter()) {
            match believed.verify_leaf(key, proof) {
                Ok(bytes) => found.push((*key, bytes.map(<[u8]>::to_vec))),
                Err(_) => return Ok(Judged::Lie),
            }
        }
        for (key, bytes) in found {
            money.show(key, Shown { height, time_ms: header.time_ms, bytes });
        }
        Ok(Judged::Shown)
    }

    fn retry_ledger(&mut self) {
        let jitter = self.rng.next_u32();
        self.core.agenda.retry(Task::Ledger, self.now, jitter);
    }
}
