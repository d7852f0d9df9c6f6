//! Listeners: what they get, in which order, and how they are cut off.

use super::fixture::{Fixture, within};
use crate::host::{
    http::{
        SOCKETS_MAX, Timing,
        events::{CLOSED, INCOMING_MESSAGES, POLICY, RESYNC},
    },
    mailbox::{End, Event, Feed, LISTENER_EVENTS, ListenerGone},
};
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::{io::AsyncReadExt, net::TcpStream, task::yield_now};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Message, client::IntoClientRequest},
};

type Socket = WebSocketStream<TcpStream>;

pub(super) async fn listen(here: &mut Fixture, query: &str) -> (Socket, Option<u64>, Feed) {
    let mut request = format!("{}{query}", here.ws).into_client_request().unwrap();
    let bearer = format!("Bearer {}", here.token.expose());
    request.headers_mut().insert("Authorization", bearer.parse().unwrap());
    let stream = TcpStream::connect(here.addr).await.unwrap();
    let (socket, response) = within(client_async(request, stream)).await.unwrap();
    assert_eq!(response.status(), 101);
    let (from, feed) = within(here.feeds.recv()).await.unwrap();
    (socket, from, feed)
}

fn event(seq: u64) -> Event {
    let text = json!({"seq": seq, "identifier": "i", "event": "e", "data": {}}).to_string();
    Event { seq, text: text.into() }
}

/// The next frame that is not a ping.
async fn next(socket: &mut Socket) -> Option<Message> {
    loop {
        match within(socket.next()).await? {
            Ok(Message::Ping(_)) => {}
            Ok(message) => return Some(message),
            Err(_) => return None,
        }
    }
}

async fn next_json(socket: &mut Socket) -> Value {
    let message = next(socket).await;
    let Some(Message::Text(text)) = message else { panic!("a text, got {message:?}") };
    serde_json::from_str(&text).unwrap()
}

pub(super) async fn close_of(socket: &mut Socket) -> (u16, String) {
    let message = next(socket).await;
    let Some(Message::Close(Some(frame))) = message else { panic!("a close, got {message:?}") };
    (frame.code.into(), frame.reason.to_string())
}

#[tokio::test]
async fn events_come_as_they_were_rendered_until_the_account_closes() {
    let mut here = Fixture::start().await;
    let (mut socket, from, mut feed) = listen(&mut here, "").await;
    assert_eq!(from, None);
    // What a listener says is ignored.
    socket.send(Message::text("hello")).await.unwrap();
    socket.send(Message::binary(vec![0; 1000])).await.unwrap();
    for seq in 1..=3 {
        feed.push(event(seq)).unwrap();
        assert_eq!(next(&mut socket).await.unwrap().to_text().unwrap(), &*event(seq).text);
    }
    feed.push(event(4)).unwrap();
    feed.finish(End::Closed(r#"{"seq":5,"event":"loginState"}"#.into()));
    assert_eq!(next_json(&mut socket).await["seq"], 4);
    assert_eq!(next_json(&mut socket).await["event"], "loginState");
    assert_eq!(close_of(&mut socket).await, (CLOSED, "the login state changed".into()));
    assert!(next(&mut socket).await.is_none());
}

#[tokio::test]
async fn a_listener_that_comes_back_gets_what_it_missed_page_by_page() {
    let mut here = Fixture::start().await;
    let (mut socket, from, mut feed) = listen(&mut here, "?from=7").await;
    assert_eq!(from, Some(7));
    feed.push(event(8)).unwrap();
    feed.push(event(9)).unwrap();
    feed.finish(End::More(9));
    let (from, mut feed) = within(here.feeds.recv()).await.unwrap();
    assert_eq!(from, Some(9));
    feed.push(event(10)).unwrap();
    for seq in 8..=10 {
        assert_eq!(next_json(&mut socket).await["seq"], seq);
    }
    drop(feed);
    assert_eq!(close_of(&mut socket).await.0, 1001);
    for wrong in ["?from=x", "?from=1&from=2", "?from="] {
        let request = here.request("GET", &format!("/events{wrong}"), "").upgrade();
        assert_eq!(here.send(&request).await.status, 400, "{wrong}");
    }
    let powerless = format!("Bearer {}", here.powerless.expose());
    let request = here.request("GET", "/events", "").upgrade().with("Authorization", &powerless);
    assert_eq!(here.send(&request).await.status, 403);
}

#[tokio::test]
async fn a_slow_reader_costs_a_bounded_queue_and_learns_of_the_gap() {
    let mut here = Fixture::start().await;
    let (mut socket, _, mut feed) = listen(&mut here, "").await;
    let text: std::sync::Arc<str> = "x".repeat(64 << 10).into();
    let mut pushed = 0;
    while feed.push(Event { seq: pushed + 1, text: text.clone() }) != Err(ListenerGone) {
        pushed += 1;
        // Beside the queue only the system's socket buffers take some.
        assert!(pushed < 4 * LISTENER_EVENTS as u64, "the queue has no bound");
        yield_now().await;
    }
    assert!(pushed >= LISTENER_EVENTS as u64);
    for _ in 0..pushed {
        assert_eq!(next(&mut socket).await.unwrap().len(), text.len());
    }
    let resync = next_json(&mut socket).await;
    let want =
        json!({"seq": pushed, "identifier": "", "event": "resync", "data": {"reason": "lagged"}});
    assert_eq!(resync, want);
    assert_eq!(close_of(&mut socket).await.0, RESYNC);
}

#[tokio::test]
async fn a_reader_that_stopped_is_dropped() {
    let timing = Timing { send: Duration::from_millis(100), ..Timing::default() };
    let mut here = Fixture::timed(timing).await;
    let (socket, _, mut feed) = listen(&mut here, "").await;
    let text: std::sync::Arc<str> = "x".repeat(1 << 20).into();
    // It never reads: once the system's buffers are full, the socket goes and its feed notices.
    within(async {
        for seq in 1.. {
            if feed.push(Event { seq, text: text.clone() }).is_err() {
                break;
            }
            yield_now().await;
        }
    })
    .await;
    drop(socket);
}

#[tokio::test]
async fn a_listener_that_answers_no_ping_is_dropped() {
    let timing = Timing { ping: Duration::from_millis(50), ..Timing::default() };
    let mut here = Fixture::timed(timing).await;
    // Tungstenite would answer while it reads, so this one reads raw bytes.
    let mut mute = TcpStream::connect(here.addr).await.unwrap();
    here.request("GET", "/events", "").upgrade().write(&mut mute).await;
    let (_, mut mute_feed) = within(here.feeds.recv()).await.unwrap();
    let (mut polite, _, mut feed) = listen(&mut here, "").await;
    let mut bytes = Vec::new();
    let polite_reads = async {
        loop {
            within(polite.next()).await.unwrap().unwrap();
        }
    };
    tokio::select! {
        ended = within(mute.read_to_end(&mut bytes)) => { ended.unwrap(); }
        () = polite_reads => {}
    }
    assert_eq!(mute_feed.push(event(1)), Err(ListenerGone));
    feed.push(event(1)).unwrap();
    assert_eq!(next_json(&mut polite).await["seq"], 1);
}

#[tokio::test]
async fn a_listener_that_talks_is_closed() {
    let mut here = Fixture::start().await;
    let (mut socket, _, _feed) = listen(&mut here, "").await;
    for _ in 0..=INCOMING_MESSAGES {
        socket.feed(Message::text("x")).await.unwrap();
    }
    socket.flush().await.unwrap();
    assert_eq!(close_of(&mut socket).await.0, POLICY);
    let (mut socket, _, mut feed) = listen(&mut here, "").await;
    // The server may hang up before all of it is sent.
    let _sent = socket.send(Message::binary(vec![0; (64 << 10) + 1])).await;
    while next(&mut socket).await.is_some() {}
    assert_eq!(feed.push(event(1)), Err(ListenerGone));
}

#[tokio::test]
async fn listeners_at_once_are_bounded() {
    let mut here = Fixture::start().await;
    let mut open = Vec::new();
    for _ in 0..SOCKETS_MAX {
        open.push(listen(&mut here, "").await);
    }
    let refused = here.request("GET", "/events", "").upgrade();
    assert_eq!(here.send(&refused).await.status, 503);
    drop(open.pop());
    within(async { while here.send(&refused).await.status != 101 {} }).await;
}
