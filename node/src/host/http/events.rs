//! Events over a WebSocket: rendered frames out, nothing in.
//!
//! One task a socket takes events from its [`Listener`] as fast as the other side reads. Who reads too
//! slowly is cut off by the listener's bound, gets a `resync` frame after what waited, and comes back
//! with `?from=SEQ`.

use super::{guard::Caller, refusal::Refusal, router::App, server::Timing};
use crate::host::mailbox::{CoreHandle, End, Event, Listener, Next};
use axum::{
    Extension,
    body::Bytes,
    extract::{
        State, WebSocketUpgrade,
        ws::{CloseFrame, Message, WebSocket, rejection::WebSocketUpgradeRejection},
    },
    http::Uri,
    response::{IntoResponse, Response},
};
use magpie_protocol::api::Scope;
use tokio::{
    sync::watch,
    time::{Instant, MissedTickBehavior, interval_at, sleep, timeout},
};

/// The largest frame or message a listener may send; what it says is ignored.
const INCOMING_BYTES: usize = 64 << 10;
/// Messages a listener may send from one ping to the next.
pub(super) const INCOMING_MESSAGES: u32 = 256;
/// Pings in a row that may stay unanswered.
const UNANSWERED_PINGS: u32 = 2;

/// Close code: the node stops.
pub(super) const GOING_AWAY: u16 = 1001;
/// Close code: the listener said too much.
pub(super) const POLICY: u16 = 1008;
/// Close code: the account or vault was closed, or another one opened; the last frame says so.
pub(super) const CLOSED: u16 = 4001;
/// Close code: the listener lagged; it comes back with the last `seq` it saw.
pub(super) const RESYNC: u16 = 4002;

/// Answers an upgrade: 101 and the events, or why not.
pub(super) async fn listen(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    uri: Uri,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    match admit(&app, caller, &uri, upgrade).await {
        Ok(response) => response,
        Err(refusal) => refusal.into_response(),
    }
}

async fn admit(
    app: &App,
    caller: Caller,
    uri: &Uri,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Refusal> {
    if !caller.scopes.contains(Scope::Read) {
        return Err(Refusal::Scope);
    }
    let upgrade = upgrade.map_err(|_| Refusal::Upgrade)?;
    let from = from(uri.query().unwrap_or(""))?;
    let place = app.sockets.clone().try_acquire_owned().map_err(|_| Refusal::Listeners)?;
    let asked = timeout(app.timing.call, app.core.listen(from)).await;
    let listener = asked.map_err(|_| Refusal::Core)?.map_err(|_| Refusal::Core)?;
    let (core, stopping, timing) = (app.core.clone(), app.stopping.clone(), app.timing);
    let mut stopped = app.stopping.clone();
    let cut = async move {
        let _stops = stopped.changed().await;
        sleep(timing.shutdown).await;
    };
    let upgrade = upgrade.max_message_size(INCOMING_BYTES).max_frame_size(INCOMING_BYTES);
    Ok(upgrade.on_upgrade(async move |socket| {
        let pump = Pump { socket, listener, core, stopping, timing, last: from.unwrap_or(0) };
        tokio::select! {
            () = pump.run() => {}
            () = cut => {}
        }
        drop(place);
    }))
}

/// Reads `from` out of a query; other keys are ignored.
fn from(query: &str) -> Result<Option<u64>, Refusal> {
    let mut found = query.split('&').filter_map(|pair| pair.strip_prefix("from="));
    match (found.next(), found.next()) {
        (None, _) => Ok(None),
        (Some(seq), None) if seq.bytes().all(|digit| digit.is_ascii_digit()) => {
            seq.parse().map(Some).map_err(|_| Refusal::From)
        }
        _ => Err(Refusal::From),
    }
}

struct Pump {
    socket: WebSocket,
    listener: Listener,
    core: CoreHandle,
    stopping: watch::Receiver<bool>,
    timing: Timing,
    last: u64,
}

/// The other side is gone or does not read: there is nobody to say anything to.
struct Gone;

impl Pump {
    async fn run(mut self) {
        if let Ok((code, reason)) = self.forward().await {
            self.close(code, reason).await;
        }
    }

    /// Forwards events until there is a reason to close.
    async fn forward(&mut self) -> Result<(u16, String), Gone> {
        let first = Instant::now() + self.timing.ping;
        let mut pings = interval_at(first, self.timing.ping);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut unanswered, mut incoming) = (0, 0);
        loop {
            tokio::select! {
                biased;
                _ = self.stopping.changed() => return Ok((GOING_AWAY, "the node stops".into())),
                _ = pings.tick() => {
                    if unanswered >= UNANSWERED_PINGS {
                        return Err(Gone);
                    }
                    (unanswered, incoming) = (unanswered + 1, 0);
                    self.send(Message::Ping(Bytes::new())).await?;
                }
                said = self.socket.recv() => {
                    match said {
                        Some(Ok(Message::Close(_)) | Err(_)) | None => return Err(Gone),
                        Some(Ok(_)) => (unanswered, incoming) = (0, incoming + 1),
                    }
                    if incoming > INCOMING_MESSAGES {
                        return Ok((POLICY, "listeners only listen".into()));
                    }
                }
                next = self.listener.next() => match next {
                    Next::Event(event) => self.send_event(event).await?,
                    Next::End(End::More(from)) => {
                        match timeout(self.timing.call, self.core.listen(Some(from))).await {
                            Ok(Ok(listener)) => self.listener = listener,
                            // The core is busy: the listener comes back when it likes.
                            _ => return self.resync("busy").await,
                        }
                    }
                    Next::End(End::Lagged) => return self.resync("lagged").await,
                    Next::End(End::Closed(frame)) => {
                        self.send(Message::Text(frame.into())).await?;
                        return Ok((CLOSED, "the login state changed".into()));
                    }
                    Next::End(End::Stopped) => {
                        return Ok((GOING_AWAY, "the node stops".into()));
                    }
                },
            }
        }
    }

    /// Tells of the gap, after the last event that was sent.
    async fn resync(&mut self, reason: &str) -> Result<(u16, String), Gone> {
        self.send_event(Event::resync(self.last, reason)).await?;
        Ok((RESYNC, reason.into()))
    }

    async fn send_event(&mut self, event: Event) -> Result<(), Gone> {
        self.last = event.seq;
        self.send(Message::Text((&*event.text).into())).await
    }

    async fn send(&mut self, message: Message) -> Result<(), Gone> {
        match timeout(self.timing.send, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Gone),
        }
    }

    /// Says why, then reads until the other side has closed too: a connection dropped with unread
    /// bytes in it would take the last frames along.
    async fn close(mut self, code: u16, reason: String) {
        let frame = CloseFrame { code, reason: reason.into() };
        if self.send(Message::Close(Some(frame))).await.is_err() {
            return;
        }
        let echoed = async { while let Some(Ok(_)) = self.socket.recv().await {} };
        // Whoever does not close in time is left alone.
        let _in_time = timeout(self.timing.close, echoed).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn from_is_one_number_or_absent() {
        assert_eq!(from(""), Ok(None));
        assert_eq!(from("token=abc"), Ok(None));
        assert_eq!(from("from=7"), Ok(Some(7)));
        assert_eq!(from("a=1&from=18446744073709551615"), Ok(Some(u64::MAX)));
        for wrong in
            ["from=", "from=x", "from=-1", "from=+1", "from=18446744073709551616", "from=1&from=1"]
        {
            assert_eq!(from(wrong), Err(Refusal::From), "{wrong}");
        }
    }
}
