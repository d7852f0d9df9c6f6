//! What members say: decrypted with their session, checked against the group, handed to the chat.

use super::{
    former::Word,
    rows::{INBOUND, InboundRow, Mark, SAID, SAID_ORDER, SaidRow},
};
use crate::core::{
    agenda::Task,
    letters::sender::{Refusal, Sender, Taken},
    ratchet::GroupInbound,
    turn::Turn,
};
use magpie_protocol::{
    api::ApiResult,
    bounded::Blob,
    codec::{decode, encode},
    content::{GroupSession, Message},
    group::{Fold, OperationId, Role, Said, Spoken, State},
    ids::{DeviceId, GroupId, MegolmSession, MessageId},
    limits::OPERATIONS_SENT,
};
use magpie_storage::{engine::Order, table::Keys};
use std::collections::BTreeSet;

/// How far apart two members' clocks may be, milliseconds.
pub(super) const CLOCKS_APART_MS: u64 = 2 * 60 * 1_000;
/// How long a key may be on its way before it is asked for, milliseconds.
pub(super) const KEY_MS: u64 = 2_000;
/// Sessions of others that are kept ready to decrypt.
const INBOUND_CACHED: usize = 1_024;
/// Sessions kept of one device in one group; the oldest gives way.
const INBOUND_PER_DEVICE: usize = 16;

/// What became of something said.
pub(super) enum Heard {
    /// It was taken, or never will be.
    Done,
    /// A key or an operation is still to come.
    Early,
}

/// What a session made of something said.
enum Read {
    /// Whose session it is, and what was said; nothing for what no member's device says.
    Plain(InboundRow, Option<Spoken>),
    /// The key, or one that reaches further back, is still to come.
    NoKey,
}

impl Turn<'_> {
    /// Takes something said in a group that came at a time, milliseconds since the Unix epoch, and on
    /// somebody's word; what cannot be read yet waits.
    pub(super) fn hear_said(
        &mut self,
        group: GroupId,
        said: &Said,
        (framed_ms, word): (u64, Word),
    ) -> ApiResult<()> {
        let Some(fold) = self.fold_of(group)? else { return Ok(()) };
        let (me, own) = (self.open()?.account.address, self.open()?.device);
        let Some(member) = fold.state().members.get(&me).filter(|_| said.device != own) else {
            return Ok(());
        };
        let framed_ms = framed_ms.saturating_add(CLOCKS_APART_MS);
        match self.try_said(group, said, word)? {
            Heard::Done => Ok(()),
            // It was said before this account was in: nobody will bring its key.
            Heard::Early if framed_ms < member.joined_ms => Ok(()),
            Heard::Early => self.wait_for_key(group, said),
        }
    }

    pub(super) fn try_said(&mut self, group: GroupId, said: &Said, word: Word) -> ApiResult<Heard> {
        let Read::Plain(row, spoken) = self.decrypt_said(group, said)? else {
            return Ok(Heard::Early);
        };
        // Its signature is the session's, and the session is the device's that shared it.
        let Some(spoken) = spoken.filter(|_| row.account == said.account) else {
            return Ok(Heard::Done);
        };
        let Some(fold) = self.fold_of(group)? else { return Ok(Heard::Done) };
        match spoken {
            Spoken::Typing { on } => {
                if fold.state().is_device(said.account, said.device) {
                    self.hear_group_typing(group, said.account, on)?;
                }
                Ok(Heard::Done)
            }
            Spoken::Message { heads, message, .. } => {
                if self.lacks(group, &heads)? {
                    return Ok(Heard::Early);
                }
                if !self.may_say((group, fold.state()), said, (&heads, &message), word)? {
                    return Ok(Heard::Done);
                }
                self.take_said(group, said, *message)
            }
        }
    }

    /// Whether a message counts: its author is a member whose device this is and might write when
    /// they wrote it, or was one then.
    fn may_say(
        &self,
        (group, state): (GroupId, &State),
        said: &Said,
        (heads, message): (&[OperationId], &Message),
        word: Word,
    ) -> ApiResult<bool> {
        let Some(member) = state.members.get(&said.account) else {
            // What was on its way when its author went still counts.
            let former = state.former.get(&said.account);
            return Ok(former.is_some_and(|former| self.counts_of(former, message, word)));
        };
        if member.devices.device(said.device).is_none() {
            return Ok(false);
        }
        if !state.config.muted_for_all || member.role >= Role::Admin {
            return Ok(true);
        }
        // Who had not seen that all were muted was not: members agree by what the author had seen.
        let Some(kept) = self.open()?.groups.kept.get(&group) else { return Ok(false) };
        let then = Fold::up_to(&kept.graph, heads, &BTreeSet::new());
        Ok(then.is_ok_and(|then| !then.state().config.muted_for_all))
    }

    fn take_said(&mut self, group: GroupId, said: &Said, message: Message) -> ApiResult<Heard> {
        let lamport = message.lamport;
        let verified = message.clone().verify(said.account, said.device);
        let Ok(id) = verified.map(|message| message.id()) else { return Ok(Heard::Done) };
        let taken = self.hear_group_message(group, said.account, said.device, message)?;
        match taken {
            Taken::Kept => {
                let bytes = encode(said).ok().and_then(|bytes| Blob::new(bytes).ok());
                if let Some(bytes) = bytes {
                    self.write(&SAID, &group, &id, &SaidRow(bytes))?;
                    self.write(&SAID_ORDER, &group, &(lamport, id), &Mark)?;
                }
                Ok(Heard::Done)
            }
            Taken::Refused(Refusal::Full) => Ok(Heard::Early),
            Taken::Refused(_) => Ok(Heard::Done),
        }
    }

    /// Returns where in the conversation something said belongs; nothing for what cannot be read yet,
    /// or has no place there.
    pub(super) fn place_of(
        &mut self,
        group: GroupId,
        said: &Said,
    ) -> ApiResult<Option<(u64, MessageId)>> {
        let Read::Plain(_, Some(Spoken::Message { message, .. })) =
            self.decrypt_said(group, said)?
        else {
            return Ok(None);
        };
        let lamport = message.lamport;
        let verified = message.verify(said.account, said.device);
        Ok(verified.ok().map(|message| (lamport, message.id())))
    }

    fn decrypt_said(&mut self, group: GroupId, said: &Said) -> ApiResult<Read> {
        let at = (said.device, said.session);
        let Some(row) = self.read(&INBOUND, &group, &at)? else { return Ok(Read::NoKey) };
        let cached = self.open_mut()?.groups.inbound.remove(&(group, at));
        let session = match cached {
            Some(session) => Some(session),
            None => GroupInbound::unpickle(&row.pickle).ok(),
        };
        let Some(mut session) = session else { return Ok(Read::NoKey) };
        let plaintext = session.decrypt(&said.message);
        let is_before = session.is_before(&said.message);
        let groups = &mut self.open_mut()?.groups;
        if groups.inbound.len() >= INBOUND_CACHED {
            groups.inbound.pop_first();
        }
        groups.inbound.insert((group, at), session);
        Ok(match plaintext {
            Ok(decrypted) => Read::Plain(row, decode(&decrypted.plaintext).ok()),
            Err(_) if is_before => Read::NoKey,
            Err(_) => Read::Plain(row, None),
        })
    }

    /// Whether operations that a message's author had seen have not come.
    fn lacks(&mut self, group: GroupId, heads: &[OperationId]) -> ApiResult<bool> {
        let Some(kept) = self.open()?.groups.kept.get(&group) else { return Ok(true) };
        let lacking: Vec<OperationId> =
            heads.iter().copied().filter(|id| kept.graph.get(*id).is_none()).collect();
        let lacks = !lacking.is_empty();
        if lacks {
            let named = self.open_mut()?.groups.named.entry(group).or_default();
            for id in lacking.into_iter().take(OPERATIONS_SENT.saturating_sub(named.len())) {
                named.insert(id);
            }
            self.core.agenda.nudge(Task::Pull(group), self.now + KEY_MS);
        }
        Ok(lacks)
    }

    /// Takes the session of a member's device in a group.
    pub(crate) fn hear_session(&mut self, from: Sender, payload: GroupSession) -> ApiResult<Taken> {
        let group = payload.group;
        // Who is not known as a member yet is asked again, once the operation is here that says so.
        let fold = self.fold_of(group)?;
        if !fold.is_some_and(|fold| self.may_bring_session(fold.state(), from)) {
            return Ok(Taken::Refused(Refusal::NotFriend));
        }
        let Ok(session) = GroupInbound::new(payload.key.expose()) else {
            return Ok(Taken::Refused(Refusal::Malformed));
        };
        let at = (from.device, session.id());
        let session = match self.read(&INBOUND, &group, &at)? {
            None => session,
            Some(row) => match GroupInbound::unpickle(&row.pickle) {
                Ok(known) if known.first_index() <= session.first_index() => {
                    return Ok(Taken::Kept);
                }
                Ok(known) => match known.merge(session) {
                    Ok(merged) => merged,
                    Err(_) => return Ok(Taken::Refused(Refusal::Malformed)),
                },
                Err(_) => session,
            },
        };
        self.make_room_for_session(group, from.device)?;
        let row =
            InboundRow { account: from.account, pickle: session.pickle(), since_ms: self.now };
        self.write(&INBOUND, &group, &at, &row)?;
        self.open_mut()?.groups.inbound.remove(&(group, at));
        self.judge_session(group, at)?;
        Ok(Taken::Kept)
    }

    /// Lets the oldest of a device's sessions go if there are as many as may be.
    fn make_room_for_session(&mut self, group: GroupId, device: DeviceId) -> ApiResult<()> {
        let rows = self.rows()?;
        let (first, last) = (MegolmSession([0; 32]), MegolmSession([0xff; 32]));
        let range = Keys::all().at_least(&(device, first)).at_most(&(device, last));
        let found =
            INBOUND.scan(&self.tx, &rows, &group, &range, Order::Ascending, INBOUND_PER_DEVICE);
        let found = self.stored(found)?;
        if found.len() < INBOUND_PER_DEVICE {
            return Ok(());
        }
        if let Some((oldest, _)) = found.into_iter().min_by_key(|(_, row)| row.since_ms) {
            self.delete(&INBOUND, &group, &oldest)?;
            self.open_mut()?.groups.inbound.remove(&(group, oldest));
        }
        Ok(())
    }
}
