//! What members say: decrypted with their session, checked against the group, handed to the chat.

use super::rows::{INBOUND, InboundRow, Mark, SAID, SAID_ORDER, SaidRow, UNREAD, UnreadRow};
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
    group::{OperationId, Role, Said, Spoken, State},
    ids::GroupId,
    limits::{DAY_MS, OPERATIONS_SENT},
};
use magpie_storage::{engine::Order, table::Keys};

/// Things said in one group that wait for a key or an operation; the oldest gives way.
const UNREAD_MAX: usize = 1_024;
/// How long one waits, milliseconds.
const UNREAD_MS: u64 = 7 * DAY_MS;
/// Those judged again in one step.
const JUDGED_PER_STEP: usize = 128;
/// How far apart two members' clocks may be, milliseconds.
const CLOCKS_APART_MS: u64 = 2 * 60 * 1_000;
/// How long a key may be on its way before it is asked for, milliseconds.
const KEY_MS: u64 = 2_000;
/// Sessions of others that are kept ready to decrypt.
const INBOUND_CACHED: usize = 1_024;
/// Sessions of others kept of one group.
const INBOUND_MAX: usize = 16_384;

/// What became of something said.
enum Heard {
    /// It was taken, or never will be.
    Done,
    /// A key or an operation is still to come.
    Early,
}

impl Turn<'_> {
    /// Takes something said in a group; what cannot be read yet waits.
    pub(super) fn hear_said(
        &mut self,
        group: GroupId,
        said: &Said,
        framed_ms: u64,
    ) -> ApiResult<()> {
        let Some(fold) = self.fold_of(group)? else { return Ok(()) };
        let (me, own) = (self.open()?.account.address, self.open()?.account.device_key.id());
        let Some(member) = fold.state().members.get(&me).filter(|_| said.device != own) else {
            return Ok(());
        };
        match self.try_said(group, said)? {
            Heard::Done => Ok(()),
            // It was said before this account was in: nobody will bring its key.
            Heard::Early if framed_ms + CLOCKS_APART_MS < member.joined_ms => Ok(()),
            Heard::Early => self.wait_for_key(group, said),
        }
    }

    fn try_said(&mut self, group: GroupId, said: &Said) -> ApiResult<Heard> {
        let Some((row, spoken)) = self.decrypt_said(group, said)? else {
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
                if !may_say(fold.state(), said, &message) {
                    return Ok(Heard::Done);
                }
                self.take_said(group, said, *message)
            }
        }
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

    /// Returns whose session it was and what it said, if that can be read; nothing while the key is
    /// missing, or reaches not so far back.
    fn decrypt_said(
        &mut self,
        group: GroupId,
        said: &Said,
    ) -> ApiResult<Option<(InboundRow, Option<Spoken>)>> {
        let at = (said.session, said.device);
        let Some(row) = self.read(&INBOUND, &group, &at)? else { return Ok(None) };
        let cached = self.open_mut()?.groups.inbound.remove(&(group, at));
        let session = match cached {
            Some(session) => Some(session),
            None => GroupInbound::unpickle(&row.pickle).ok(),
        };
        let Some(mut session) = session else { return Ok(None) };
        let plaintext = session.decrypt(&said.message);
        let groups = &mut self.open_mut()?.groups;
        if groups.inbound.len() >= INBOUND_CACHED {
            groups.inbound.pop_first();
        }
        groups.inbound.insert((group, at), session);
        Ok(match plaintext {
            Ok(decrypted) => Some((row, decode(&decrypted.plaintext).ok())),
            // From before the key's index: it was said before this device was in, or the key that
            // reaches further back is on its way.
            Err(_) => None,
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

    fn wait_for_key(&mut self, group: GroupId, said: &Said) -> ApiResult<()> {
        let bytes = encode(said).ok().and_then(|bytes| Blob::new(bytes).ok());
        let Some(bytes) = bytes else { return Ok(()) };
        let waiting = self.unread(group, UNREAD_MAX)?;
        if waiting.iter().any(|(_, row)| row.said == bytes) {
            return Ok(());
        }
        if let Some((key, _)) = waiting.first().filter(|_| waiting.len() == UNREAD_MAX) {
            self.delete(&UNREAD, &(), key)?;
        }
        let number = self.next_number()?;
        let row = UnreadRow {
            said: bytes,
            session: said.session,
            account: said.account,
            since_ms: self.now,
        };
        self.write(&UNREAD, &(), &(group, number), &row)?;
        self.core.agenda.nudge(Task::Want(group), self.now + KEY_MS);
        Ok(())
    }

    pub(super) fn unread(
        &mut self,
        group: GroupId,
        limit: usize,
    ) -> ApiResult<Vec<((GroupId, u64), UnreadRow)>> {
        let rows = self.rows()?;
        let range = Keys::all().at_least(&(group, 0)).at_most(&(group, u64::MAX));
        let found = UNREAD.scan(&self.tx, &rows, &(), &range, Order::Ascending, limit);
        self.stored(found)
    }

    /// Tries again what waits, because a key or an operation came.
    pub(super) fn judge_again(&mut self, group: GroupId) -> ApiResult<()> {
        for (key, row) in self.unread(group, JUDGED_PER_STEP)? {
            let said = decode::<Said>(&row.said).ok();
            let is_old = row.since_ms + UNREAD_MS < self.now;
            let heard = match said {
                Some(said) if !is_old => self.try_said(group, &said)?,
                _ => Heard::Done,
            };
            if matches!(heard, Heard::Done) {
                self.delete(&UNREAD, &(), &key)?;
            }
        }
        Ok(())
    }

    /// Takes the session of a member's device in a group.
    pub(crate) fn hear_session(&mut self, from: Sender, payload: GroupSession) -> ApiResult<Taken> {
        let group = payload.group;
        if self.fold_of(group)?.is_none() {
            // Its operations went ahead of it; without them there is nobody to believe.
            return Ok(Taken::Refused(Refusal::NotFriend));
        }
        let Ok(session) = GroupInbound::new(payload.key.expose()) else {
            return Ok(Taken::Refused(Refusal::Malformed));
        };
        let id = session.id();
        let at = (id, from.device);
        let row = self.read(&INBOUND, &group, &at)?;
        let session = match row {
            None if self.has_all_sessions(group)? => return Ok(Taken::Refused(Refusal::Full)),
            None => session,
            Some(row) if row.account != from.account => {
                return Ok(Taken::Refused(Refusal::Malformed));
            }
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
        let row = InboundRow { account: from.account, pickle: session.pickle() };
        self.write(&INBOUND, &group, &at, &row)?;
        self.open_mut()?.groups.inbound.remove(&(group, at));
        self.judge_again(group)?;
        Ok(Taken::Kept)
    }

    fn has_all_sessions(&mut self, group: GroupId) -> ApiResult<bool> {
        let rows = self.rows()?;
        let range = Keys::all();
        let found = INBOUND.scan(&self.tx, &rows, &group, &range, Order::Ascending, INBOUND_MAX);
        Ok(self.stored(found)?.len() >= INBOUND_MAX)
    }
}

/// Whether a message counts in a group as it stands: its author is a member whose device this is, or
/// was one when it was written, and may write.
fn may_say(state: &State, said: &Said, message: &Message) -> bool {
    match state.members.get(&said.account) {
        Some(member) => {
            member.devices.device(said.device).is_some()
                && (!state.config.muted_for_all || member.role >= Role::Admin)
        }
        // What was on its way when its author went still counts; nobody can make it seem later.
        None => state.former.get(&said.account).is_some_and(|it| message.time_ms <= it.left_ms),
    }
}
