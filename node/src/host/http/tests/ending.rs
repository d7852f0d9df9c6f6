//! Shutdown: what is under way ends well, what does not end is cut.

use super::{
    fixture::{Fixture, Reply, within},
    listening::{close_of, listen},
};
use crate::host::{http::Timing, mailbox::ApiAnswer};
use serde_json::json;
use std::time::Duration;
use tokio::{io::AsyncReadExt, net::TcpStream};

#[tokio::test]
async fn calls_finish_listeners_are_told_and_nobody_new_comes_in() {
    let mut here = Fixture::start().await;
    assert_eq!(here.url, format!("http://{}", here.addr));
    let mut idle = TcpStream::connect(here.addr).await.unwrap();
    let mut calling = TcpStream::connect(here.addr).await.unwrap();
    here.post("/api/m/hang", &json!({})).write(&mut calling).await;
    let call = within(here.hanging.recv()).await.unwrap();
    let (mut socket, _, _feed) = listen(&mut here, "").await;
    here.stop();
    assert_eq!(close_of(&mut socket).await.0, 1001);
    let mut nothing = Vec::new();
    within(idle.read_to_end(&mut nothing)).await.unwrap();
    assert!(nothing.is_empty());
    TcpStream::connect(here.addr).await.unwrap_err();
    assert!(!here.served.is_finished());
    call.send(ApiAnswer::ok(json!("in time"))).unwrap();
    assert_eq!(Reply::read(calling).await.json()["data"], "in time");
    drop(socket);
    within(&mut here.served).await.unwrap();
}

#[tokio::test]
async fn what_does_not_end_is_cut_at_the_deadline() {
    let timing = Timing { shutdown: Duration::from_millis(100), ..Timing::default() };
    let mut here = Fixture::timed(timing).await;
    let mut calling = TcpStream::connect(here.addr).await.unwrap();
    here.post("/api/m/hang", &json!({})).write(&mut calling).await;
    let call = within(here.hanging.recv()).await.unwrap();
    // It never reads, so it never learns that it should close.
    let (socket, _, _feed) = listen(&mut here, "").await;
    here.stop();
    within(&mut here.served).await.unwrap();
    assert!(call.is_closed());
    let mut nothing = Vec::new();
    within(calling.read_to_end(&mut nothing)).await.unwrap();
    assert!(nothing.is_empty());
    drop(socket);
}
