//! A listener for events: the core pushes without waiting, the other side takes them in order.

use serde_json::json;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// Events that wait for one listener at most; the next one cuts it off ([`End::Lagged`]).
pub const LISTENER_EVENTS: usize = 1_024;

/// One event as listeners get it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its sequence number, which a listener that comes back names.
    pub seq: u64,
    /// The rendered frame: `{"seq","identifier","event","data"}`.
    pub text: Arc<str>,
}

impl Event {
    /// Returns the frame that tells a listener of a gap: events after `seq` are lost to it, it has to
    /// read anew what it shows.
    pub fn resync(seq: u64, reason: &str) -> Self {
        let frame = json!({
            "seq": seq, "identifier": "", "event": "resync", "data": {"reason": reason},
        });
        Self { seq, text: frame.to_string().into() }
    }
}

/// Why a listener gets no further event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// The account or vault whose events these were is closed, or another one is open; holds the
    /// last frame, which says so.
    Closed(String),
    /// It took events more slowly than they happened.
    Lagged,
    /// This was one page of what it missed: it has to listen again from this event on.
    More(u64),
    /// The node stops.
    Stopped,
}

/// What [`Listener::next`] finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// One more event.
    Event(Event),
    /// No more, and why.
    End(End),
}

/// The core's side of one listener.
#[derive(Debug)]
pub struct Feed {
    open: Option<(mpsc::Sender<Event>, oneshot::Sender<End>)>,
}

/// The listener is gone or was cut off: its feed can be dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the listener is gone")]
pub struct ListenerGone;

impl Feed {
    /// Hands one event over without waiting. A listener with [`LISTENER_EVENTS`] events unread is cut
    /// off instead, which it learns after those.
    pub fn push(&mut self, event: Event) -> Result<(), ListenerGone> {
        let (events, _) = self.open.as_ref().ok_or(ListenerGone)?;
        match events.try_send(event) {
            Ok(()) => Ok(()),
            Err(mpsc::error::TrySendError::Full(_)) => {
                self.end(End::Lagged);
                Err(ListenerGone)
            }
            Err(mpsc::error::TrySendError::Closed(_)) => {
                self.open = None;
                Err(ListenerGone)
            }
        }
    }

    /// Returns how many events can be handed over now without a cut: the page to fill when a listener
    /// comes back, before [`End::More`].
    pub fn room(&self) -> usize {
        self.open.as_ref().map_or(0, |(events, _)| events.capacity())
    }

    /// Ends the feed: the listener gets the events that still wait, then the reason.
    pub fn finish(mut self, end: End) {
        self.end(end);
    }

    fn end(&mut self, end: End) {
        if let Some((events, reason)) = self.open.take() {
            // The reason stands before the queue closes, so that who sees it closed finds the reason;
            // a listener that has left needs none.
            let _left = reason.send(end);
            drop(events);
        }
    }
}

/// The other side of a [`Feed`]: events in order, then why they ended.
#[derive(Debug)]
pub struct Listener {
    events: mpsc::Receiver<Event>,
    end: oneshot::Receiver<End>,
}

impl Listener {
    /// Makes a listener and the core's side of it; at most [`LISTENER_EVENTS`] events wait in it.
    pub fn new() -> (Feed, Self) {
        let (events, rest) = mpsc::channel(LISTENER_EVENTS);
        let (end, reason) = oneshot::channel();
        (Feed { open: Some((events, end)) }, Self { events: rest, end: reason })
    }

    /// Waits for the next event or the end; may be dropped half-way without losing an event. A feed
    /// that vanished without a word counts as [`End::Stopped`], and so does asking past the end.
    pub async fn next(&mut self) -> Next {
        match self.events.recv().await {
            Some(event) => Next::Event(event),
            None => Next::End(self.end.try_recv().unwrap_or(End::Stopped)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(seq: u64) -> Event {
        Event { seq, text: seq.to_string().into() }
    }

    #[tokio::test]
    async fn a_listener_gets_what_waits_and_then_the_reason() {
        let (mut feed, mut listener) = Listener::new();
        feed.push(event(1)).unwrap();
        assert_eq!(feed.room(), LISTENER_EVENTS - 1);
        feed.finish(End::More(1));
        assert_eq!(listener.next().await, Next::Event(event(1)));
        assert_eq!(listener.next().await, Next::End(End::More(1)));
        assert_eq!(listener.next().await, Next::End(End::Stopped));
    }

    #[tokio::test]
    async fn a_listener_that_lags_is_cut_off_at_the_bound() {
        let (mut feed, mut listener) = Listener::new();
        let pushed = (1..).map_while(|seq| feed.push(event(seq)).ok()).count();
        assert_eq!(pushed, LISTENER_EVENTS);
        assert_eq!(feed.push(event(0)), Err(ListenerGone));
        assert_eq!(feed.room(), 0);
        for seq in 1..=LISTENER_EVENTS as u64 {
            assert_eq!(listener.next().await, Next::Event(event(seq)));
        }
        assert_eq!(listener.next().await, Next::End(End::Lagged));
    }

    #[test]
    fn a_feed_notices_that_its_listener_left() {
        let (mut feed, listener) = Listener::new();
        drop(listener);
        assert_eq!(feed.push(event(1)), Err(ListenerGone));
    }
}
