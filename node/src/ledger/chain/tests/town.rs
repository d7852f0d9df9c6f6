//! People with wallets, who send, accept, decline, forget, give and claim, as dice say.

use super::recount::Leaves;
use crate::ledger::order::tests::scene::CHAIN;
use ed25519_dalek::SigningKey;
use magpie_protocol::{
    address::Address,
    keys::{ClaimKey, IssuerKey, ReceiveKey},
    ledger::{
        Accept, Amount, ClaimPacket, CreatePacket, Decline, Entry, EntryId, Instruction, Members,
        Mint, OpenPacket, PacketKind, Payee, Payment, Rules, Transfer,
        state::{self, Account, Issuer, Leaf},
    },
};
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};

pub(in crate::ledger) const PEOPLE: u16 = 8;
const ISSUER: u16 = 10_000;
const WORD: u16 = 30_000;
pub(in crate::ledger) const KINDS: [PacketKind; 5] = [
    PacketKind::Ordinary,
    PacketKind::Fortune,
    PacketKind::Exclusive,
    PacketKind::Password,
    PacketKind::PasswordFortune,
];

fn key(number: u16) -> SigningKey {
    let mut seed = [0x77; 32];
    seed[..2].copy_from_slice(&number.to_be_bytes());
    SigningKey::from_bytes(&seed)
}

fn public(number: u16) -> [u8; 32] {
    key(number).verifying_key().to_bytes()
}

pub(in crate::ledger) fn wallet(person: u16) -> Address {
    Address::from_bytes(public(2 * person)).unwrap()
}

pub(in crate::ledger) fn receive(person: u16) -> ReceiveKey {
    ReceiveKey(public(2 * person + 1))
}

pub(in crate::ledger) fn payee(person: u16) -> Payee {
    Payee { receive: receive(person), wallet: wallet(person) }
}

pub(in crate::ledger) fn issuer() -> IssuerKey {
    IssuerKey(public(ISSUER))
}

/// Rules under which things expire while a test runs.
pub(in crate::ledger) fn rules() -> Rules {
    let mut rules = Rules::usual();
    // Small amounts, so that what does not divide shows.
    (rules.limits.transfer_least, rules.limits.share_least) = (Amount(1), Amount(1));
    rules.lifetimes.transfer = 60_000;
    rules.lifetimes.packet = 60_000;
    rules.pace.fee_blocks = 5;
    rules
}

fn signed(instruction: impl Into<Instruction>, by: u16) -> Entry {
    instruction.into().sign(CHAIN, &key(by)).unwrap()
}

fn payment(person: u16, sequence: u64, now_ms: u64) -> Payment {
    let valid_until_ms = now_ms + 20_000;
    Payment { wallet: wallet(person), sequence, valid_until_ms, gas: Amount(1_000_000) }
}

pub(in crate::ledger) fn mint(to: u16, amount: u64, sequence: u64, now_ms: u64) -> Entry {
    let (issuer, wallet, amount) = (issuer(), wallet(to), Amount(amount));
    let valid_until_ms = now_ms + 20_000;
    let mint = Mint { issuer, sequence, valid_until_ms, wallet, amount, reference: [0; 32] };
    signed(mint, ISSUER)
}

pub(in crate::ledger) fn transfer(
    from: u16,
    to: u16,
    amount: u64,
    sequence: u64,
    now_ms: u64,
) -> Entry {
    let payment = payment(from, sequence, now_ms);
    signed(Transfer { payment, amount: Amount(amount), payee: payee(to) }, 2 * from)
}

pub(in crate::ledger) fn accept(by: u16, transfer: EntryId) -> Entry {
    signed(Accept { transfer, receive: receive(by) }, 2 * by + 1)
}

fn decline(by: u16, transfer: EntryId) -> Entry {
    signed(Decline { transfer, receive: receive(by) }, 2 * by + 1)
}

pub(in crate::ledger) fn create(
    from: u16,
    kind: PacketKind,
    count: u32,
    sequence: u64,
    now: u64,
) -> Entry {
    let (payment, receive) = (payment(from, sequence, now), receive(from));
    let (amount, lifetime_ms) = (Amount(10_000), 40_000);
    let members = None;
    let packet = CreatePacket { payment, kind, amount, count, lifetime_ms, receive, members };
    signed(packet, 2 * from)
}

pub(in crate::ledger) fn members(kind: PacketKind) -> Members {
    let people = if kind == PacketKind::Exclusive { 3..4 } else { 0..PEOPLE };
    Members::new(&people.map(payee).collect::<Vec<_>>()).unwrap()
}

pub(in crate::ledger) fn open(from: u16, packet: EntryId, kind: PacketKind) -> Entry {
    let members = members(kind);
    let word = kind.has_word().then(|| ClaimKey(public(WORD)));
    let (root, count, receive) = (members.root(), members.count(), receive(from));
    signed(OpenPacket { packet, receive, members: root, count, word }, 2 * from + 1)
}

/// Returns the claim of a member; nothing of who is none.
pub(in crate::ledger) fn claim(by: u16, packet: EntryId, kind: PacketKind) -> Option<Entry> {
    let path = members(kind).path(&payee(by))?;
    let claim = ClaimPacket { packet, payee: payee(by), path, word: None };
    let claim = if kind.has_word() { claim.with_word(CHAIN, &key(WORD)).unwrap() } else { claim };
    Some(signed(claim, 2 * by + 1))
}

pub(in crate::ledger) fn leaf<T: Leaf>(leaves: &Leaves, id: &T::Id) -> Option<T> {
    leaves.get(&T::key(id)).map(|bytes| T::from_leaf(bytes).unwrap())
}

/// What people remember: what they sent, and to whom.
pub(in crate::ledger) struct Town {
    pub(in crate::ledger) transfers: Vec<(EntryId, u16)>,
    pub(in crate::ledger) packets: Vec<(EntryId, u16, PacketKind)>,
    rng: ChaCha8Rng,
}

impl Town {
    pub(in crate::ledger) fn new(seed: u64) -> Self {
        let rng = ChaCha8Rng::seed_from_u64(seed ^ 0x70_77);
        Self { transfers: Vec::new(), packets: Vec::new(), rng }
    }

    fn dice(&mut self, sides: u16) -> u16 {
        (self.rng.next_u32() % u32::from(sides)) as u16
    }

    /// Returns what people do who see this state.
    pub(in crate::ledger) fn act(&mut self, leaves: &Leaves, now_ms: u64) -> Vec<Entry> {
        let mut entries = Vec::new();
        let sequence = leaf::<Issuer>(leaves, &issuer()).unwrap().sequence;
        if sequence < u64::from(PEOPLE) {
            let to = sequence as u16;
            entries.push(mint(to, 100_000_000, sequence, now_ms));
        }
        for person in 0..PEOPLE {
            let account = leaf::<Account>(leaves, &wallet(person)).unwrap_or_default();
            if account.balance < Amount(1_000_000) {
                continue;
            }
            let next = account.sequence;
            match self.dice(6) {
                0 => {
                    // Two of one wallet, in order.
                    for sequence in [next, next + 1] {
                        let to = self.dice(PEOPLE);
                        let entry = transfer(person, to, 100, sequence, now_ms);
                        self.transfers.push((entry.id().unwrap(), to));
                        entries.push(entry);
                    }
                }
                1 => {
                    let kind = KINDS[usize::from(self.dice(5))];
                    let count = if kind == PacketKind::Exclusive { 1 } else { 3 };
                    let entry = create(person, kind, count, next, now_ms);
                    self.packets.push((entry.id().unwrap(), person, kind));
                    entries.push(entry);
                }
                _ => {}
            }
        }
        for (id, to) in self.transfers.clone() {
            let waits = leaf::<state::Transfer>(leaves, &id)
                .is_some_and(|transfer| transfer.state == state::TransferState::Waiting);
            // Some are forgotten, and go back.
            let waits = waits && !id.0[0].is_multiple_of(4);
            match (waits, self.dice(12)) {
                (true, 0) => entries.push(accept(to, id)),
                (true, 1) => entries.push(decline(to, id)),
                _ => {}
            }
        }
        for (id, from, kind) in self.packets.clone() {
            let Some(packet) = leaf::<state::Packet>(leaves, &id) else { continue };
            if packet.opening.is_none() {
                entries.push(open(from, id, kind));
            } else if packet.left > 0 {
                let some: Vec<_> = (0..PEOPLE).filter(|_| self.dice(3) == 0).collect();
                entries.extend(some.into_iter().filter_map(|by| claim(by, id, kind)));
            }
        }
        entries
    }
}
