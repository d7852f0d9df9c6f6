//! One ledger: no two blocks of one height, all the money there, nothing claimed twice.

use crate::cores::{
    story::{Standing, Story},
    world::World,
};
use magpie_node::ledger::store;
use magpie_protocol::{
    keys::ReceiveKey,
    ledger::{
        BlockHash, Entry, EntryId, Instruction,
        state::{Account, Books, Claim, Leaf, LeafKey, Packet, Pot},
    },
};
use std::collections::{BTreeMap, BTreeSet};

const FORK: &str = "one-fork";
const SUPPLY: &str = "supply";
const CLAIMS: &str = "claims-once";
const MONEY: &str = "money";
const PACKETS: &str = "whole-packets";
/// A call that was not decided in time.
const PENDING: u16 = 21_009;

/// Who decided a block first, and when.
#[derive(Debug, Clone, Copy)]
struct First {
    hash: BlockHash,
    by: usize,
    at_ms: u64,
}

/// The blocks that any honest super node decided, by height.
#[derive(Debug, Default)]
pub struct Chain {
    decided: BTreeMap<u64, First>,
    /// The newest height that each place was seen at.
    newest: BTreeMap<usize, u64>,
}

impl Chain {
    /// Returns the newest height.
    pub fn height(&self) -> u64 {
        self.decided.last_key_value().map_or(0, |(height, _)| *height)
    }

    /// Returns when a block was decided first, milliseconds since the beginning.
    pub fn decided_ms(&self, height: u64) -> Option<u64> {
        self.decided.get(&height).map(|first| first.at_ms)
    }

    /// Returns the newest height that a place was seen at.
    pub fn newest_of(&self, at: usize) -> u64 {
        self.newest.get(&at).copied().unwrap_or(0)
    }
}

impl World {
    /// Compares what a super node decided last with what others did, each time it did something.
    pub(in crate::cores) fn watch(&mut self, at: usize) {
        if !self.places[at].is_super() || self.adversaries.has(at) {
            return;
        }
        let Some(running) = &self.places[at].running else { return };
        let tip = match store::tip(&running.store) {
            Ok(Some(kept)) => kept.tip(),
            _ => return,
        };
        let before = self.chain.newest.insert(at, tip.height).unwrap_or(0);
        if tip.height == before || tip.height == 0 {
            return;
        }
        if tip.height < before {
            let what = format!("forgot the blocks from {} to {before}", tip.height + 1);
            return self.find_out(at, FORK, what);
        }
        let mut decided = Vec::new();
        for height in before + 1..=tip.height {
            let hash = store::header(&running.store, height).ok().flatten();
            let hash = hash.and_then(|kept| kept.header.hash().ok());
            decided.extend(hash.map(|hash| (height, hash)));
        }
        for (height, hash) in decided {
            let seen = First { hash, by: at, at_ms: self.elapsed() };
            let first = *self.chain.decided.entry(height).or_insert(seen);
            if first.hash != hash {
                let by = self.scenario.name_of(first.by);
                let what = format!("decided another block {height} than {by}");
                self.find_out(at, FORK, what);
            }
        }
    }
}

/// Looks into every honest super node's ledger, and compares it with what people were told.
pub(super) fn check(story: &mut Story) {
    let supers: Vec<usize> = (0..story.world.supers()).collect();
    let honest = supers.into_iter().filter(|at| !story.world.adversaries.has(*at));
    for at in honest.collect::<Vec<_>>() {
        supply(story, at);
    }
    if let Some((newest, at)) = story.world.furthest() {
        entries(story, at, newest);
    }
}

/// Adds up all the money, leaf by leaf, and compares it with the books.
fn supply(story: &mut Story, at: usize) {
    let Some(running) = &story.world.places[at].running else { return };
    let leaves = match store::all_leaves(&running.store) {
        Ok(leaves) => leaves,
        Err(error) => {
            return story.world.find_out(at, SUPPLY, format!("the state cannot be read: {error}"));
        }
    };
    let books = leaves.get(&Books::key(&())).map(|bytes| Books::from_leaf(bytes));
    let Some(Ok(books)) = books else { return };
    let mut wrong = Vec::new();
    if !books.balance() {
        wrong.push(format!("the books do not balance: {books:?}"));
    }
    if books.minted.0 > story.log.minted {
        wrong.push(format!("{} were minted, not {}", books.minted.0, story.log.minted));
    }
    let balances = sum::<Account>(&leaves);
    if balances != books.balances.0 {
        wrong.push(format!("wallets have {balances}, the books say {}", books.balances.0));
    }
    for what in wrong {
        story.world.find_out(at, SUPPLY, what);
    }
}

/// Adds up the money in all leaves of one kind, if the books count it.
fn sum<L: Leaf>(leaves: &BTreeMap<LeafKey, Vec<u8>>) -> u64 {
    debug_assert_eq!(L::POT, Some(Pot::Balances));
    let of_kind = leaves.values().filter(|bytes| bytes.first() == Some(&L::KIND));
    of_kind.filter_map(|bytes| L::from_leaf(bytes).ok()).map(|leaf| leaf.held().0).sum()
}

/// What the decided blocks say of the story's payments and packets.
#[derive(Debug, Default)]
struct Counted {
    transfers: BTreeMap<u64, usize>,
    packets: BTreeMap<u64, usize>,
    accepts: BTreeMap<String, usize>,
    claims: BTreeMap<EntryId, Vec<ReceiveKey>>,
}

impl Counted {
    fn count(&mut self, entry: &Entry) {
        match entry.instruction() {
            Ok(Instruction::Transfer(it)) => *self.transfers.entry(it.amount.0).or_default() += 1,
            Ok(Instruction::CreatePacket(it)) => {
                *self.packets.entry(it.amount.0).or_default() += 1;
            }
            Ok(Instruction::Accept(it)) => {
                *self.accepts.entry(it.transfer.to_string()).or_default() += 1;
            }
            Ok(Instruction::ClaimPacket(it)) => {
                self.claims.entry(it.packet).or_default().push(it.payee.receive);
            }
            _ => {}
        }
    }
}

fn entries(story: &mut Story, at: usize, newest: u64) {
    let Some(running) = &story.world.places[at].running else { return };
    let mut counted = Counted::default();
    for height in 1..=newest {
        let Ok(Some(decided)) = store::decided(&running.store, height) else { continue };
        decided.block.entries.iter().for_each(|entry| counted.count(entry));
    }
    let leaves = store::all_leaves(&running.store).unwrap_or_default();
    let mut wrong: Vec<(&'static str, String)> = Vec::new();
    for (number, payment) in story.log.payments.iter().enumerate() {
        let times = counted.transfers.get(&payment.amount).copied().unwrap_or(0);
        wrong.extend(compare(&format!("payment {number}"), times, payment.standing));
        if let Some(uid) = &payment.uid
            && payment.accepted == Standing::Done
        {
            let times = counted.accepts.get(uid).copied().unwrap_or(0);
            let what = format!("the acceptance of payment {number}");
            wrong.extend(compare(&what, times, payment.accepted));
        }
    }
    for (number, packet) in story.log.packets.iter().enumerate() {
        let times = counted.packets.get(&packet.amount).copied().unwrap_or(0);
        wrong.extend(compare(&format!("packet {number}"), times, packet.standing));
        let id = packet.uid.as_ref().and_then(|uid| uid.parse::<EntryId>().ok());
        let Some(id) = id else { continue };
        let claims = counted.claims.get(&id).cloned().unwrap_or_default();
        let broken = divided(&leaves, id, packet.amount, &claims);
        wrong.extend(broken.map(|what| (PACKETS, format!("packet {number}: {what}"))));
        let different: BTreeSet<_> = claims.iter().collect();
        if different.len() < claims.len() {
            wrong.push((CLAIMS, format!("somebody claimed twice from packet {number}")));
        }
        let told = packet.claims.values().filter(|it| it.is_settled()).count();
        if told > claims.len() {
            let what =
                format!("{told} were told a share of packet {number}, {} claimed", claims.len());
            wrong.push((CLAIMS, what));
        }
    }
    for (checker, what) in wrong {
        story.world.find_out(at, checker, what);
    }
}

/// Compares what claims got, what is left and what went back with what was put into a packet.
fn divided(
    leaves: &BTreeMap<LeafKey, Vec<u8>>,
    id: EntryId,
    amount: u64,
    claims: &[ReceiveKey],
) -> Option<String> {
    let packet = Packet::from_leaf(leaves.get(&Packet::key(&id))?).ok()?;
    let paid = |receive: &ReceiveKey| {
        let claim = Claim::from_leaf(leaves.get(&Claim::key(&(id, *receive)))?).ok()?;
        claim.paid.map(|paid| paid.amount.0)
    };
    let claimers: BTreeSet<_> = claims.iter().collect();
    let paid: u64 = claimers.into_iter().filter_map(paid).sum();
    let (rest, returned) = (packet.rest.0, packet.returned.0);
    let is_whole = paid + rest + returned == amount;
    (!is_whole).then(|| {
        format!("{amount} were put in, but {paid} paid, {rest} left and {returned} given back")
    })
}

/// Compares how often something stands in the ledger with what its caller was told.
fn compare(what: &str, times: usize, standing: Standing) -> Option<(&'static str, String)> {
    let wrong = match standing {
        _ if times > 1 => format!("{what} stands {times} times in the ledger"),
        Standing::Done if times == 0 => {
            format!("{what} was answered 200 and is not in the ledger")
        }
        Standing::Refused(code) if times > 0 && code != PENDING => {
            format!("{what} was refused with {code} and is in the ledger")
        }
        _ => return None,
    };
    Some((MONEY, wrong))
}
