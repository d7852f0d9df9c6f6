//! A ledger in memory with people on it, and the slow recount of all its money.

use crate::{
    address::Address,
    beacon::{Beacon, SecretKey},
    bounded::List,
    ids::NetworkId,
    keys::{ClaimKey, ConsensusKey, IssuerKey, ReceiveKey},
    ledger::{
        Accept, Amount, BlockHash, Burn, ClaimPacket, CreatePacket, Decline, EntriesRoot, EntryId,
        Header, Instruction, Members, MerklePath, Mint, OpenPacket, PacketKind, Payee, Payment,
        Rules, StateRoot, Transfer, Validator, ValidatorSet, VerifiedEntry,
        execution::{
            Context, Deed, Executed, Execution, Fault, Refusal, check, execute, genesis_changes,
        },
        state::{
            self, Account, Books, Changes, Claim, FeeTurns, Leaf, LeafKey, Leaves, Packet, Progress,
        },
    },
};
use ed25519_dalek::SigningKey;
use std::{cell::Cell, collections::BTreeMap, convert::Infallible};

pub(super) const CHAIN: NetworkId = NetworkId([0xc4; 32]);
pub(super) const START: u64 = 1_700_000_000_000;
pub(super) const ISSUER: u16 = 10_000;
const VALIDATOR: u16 = 20_000;
const FEES: u16 = 25_000;
const WORD: u16 = 30_000;

pub(super) fn key(number: u16) -> SigningKey {
    let mut seed = [0x77; 32];
    seed[..2].copy_from_slice(&number.to_be_bytes());
    SigningKey::from_bytes(&seed)
}

fn public(number: u16) -> [u8; 32] {
    key(number).verifying_key().to_bytes()
}

/// Everybody has a wallet key and a receive key.
pub(super) fn wallet(person: u16) -> Address {
    Address::from_bytes(public(2 * person)).unwrap()
}

pub(super) fn receive(person: u16) -> ReceiveKey {
    ReceiveKey(public(2 * person + 1))
}

pub(super) fn payee(person: u16) -> Payee {
    Payee { receive: receive(person), wallet: wallet(person) }
}

pub(super) fn issuer() -> IssuerKey {
    IssuerKey(public(ISSUER))
}

pub(super) fn proposer(number: u16) -> ConsensusKey {
    ConsensusKey(public(VALIDATOR + number))
}

/// Where a validator's fees go.
pub(super) fn fee_wallet(number: u16) -> Address {
    Address::from_bytes(public(FEES + number)).unwrap()
}

fn secret(number: u16) -> SecretKey {
    SecretKey::from_bytes([number as u8 + 1; 32])
}

/// Leaves in a map, which counts what is read.
#[derive(Debug, Clone, Default)]
pub(super) struct Memory {
    pub(super) leaves: BTreeMap<LeafKey, Vec<u8>>,
    pub(super) reads: Cell<usize>,
}

impl Leaves for Memory {
    type Error = Infallible;

    fn leaf(&self, key: &LeafKey) -> Result<Option<Vec<u8>>, Infallible> {
        self.reads.set(self.reads.get() + 1);
        Ok(self.leaves.get(key).cloned())
    }
}

impl Memory {
    pub(super) fn write(&mut self, changes: &Changes) {
        for (key, leaf) in changes {
            match leaf {
                Some(bytes) => drop(self.leaves.insert(*key, bytes.clone())),
                None => assert!(self.leaves.remove(key).is_some(), "what goes was there"),
            }
        }
    }

    pub(super) fn get<T: Leaf>(&self, id: &T::Id) -> Option<T> {
        self.leaves.get(&T::key(id)).map(|bytes| T::from_leaf(bytes).unwrap())
    }

    /// All leaves of one kind, by their keys.
    pub(super) fn all<T: Leaf>(&self) -> Vec<T> {
        let own = self.leaves.values().filter(|bytes| bytes[0] == T::KIND);
        own.map(|bytes| T::from_leaf(bytes).unwrap()).collect()
    }

    /// Counts all the money, leaf by leaf, against the books.
    pub(super) fn recount(&self) -> Result<(), String> {
        let books: Books = self.get(&()).unwrap();
        let held = |amounts: Vec<Amount>| Amount::checked_sum(amounts).unwrap();
        let balances = held(self.all::<Account>().iter().map(Leaf::held).collect());
        let transfers = held(self.all::<state::Transfer>().iter().map(Leaf::held).collect());
        let packets = held(self.all::<Packet>().iter().map(Leaf::held).collect());
        let found = Books { balances, transfers, packets, ..books };
        if found != books || !found.balance() {
            return Err(format!("counted {found:?}, the books say {books:?}"));
        }
        Ok(())
    }
}

/// Rules under which a test meets every bound soon.
pub(super) fn rules() -> Rules {
    let mut rules = Rules::usual();
    (rules.limits.transfer_least, rules.limits.share_least) = (Amount(1), Amount(1));
    rules.limits.share_most = rules.limits.packet;
    rules.lifetimes.transfer = 60_000;
    rules.lifetimes.packet = 120_000;
    rules.pace.fee_blocks = 4;
    rules.limits.mint_day = Amount(5_000_000_000);
    rules.limits.mint_total = Amount(20_000_000_000);
    rules.limits.burn_day = Amount(1_000_000);
    rules.check().unwrap();
    // Fewer than a network may have, so that a few fill a block.
    rules.pace.expiries = 3;
    rules
}

fn validators(powers: &[u64]) -> ValidatorSet {
    let of = |(number, power): (u16, &u64)| {
        let (key, beacon) = (proposer(number), secret(number).public());
        Validator { key, power: *power, beacon, wallet: fee_wallet(number) }
    };
    ValidatorSet::new((0..).zip(powers).map(of).collect()).unwrap()
}

/// A chain of some validators, its state and what is to be remembered of its headers.
#[derive(Debug, Clone)]
pub(super) struct World {
    pub(super) rules: Rules,
    pub(super) leaves: Memory,
    /// The time of the next block.
    pub(super) time_ms: u64,
    pub(super) validators: u16,
    /// Proposer and beacon of each height, from 1.
    pub(super) headers: Vec<(ConsensusKey, Beacon)>,
    /// Entries of each wallet that no block has yet.
    ahead: BTreeMap<u16, u64>,
}

impl World {
    pub(super) fn new(validators: u16) -> Self {
        Self::of_powers(&vec![1; validators.into()])
    }

    /// A world whose validators have these powers.
    pub(super) fn of_powers(powers: &[u64]) -> Self {
        let mut leaves = Memory::default();
        leaves.write(&genesis_changes(START, &[issuer()], &validators(powers)).unwrap());
        leaves.recount().unwrap();
        let (headers, ahead) = (Vec::new(), BTreeMap::new());
        let time_ms = START + 1_000;
        let validators = u16::try_from(powers.len()).unwrap();
        Self { rules: rules(), leaves, time_ms, validators, headers, ahead }
    }

    /// Gives the validators other powers from the next block on, which no entry can do yet.
    pub(super) fn change_powers(&mut self, powers: &[u64]) {
        let leaf = validators(powers).as_wire().to_leaf().unwrap();
        self.leaves.leaves.insert(crate::ledger::Validators::key(&()), leaf);
    }

    /// A world of four validators in which so many people have a hundred million units.
    pub(super) fn of_people(people: u16) -> Self {
        let mut world = Self::new(4);
        let minted = (0..people).map(|person| world.mint(person, 100_000_000)).collect::<Vec<_>>();
        world.block(&minted);
        world
    }

    pub(super) fn height(&self) -> u64 {
        self.leaves.get::<Progress>(&()).unwrap().height
    }

    /// The context of the next block, by a proposer, checked as a validator would.
    pub(super) fn context(&self, by: u16) -> Context {
        let (key, secret) = (proposer(by), secret(by));
        let (context, proof) =
            Context::propose(&self.leaves, CHAIN, key, &secret, self.time_ms).unwrap().unwrap();
        let header = self.header(context.height(), by, proof);
        assert_eq!(Context::verify(&self.leaves, CHAIN, &header).unwrap(), Ok(context));
        context
    }

    pub(super) fn header(&self, height: u64, by: u16, beacon: crate::beacon::Proof) -> Header {
        let validators = self.leaves.get::<crate::ledger::Validators>(&()).unwrap();
        let hash = validators.verify().unwrap().hash();
        Header {
            chain: CHAIN,
            rules: Header::RULES,
            height,
            round: 0,
            proposer: proposer(by),
            parent: BlockHash([0; 32]),
            time_ms: self.time_ms,
            entries: EntriesRoot([0; 32]),
            state: StateRoot([0; 32]),
            validators: hash,
            next_validators: hash,
            beacon,
        }
    }

    /// Whose turn the next height is.
    pub(super) fn turn(&self) -> u16 {
        (self.height() % u64::from(self.validators)) as u16
    }

    /// Takes what a block did into the state, and counts the money.
    pub(super) fn commit(&mut self, by: u16, context: &Context, executed: &Executed) {
        self.leaves.write(&executed.changes);
        self.leaves.recount().unwrap();
        self.headers.push((proposer(by), *context.beacon()));
        self.time_ms += 1_000;
        self.ahead.clear();
    }

    /// Makes a block of entries that all hold.
    pub(super) fn block(&mut self, entries: &[VerifiedEntry]) -> Executed {
        let by = self.turn();
        let context = self.context(by);
        let executed = execute(&self.rules, &self.leaves, context, entries).unwrap().unwrap();
        self.commit(by, &context, &executed);
        executed
    }

    /// Makes a block by one proposer of those entries that hold, and tells which do not.
    pub(super) fn block_of_valid(
        &mut self,
        by: u16,
        entries: &[VerifiedEntry],
    ) -> (Executed, Vec<Refusal>) {
        let context = self.context(by);
        let leaves = self.leaves.clone();
        let rules = self.rules.clone();
        let mut execution = Execution::begin(&rules, &leaves, context).unwrap();
        let mut refused = Vec::new();
        for entry in entries {
            refused.extend(execution.apply(entry).unwrap().err());
        }
        let executed = execution.finish().unwrap();
        self.commit(by, &context, &executed);
        (executed, refused)
    }

    /// Why a block of these entries is invalid, and which entry makes it so.
    pub(super) fn invalid(&self, entries: &[VerifiedEntry]) -> (usize, Refusal) {
        let context = self.context(self.turn());
        let result = execute(&self.rules, &self.leaves, context, entries).unwrap();
        let invalid = result.unwrap_err();
        assert_eq!(invalid.entry, entries[invalid.at].id());
        (invalid.at, invalid.refusal)
    }

    /// Why a mempool and a block refuse this entry: for the same reason.
    pub(super) fn refusal(&self, entry: &VerifiedEntry) -> Refusal {
        let (_, refusal) = self.invalid(std::slice::from_ref(entry));
        assert_eq!(self.check(entry), Err(refusal.clone()));
        refusal
    }

    pub(super) fn check(&self, entry: &VerifiedEntry) -> Result<(), Refusal> {
        check(&self.rules, &self.leaves, CHAIN, self.time_ms, entry).unwrap()
    }

    /// Makes empty blocks, from a later time on, until nothing waits any more.
    pub(super) fn settle(&mut self, later_ms: u64) -> Vec<Deed> {
        self.time_ms += later_ms;
        let mut told = Vec::new();
        for _ in 0..1_000 {
            let pending = crate::ledger::execution::pending(&self.leaves).unwrap();
            if !pending.draws && pending.expiry_ms.is_none() {
                return told;
            }
            told.extend(self.block(&[]).due);
        }
        panic!("it never settles")
    }

    pub(super) fn balance(&self, person: u16) -> u64 {
        self.leaves.get::<Account>(&wallet(person)).unwrap_or_default().balance.0
    }

    pub(super) fn packet(&self, id: EntryId) -> Packet {
        self.leaves.get(&id).unwrap()
    }

    pub(super) fn claimed(&self, id: EntryId, person: u16) -> Option<Claim> {
        self.leaves.get(&(id, receive(person)))
    }

    pub(super) fn signed(&self, instruction: impl Into<Instruction>, by: u16) -> VerifiedEntry {
        let entry = instruction.into().sign(CHAIN, &key(by)).unwrap();
        entry.verify(CHAIN, &self.rules).unwrap()
    }

    pub(super) fn payment(&mut self, person: u16) -> Payment {
        let account = self.leaves.get::<Account>(&wallet(person)).unwrap_or_default();
        let ahead = self.ahead.entry(person).or_default();
        let sequence = account.sequence + *ahead;
        *ahead += 1;
        let valid_until_ms = self.time_ms + 60_000;
        Payment { wallet: wallet(person), sequence, valid_until_ms, gas: Amount(1_000_000) }
    }

    pub(super) fn transfer(&mut self, from: u16, to: u16, amount: u64) -> VerifiedEntry {
        let payment = self.payment(from);
        let transfer = Transfer { payment, amount: Amount(amount), payee: payee(to) };
        self.signed(transfer, 2 * from)
    }

    pub(super) fn accept(&self, by: u16, transfer: EntryId) -> VerifiedEntry {
        self.signed(Accept { transfer, receive: receive(by) }, 2 * by + 1)
    }

    pub(super) fn decline(&self, by: u16, transfer: EntryId) -> VerifiedEntry {
        self.signed(Decline { transfer, receive: receive(by) }, 2 * by + 1)
    }

    pub(super) fn create(
        &mut self,
        from: u16,
        kind: PacketKind,
        amount: u64,
        count: u32,
    ) -> VerifiedEntry {
        let (payment, amount) = (self.payment(from), Amount(amount));
        let receive = receive(from);
        let lifetime_ms = 100_000;
        let members = None;
        let packet = CreatePacket { payment, kind, amount, count, lifetime_ms, receive, members };
        self.signed(packet, 2 * from)
    }

    pub(super) fn open(
        &self,
        from: u16,
        packet: EntryId,
        kind: PacketKind,
        members: &Members,
    ) -> VerifiedEntry {
        let word = kind.has_word().then(|| ClaimKey(public(WORD)));
        let (root, count) = (members.root(), members.count());
        let receive = receive(from);
        self.signed(OpenPacket { packet, receive, members: root, count, word }, 2 * from + 1)
    }

    pub(super) fn claim(
        &self,
        by: u16,
        packet: EntryId,
        kind: PacketKind,
        members: &Members,
    ) -> VerifiedEntry {
        let path = members.path(&payee(by)).or_else(|| members.path(&payee(0)));
        let path = path.unwrap_or(MerklePath { index: 0, siblings: List::default() });
        let claim = ClaimPacket { packet, payee: payee(by), path, word: None };
        let claim =
            if kind.has_word() { claim.with_word(CHAIN, &key(WORD)).unwrap() } else { claim };
        self.signed(claim, 2 * by + 1)
    }

    fn issue(&mut self) -> (u64, u64) {
        let state: state::Issuer = self.leaves.get(&issuer()).unwrap();
        let ahead = self.ahead.entry(ISSUER).or_default();
        let sequence = state.sequence + *ahead;
        *ahead += 1;
        (sequence, self.time_ms + 60_000)
    }

    pub(super) fn mint(&mut self, to: u16, amount: u64) -> VerifiedEntry {
        let (sequence, valid_until_ms) = self.issue();
        let (issuer, wallet, amount) = (issuer(), wallet(to), Amount(amount));
        let reference = [0; 32];
        let mint = Mint { issuer, sequence, valid_until_ms, wallet, amount, reference };
        self.signed(mint, ISSUER)
    }

    pub(super) fn burn(&mut self, amount: u64) -> VerifiedEntry {
        let (sequence, valid_until_ms) = self.issue();
        let (issuer, amount, reference) = (issuer(), Amount(amount), [0; 32]);
        self.signed(Burn { issuer, sequence, valid_until_ms, amount, reference }, ISSUER)
    }

    /// Makes and opens a packet for the first so many people, in one block each.
    pub(super) fn opened(
        &mut self,
        from: u16,
        kind: PacketKind,
        amount: u64,
        count: u32,
        people: u16,
    ) -> (EntryId, Members) {
        let members = members(people);
        let created = self.create(from, kind, amount, count);
        let id = created.id();
        self.block(&[created]);
        let opening = self.open(from, id, kind, &members);
        self.block(&[opening]);
        (id, members)
    }
}

pub(super) fn members(people: u16) -> Members {
    Members::new(&(0..people).map(payee).collect::<Vec<_>>()).unwrap()
}

pub(super) fn turns(world: &World) -> Vec<(Address, u32)> {
    let turns = world.leaves.get::<FeeTurns>(&()).unwrap().0;
    turns.iter().map(|turns| (turns.wallet, turns.blocks)).collect()
}

/// The kinds of packets.
pub(super) const KINDS: [PacketKind; 5] = [
    PacketKind::Ordinary,
    PacketKind::Fortune,
    PacketKind::Exclusive,
    PacketKind::Password,
    PacketKind::PasswordFortune,
];

pub(super) type Broken = Fault<Infallible>;

pub(super) fn list<T, const MAX: usize>(values: Vec<T>) -> List<T, MAX> {
    List::new(values).unwrap()
}
