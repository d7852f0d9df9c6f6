//! One ledger: no two blocks of one height, all the money there, nothing claimed twice.

use crate::cores::{
    story::{Standing, Story},
    world::World,
};
use magpie_node::ledger::store;
use magpie_protocol::ledger::{
    BlockHash, Entry, Instruction,
    state::{Account, Books, Leaf, LeafKey, Pot},
};
use std::collections::{BTreeMap, BTreeSet};

const FORK: &str = "one-fork";
const SUPPLY: &str = "supply";
const CLAIMS: &str = "claims-once";
const MONEY: &str = "money";
/// A call that was not decided in time.
const PENDING: u16 = 21_009;

/// The blocks that any honest super node decided, by height.
#[derive(Debug, Default)]
pub struct Chain {
    decided: BTreeMap<u64, (BlockHash, usize)>,
    /// The newest height that each place was seen at.
    newest: BTreeMap<usize, u64>,
}

impl Chain {
    /// Returns the newest height.
    pub fn height(&self) -> u64 {
        self.decided.last_key_value().map_or(0, |(height, _)| *height)
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
            let (first, by) = *self.chain.decided.entry(height).or_insert((hash, at));
            if first != hash {
                let by = self.scenario.name_of(by);
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
    let honest: Vec<usize> = honest.collect();
    for at in &honest {
        supply(story, *at);
    }
    let newest = |at: &usize| story.world.chain.newest.get(at).copied();
    if let Some(at) = honest.into_iter().max_by_key(newest) {
        entries(story, at);
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
    claims: BTreeMap<String, Vec<String>>,
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
                let claims = self.claims.entry(it.packet.to_string()).or_default();
                claims.push(format!("{:?}", it.payee));
            }
            _ => {}
        }
    }
}

fn entries(story: &mut Story, at: usize) {
    let Some(running) = &story.world.places[at].running else { return };
    let mut counted = Counted::default();
    let newest = story.world.chain.newest.get(&at).copied().unwrap_or(0);
    for height in 1..=newest {
        let Ok(Some(decided)) = store::decided(&running.store, height) else { continue };
        decided.block.entries.iter().for_each(|entry| counted.count(entry));
    }
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
        let Some(uid) = &packet.uid else { continue };
        let claims = counted.claims.get(uid).cloned().unwrap_or_default();
        let different: BTreeSet<_> = claims.iter().collect();
        if different.len() < claims.len() {
            wrong.push((CLAIMS, format!("somebody claimed twice from packet {number}")));
        }
        let told = packet.claims.values().filter(|it| **it == Standing::Done).count();
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
