//! Handing signed entries to super nodes, until the ledger shows what became of them.

use super::{
    errand::{Errand, ErrandId, Frame, Step, Work},
    look::Look,
    memory::HANDED_A_SECOND,
    outcome::{Outcome, outcome},
    rows::{Fate, Mark, OPERATIONS, Operation, WAITING, WAITING_MAX},
};
use crate::{
    core::{
        agenda::Task,
        net::{Fault, NetCommand},
        requests::Purpose,
        turn::Turn,
    },
    ledger::mempool::LANE_ENTRIES,
};
use magpie_protocol::{
    address::NodeId,
    api::{ApiError, ApiResult, ErrorCode},
    bounded::Blob,
    codec::{DecodeError, decode, encode},
    ledger::{
        Entry, EntryId, Instruction,
        exchange::{Answer, Refusal, Request},
        state::Account,
    },
};
use magpie_storage::{engine::Order, table::Keys};
use serde_json::json;
use std::{collections::BTreeSet, mem};

/// After how long an entry that did not settle is handed to further super nodes, milliseconds; then
/// after twice as long each time.
const AGAIN_MS: u64 = 1_000;
/// The longest wait before it is handed on once more, milliseconds.
const AGAIN_MS_MAX: u64 = 4_000;
/// Super nodes that an entry is handed to at a time; each hands it to the others.
const HANDED_TO: usize = 2;

/// What follows once an entry stands in a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    /// The packet is opened for whom its card names, then its data answer the call.
    Open,
    /// The data of this packet answer the call.
    Packet(EntryId),
    /// What this account got of a packet is learned, too.
    Share(EntryId),
    /// The data of this transfer answer the call.
    Transfer(EntryId),
    /// What became of this transfer answers the call.
    Remittance(EntryId),
    /// The entry's id and height answer the call.
    Submitted,
}

/// An entry that was signed and that the ledger has not decided on.
#[derive(Debug)]
pub(super) struct Settling {
    pub(super) id: EntryId,
    pub(super) instruction: Instruction,
    entry: Entry,
    then: Then,
    /// Whether it stands on disk: then it lives on without a caller.
    is_kept: bool,
    /// How often it was handed to super nodes.
    handed: u32,
    /// The turn in which that was for the first time: those after it go to further super nodes.
    turn: usize,
    /// From when on it may be handed to others, milliseconds since the Unix epoch.
    again_ms: u64,
    /// When it is to be tried even if nothing comes, likewise.
    pub(super) due_ms: u64,
    /// Whether a super node let it wait for a block.
    waits: bool,
    /// Super nodes that refused it since one did not.
    refused: usize,
    /// Super nodes that came back and were not handed it since.
    back: BTreeSet<NodeId>,
}

impl Settling {
    /// Returns an entry of this account, which is on disk.
    pub(super) const fn kept(
        id: EntryId,
        entry: Entry,
        instruction: Instruction,
        then: Then,
    ) -> Self {
        let (is_kept, waits, refused) = (true, false, 0);
        let (handed, turn, again_ms, due_ms) = (0, 0, 0, 0);
        Self {
            id,
            instruction,
            entry,
            then,
            is_kept,
            handed,
            turn,
            again_ms,
            due_ms,
            waits,
            refused,
            back: BTreeSet::new(),
        }
    }

    /// Returns an entry of anybody who asked this node to hand it on.
    pub(super) fn foreign(id: EntryId, entry: Entry, instruction: Instruction) -> Self {
        let kept = Self::kept(id, entry, instruction, Then::Submitted);
        Self { is_kept: false, ..kept }
    }

    /// Lets it be handed on at once.
    const fn hurry(&mut self) {
        (self.handed, self.again_ms, self.due_ms) = (0, 0, 0);
    }

    /// Returns the super nodes whose turn it is, and plans the next turn.
    ///
    /// All entries of a while go to the same ones, who take them in the order of their numbers; those
    /// of the next while to others, and what is handed on again as well.
    fn next_turn(&mut self, near: &[NodeId], now: u64) -> Vec<NodeId> {
        if self.handed == 0 {
            self.turn = usize::try_from(now / AGAIN_MS).unwrap_or_default();
        }
        let turn = self.turn.wrapping_add(usize::try_from(self.handed).unwrap_or_default());
        let first = turn.wrapping_mul(HANDED_TO).checked_rem(near.len()).unwrap_or_default();
        let wait_ms = (AGAIN_MS << self.handed.min(AGAIN_MS_MAX.ilog2())).min(AGAIN_MS_MAX);
        self.handed = self.handed.saturating_add(1);
        self.again_ms = now.saturating_add(wait_ms);
        near.iter().cycle().skip(first).take(HANDED_TO.min(near.len())).copied().collect()
    }

    /// Tells whether an issuer signed it.
    const fn is_issuers(&self) -> bool {
        matches!(self.instruction, Instruction::Mint(_) | Instruction::Burn(_))
    }

    /// Tells whether it is the account's.
    pub(super) const fn is_personal(&self) -> bool {
        self.is_kept
    }

    /// Returns the answer to a caller who waited too long.
    pub(super) fn pending(&self) -> ApiError {
        let uid = self.named().to_string();
        let mut pending = ApiError::from(ErrorCode::Pending);
        pending.data = json!({ "uid": uid });
        pending
    }

    /// Returns the packet or transfer that the entry is about; its own id if it makes one.
    const fn named(&self) -> EntryId {
        match self.then {
            Then::Packet(id) | Then::Share(id) | Then::Transfer(id) | Then::Remittance(id) => id,
            Then::Open | Then::Submitted => self.id,
        }
    }
}

impl Turn<'_> {
    /// Keeps an entry that this account signed, so that it can be handed on. Error: 21011 if too
    /// many wait.
    pub(super) fn keep_entry(&mut self, id: EntryId, entry: &Entry) -> ApiResult<()> {
        let bytes = entry.to_bytes().ok().and_then(|bytes| Blob::new(bytes).ok());
        let entry = bytes.ok_or(ErrorCode::Unexpected)?;
        let row = Operation { entry, signed_ms: self.now, fate: Fate::Sent };
        self.write(&OPERATIONS, &(), &id, &row)?;
        self.write(&WAITING, &(), &id, &Mark)
    }

    /// Checks that one more entry may be signed. Error: 21011.
    pub(super) fn check_waiting(&self) -> ApiResult<()> {
        let errands = self.core.money.errands.values();
        let waiting = errands.filter(|it| matches!(&it.work, Work::Settle(s) if s.is_kept)).count();
        if waiting < WAITING_MAX {
            return Ok(());
        }
        Err(ApiError::new(ErrorCode::RateLimited, "too many entries wait for the ledger already"))
    }

    /// Goes on with the entries that waited when the account was closed last: after a login.
    pub(crate) fn resume_entries(&mut self) -> ApiResult<()> {
        let rows = self.rows()?;
        let all = Keys::all();
        let found = WAITING.scan(&self.tx, &rows, &(), &all, Order::Ascending, WAITING_MAX);
        let mut entries = Vec::new();
        for (id, _) in self.stored(found)? {
            let Some(row) = self.read(&OPERATIONS, &(), &id)? else { continue };
            // What was kept was signed here: it reads back.
            let Ok(entry) = Entry::from_bytes(&row.entry) else { continue };
            let Ok(instruction) = entry.instruction() else { continue };
            entries.push((id, entry, instruction, row.fate));
        }
        // Super nodes take those of a wallet in the order of their numbers.
        entries.sort_by_key(|(.., of, _)| of.payment().map(|payment| payment.sequence));
        for (id, entry, instruction, fate) in entries {
            let then = match &instruction {
                Instruction::ClaimPacket(body) => Then::Share(body.packet),
                Instruction::OpenPacket(body) => Then::Packet(body.packet),
                Instruction::CreatePacket(_) => match self.packet_row(id).map(|row| row.group) {
                    Ok(Some(_)) => Then::Open,
                    _ => Then::Packet(id),
                },
                Instruction::Accept(body) => Then::Transfer(body.transfer),
                Instruction::Decline(body) => Then::Remittance(body.transfer),
                _ => Then::Transfer(id),
            };
            let work = match (fate, then) {
                // It stands in a block, and what it got was not known yet.
                (Fate::Final { .. }, Then::Share(packet)) => {
                    Work::Look(Look::Share { packet, claim: id })
                }
                _ => Work::Settle(Box::new(Settling::kept(id, entry, instruction, then))),
            };
            let least = self.core.money.height();
            self.put_errand(Errand::new(None, self.now, least, work));
        }
        Ok(())
    }

    /// Tries to learn what became of an entry, and hands it on if that is due.
    pub(super) fn try_settle(&mut self, of: &mut Settling, frame: Frame) -> ApiResult<Step> {
        match outcome(&self.core.money, of.id, &of.instruction) {
            // An issuer's number is used, but no leaf says by which entry.
            Outcome::Final(_) if of.is_issuers() && !self.core.money.has_waited(of.id) => {
                let why = "an entry of the issuer has used this number, and no super node took this \
                           one: look at the wallet before another is signed";
                Ok(Step::Ends(Err(ApiError::new(ErrorCode::Failed, why))))
            }
            Outcome::Final(height) => {
                self.settle(of, Fate::Final { height })?;
                self.after(of.id, &of.instruction, of.then, height, frame)
            }
            Outcome::Never(code, why) => {
                self.settle(of, Fate::Never)?;
                Ok(Step::Ends(Err(ApiError::new(code, why))))
            }
            Outcome::Open(_) if self.is_orphan(of)? => {
                self.settle(of, Fate::Never)?;
                let why = "the packet was never made; nothing moved";
                Ok(Step::Ends(Err(ApiError::new(ErrorCode::Expired, why))))
            }
            Outcome::Open(_) if !of.is_kept && frame.call.is_none() => {
                // Nobody waits for it any more, and it is not ours.
                Ok(Step::Ends(Err(ErrorCode::Pending.into())))
            }
            Outcome::Open(_) if self.is_refused(of) => Ok(Step::Ends(Err(ApiError::new(
                ErrorCode::Failed,
                "every super node that was asked says that the entry does not hold now",
            )))),
            Outcome::Open(keys) => {
                self.hand_on(of, frame.id);
                let height = self.core.money.height();
                let is_shown = |key| self.core.money.is_shown(key, height);
                Ok(if keys.iter().all(is_shown) {
                    Step::Waits
                } else {
                    Step::WantsUnder(keys, height)
                })
            }
        }
    }

    /// Tells whether an entry opens a packet of this account that is proven never to be made.
    fn is_orphan(&mut self, of: &Settling) -> ApiResult<bool> {
        let Instruction::OpenPacket(body) = &of.instruction else { return Ok(false) };
        if !of.is_kept {
            return Ok(false);
        }
        self.is_never(body.packet)
    }

    /// Tells whether to give an entry up that is not kept: all refuse it. Of one's own entries a
    /// super node's word means nothing.
    fn is_refused(&self, of: &Settling) -> bool {
        !of.is_kept && !of.waits && of.refused >= self.core.supers().len().clamp(1, HANDED_TO)
    }

    /// Notes what became of one's own entry.
    fn settle(&mut self, of: &Settling, fate: Fate) -> ApiResult<()> {
        if !of.is_kept {
            return Ok(());
        }
        // A claim waits on for what it got.
        if !(matches!(of.then, Then::Share(_)) && matches!(fate, Fate::Final { .. })) {
            self.delete(&WAITING, &(), &of.id)?;
        }
        // A payment that is not signed yet takes its number after this one.
        if let (Fate::Final { height }, Some(paid)) = (fate, of.instruction.payment()) {
            for errand in self.core.money.errands.values_mut() {
                match &mut errand.work {
                    Work::Spend(_) => errand.least = errand.least.max(height),
                    // Refused because this one was missing.
                    Work::Settle(next) if next.refused > 0 && !next.waits => {
                        let payment = next.instruction.payment();
                        if payment.is_some_and(|payment| payment.wallet == paid.wallet) {
                            next.hurry();
                            self.core.agenda.plan(Task::Errands, self.now);
                        }
                    }
                    _ => {}
                }
            }
        }
        if let Some(mut row) = self.read(&OPERATIONS, &(), &of.id)? {
            row.fate = fate;
            self.write(&OPERATIONS, &(), &of.id, &row)?;
        }
        Ok(())
    }

    /// Hands an entry to super nodes if that is due: at once, and then ever less often.
    fn hand_on(&mut self, of: &mut Settling, errand: ErrandId) {
        // It stays on disk, but is not pressed on a ledger that is not believed.
        if self.core.money.is_stopped() || self.confirming_goal().is_some() {
            of.due_ms = u64::MAX;
            return;
        }
        let is_due = self.now >= of.again_ms;
        if !is_due && of.back.is_empty() {
            of.due_ms = of.again_ms;
            return;
        }
        if self.is_far_ahead(&of.instruction) {
            of.due_ms = u64::MAX;
            return;
        }
        let near = self.near_supers();
        let pairs = u64::try_from(near.len() / HANDED_TO).unwrap_or(u64::MAX).max(1);
        let a_second = HANDED_A_SECOND.saturating_mul(pairs);
        if let Err(room) = self.core.money.may_hand(errand, self.now, a_second) {
            of.due_ms = room;
            return;
        }
        let request = Request::Submit(Box::new(of.entry.clone()));
        let Ok(bytes) = encode(&request) else { return };
        let mut to = mem::take(&mut of.back);
        to.retain(|node| self.core.net.has(node));
        if is_due {
            to.extend(of.next_turn(&near, self.now));
        } else {
            // Others have it; the next wait is the shortest, as for who is handed it first.
            (of.handed, of.again_ms) = (1, self.now.saturating_add(AGAIN_MS));
        }
        for to in to {
            self.ask_super(to, bytes.clone(), Purpose::Submit(of.id));
        }
        of.due_ms = of.again_ms;
        self.core.agenda.plan(Task::Errands, of.due_ms);
    }

    /// Tells whether so many payments of the wallet come before this one that no super node would let
    /// it wait, as far as the wallet was shown.
    fn is_far_ahead(&self, instruction: &Instruction) -> bool {
        let Some(payment) = instruction.payment() else { return false };
        let account = self.core.money.leaf::<Account>(&payment.wallet, 0);
        let next = account.and_then(|seen| seen.leaf).unwrap_or_default().sequence;
        let most = u64::try_from(LANE_ENTRIES).unwrap_or(u64::MAX);
        payment.sequence.saturating_sub(next) >= most
    }

    /// Hands what waits to a super node that is back, whoever else was handed it and when: it has
    /// forgotten what waited there, or never had it, and those that had it may have been cut off.
    pub(crate) fn hand_to_returned(&mut self, peer: NodeId) {
        self.core.money.silence.forget(peer);
        if !self.core.supers().contains(&peer) {
            return;
        }
        self.confirm_with();
        if self.core.money.errands.is_empty() {
            return;
        }
        for errand in self.core.money.errands.values_mut() {
            if let Work::Settle(of) = &mut errand.work {
                of.back.insert(peer);
                of.due_ms = 0;
            }
        }
        self.core.agenda.plan(Task::Errands, self.now);
    }

    /// Takes a super node's answer to an entry that was handed to it.
    pub(crate) fn submitted(
        &mut self,
        from: NodeId,
        id: EntryId,
        answer: Option<&[u8]>,
    ) -> ApiResult<()> {
        self.core.money.silence.over(from, self.now);
        let answer = answer.map(decode::<Answer>);
        let is_lie = match &answer {
            Some(Ok(Answer::Waits(of))) => *of != id,
            // It may be honest, and newer than this node.
            None | Some(Ok(Answer::Refused(_)) | Err(DecodeError::Version { .. })) => false,
            Some(Ok(_) | Err(_)) => true,
        };
        if is_lie {
            self.command(NetCommand::Misbehaved { peer: from, fault: Fault::Forged });
        }
        let answer = answer.and_then(Result::ok).filter(|_| !is_lie);
        if let Some(Answer::Waits(_)) = answer {
            self.core.money.note_waited(id);
        }
        for errand in self.core.money.errands.values_mut() {
            let Work::Settle(settling) = &mut errand.work else { continue };
            if settling.id != id {
                continue;
            }
            match answer {
                Some(Answer::Waits(_)) => (settling.waits, settling.refused) = (true, 0),
                Some(Answer::Refused(Refusal::Entry | Refusal::Occupied(_))) => {
                    settling.refused = settling.refused.saturating_add(1);
                    // It may be given up.
                    settling.due_ms = 0;
                    self.core.agenda.plan(Task::Errands, self.now);
                }
                // It may be away, or full: the entry is handed on again.
                _ => {}
            }
        }
        Ok(())
    }
}
