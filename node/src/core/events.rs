//! Events: numbered in the batch of the change that causes them, kept for listeners that come back.

use crate::core::{
    chat::rows::{Order as Place, Room, Stored},
    effect::Effect,
    event_rows::{EVENT_PAGES, KeptEvent, Noted, pages},
    open::Open,
    rows::{EVENT_LOG, EVENTS, EventLog, REGISTRATIONS, Registrations},
    state::Core,
    turn::{Broken, Turn},
};
use magpie_protocol::{
    api::{
        ApiResult, ErrorCode,
        event::{Event, EventClass, LoginChange, LoginEvent, MessageProgress},
        shape::Empty,
        socket_event::Identifier,
    },
    limits,
};
use magpie_storage::{engine::Order, overlay::Overlay, table::Keys};
use rand_core::CryptoRng;

/// Old pages dropped for each new one, at most: more than one, so that the log shrinks to its
/// bounds, and few, so that a step stays short.
const DROPPED_PER_PAGE: usize = 2;

/// Events that a listener that comes back is given at once; up to as many more stand in the last pages of
/// the log that are read for it.
pub const PAGE: usize = 256;
/// Pages of the log that are read at once for it.
const READ_PAGES: usize = 4;

/// One page of what a listener missed.
#[derive(Debug)]
pub struct Missed {
    /// Frames by sequence number, oldest first.
    pub frames: Vec<(u64, Vec<String>)>,
    /// Whether events between what was asked and the first frame are no longer kept.
    pub gap: bool,
}

/// The event log of the open vault.
#[derive(Debug, Default)]
pub(crate) struct Events {
    pub(crate) log: EventLog,
    /// Those that the group of steps has caused so far, each with its bytes.
    pending: Vec<(usize, KeptEvent)>,
    /// Whether the log's row is older than what is kept here.
    is_unwritten: bool,
    /// The last event of the oldest page and when it was, if it was looked at.
    oldest_page: Option<(u64, u64)>,
}

/// What of it was there before a step.
#[derive(Debug)]
pub(crate) struct EventsBefore {
    log: EventLog,
    pending: usize,
    is_unwritten: bool,
}

impl Events {
    /// Returns a log without events of this group.
    pub(crate) fn new(log: EventLog) -> Self {
        Self { log, ..Self::default() }
    }

    fn before(&self) -> EventsBefore {
        let (log, is_unwritten) = (self.log, self.is_unwritten);
        EventsBefore { log, pending: self.pending.len(), is_unwritten }
    }

    /// Forgets what a step added.
    pub(crate) fn restore(&mut self, before: &EventsBefore) {
        self.log = before.log;
        self.pending.truncate(before.pending);
        self.is_unwritten = before.is_unwritten;
    }

    fn next(&mut self) -> u64 {
        let seq = self.log.next;
        self.log.next += 1;
        self.is_unwritten = true;
        seq
    }
}

impl Turn<'_> {
    /// Registers an identifier for a class of events; the oldest gives way when there are too many.
    pub(crate) fn subscribe(
        &mut self,
        class: EventClass,
        identifier: Identifier,
    ) -> ApiResult<Empty> {
        let identifier = identifier.into_string();
        let mut names = self.open()?.registrations.get(&class).cloned().unwrap_or_default();
        if !names.contains(&identifier) {
            if names.len() == limits::EVENT_IDENTIFIERS {
                names.remove(0);
            }
            names.push(identifier);
            let row = Registrations(names.clone());
            self.write(&REGISTRATIONS, &(), &(class as u8), &row)?;
            self.open_mut()?.registrations.insert(class, names);
        }
        Ok(Empty {})
    }

    /// Numbers an event, keeps it, and pushes it to listeners once the step is durable.
    pub(crate) fn emit(&mut self, event: Event) -> ApiResult<()> {
        let seq = self.next_event()?;
        let frames = self.open()?.frames(seq, &event);
        if event.is_kept() {
            self.keep_event(seq, Noted::Event(Box::new(event)))?;
        }
        self.effects.push(Effect::Push { seq, frames });
        Ok(())
    }

    /// As [`emit`](Self::emit), of a message that came, or was changed.
    pub(crate) fn emit_message(
        &mut self,
        noted: Noted,
        (room, order): (Room, Place),
        row: &Stored,
    ) -> ApiResult<()> {
        let seq = self.next_event()?;
        let mut frames = Vec::new();
        if self.open()?.registrations.contains_key(&EventClass::Receive) {
            let shown = self.message_row(room, order, row)?;
            let event = match noted {
                Noted::MessageChanged(..) => Event::MessageChanged(shown),
                _ => Event::Message(shown),
            };
            frames = self.open()?.frames(seq, &event);
        }
        self.keep_event(seq, noted)?;
        self.effects.push(Effect::Push { seq, frames });
        Ok(())
    }

    /// As [`emit`](Self::emit), of what names a message alone.
    pub(crate) fn emit_noted(&mut self, noted: Noted) -> ApiResult<()> {
        let seq = self.next_event()?;
        let event = self.event_of(&noted)?;
        let open = self.open()?;
        let frames = event.map_or_else(Vec::new, |event| open.frames(seq, &event));
        self.keep_event(seq, noted)?;
        self.effects.push(Effect::Push { seq, frames });
        Ok(())
    }

    fn next_event(&mut self) -> ApiResult<u64> {
        let open = self.core.open.as_mut().ok_or(ErrorCode::NotLoggedIn)?;
        self.events_before.get_or_insert_with(|| open.events.before());
        Ok(open.events.next())
    }

    fn keep_event(&mut self, seq: u64, noted: Noted) -> ApiResult<()> {
        let event = KeptEvent { seq, at_ms: self.now, noted };
        let bytes = self.stored(event.bytes())?;
        self.open_mut()?.events.pending.push((bytes, event));
        Ok(())
    }

    /// Writes the pages of what happened since the last time and where the log ends, if it went on.
    pub(crate) fn write_events(&mut self) -> ApiResult<()> {
        let Ok(open) = self.open_mut() else { return Ok(()) };
        if !std::mem::take(&mut open.events.is_unwritten) {
            return Ok(());
        }
        let pages = pages(std::mem::take(&mut open.events.pending));
        for page in &pages {
            let Some((last, _)) = page.last() else { continue };
            self.write(&EVENT_PAGES, &(), &last, page)?;
        }
        for _ in 0..DROPPED_PER_PAGE * pages.len() {
            if !self.drop_outdated()? {
                break;
            }
        }
        let log = self.open()?.events.log;
        self.write(&EVENT_LOG, &(), &(), &log)
    }

    /// Drops the oldest page if there are too many events without it, or it is too old. Returns whether
    /// it was.
    fn drop_outdated(&mut self) -> ApiResult<bool> {
        let Some((last, at_ms)) = self.oldest_page()? else { return Ok(false) };
        let is_surplus = self.open()?.events.log.next - last > limits::EVENTS_KEPT;
        let is_outdated = at_ms < self.now.saturating_sub(limits::EVENTS_KEPT_MS);
        if !is_surplus && !is_outdated {
            return Ok(false);
        }
        self.delete(&EVENT_PAGES, &(), &last)?;
        let events = &mut self.open_mut()?.events;
        (events.log.oldest, events.oldest_page) = (last + 1, None);
        Ok(true)
    }

    fn oldest_page(&mut self) -> ApiResult<Option<(u64, u64)>> {
        if let Some(known) = self.open()?.events.oldest_page {
            return Ok(Some(known));
        }
        let (rows, oldest) = (self.rows()?, self.open()?.events.log.oldest);
        let from = Keys::all().at_least(&oldest);
        let found = EVENT_PAGES.scan(&self.tx, &rows, &(), &from, Order::Ascending, 1);
        let page = self.stored(found)?.pop().and_then(|(_, page)| page.last());
        self.open_mut()?.events.oldest_page = page;
        Ok(page)
    }

    /// Tells every listener that the open vault changes, and closes its socket. The event is numbered
    /// but not kept: the log it would stand in is dropped.
    pub(crate) fn login_state(&mut self, signed_in: bool) -> ApiResult<()> {
        let seq = self.open_mut()?.events.next();
        let log = self.open()?.events.log;
        self.write(&EVENT_LOG, &(), &(), &log)?;
        let value = if signed_in { LoginEvent::SignedIn } else { LoginEvent::SignedOut };
        let event = Event::LoginState(LoginChange { value });
        self.effects.push(Effect::CloseListeners { frame: event.frame_text(seq, "") });
        Ok(())
    }

    /// Puts events that an older build kept, each in a row of its own, into pages.
    pub(crate) fn page_old_events(&mut self) -> ApiResult<()> {
        let rows = self.rows()?;
        let all = Keys::all();
        let found = EVENTS.scan(&self.tx, &rows, &(), &all, Order::Ascending, usize::MAX);
        for (seq, row) in self.stored(found)? {
            self.delete(&EVENTS, &(), &seq)?;
            let event = KeptEvent { seq, at_ms: row.at, noted: Noted::Event(Box::new(row.event)) };
            let bytes = self.stored(event.bytes())?;
            let events = &mut self.open_mut()?.events;
            events.pending.push((bytes, event));
            events.is_unwritten = true;
        }
        Ok(())
    }

    /// Deletes the kept events of the open vault. Their number is bounded by
    /// [`limits::EVENTS_KEPT`], so one step takes them all.
    pub(crate) fn drop_events(&mut self) -> ApiResult<()> {
        let rows = self.rows()?;
        let all = Keys::all();
        let found = EVENT_PAGES.scan(&self.tx, &rows, &(), &all, Order::Ascending, usize::MAX);
        for (last, _) in self.stored(found)? {
            self.delete(&EVENT_PAGES, &(), &last)?;
        }
        let mut log = self.open()?.events.log;
        log.oldest = log.next;
        self.write(&EVENT_LOG, &(), &(), &log)?;
        self.open_mut()?.events = Events::new(log);
        Ok(())
    }

    /// Returns a kept event as it is told now; nothing of a message that is not there any more.
    pub(crate) fn event_of(&mut self, noted: &Noted) -> ApiResult<Option<Event>> {
        Ok(match noted {
            Noted::Message(room, order) => self.shown_at(*room, *order)?.map(Event::Message),
            Noted::MessageChanged(room, order) => {
                self.shown_at(*room, *order)?.map(Event::MessageChanged)
            }
            Noted::Progress { room, id, state, sent, updated_ms } => {
                Some(Event::MessageStateChanged(MessageProgress {
                    message: id.to_string(),
                    conversation: room.to_string(),
                    state: *state,
                    sent: *sent,
                    updated_time: *updated_ms,
                }))
            }
            Noted::Event(event) => Some(Event::clone(event)),
        })
    }

    fn missed_since(&mut self, from: u64) -> ApiResult<Missed> {
        let (rows, log) = (self.rows()?, self.open()?.events.log);
        let first = from.saturating_add(1);
        // Numbers beyond the log belong to another vault or another account.
        let gap = first < log.oldest || from >= log.next;
        let mut start = if gap { log.oldest } else { first };
        let mut frames = Vec::new();
        while frames.len() < PAGE {
            let from = Keys::all().at_least(&start);
            let found = EVENT_PAGES.scan(&self.tx, &rows, &(), &from, Order::Ascending, READ_PAGES);
            let found = self.stored(found)?;
            let Some((last, _)) = found.last() else { break };
            let next = *last + 1;
            for (_, page) in found {
                for event in page.0.iter().filter(|event| event.seq >= start) {
                    let told = self.event_of(&event.noted)?;
                    let open = self.open()?;
                    let told = told.map_or_else(Vec::new, |told| open.frames(event.seq, &told));
                    frames.push((event.seq, told));
                }
            }
            start = next;
        }
        Ok(Missed { frames, gap })
    }
}

impl Core {
    /// Returns a page of the events after `from`, for a listener that comes back; messages among them as
    /// they are at this time. Nothing is kept while no vault is open. Error: the store is broken.
    pub fn missed(
        &mut self,
        store: &Overlay,
        (now, rng): (u64, &mut dyn CryptoRng),
        from: u64,
    ) -> Result<Missed, Broken> {
        let mut turn = Turn::new(self, store, now, rng, None);
        let found = turn.missed_since(from);
        // It only read.
        turn.finish()?;
        Ok(found.unwrap_or_else(|_closed| Missed { frames: vec![], gap: from > 0 }))
    }
}

impl Open {
    /// Renders an event for every identifier that is registered for its class.
    fn frames(&self, seq: u64, event: &Event) -> Vec<String> {
        let names = self.registrations.get(&event.class());
        names.into_iter().flatten().map(|name| event.frame_text(seq, name)).collect()
    }
}
