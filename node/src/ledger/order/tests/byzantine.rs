//! The one of four that does not keep the rules.

use ed25519_dalek::SigningKey;
use magpie_protocol::{
    beacon::Proof,
    bounded::List,
    codec::{decode, encode},
    consensus::{Message, SignedProposal, SignedVote},
    ledger::{Block, BlockHash, Header, Proposal, StateRoot, ValidatorSet},
    sign::Signature,
};
use rand_chacha::ChaCha8Rng;
use rand_core::Rng;

/// How it breaks them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Vice {
    /// Tells half of the others something else.
    Equivocates,
    /// Leaves half of everything unsaid.
    Withholds,
    /// Proposes blocks that are none, votes for blocks that do not exist, forges.
    Lies,
    /// Says old things again, its own and others'.
    Replays,
    /// Says what it says with bits flipped.
    Garbles,
    /// Puts a signature that it heard under votes of everybody.
    Reuses,
    /// Says the same contradictions again and again.
    Insists,
    /// Answers with one decided block at a time, and says that it has thousands.
    Drips,
    /// Says of blocks of a time to come that two thirds voted for them.
    Claims,
    /// Proposes one block twice, with and without a polka.
    Doubles,
}

/// Messages that it remembers.
const REMEMBERED: usize = 400;

pub(super) struct Byzantine {
    pub(super) vice: Vice,
    key: SigningKey,
    set: ValidatorSet,
    heard: Vec<Message>,
    /// The second block of its last proposal.
    twin: Option<(BlockHash, BlockHash)>,
}

impl Byzantine {
    pub(super) const fn new(vice: Vice, key: SigningKey, set: ValidatorSet) -> Self {
        Self { vice, key, set, heard: Vec::new(), twin: None }
    }

    pub(super) fn hears(&mut self, message: &Message, rng: &mut ChaCha8Rng) {
        if !matches!(self.vice, Vice::Replays | Vice::Reuses) {
            return;
        }
        if self.vice == Vice::Reuses {
            // The newest last.
            self.heard.push(message.clone());
            self.heard.drain(..self.heard.len().saturating_sub(REMEMBERED));
        } else if self.heard.len() < REMEMBERED {
            self.heard.push(message.clone());
        } else {
            let at = rng.next_u32() as usize % REMEMBERED;
            self.heard[at] = message.clone();
        }
    }

    /// Returns what the peer `to` gets in the place of `message`.
    pub(super) fn says(
        &mut self,
        message: &Message,
        to: usize,
        state_after: &dyn Fn(&Header) -> StateRoot,
        rng: &mut ChaCha8Rng,
    ) -> Vec<Message> {
        let said = message.clone();
        match self.vice {
            Vice::Withholds if rng.next_u32().is_multiple_of(2) => vec![],
            Vice::Withholds => vec![said],
            Vice::Equivocates => {
                let both = rng.next_u32().is_multiple_of(4);
                let other = self.twin_of(message, state_after);
                match other {
                    Some(other) if both => vec![said, other],
                    Some(other) if to.is_multiple_of(2) => vec![other],
                    _ => vec![said],
                }
            }
            Vice::Lies => self.lie(message, rng).into_iter().collect(),
            Vice::Garbles => garbled(message, rng).into_iter().collect(),
            Vice::Reuses => self.reuse(message, rng),
            Vice::Insists => {
                let other = self.twin_of(message, state_after);
                let both = [Some(said), other].into_iter().flatten();
                both.cycle().take(40).collect()
            }
            Vice::Drips => vec![match said {
                Message::Decided(blocks) => {
                    let first = blocks.into_vec().into_iter().take(1).collect();
                    Message::Decided(List::new(first).unwrap())
                }
                Message::Status(height) => Message::Status(height + 5_000),
                other => other,
            }],
            Vice::Claims | Vice::Doubles => self.propose_otherwise(message, state_after),
            Vice::Replays => {
                self.hears(message, rng);
                let again = self.heard.get(rng.next_u32() as usize % self.heard.len()).cloned();
                [Some(said), again].into_iter().flatten().collect()
            }
        }
    }

    fn propose(&self, signed: &SignedProposal, block: Block) -> (Message, BlockHash) {
        let hash = block.header.hash().unwrap();
        let mut proposal = signed.proposal;
        proposal.block = hash;
        let signature = proposal.sign(&self.key).unwrap();
        let signed = SignedProposal { proposal, signature, ..*signed };
        (Message::Proposal(signed, Some(Box::new(block))), hash)
    }

    fn vote(&self, signed: &SignedVote, block: Option<BlockHash>) -> Message {
        let mut vote = signed.vote;
        vote.block = block;
        let signature = vote.sign(&self.key).unwrap();
        Message::Vote(SignedVote { vote, signature, ..*signed })
    }

    fn is_own(&self, validator: magpie_protocol::keys::ConsensusKey) -> bool {
        validator.0 == self.key.verifying_key().to_bytes()
    }

    fn twin_of(
        &mut self,
        message: &Message,
        state_after: &dyn Fn(&Header) -> StateRoot,
    ) -> Option<Message> {
        match message {
            Message::Vote(signed) if self.is_own(signed.validator) => {
                let block = match (signed.vote.block, self.twin) {
                    (Some(block), Some((first, second))) if block == first => Some(second),
                    (Some(_), _) => None,
                    (None, Some((first, _))) => Some(first),
                    (None, None) => Some(BlockHash([7; 32])),
                };
                Some(self.vote(signed, block))
            }
            Message::Proposal(signed, Some(block)) if self.is_own(signed.validator) => {
                let mut twin = block.as_ref().clone();
                twin.header.time_ms += 1;
                twin.header.state = state_after(&twin.header);
                let (message, hash) = self.propose(signed, twin);
                self.twin = Some((signed.proposal.block, hash));
                Some(message)
            }
            _ => None,
        }
    }

    fn reuse(&self, message: &Message, rng: &mut ChaCha8Rng) -> Vec<Message> {
        let others = self.set.validators().iter().map(|each| each.key);
        let signatures = self.heard.iter().filter_map(|heard| match heard {
            Message::Vote(of) => Some(of.signature),
            _ => None,
        });
        let signatures: Vec<_> = signatures.collect();
        let (Message::Vote(own), false) = (message, signatures.is_empty()) else {
            return vec![message.clone()];
        };
        let signature = signatures[rng.next_u32() as usize % signatures.len()];
        let newest = signatures[signatures.len() - 1];
        let forge = |validator| {
            let forged = SignedVote { validator, ..*own };
            [signature, newest].map(|signature| Message::Vote(SignedVote { signature, ..forged }))
        };
        [message.clone()].into_iter().chain(others.flat_map(forge)).collect()
    }

    /// Proposes a block of a time to come as one of a polka, or one block twice.
    fn propose_otherwise(
        &self,
        message: &Message,
        state_after: &dyn Fn(&Header) -> StateRoot,
    ) -> Vec<Message> {
        let said = vec![message.clone()];
        let Message::Proposal(signed, Some(block)) = message else { return said };
        if !self.is_own(signed.validator) {
            return said;
        }
        let mut block = block.as_ref().clone();
        if self.vice == Vice::Claims {
            block.header.time_ms += 60_000;
            block.header.state = state_after(&block.header);
        }
        let (first, hash) = self.propose(signed, block);
        let again = |round, polka_round| {
            let proposal = Proposal { block: hash, round, polka_round, ..signed.proposal };
            let signature = proposal.sign(&self.key).unwrap();
            Message::Proposal(SignedProposal { proposal, signature, ..*signed }, None)
        };
        let round = signed.proposal.round;
        let turns = u32::try_from(self.set.validators().len()).unwrap();
        vec![again(round + turns, Some(round)), first, again(round + turns, Some(round + 1))]
    }

    fn lie(&self, message: &Message, rng: &mut ChaCha8Rng) -> Option<Message> {
        let choice = rng.next_u32() % 8;
        Some(match message {
            Message::Proposal(signed, Some(block)) if self.is_own(signed.validator) => {
                let mut block = block.as_ref().clone();
                match choice {
                    0 => block.header.state = StateRoot([9; 32]),
                    1 => block.header.time_ms += 60_000,
                    2 => block.header.time_ms = 1,
                    3 => block.header.beacon = Proof([9; 80]),
                    4 => block.header.round += 1,
                    5 => block.header.parent = BlockHash([9; 32]),
                    6 => return Some(Message::Proposal(*signed, None)),
                    _ => {
                        // A block that is not the proposal's.
                        block.header.time_ms += 1;
                        return Some(Message::Proposal(*signed, Some(Box::new(block))));
                    }
                }
                self.propose(signed, block).0
            }
            Message::Vote(signed) => match choice {
                0 => self.vote(signed, Some(BlockHash([9; 32]))),
                1 => Message::Vote(SignedVote { signature: Signature([9; 64]), ..*signed }),
                2 => Message::Status(u64::MAX),
                3 => Message::Want {
                    height: signed.vote.height,
                    round: 0,
                    block: BlockHash([0; 32]),
                },
                _ => message.clone(),
            },
            Message::Decided(blocks) => {
                let mut blocks = blocks.clone().into_vec();
                if let Some(first) = blocks.first_mut() {
                    match choice {
                        0..4 => first.block.header.state = StateRoot([9; 32]),
                        _ => first.certificate.signatures = List::default(),
                    }
                }
                Message::Decided(List::new(blocks).unwrap())
            }
            Message::RoundEnd(end) if choice < 4 => {
                let mut end = end.clone();
                end.round += 3;
                Message::RoundEnd(end)
            }
            Message::Status(height) if choice < 4 => Message::Status(height + 100),
            other => other.clone(),
        })
    }
}

/// Returns the message with up to three bits flipped, or nothing if that is none.
fn garbled(message: &Message, rng: &mut ChaCha8Rng) -> Option<Message> {
    let mut bytes = encode(message).unwrap();
    for _ in 0..rng.next_u32() % 4 {
        let bit = rng.next_u32() as usize % (bytes.len() * 8);
        bytes[bit / 8] ^= 1 << (bit % 8);
    }
    decode(&bytes).ok()
}
