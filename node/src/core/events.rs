//! Events: numbered in the batch of the change that causes them, kept for listeners that come back.

use crate::core::{
    effect::Effect,
    open::Open,
    rows::{EVENT_LOG, EVENTS, REGISTRATIONS, Registrations},
    state::Core,
    turn::{Broken, Turn},
};
use magpie_protocol::{
    api::{
        ApiResult,
        event::{Event, EventClass, LoginChange, LoginEvent, StoredEvent},
        shape::Empty,
        socket_event::Identifier,
    },
    limits,
};
use magpie_storage::{engine::Order, overlay::Overlay, table::Keys};

/// Old events dropped for each new one, at most: more than one, so that the log shrinks to its
/// bounds, and few, so that a step stays short.
const DROPPED_PER_EVENT: u64 = 2;

/// Events of one page that a listener that comes back is given.
pub const PAGE: usize = 256;

/// One page of what a listener missed.
#[derive(Debug)]
pub struct Missed {
    /// Frames by sequence number, oldest first.
    pub frames: Vec<(u64, Vec<String>)>,
    /// Whether events between what was asked and the first frame are no longer kept.
    pub gap: bool,
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
        let mut log = self.open()?.events;
        let seq = log.next;
        let frames = self.open()?.frames(seq, &event);
        if event.is_kept() {
            self.write(&EVENTS, &(), &seq, &StoredEvent { at: self.now, event })?;
        }
        log.next += 1;
        for _ in 0..DROPPED_PER_EVENT {
            if !self.is_outdated(log.oldest, log.next)? {
                break;
            }
            self.delete(&EVENTS, &(), &log.oldest)?;
            log.oldest += 1;
        }
        let open = self.open_mut()?;
        open.events = log;
        open.events_unwritten = true;
        self.effects.push(Effect::Push { seq, frames });
        Ok(())
    }

    /// Writes where the log ends, if it went on.
    pub(crate) fn write_event_log(&mut self) -> ApiResult<()> {
        let Ok(open) = self.open_mut() else { return Ok(()) };
        if std::mem::take(&mut open.events_unwritten) {
            let log = open.events;
            self.write(&EVENT_LOG, &(), &(), &log)?;
        }
        Ok(())
    }

    fn is_outdated(&mut self, oldest: u64, next: u64) -> ApiResult<bool> {
        if next - oldest > limits::EVENTS_KEPT {
            return Ok(true);
        }
        if oldest >= next {
            return Ok(false);
        }
        let at = match self.open()?.oldest_event {
            Some((seq, at)) if seq == oldest => Some(at),
            _ => self.read(&EVENTS, &(), &oldest)?.map(|row| row.at),
        };
        self.open_mut()?.oldest_event = at.map(|at| (oldest, at));
        let too_old = self.now.saturating_sub(limits::EVENTS_KEPT_MS);
        // A number without a row was given to an event that is not kept.
        Ok(at.is_none_or(|at| at < too_old))
    }

    /// Tells every listener that the open vault changes, and closes its socket. The event is numbered
    /// but not kept: the log it would stand in is dropped.
    pub(crate) fn login_state(&mut self, signed_in: bool) -> ApiResult<()> {
        let mut log = self.open()?.events;
        let seq = log.next;
        log.next += 1;
        self.write(&EVENT_LOG, &(), &(), &log)?;
        self.open_mut()?.events = log;
        let value = if signed_in { LoginEvent::SignedIn } else { LoginEvent::SignedOut };
        let event = Event::LoginState(LoginChange { value });
        self.effects.push(Effect::CloseListeners { frame: render(&event, seq, "") });
        Ok(())
    }

    /// Deletes the kept events of the open vault. Their number is bounded by
    /// [`limits::EVENTS_KEPT`], so one step takes them all.
    pub(crate) fn drop_events(&mut self) -> ApiResult<()> {
        let mut log = self.open()?.events;
        for seq in log.oldest..log.next {
            self.delete(&EVENTS, &(), &seq)?;
        }
        log.oldest = log.next;
        self.write(&EVENT_LOG, &(), &(), &log)?;
        self.open_mut()?.events = log;
        Ok(())
    }
}

impl Core {
    /// Returns a page of the events after `from`, for a listener that comes back. Nothing is kept
    /// while no vault is open.
    pub fn missed(&self, store: &Overlay, from: u64) -> Result<Missed, Broken> {
        let Some(open) = &self.open else {
            return Ok(Missed { frames: vec![], gap: from > 0 });
        };
        let first = from.saturating_add(1);
        // Numbers beyond the log belong to another vault or another account.
        let gap = first < open.events.oldest || from >= open.events.next;
        let start = if gap { open.events.oldest } else { first };
        let rows = EVENTS.scan(
            store,
            &open.rows,
            &(),
            &Keys::all().at_least(&start),
            Order::Ascending,
            PAGE,
        )?;
        let frames =
            rows.into_iter().map(|(seq, row)| (seq, open.frames(seq, &row.event))).collect();
        Ok(Missed { frames, gap })
    }
}

impl Open {
    /// Renders an event for every identifier that is registered for its class.
    fn frames(&self, seq: u64, event: &Event) -> Vec<String> {
        let names = self.registrations.get(&event.class());
        names.into_iter().flatten().map(|name| render(event, seq, name)).collect()
    }
}

fn render(event: &Event, seq: u64, identifier: &str) -> String {
    serde_json::to_string(&event.frame(seq, identifier)).expect("names and numbers are JSON")
}
