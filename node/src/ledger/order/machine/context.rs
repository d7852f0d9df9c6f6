//! What malachite calls a context: our keys, heights, blocks and votes in its traits.

use magpie_protocol::{
    ids::NetworkId,
    keys::ConsensusKey,
    ledger::{BlockHash, ValidatorSet},
};
use malachite_types::{
    self as types, LinearTimeouts, NilOrVal, Round, SignedExtension, SigningScheme, VoteType,
};
use std::{fmt, sync::Arc};

/// The chain that is ordered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Context {
    pub(super) chain: NetworkId,
}

/// A validator's key, which is also its address.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key(pub(super) ConsensusKey);

/// A height.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Height(pub(super) u64);

/// A block, which travels apart: the value that is agreed on is its hash.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Hash(pub(super) BlockHash);

/// A signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Seal(pub(super) [u8; 64]);

/// A vote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ballot {
    pub(super) kind: VoteType,
    pub(super) height: Height,
    pub(super) round: Round,
    pub(super) value: NilOrVal<Hash>,
    pub(super) key: Key,
}

/// A proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Offer {
    pub(super) height: Height,
    pub(super) round: Round,
    pub(super) value: Hash,
    pub(super) polka: Round,
    pub(super) key: Key,
}

/// Malachite ships no parts for us: blocks travel with proposals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part;

/// A validator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Member {
    key: Key,
    power: u64,
}

/// The validators of a height.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Members(Arc<Inner>);

#[derive(Debug, PartialEq, Eq)]
struct Inner {
    members: Vec<Member>,
    set: ValidatorSet,
}

/// Signatures are made and checked where the effects are attended to; this names their types.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Scheme;

impl Members {
    pub(super) fn new(set: &ValidatorSet) -> Self {
        let member =
            |of: &magpie_protocol::ledger::Validator| Member { key: Key(of.key), power: of.power };
        let members = set.validators().iter().map(member).collect();
        Self(Arc::new(Inner { members, set: set.clone() }))
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Height {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl types::Address for Key {}

impl types::Height for Height {
    const ZERO: Self = Self(0);
    const INITIAL: Self = Self(1);

    fn increment_by(&self, n: u64) -> Self {
        Self(self.0.saturating_add(n))
    }

    fn decrement_by(&self, n: u64) -> Option<Self> {
        self.0.checked_sub(n).map(Self)
    }

    fn as_u64(&self) -> u64 {
        self.0
    }
}

impl types::Value for Hash {
    type Id = Self;

    fn id(&self) -> Self {
        *self
    }
}

impl types::ProposalPart<Context> for Part {
    fn is_first(&self) -> bool {
        true
    }

    fn is_last(&self) -> bool {
        true
    }
}

impl types::Proposal<Context> for Offer {
    fn height(&self) -> Height {
        self.height
    }

    fn round(&self) -> Round {
        self.round
    }

    fn value(&self) -> &Hash {
        &self.value
    }

    fn take_value(self) -> Hash {
        self.value
    }

    fn pol_round(&self) -> Round {
        self.polka
    }

    fn validator_address(&self) -> &Key {
        &self.key
    }
}

impl types::Vote<Context> for Ballot {
    fn height(&self) -> Height {
        self.height
    }

    fn round(&self) -> Round {
        self.round
    }

    fn value(&self) -> &NilOrVal<Hash> {
        &self.value
    }

    fn take_value(self) -> NilOrVal<Hash> {
        self.value
    }

    fn vote_type(&self) -> VoteType {
        self.kind
    }

    fn validator_address(&self) -> &Key {
        &self.key
    }

    fn extension(&self) -> Option<&SignedExtension<Context>> {
        None
    }

    fn take_extension(&mut self) -> Option<SignedExtension<Context>> {
        None
    }

    fn extend(self, _extension: SignedExtension<Context>) -> Self {
        self
    }
}

impl types::Validator<Context> for Member {
    fn address(&self) -> &Key {
        &self.key
    }

    fn public_key(&self) -> &Key {
        &self.key
    }

    fn voting_power(&self) -> u64 {
        self.power
    }
}

impl types::ValidatorSet<Context> for Members {
    fn count(&self) -> usize {
        self.0.members.len()
    }

    fn total_voting_power(&self) -> u64 {
        self.0.set.power()
    }

    fn get_by_address(&self, address: &Key) -> Option<&Member> {
        let at = self.0.members.binary_search_by_key(address, |member| member.key).ok()?;
        self.0.members.get(at)
    }

    fn get_by_index(&self, index: usize) -> Option<&Member> {
        self.0.members.get(index)
    }
}

impl SigningScheme for Scheme {
    type DecodingError = &'static str;
    type Signature = Seal;
    type PublicKey = Key;
    type PrivateKey = ();

    fn decode_signature(bytes: &[u8]) -> Result<Seal, &'static str> {
        bytes.try_into().map(Seal).map_err(|_| "a signature is 64 bytes")
    }

    fn encode_signature(signature: &Seal) -> Vec<u8> {
        signature.0.to_vec()
    }

    fn decode_public_key(bytes: &[u8]) -> Result<Key, &'static str> {
        bytes.try_into().map(|key| Key(ConsensusKey(key))).map_err(|_| "a key is 32 bytes")
    }

    fn encode_public_key(key: &Key) -> Vec<u8> {
        key.0.as_bytes().to_vec()
    }
}

impl types::Context for Context {
    type Address = Key;
    type Height = Height;
    type ProposalPart = Part;
    type Proposal = Offer;
    type Validator = Member;
    type ValidatorSet = Members;
    type Timeouts = LinearTimeouts;
    type Value = Hash;
    type Vote = Ballot;
    type Extension = ();
    type SigningScheme = Scheme;

    fn select_proposer<'a>(
        &self,
        members: &'a Members,
        height: Height,
        round: Round,
    ) -> &'a Member {
        let round = round.as_u32().unwrap_or(0);
        let turn = members.0.set.proposer(height.0, round).map(|proposer| Key(proposer.key));
        turn.and_then(|key| types::ValidatorSet::get_by_address(members, &key))
            .expect("a ValidatorSet has at least one validator, and Members has the same")
    }

    fn new_proposal(
        &self,
        height: Height,
        round: Round,
        value: Hash,
        polka: Round,
        key: Key,
    ) -> Offer {
        Offer { height, round, value, polka, key }
    }

    fn new_prevote(&self, height: Height, round: Round, value: NilOrVal<Hash>, key: Key) -> Ballot {
        Ballot { kind: VoteType::Prevote, height, round, value, key }
    }

    fn new_precommit(
        &self,
        height: Height,
        round: Round,
        value: NilOrVal<Hash>,
        key: Key,
    ) -> Ballot {
        Ballot { kind: VoteType::Precommit, height, round, value, key }
    }
}
