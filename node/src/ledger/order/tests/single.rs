//! One validator of four, whose peers say what a test wants.

use super::{
    scene::{BEGIN, CHAIN, beacon_key, validators},
    toy::{Toy, next_state},
};
use crate::ledger::order::{
    Effect, Halt, Head, Input, Keys, Order,
    commit::{ROWS, read_rows},
    rows::LogEntry,
};
use ed25519_dalek::SigningKey;
use magpie_protocol::{
    address::NodeId,
    beacon::{self, Proof},
    bounded::List,
    consensus::{DecidedBlock, Message, SignedProposal, SignedVote},
    keys::ConsensusKey,
    ledger::{
        Block, BlockHash, Certificate, CommitSignature, Header, Proposal, StateRoot, Step,
        ValidatorSet, Vote, entries_root,
    },
};
use magpie_storage::{
    engine::MemoryDisk,
    overlay::{Overlay, Tx},
};

/// The peer that messages come from.
pub(super) const PEER: NodeId = NodeId([9; 32]);
/// Another one.
pub(super) const OTHER: NodeId = NodeId([10; 32]);

/// Returns what is sent to a peer, among effects.
pub(super) fn sends_to(peer: NodeId, effects: &[Effect]) -> Vec<Message> {
    let send = |effect: &Effect| match effect {
        Effect::Send { to, message } if *to == peer => Some(message.clone()),
        _ => None,
    };
    effects.iter().filter_map(send).collect()
}

/// Returns what is sent to [`PEER`], among effects.
pub(super) fn sends(effects: &[Effect]) -> Vec<Message> {
    sends_to(PEER, effects)
}

/// Tells whether [`PEER`] is blamed, among effects.
pub(super) fn blames(effects: &[Effect]) -> bool {
    effects.contains(&Effect::Blame(PEER))
}

/// Tells whether a block is decided, among effects.
pub(super) fn decides(effects: &[Effect]) -> bool {
    effects.iter().any(|effect| matches!(effect, Effect::Decided(_)))
}

/// Returns the answer with one decided block that these precommitted to in round 0.
pub(super) fn certified(node: &Single, block: &Block, by: &[usize]) -> Message {
    let (height, hash) = (block.header.height, block.header.hash().unwrap());
    let vote = |by: &usize| node.signed(*by, height, 0, Step::Precommit, Some(hash));
    let mut signatures: Vec<_> = by
        .iter()
        .map(vote)
        .map(|of| CommitSignature { validator: of.validator, signature: of.signature })
        .collect();
    signatures.sort_by_key(|each| each.validator);
    let signatures = List::new(signatures).unwrap();
    let certificate = Certificate { height, round: 0, block: hash, signatures };
    let decided = DecidedBlock { block: block.clone(), certificate };
    Message::Decided(List::new(vec![decided]).unwrap())
}

pub(super) struct Single {
    pub(super) order: Order,
    pub(super) now: u64,
    pub(super) set: ValidatorSet,
    pub(super) toy: Toy,
    overlay: Overlay,
    disk: MemoryDisk,
    keys: Vec<SigningKey>,
    own: usize,
}

impl Single {
    /// Returns the validator that is `place` turns after the proposer of height 1, running.
    pub(super) fn new(place: u32) -> Self {
        let (keys, set) = validators(4);
        let proposer = set.proposer(1, place).unwrap().key;
        let is = |key: &SigningKey| key.verifying_key().to_bytes() == proposer.0;
        let own = keys.iter().position(is).unwrap();
        let disk = MemoryDisk::new();
        let overlay = Overlay::new(Box::new(disk.open().unwrap()));
        let toy = Toy::open(set.clone(), &overlay);
        let order = Self::open(&keys, own, &toy, &overlay);
        let mut single = Self { order, now: BEGIN, set, toy, overlay, disk, keys, own };
        single.step(Input::Started);
        single
    }

    fn open(keys: &[SigningKey], own: usize, toy: &Toy, overlay: &Overlay) -> Order {
        let keys = Keys::new(keys[own].clone(), beacon_key(own));
        Order::open(keys, toy, overlay).unwrap()
    }

    /// Loses everything that is not on disk, and starts again.
    pub(super) fn restart(&mut self) -> Vec<Effect> {
        self.disk.crash(0);
        self.overlay = Overlay::new(Box::new(self.disk.open().unwrap()));
        self.toy = Toy::open(self.set.clone(), &self.overlay);
        self.order = Self::open(&self.keys, self.own, &self.toy, &self.overlay);
        self.step(Input::Started)
    }

    pub(super) fn try_step(&mut self, input: Input) -> Result<Vec<Effect>, Halt> {
        let mut tx = Tx::new(&self.overlay);
        let effects = self.order.step(input, self.now, &mut self.toy, &mut tx)?;
        let batch = tx.into_batch();
        self.overlay.push(batch);
        self.overlay.commit().unwrap();
        Ok(effects)
    }

    pub(super) fn step(&mut self, input: Input) -> Vec<Effect> {
        self.try_step(input).unwrap()
    }

    pub(super) fn hear(&mut self, message: Message) -> Vec<Effect> {
        self.hear_from(PEER, message)
    }

    pub(super) fn hear_from(&mut self, from: NodeId, message: Message) -> Vec<Effect> {
        self.step(Input::Message { from, message: Box::new(message) })
    }

    /// Lets time pass, tick by tick.
    pub(super) fn wait(&mut self, millis: u64) -> Vec<Effect> {
        let end = self.now + millis;
        let mut effects = Vec::new();
        while self.now < end {
            self.now = (self.now + 50).min(end);
            effects.extend(self.step(Input::Tick));
        }
        effects
    }

    /// Returns the log of the height that is being decided.
    pub(super) fn log(&self) -> Vec<LogEntry> {
        self.log_below(ROWS).unwrap()
    }

    /// Returns that log if it is shorter than `most`.
    pub(super) fn log_below(&self, most: usize) -> Result<Vec<LogEntry>, Halt> {
        read_rows(&self.overlay, self.order.head().tip.height + 1, most)
    }

    /// Decides the block of the proposer of round 0, made now, and returns what leaves in the last
    /// step.
    pub(super) fn decide(&mut self) -> Vec<Effect> {
        let own = |effect: &Effect| match effect {
            Effect::Publish(Message::Proposal(_, block)) => block.as_deref().cloned(),
            _ => None,
        };
        let effects = self.step(Input::Waiting);
        let block = effects.iter().find_map(own).unwrap_or_else(|| {
            let block = self.block(0, self.now);
            self.propose(&block, 0, None);
            block
        });
        let hash = block.header.hash().unwrap();
        let others = self.others();
        self.vote(&others[..2], 0, Step::Prevote, Some(hash));
        let effects = self.vote(&others[..2], 0, Step::Precommit, Some(hash));
        assert!(decides(&effects));
        effects
    }

    pub(super) fn key(&self, index: usize) -> ConsensusKey {
        ConsensusKey(self.keys[index].verifying_key().to_bytes())
    }

    /// Returns the other validators.
    pub(super) fn others(&self) -> Vec<usize> {
        (0..4).filter(|index| *index != self.own).collect()
    }

    /// Returns who proposes in a round of the next height.
    pub(super) fn proposer(&self, round: u32) -> usize {
        self.place_of(self.order.head().tip.height + 1, round)
    }

    /// Returns who proposes in a round of a height.
    pub(super) fn place_of(&self, height: u64, round: u32) -> usize {
        let key = self.set.proposer(height, round).unwrap().key;
        (0..4).find(|index| self.key(*index) == key).unwrap()
    }

    /// Returns a block on the head as an honest proposer of `round` makes it at `time_ms`.
    pub(super) fn block(&self, round: u32, time_ms: u64) -> Block {
        let proposer = self.proposer(round);
        let Head { tip, beacon: previous, validators } = self.order.head().clone();
        let mut header = Header {
            chain: CHAIN,
            rules: Header::RULES,
            height: tip.height + 1,
            round,
            proposer: self.key(proposer),
            parent: tip.hash,
            time_ms,
            entries: entries_root(&[]),
            state: StateRoot([0; 32]),
            validators: validators.hash(),
            next_validators: validators.hash(),
            beacon: Proof([0; 80]),
        };
        header.state = next_state(self.toy.state(), &header);
        let input = beacon::Input { chain: CHAIN, height: header.height, previous };
        let (_, proof) = beacon::prove(&beacon_key(proposer), &input).unwrap();
        header.beacon = proof;
        Block { header, entries: List::default() }
    }

    /// Returns the proposal of a block by who proposes in `round`.
    pub(super) fn proposal(
        &self,
        block: &Block,
        round: u32,
        polka_round: Option<u32>,
    ) -> SignedProposal {
        let (height, hash) = (block.header.height, block.header.hash().unwrap());
        let proposal = Proposal { chain: CHAIN, height, round, block: hash, polka_round };
        let by = self.proposer(round);
        let signature = proposal.sign(&self.keys[by]).unwrap();
        SignedProposal { proposal, validator: self.key(by), signature }
    }

    /// Returns a proposal of a block for the first time.
    pub(super) fn signed_proposal(
        &self,
        by: usize,
        height: u64,
        round: u32,
        block: BlockHash,
    ) -> SignedProposal {
        let proposal = Proposal { chain: CHAIN, height, round, block, polka_round: None };
        let signature = proposal.sign(&self.keys[by]).unwrap();
        SignedProposal { proposal, validator: self.key(by), signature }
    }

    pub(super) fn propose(&mut self, block: &Block, round: u32, polka: Option<u32>) -> Vec<Effect> {
        let signed = self.proposal(block, round, polka);
        self.hear(Message::Proposal(signed, Some(Box::new(block.clone()))))
    }

    pub(super) fn signed(
        &self,
        by: usize,
        height: u64,
        round: u32,
        step: Step,
        block: Option<BlockHash>,
    ) -> SignedVote {
        let vote = Vote { chain: CHAIN, height, round, step, block };
        let signature = vote.sign(&self.keys[by]).unwrap();
        SignedVote { vote, validator: self.key(by), signature }
    }

    /// Lets some of the others vote in a round of the next height.
    pub(super) fn vote(
        &mut self,
        by: &[usize],
        round: u32,
        step: Step,
        block: Option<BlockHash>,
    ) -> Vec<Effect> {
        let height = self.order.head().tip.height + 1;
        let mut effects = Vec::new();
        for by in by {
            let vote = self.signed(*by, height, round, step, block);
            effects.extend(self.hear(Message::Vote(vote)));
        }
        effects
    }

    /// Returns the votes among effects: round, step and block.
    pub(super) fn votes(&self, effects: &[Effect]) -> Vec<(u32, Step, Option<BlockHash>)> {
        let own = self.key(self.own);
        let vote = |effect: &Effect| match effect {
            Effect::Publish(Message::Vote(of)) if of.validator == own => {
                Some((of.vote.round, of.vote.step, of.vote.block))
            }
            _ => None,
        };
        effects.iter().filter_map(vote).collect()
    }
}
