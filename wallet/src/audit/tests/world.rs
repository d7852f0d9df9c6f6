//! A chain in memory that makes packets, and remembers headers and leaves of every height.

use crate::audit::{Audit, Contradiction, Evidence, Needs, audit};
use ed25519_dalek::SigningKey;
use magpie_protocol::{
    address::Address,
    beacon::SecretKey,
    ids::NetworkId,
    keys::{ClaimKey, ConsensusKey, IssuerKey, ReceiveKey},
    ledger::{
        Amount, BlockHash, ClaimPacket, CreatePacket, EntriesRoot, EntryId, Header, Instruction,
        Members, Mint, OpenPacket, PacketKind, Payee, Payment, Rules, StateRoot, Validator,
        ValidatorSet, Validators, VerifiedEntry,
        execution::{Context, execute, genesis_changes},
        state::{Account, Changes, Claim, Issuer, Leaf, LeafKey, Leaves, Packet},
    },
};
use std::{collections::BTreeMap, convert::Infallible};

pub(super) const CHAIN: NetworkId = NetworkId([0xc4; 32]);
const START: u64 = 1_700_000_000_000;
const ISSUER: u16 = 10_000;
const VALIDATOR: u16 = 20_000;
const FEES: u16 = 25_000;
const WORD: u16 = 30_000;

fn key(number: u16) -> SigningKey {
    let mut seed = [0x77; 32];
    seed[..2].copy_from_slice(&number.to_be_bytes());
    SigningKey::from_bytes(&seed)
}

fn public(number: u16) -> [u8; 32] {
    key(number).verifying_key().to_bytes()
}

fn wallet(person: u16) -> Address {
    Address::from_bytes(public(2 * person)).unwrap()
}

pub(super) fn receive(person: u16) -> ReceiveKey {
    ReceiveKey(public(2 * person + 1))
}

pub(super) fn payee(person: u16) -> Payee {
    Payee { receive: receive(person), wallet: wallet(person) }
}

pub(super) fn payees(people: u16) -> Vec<Payee> {
    (0..people).map(payee).collect()
}

fn secret(number: u16) -> SecretKey {
    SecretKey::from_bytes([number as u8 + 1; 32])
}

fn validators(powers: &[u64]) -> ValidatorSet {
    let of = |(number, power): (u16, &u64)| {
        let wallet = Address::from_bytes(public(FEES + number)).unwrap();
        let (key, beacon) = (ConsensusKey(public(VALIDATOR + number)), secret(number).public());
        Validator { key, power: *power, beacon, wallet }
    };
    ValidatorSet::new((0..).zip(powers).map(of).collect()).unwrap()
}

#[derive(Debug, Clone, Default)]
struct Memory(BTreeMap<LeafKey, Vec<u8>>);

impl Leaves for Memory {
    type Error = Infallible;

    fn leaf(&self, key: &LeafKey) -> Result<Option<Vec<u8>>, Infallible> {
        Ok(self.0.get(key).cloned())
    }
}

impl Memory {
    fn write(&mut self, changes: &Changes) {
        for (key, leaf) in changes {
            match leaf {
                Some(bytes) => drop(self.0.insert(*key, bytes.clone())),
                None => drop(self.0.remove(key)),
            }
        }
    }

    fn get<T: Leaf>(&self, id: &T::Id) -> Option<T> {
        self.0.get(&T::key(id)).map(|bytes| T::from_leaf(bytes).unwrap())
    }
}

/// The chain.
#[derive(Debug, Clone)]
pub(super) struct World {
    rules: Rules,
    /// The leaves after the block of each height.
    states: Vec<Memory>,
    /// Those of height 1 and up.
    pub(super) headers: Vec<Header>,
    pub(super) sets: Vec<ValidatorSet>,
    /// The time of the next block.
    pub(super) time_ms: u64,
    /// How many rounds fail before the next block.
    pub(super) round: u32,
    /// How many people there are, each with a wallet of its own.
    pub(super) people: u16,
}

/// A packet in the world.
#[derive(Debug, Clone, Copy)]
pub(super) struct Made {
    pub(super) id: EntryId,
    pub(super) kind: PacketKind,
    pub(super) people: u16,
}

impl World {
    pub(super) fn new(powers: &[u64], people: u16) -> Self {
        let mut rules = Rules::usual();
        (rules.limits.share_least, rules.limits.share_most) = (Amount(1), rules.limits.packet);
        rules.check().unwrap();
        let (set, issuer) = (validators(powers), IssuerKey(public(ISSUER)));
        let mut state = Memory::default();
        state.write(&genesis_changes(START, &[issuer], &set).unwrap());
        let (states, headers, sets) = (vec![state], Vec::new(), vec![set]);
        let time_ms = START + 1_000;
        let mut world = Self { rules, states, headers, sets, time_ms, round: 0, people };
        let sequence = world.now().get::<Issuer>(&issuer).unwrap().sequence;
        let mint = Mint {
            issuer,
            sequence,
            valid_until_ms: time_ms + 60_000,
            wallet: wallet(0),
            amount: Amount(1_000_000_000),
            reference: [0; 32],
        };
        let mint = world.signed(mint, ISSUER);
        world.block(&[mint]);
        world
    }

    fn now(&self) -> &Memory {
        self.states.last().unwrap()
    }

    pub(super) fn height(&self) -> u64 {
        self.headers.len() as u64
    }

    pub(super) fn header(&self, height: u64) -> Header {
        self.headers[height as usize - 1].clone()
    }

    fn signed(&self, instruction: impl Into<Instruction>, by: u16) -> VerifiedEntry {
        let entry = instruction.into().sign(CHAIN, &key(by)).unwrap();
        entry.verify(CHAIN, &self.rules).unwrap()
    }

    /// Gives the validators other powers from the next block on, which no entry can do yet.
    pub(super) fn change_powers(&mut self, powers: &[u64]) {
        let set = validators(powers);
        let leaf = set.as_wire().to_leaf().unwrap();
        self.states.last_mut().unwrap().0.insert(Validators::key(&()), leaf);
        self.sets.push(set);
    }

    /// Makes a block by the validator whose turn it is.
    pub(super) fn block(&mut self, entries: &[VerifiedEntry]) {
        let set = self.sets.last().unwrap();
        let (height, round) = (self.height() + 1, self.round);
        let proposer = set.proposer(height, round).unwrap().key;
        let number = (0..).find(|number| public(VALIDATOR + number) == proposer.0).unwrap();
        let (state, secret) = (self.now(), secret(number));
        let (context, beacon) =
            Context::propose(state, CHAIN, proposer, &secret, self.time_ms).unwrap().unwrap();
        let header = Header {
            rules: Header::RULES,
            chain: CHAIN,
            height,
            round,
            proposer,
            parent: BlockHash([0; 32]),
            time_ms: self.time_ms,
            entries: EntriesRoot([0; 32]),
            state: StateRoot([0; 32]),
            validators: set.hash(),
            next_validators: set.hash(),
            beacon,
        };
        assert_eq!(Context::verify(state, CHAIN, &header).unwrap(), Ok(context));
        let executed = execute(&self.rules, state, context, entries).unwrap().unwrap();
        let mut after = state.clone();
        after.write(&executed.changes);
        self.states.push(after);
        self.headers.push(header);
        (self.time_ms, self.round) = (self.time_ms + 1_000, 0);
    }

    pub(super) fn blocks(&mut self, blocks: u32) {
        for _ in 0..blocks {
            self.block(&[]);
        }
    }

    /// Makes a packet, and opens it in the next block for all people.
    pub(super) fn packet(&mut self, kind: PacketKind, amount: u64, count: u32) -> Made {
        let sequence = self.now().get::<Account>(&wallet(0)).unwrap_or_default().sequence;
        let valid_until_ms = self.time_ms + 60_000;
        let payment =
            Payment { wallet: wallet(0), sequence, valid_until_ms, gas: Amount(1_000_000) };
        let (amount, receive) = (Amount(amount), receive(0));
        let lifetime_ms = 100_000;
        let create =
            CreatePacket { payment, kind, amount, count, lifetime_ms, receive, members: None };
        let create = self.signed(create, 0);
        let id = create.id();
        self.block(&[create]);
        let people = if kind == PacketKind::Exclusive { 1 } else { self.people };
        let members = Members::new(&payees(people)).unwrap();
        let word = kind.has_word().then(|| ClaimKey(public(WORD)));
        let (root, count) = (members.root(), members.count());
        let open = OpenPacket { packet: id, receive, members: root, count, word };
        let open = self.signed(open, 1);
        self.block(&[open]);
        Made { id, kind, people }
    }

    pub(super) fn claim(&self, by: u16, made: &Made) -> VerifiedEntry {
        let path = Members::new(&payees(made.people)).unwrap().path(&payee(by)).unwrap();
        let claim = ClaimPacket { packet: made.id, payee: payee(by), path, word: None };
        let has_word = made.kind.has_word();
        let claim = if has_word { claim.with_word(CHAIN, &key(WORD)).unwrap() } else { claim };
        self.signed(claim, 2 * by + 1)
    }

    /// Makes a block in which these people claim, in this order.
    pub(super) fn claims(&mut self, by: &[u16], made: &Made) {
        let claims: Vec<_> = by.iter().map(|by| self.claim(*by, made)).collect();
        self.block(&claims);
    }

    pub(super) fn leaf(&self, height: u64, made: &Made) -> Packet {
        self.states[height as usize].get(&made.id).unwrap()
    }

    pub(super) fn claimed(&self, height: u64, made: &Made, by: ReceiveKey) -> Option<Claim> {
        self.states[height as usize].get(&(made.id, by))
    }

    /// Returns evidence that has nothing yet but the packet's leaf.
    pub(super) fn evidence(&self, height: u64, made: &Made) -> Evidence {
        let (packet, at) = (self.leaf(height, made), self.header(height));
        Evidence::new(made.id, packet, at, &payees(made.people)).unwrap()
    }

    /// Gives the evidence what it needs, as the chain has it by now.
    pub(super) fn give(&self, evidence: &mut Evidence, made: &Made, needs: &Needs) {
        for member in &needs.claims {
            evidence.add_claim(*member, self.claimed(self.height(), made, *member)).unwrap();
        }
        for height in &needs.headers {
            evidence.add_header(self.header(*height)).unwrap();
        }
        for hash in &needs.validators {
            let set = self.sets.iter().find(|set| set.hash() == *hash).unwrap();
            evidence.add_validators(set.clone()).unwrap();
        }
    }

    /// Fetches what an audit wants until it says something; tells how often that was.
    pub(super) fn fill(&self, evidence: &mut Evidence, made: &Made) -> usize {
        for times in 0..200 {
            let needs = evidence.needs().unwrap();
            if needs.is_empty() {
                return times;
            }
            self.give(evidence, made, &needs);
        }
        panic!("it never has enough")
    }

    /// Audits a packet under the header of a height.
    pub(super) fn audit(&self, height: u64, made: &Made) -> Result<Audit, Contradiction> {
        let mut evidence = self.evidence(height, made);
        self.fill(&mut evidence, made);
        audit(&evidence)
    }
}
