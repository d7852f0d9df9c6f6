//! Becoming sure of the network: by the checkpoint of its file, and where the newest header that is
//! believed is over 30 days old, by two super nodes that name the same later one (page 8).
//!
//! Until then nothing is followed or spent. Super nodes are asked one after the other; two certified
//! headers of one height, or one that is not the checkpoint, end it.

use super::{
    confirming::{Contradiction, Goal, Named},
    rows::{CHECKED, Checked},
};
use crate::core::{
    agenda::Task,
    net::{Fault, NetCommand},
    requests::Purpose,
    turn::Turn,
};
use magpie_protocol::{
    address::NodeId,
    api::ApiResult,
    bounded::List,
    codec::{DecodeError, decode, encode},
    ids::NetworkId,
    ledger::{
        CertifiedHeader, ValidatorSet, Validators, ValidatorsHash,
        exchange::{Answer, DecidedHeader, Newest, Proven, Request},
    },
    limits::{FRAME_AHEAD_MS, LIGHT_AGE_MS},
    network::Checkpoint,
};

/// What a super node's answer was worth.
enum Judged {
    /// It led on.
    Useful,
    /// It says nothing: another super node is asked.
    Nothing,
    /// It was made up.
    Lie,
}

impl Turn<'_> {
    /// Tells what has to be found out before the ledger is believed, if anything.
    pub(super) fn confirming_goal(&self) -> Option<Goal> {
        let money = &self.core.money;
        let light = money.light.as_ref()?;
        money.confirming.goal(light.is_too_old(self.now))
    }

    /// Asks the next super node for what has to be found out.
    pub(super) fn ask_to_confirm(&mut self, goal: Goal) {
        if let Err(later) = self.core.money.confirming.may_ask(self.now) {
            self.core.agenda.plan(Task::Ledger, later);
            return;
        }
        let Some(to) = self.next_unasked() else { return self.ask_later() };
        let Some(light) = &self.core.money.light else { return };
        let knows = light.tip().next_validators;
        let (request, purpose) = match goal {
            Goal::Name => (Request::Prove { knows, keys: List::default() }, Purpose::Name),
            Goal::Checkpoint(Checkpoint { height, .. }) | Goal::Second(height) => {
                (Request::Header(height), Purpose::Confirm(height))
            }
        };
        let Ok(bytes) = encode(&request) else { return };
        self.core.money.confirming.asked.insert(to);
        if self.ask_super(to, bytes, purpose) {
            self.core.money.confirming.asking_ms = Some(self.now);
        } else {
            self.ask_later();
        }
    }

    /// Begins the next round after a while: all were asked in vain.
    fn ask_later(&mut self) {
        let jitter = self.rng.next_u32();
        let at = self.core.money.confirming.in_vain(self.now, jitter);
        self.core.agenda.plan(Task::Ledger, at);
    }

    /// Asks anew at once if the network is unconfirmed: a super node is connected that was not.
    pub(super) fn confirm_with(&mut self) {
        if self.confirming_goal().is_some() {
            self.core.money.confirming.hurry();
            self.core.agenda.plan(Task::Ledger, self.now);
        }
    }

    /// Returns a super node that was not asked in this round, another one first each time.
    fn next_unasked(&mut self) -> Option<NodeId> {
        let near = self.near_supers();
        let money = &mut self.core.money;
        money.asked = money.asked.wrapping_add(1);
        let first = money.asked.checked_rem(near.len())?;
        let mut round = near.iter().cycle().skip(first).take(near.len());
        round.find(|node| !money.confirming.asked.contains(*node)).copied()
    }

    /// Takes a super node's newest header, which is only named by that.
    pub(crate) fn newest_named(&mut self, from: NodeId, answer: Option<&[u8]>) -> ApiResult<()> {
        let judged = match answer.map(decode::<Answer>) {
            _ if self.confirming_goal() != Some(Goal::Name) => {
                // It is not asked any more.
                self.core.money.silence.over(from, self.now);
                return Ok(());
            }
            Some(Ok(Answer::Proven(proven))) => self.judge_named(from, *proven)?,
            // It may have nothing to show yet, or be newer than this node.
            None | Some(Ok(Answer::Refused(_)) | Err(DecodeError::Version { .. })) => {
                Judged::Nothing
            }
            Some(Ok(_) | Err(_)) => Judged::Lie,
        };
        self.confirm_on(from, &judged);
        Ok(())
    }

    /// Takes a super node's header of a height that was asked for to be sure.
    pub(crate) fn height_confirmed(
        &mut self,
        from: NodeId,
        height: u64,
        answer: Option<&[u8]>,
    ) -> ApiResult<()> {
        let goal = self.confirming_goal();
        let judged = match (answer.map(decode::<Answer>), goal) {
            (Some(Ok(Answer::Header(shown))), _) if shown.header.height != height => Judged::Lie,
            (Some(Ok(Answer::Header(shown))), Some(Goal::Checkpoint(of)))
                if of.height == height =>
            {
                self.judge_checkpoint(*shown, of)?
            }
            (Some(Ok(Answer::Header(shown))), Some(Goal::Second(of))) if of == height => {
                self.judge_second(from, *shown)?
            }
            // It may not have it yet, or be newer than this node; or it answers late.
            (None | Some(Ok(Answer::Refused(_) | Answer::Header(_))), _)
            | (Some(Err(DecodeError::Version { .. })), _) => Judged::Nothing,
            (Some(Ok(_) | Err(_)), _) => Judged::Lie,
        };
        self.confirm_on(from, &judged);
        Ok(())
    }

    /// Goes on after an answer: at once, because nobody is asked twice in a round.
    fn confirm_on(&mut self, from: NodeId, judged: &Judged) {
        self.core.money.silence.over(from, self.now);
        self.core.money.confirming.asking_ms = None;
        if matches!(judged, Judged::Lie) && !self.core.money.is_stopped() {
            self.command(NetCommand::Misbehaved { peer: from, fault: Fault::Forged });
        }
        self.core.agenda.plan(Task::Ledger, self.now);
    }

    /// Judges the newest header that a super node has: it is to be certified, later than what is
    /// believed, and not over 30 days old itself.
    fn judge_named(&mut self, by: NodeId, proven: Proven) -> ApiResult<Judged> {
        let Proven { newest: Newest { decided, next }, proofs } = proven;
        let Some(light) = &self.core.money.light else { return Ok(Judged::Nothing) };
        let header = &decided.header;
        let brought = match next.map(Validators::verify).transpose() {
            Ok(brought) if proofs.is_empty() => brought,
            _ => return Ok(Judged::Lie),
        };
        let all = || light.sets().iter().chain(&brought);
        let find = |hash: ValidatorsHash| all().find(|set| set.hash() == hash).cloned();
        // Who votes may have changed since: then it says itself who does, and a second one has to
        // say the same.
        let (Some(voting), Some(next)) = (find(header.validators), find(header.next_validators))
        else {
            return Ok(Judged::Nothing);
        };
        if !is_certified(&decided, light.tip().chain, &voting) {
            return Ok(Judged::Lie);
        }
        let is_old = self.now.saturating_sub(header.time_ms) > LIGHT_AGE_MS;
        let is_ahead = header.time_ms > self.now.saturating_add(FRAME_AHEAD_MS);
        let is_later = header.height > light.tip().height && header.time_ms > light.tip().time_ms;
        self.core.money.confirming.is_all_old = is_old;
        if is_old || is_ahead || !is_later || header.check_rules().is_err() {
            return Ok(Judged::Nothing);
        }
        let named = Named { by, decided, voting, next };
        // Of a network with a single super node there is nobody else to ask.
        if self.core.supers().len() == 1 {
            return self.trust_named(named);
        }
        let confirming = &mut self.core.money.confirming;
        confirming.asked = [by].into();
        confirming.named = Some(named);
        Ok(Judged::Useful)
    }

    /// Judges what a second super node shows at the height that one named.
    fn judge_second(&mut self, from: NodeId, shown: DecidedHeader) -> ApiResult<Judged> {
        let Some(named) = self.core.money.confirming.named.clone() else {
            return Ok(Judged::Nothing);
        };
        if from == named.by || shown.header.validators != named.voting.hash() {
            return Ok(Judged::Nothing);
        }
        if !is_certified(&shown, named.decided.header.chain, &named.voting) {
            return Ok(Judged::Lie);
        }
        if shown.header == named.decided.header {
            return self.trust_named(named);
        }
        Ok(self.contradict(Contradiction::Named(Box::new(named.decided), Box::new(shown))))
    }

    /// Goes on from the header that super nodes named.
    fn trust_named(&mut self, named: Named) -> ApiResult<Judged> {
        self.core.money.confirming.begin_anew();
        let Named { decided, next, .. } = named;
        let light = self.core.money.light.as_mut();
        let trusted = light.map(|light| light.trust(decided.header.clone(), next));
        if !matches!(trusted, Some(Ok(()))) {
            return Ok(Judged::Nothing);
        }
        self.save_light()?;
        self.core.money.note_header(decided);
        Ok(self.go_on())
    }

    /// Judges what a super node shows at the height of the checkpoint.
    fn judge_checkpoint(&mut self, shown: DecidedHeader, of: Checkpoint) -> ApiResult<Judged> {
        let Some(light) = &mut self.core.money.light else { return Ok(Judged::Nothing) };
        let header = &shown.header;
        let find = |hash: ValidatorsHash| light.sets().iter().find(|set| set.hash() == hash);
        let Some(voting) = find(header.validators) else { return Ok(Judged::Nothing) };
        if !is_certified(&shown, light.tip().chain, voting) {
            return Ok(Judged::Lie);
        }
        let kept = light.believed(of.height, self.now).map(|kept| kept.header().clone());
        let is_it = header.hash().is_ok_and(|hash| hash == of.hash);
        if !is_it || kept.is_some_and(|kept| kept != *header) {
            return Ok(self.contradict(Contradiction::Checkpoint(Box::new(shown))));
        }
        if of.height > light.tip().height {
            let Some(next) = find(header.next_validators).cloned() else {
                return Ok(Judged::Nothing);
            };
            // It stands above what is believed, and is not later.
            if header.time_ms <= light.tip().time_ms {
                return Ok(self.contradict(Contradiction::Checkpoint(Box::new(shown))));
            }
            if light.trust(header.clone(), next).is_err() {
                return Ok(Judged::Nothing);
            }
            self.save_light()?;
            self.core.money.note_header(shown);
        }
        let put = CHECKED.put(&mut self.tx, &(), &Checked { height: of.height, hash: of.hash });
        self.stored(put)?;
        self.core.money.confirming.checkpoint = None;
        Ok(self.go_on())
    }

    /// Stops: nothing is believed, and nobody is asked any more.
    fn contradict(&mut self, wrong: Contradiction) -> Judged {
        let confirming = &mut self.core.money.confirming;
        confirming.begin_anew();
        confirming.contradiction = Some(wrong);
        Judged::Useful
    }

    /// Lets what waited for the ledger go on.
    fn go_on(&mut self) -> Judged {
        self.core.agenda.went_well(Task::Ledger);
        let money = &mut self.core.money;
        money.confirming.found();
        money.header_wanted = money.height().saturating_add(1);
        self.tell_news();
        Judged::Useful
    }
}

fn is_certified(decided: &DecidedHeader, chain: NetworkId, voting: &ValidatorSet) -> bool {
    let DecidedHeader { header, certificate } = decided.clone();
    CertifiedHeader::verify(header, certificate, chain, voting).is_ok()
}
