//! Runs malachite's coroutine for one input after the other of one height.

use super::{
    attend::{Desk, Trouble},
    context::{Context, Hash, Height, Key, Members},
    convert,
};
use crate::ledger::order::{halt::Halt, rows::LogEntry, state::Keys, timers::RoundTimer};
use magpie_protocol::{
    codec::encode,
    consensus::{Message, RoundEnd, SignedVote},
    ids::NetworkId,
    ledger::{BlockHash, Certificate, Evidence, ValidatorSet},
};
use malachite::{
    Input, Params, Resume, State, ThresholdParams,
    r#gen::{CoResult, Gen},
};
use malachite_types::{self as types, Round, ValuePayload, Vote as _, VoteExtensionPolicy};
use std::{collections::BTreeSet, fmt, sync::Arc};

/// Inputs of other heights that malachite may hold: none, they wait outside.
const QUEUED: usize = 1;

/// What malachite is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) enum Feed {
    /// What it logs if it has not seen it: a vote, a proposal, a verdict, a wait's end, a polka.
    Logged(LogEntry),
    /// What ended a round elsewhere.
    RoundEnd(RoundEnd),
    /// Our own block.
    Propose {
        /// The round.
        round: u32,
        /// The block.
        block: BlockHash,
    },
    /// Time to say the last votes of a round again.
    Rebroadcast(u32),
}

/// What malachite wants done, in its order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) enum Act {
    /// Write this to the log before anything that follows leaves.
    Log(LogEntry),
    /// Tell the other validators.
    Publish(Message),
    /// Begin a wait.
    Wait(RoundTimer),
    /// Forget a wait.
    Cancel(RoundTimer),
    /// Forget all waits.
    CancelAll,
    /// Propose a block in this round.
    Propose(u32),
    /// The height is decided.
    Decide(Certificate),
    /// Validators that contradicted themselves.
    Accuse(Vec<Evidence>),
}

/// Malachite's state for one height.
///
/// A machine is started once, by its constructor: a second start of a height would forget its
/// votes.
pub(in super::super) struct Machine {
    state: State<Context>,
    desk: Desk,
}

impl Machine {
    /// Starts a height from what its log holds, and returns what is then to be done.
    ///
    /// Of what the log makes happen again only waits, an unanswered question for a block and a
    /// decision are returned: it was published before, and the rebroadcast repeats what was not.
    /// Errors: [`Halt::Machine`].
    pub(in super::super) fn start(
        chain: NetworkId,
        height: u64,
        set: &Arc<ValidatorSet>,
        keys: &Keys,
        log: &[LogEntry],
    ) -> Result<(Self, Vec<Act>), Halt> {
        let members = Members::new(set);
        let params = Params {
            address: Key(keys.consensus()),
            threshold_params: thresholds(keys),
            value_payload: ValuePayload::ProposalAndParts,
            enabled: true,
        };
        let context = Context { chain };
        let state = State::new(context, Height(height), members.clone(), params, QUEUED, QUEUED);
        let desk = Desk::new(chain, Arc::clone(set), keys);
        let mut machine = Self { state, desk };
        let policy = VoteExtensionPolicy::Disabled;
        let start = Input::StartHeight(Height(height), members, !log.is_empty(), None, policy);
        if log.is_empty() {
            let acts = machine.run(start)?;
            return Ok((machine, acts));
        }
        let acts = machine.replay(start, log, keys.repeats())?;
        Ok((machine, acts))
    }

    fn replay(
        &mut self,
        start: Input<Context>,
        log: &[LogEntry],
        repeats: bool,
    ) -> Result<Vec<Act>, Halt> {
        let height = self.height();
        let inputs: Vec<_> =
            log.iter().map(|entry| convert::input(height, &Feed::Logged(entry.clone()))).collect();
        self.state.index_wal_entries(inputs.iter());
        self.desk.replaying = true;
        let mut acts = self.run(start)?;
        for input in inputs {
            acts.extend(self.run(input)?);
        }
        self.desk.replaying = false;
        self.state.reset_entries_index();
        let held = log.iter().map(encode).collect::<Result<BTreeSet<_>, _>>()?;
        let mut left = Vec::new();
        for act in acts {
            let stays = match &act {
                // What the log made malachite say that the log does not hold was never said.
                Act::Log(entry) => !held.contains(&encode(entry)?),
                Act::Publish(_) => repeats,
                _ => true,
            };
            left.extend(stays.then_some(act));
        }
        Ok(left)
    }

    /// Tells malachite one thing of this height. `verified` says that its signature held already.
    /// Errors: [`Halt::Machine`].
    pub(in super::super) fn feed(&mut self, feed: &Feed, verified: bool) -> Result<Vec<Act>, Halt> {
        self.desk.verified = verified;
        let acts = self.run(convert::input(self.height(), feed));
        self.desk.verified = false;
        acts
    }

    /// Tells whether something that it was told since the last question was signed by nobody.
    pub(in super::super) fn take_forged(&mut self) -> bool {
        std::mem::take(&mut self.desk.forged)
    }

    /// Runs the coroutine to its end. The first effect that cannot be attended to ends it in the
    /// middle: whoever goes on after that could vote against what it logged.
    fn run(&mut self, input: Input<Context>) -> Result<Vec<Act>, Halt> {
        let Self { state, desk } = self;
        let mut acts = Vec::new();
        let mut coroutine = Gen::new(|co| malachite::handle(co, state, &(), input));
        let mut next = coroutine.resume_with(Resume::Start);
        loop {
            match next {
                CoResult::Yielded(effect) => {
                    next = coroutine.resume_with(desk.attend(effect, &mut acts)?);
                }
                CoResult::Complete(Ok(())) => return Ok(acts),
                CoResult::Complete(Err(error)) => {
                    return Err(Trouble::Malachite(error.to_string()).into());
                }
            }
        }
    }

    /// Returns the height.
    pub(in super::super) fn height(&self) -> u64 {
        self.state.height().0
    }

    /// Returns the round; before the first, it is the first.
    pub(in super::super) fn round(&self) -> u32 {
        self.state.round().as_u32().unwrap_or(0)
    }

    /// Tells whether it holds this vote.
    pub(in super::super) fn holds(&self, vote: &SignedVote) -> bool {
        self.state.driver.votes().has_vote(&convert::vote(vote))
    }

    /// Tells whether a vote contradicts another whose validator was found out in that round and step
    /// already: it shows nothing new, and would be logged each time that it comes.
    pub(in super::super) fn is_shown(&self, vote: &SignedVote) -> bool {
        let (votes, vote) = (self.state.driver.votes(), convert::vote(vote));
        let shown = || {
            let pairs = votes.evidence().get(vote.validator_address())?;
            let same = |of: &types::SignedVote<Context>| {
                of.round() == vote.round() && of.vote_type() == vote.vote_type()
            };
            pairs.iter().find(|(first, _)| same(first))
        };
        votes.conflicting_vote(&vote).is_some() && shown().is_some()
    }

    /// Tells whether more than two thirds prevoted for this block in some round.
    pub(in super::super) fn has_polka(&self, block: BlockHash) -> bool {
        let polkas = self.state.driver.polka_certificates();
        polkas.iter().any(|polka| polka.value_id == Hash(block))
    }

    /// Tells whether this block is locked, or the one that we would propose again.
    pub(in super::super) fn keeps(&self, block: BlockHash) -> bool {
        let state = self.state.driver.round_state();
        [&state.locked, &state.valid].into_iter().flatten().any(|kept| kept.value == Hash(block))
    }

    /// Tells whether we propose in the current round.
    pub(in super::super) fn proposes(&self) -> bool {
        let round = Round::new(self.round());
        self.state.get_proposer(self.state.height(), round) == self.state.address()
    }

    /// Returns the votes that it holds, in the order of their rounds.
    pub(in super::super) fn votes(&self) -> Result<Vec<SignedVote>, Halt> {
        let rounds = self.state.driver.votes().all_rounds().values();
        let all = rounds.flat_map(|round| round.received_votes().iter());
        Ok(all.map(|vote| self.desk.signed_vote(vote)).collect::<Result<_, _>>()?)
    }

    /// Takes the contradictions found so far, for a height that ends without this machine.
    pub(in super::super) fn accuse(&mut self) -> Result<Vec<Evidence>, Halt> {
        let proposals = self.state.driver.take_proposal_evidence();
        let votes = self.state.driver.take_vote_evidence();
        Ok(self.desk.evidence(proposals.iter(), votes.iter())?)
    }
}

#[cfg(not(test))]
fn thresholds(_keys: &Keys) -> ThresholdParams {
    ThresholdParams::default()
}

/// The thresholds, or, as a planted fault, a quorum of over a third.
#[cfg(test)]
fn thresholds(keys: &Keys) -> ThresholdParams {
    let usual = ThresholdParams::default();
    match keys.sabotage {
        crate::ledger::order::state::Sabotage::SmallQuorum => {
            ThresholdParams { quorum: usual.honest, ..usual }
        }
        _ => usual,
    }
}

impl fmt::Debug for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Machine")
            .field("height", &self.height())
            .field("round", &self.round())
            .finish_non_exhaustive()
    }
}
