//! Taking entries in.

use super::{
    Key, LANE_ENTRIES, Mempool, NotAdmitted,
    purse::{Purse, read},
};
use magpie_protocol::{
    ids::NetworkId,
    ledger::{
        Entry, EntryId, Instruction, Rules, VerifiedEntry,
        execution::{Fault, Judged, Refusal, check},
        state::{Leaves, Packet, Progress},
    },
};

/// Under what an entry is judged.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'a> {
    /// The chain.
    pub chain: NetworkId,
    /// Its rules.
    pub rules: &'a Rules,
    /// The clock, in milliseconds.
    pub now_ms: u64,
}

/// What became of an entry with which nothing is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// It waits from now on.
    New(EntryId),
    /// It waits already.
    Known(EntryId),
    /// There is no room: in all, or because as many claims wait as the packet has shares left.
    Full,
}

impl Terms<'_> {
    /// Returns the time by which an entry is judged: the clock's, or just after the last block.
    pub(super) fn time_ms<L: Leaves>(&self, leaves: &L) -> Result<u64, Fault<L::Error>> {
        let progress = read::<L, Progress>(leaves, &())?;
        let progress = progress.ok_or(Fault::Missing("progress"))?;
        Ok(self.now_ms.max(progress.time_ms.saturating_add(1)))
    }
}

impl Mempool {
    /// Takes an entry in if it could stand in the next block, after what its wallet waits for.
    ///
    /// Costs the entry's signature checks, once, and one look at the state. It is dropped when its
    /// `valid_until` is over; one without, after as long as entries live by the rules.
    /// Inner errors: [`NotAdmitted`].
    pub fn admit<L: Leaves>(
        &mut self,
        terms: &Terms<'_>,
        leaves: &L,
        entry: Entry,
    ) -> Judged<Admission, NotAdmitted, L::Error> {
        let (id, len) = match entry.id().and_then(|id| Ok((id, entry.to_bytes()?.len()))) {
            Ok(found) => found,
            Err(error) => return Ok(Err(error.into())),
        };
        if self.verified(id).is_some() {
            return Ok(Ok(Admission::Known(id)));
        }
        if !self.has_room(len) {
            return Ok(Ok(Admission::Full));
        }
        let entry = match entry.verify(terms.chain, terms.rules) {
            Ok(entry) => entry,
            Err(error) => return Ok(Err(error.into())),
        };
        self.place(terms, leaves, entry, len)
    }

    fn place<L: Leaves>(
        &mut self,
        terms: &Terms<'_>,
        leaves: &L,
        entry: VerifiedEntry,
        len: usize,
    ) -> Judged<Admission, NotAdmitted, L::Error> {
        let (id, instruction) = (entry.id(), entry.instruction());
        let Some(key) = Key::of(instruction) else {
            return Ok(Err(Refusal::NotExecuted(instruction.name()).into()));
        };
        if let Some(waiting) = self.get(key) {
            return Ok(Err(NotAdmitted::Occupied(waiting.entry.id())));
        }
        let lane = self.lane(key.lane);
        if lane.len() >= LANE_ENTRIES {
            return Ok(Err(NotAdmitted::Lane));
        }
        let time_ms = terms.time_ms(leaves)?;
        let mut purse = Purse::read(leaves, key.lane)?;
        for before in lane.iter().filter_map(|before| self.get(*before)) {
            purse.pay(terms.rules, before.entry.instruction());
        }
        let after = purse.over(leaves)?;
        if let Err(refusal) = check(terms.rules, &after, terms.chain, time_ms, &entry)? {
            return Ok(Err(refusal.into()));
        }
        if let Instruction::ClaimPacket(body) = instruction {
            let left = read::<L, Packet>(leaves, &body.packet)?.map_or(0, |packet| packet.left);
            let waiting = self.about(body.packet).len();
            if u32::try_from(waiting).is_ok_and(|waiting| waiting >= left) {
                return Ok(Ok(Admission::Full));
            }
        }
        let lives_ms = time_ms.saturating_add(terms.rules.lifetimes.entry);
        let until_ms = instruction.valid_until_ms().unwrap_or(lives_ms);
        self.insert(key, entry, len, until_ms);
        Ok(Ok(Admission::New(id)))
    }
}
