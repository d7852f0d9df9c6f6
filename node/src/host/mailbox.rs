//! The core's mailbox: how the tasks around the core put something to it, and how it answers.
//!
//! In: calls of the local API and listeners for events, through a [`CoreHandle`], which any task may
//! clone. Out: one [`ApiAnswer`] a call, and for a listener a [`Feed`] on the core's side with a
//! [`Listener`] on the other. Every queue here is bounded: a full mailbox answers the caller at once,
//! and a listener that does not keep up is cut off. Start with [`mailbox`].

use serde::Serialize;
use serde_json::{Value, json};
use std::{fmt, ops::BitOr, sync::Arc};
use tokio::sync::{mpsc, oneshot};

/// Inputs that wait for the core at most; the next caller is told that the node is busy.
pub const MAILBOX_INPUTS: usize = 1_024;
/// Events that wait for one listener at most; the next one cuts it off ([`End::Lagged`]).
pub const LISTENER_EVENTS: usize = 1_024;

/// The code of a call that did what it was asked (the document's table).
pub const CODE_OK: u16 = 200;
/// The code of a call to a method that does not exist.
pub const CODE_NO_METHOD: u16 = 300;
/// The code of a call that failed for a reason on this side.
pub const CODE_FAILED: u16 = 500;
/// The code of a call whose parameters cannot be read.
pub const CODE_PARAMETERS: u16 = 600;

/// One thing that the holder of a token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Scope {
    /// Look at what the node shows: listings, events, states.
    Read = 1,
    /// Write messages, groups and contacts.
    Chat = 2,
    /// Move money.
    Wallet = 4,
    /// Everything about the node itself: accounts, vaults, any file path.
    Admin = 8,
}

/// A set of [`Scope`]s.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Scopes(u8);

impl Scopes {
    /// No scope at all.
    pub const NONE: Self = Self(0);
    /// Every scope: what the token of `api.json` has.
    pub const ALL: Self =
        Self(Scope::Read as u8 | Scope::Chat as u8 | Scope::Wallet as u8 | Scope::Admin as u8);

    /// Tells whether `scope` is in the set.
    pub const fn contains(self, scope: Scope) -> bool {
        self.0 & scope as u8 != 0
    }
}

impl From<Scope> for Scopes {
    fn from(scope: Scope) -> Self {
        Self(scope as u8)
    }
}

impl BitOr<Scope> for Scopes {
    type Output = Self;

    fn bitor(self, scope: Scope) -> Self {
        Self(self.0 | scope as u8)
    }
}

impl fmt::Debug for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = [Scope::Read, Scope::Chat, Scope::Wallet, Scope::Admin];
        f.debug_set().entries(all.into_iter().filter(|&scope| self.contains(scope))).finish()
    }
}

/// What every call is answered with, as it stands in the HTTP body.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ApiAnswer {
    /// 200, or a code of the document's table.
    pub code: u16,
    /// Why, for people; empty when the code is 200.
    pub message: String,
    /// The method's answer; null when there is none.
    pub data: Value,
}

impl ApiAnswer {
    /// Returns the answer of a call that did what it was asked.
    pub const fn ok(data: Value) -> Self {
        Self { code: CODE_OK, message: String::new(), data }
    }

    /// Returns the answer of a call that did not, with its reason.
    pub fn fault(code: u16, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), data: Value::Null }
    }
}

/// One call of the local API on its way to the core.
///
/// Parameters may hold passwords, so Debug shows the method alone.
pub struct ApiCall {
    /// The document's module, for example `contact`; not yet known to exist.
    pub module: String,
    /// The document's method, for example `getContacts`; not yet known to exist.
    pub method: String,
    /// The parameters, always a JSON object, without the keys that named module, method and
    /// idempotency key.
    pub params: Value,
    /// What the caller's token allows.
    pub scopes: Scopes,
    /// The caller's own name for this call, where it gave one: the same key never moves money twice.
    pub idempotency_key: Option<String>,
    /// Where the answer goes; the caller may have left by then.
    pub answer: oneshot::Sender<ApiAnswer>,
}

impl fmt::Debug for ApiCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ApiCall({}.{})", self.module, self.method)
    }
}

/// What the tasks around the core put into its mailbox.
#[derive(Debug)]
pub enum HostInput {
    /// A call of the local API.
    Call(ApiCall),
    /// Somebody wants the events.
    Listen {
        /// The last event seen: those after it come first. None starts with what happens next.
        from: Option<u64>,
        /// Where the listener goes.
        reply: oneshot::Sender<Listener>,
    },
}

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
    /// The account or vault whose events these were is closed; holds the login state it is in now.
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

/// Why nobody listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ListenError {
    /// [`MAILBOX_INPUTS`] inputs wait already.
    #[error("the node is busy, {MAILBOX_INPUTS} calls wait")]
    Busy,
    /// The core has ended.
    #[error("the node is stopping")]
    Gone,
}

/// The way into the core for every task around it.
#[derive(Debug, Clone)]
pub struct CoreHandle {
    inputs: mpsc::Sender<HostInput>,
}

/// Makes a mailbox of [`MAILBOX_INPUTS`] places and its handle; the thread of the core reads it.
pub fn mailbox() -> (CoreHandle, mpsc::Receiver<HostInput>) {
    let (inputs, mailbox) = mpsc::channel(MAILBOX_INPUTS);
    (CoreHandle { inputs }, mailbox)
}

impl CoreHandle {
    /// Puts one call to the core and waits for its answer. A full mailbox, or a core that ends before it
    /// answers, is an answer too ([`CODE_FAILED`]); the wait has no deadline of its own.
    pub async fn call(
        &self,
        module: String,
        method: String,
        params: Value,
        scopes: Scopes,
        idempotency_key: Option<String>,
    ) -> ApiAnswer {
        let (answer, answered) = oneshot::channel();
        let call = ApiCall { module, method, params, scopes, idempotency_key, answer };
        match self.put(HostInput::Call(call)) {
            Ok(()) => answered.await.unwrap_or_else(|_| {
                ApiAnswer::fault(CODE_FAILED, "the node stopped before it answered")
            }),
            Err(error) => ApiAnswer::fault(CODE_FAILED, error.to_string()),
        }
    }

    /// Starts to listen for events, those after `from` first where it is given.
    pub async fn listen(&self, from: Option<u64>) -> Result<Listener, ListenError> {
        let (reply, listener) = oneshot::channel();
        self.put(HostInput::Listen { from, reply })?;
        listener.await.map_err(|_| ListenError::Gone)
    }

    /// Tells whether the core still reads its mailbox.
    pub fn is_open(&self) -> bool {
        !self.inputs.is_closed()
    }

    fn put(&self, input: HostInput) -> Result<(), ListenError> {
        self.inputs.try_send(input).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => ListenError::Busy,
            mpsc::error::TrySendError::Closed(_) => ListenError::Gone,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(seq: u64) -> Event {
        Event { seq, text: seq.to_string().into() }
    }

    #[tokio::test]
    async fn a_full_mailbox_answers_at_once() {
        let (core, mut mailbox) = mailbox();
        let mut waiting = Vec::new();
        for _ in 0..MAILBOX_INPUTS {
            let (reply, listener) = oneshot::channel();
            core.put(HostInput::Listen { from: None, reply }).unwrap();
            waiting.push(listener);
        }
        let answer = core.call("m".into(), "f".into(), json!({}), Scopes::ALL, None).await;
        assert_eq!((answer.code, answer.data), (CODE_FAILED, Value::Null));
        assert!(answer.message.contains("busy"), "{}", answer.message);
        assert_eq!(core.listen(None).await.unwrap_err(), ListenError::Busy);
        mailbox.recv().await.unwrap();
        core.put(HostInput::Listen { from: None, reply: oneshot::channel().0 }).unwrap();
    }

    #[tokio::test]
    async fn a_core_that_ends_answers_every_caller() {
        let (core, mut mailbox) = mailbox();
        let asks = core.clone();
        let asked = tokio::spawn(async move {
            asks.call("m".into(), "f".into(), json!({}), Scopes::ALL, None).await
        });
        let HostInput::Call(call) = mailbox.recv().await.unwrap() else { panic!("a call") };
        assert!(core.is_open());
        drop((call, mailbox));
        assert_eq!(asked.await.unwrap().code, CODE_FAILED);
        assert!(!core.is_open());
        let answer = core.call("m".into(), "f".into(), json!({}), Scopes::ALL, None).await;
        assert_eq!(answer, ApiAnswer::fault(CODE_FAILED, "the node is stopping"));
        assert_eq!(core.listen(Some(1)).await.unwrap_err(), ListenError::Gone);
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

    #[test]
    fn scopes_are_a_set() {
        let some = Scopes::from(Scope::Read) | Scope::Wallet;
        assert!(some.contains(Scope::Read) && some.contains(Scope::Wallet));
        assert!(!some.contains(Scope::Chat) && !some.contains(Scope::Admin));
        assert_eq!(
            Scopes::NONE | Scope::Read | Scope::Chat | Scope::Wallet | Scope::Admin,
            Scopes::ALL
        );
        assert_eq!(format!("{some:?}"), "{Read, Wallet}");
    }
}
