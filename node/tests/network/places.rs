//! Where nodes listen: chosen once, told in `api.json`, kept.

use crate::story::{Story, api_file};
use magpie_node::host::{JoinError, Node, StartError};
use std::net::TcpListener;

fn port(listen: &[String], transport: &str) -> u16 {
    let addr = listen.iter().find(|addr| addr.contains(transport)).expect("such a listener");
    let mut parts = addr.split('/').skip_while(|part| *part != transport.trim_matches('/'));
    parts.nth(1).unwrap().parse().unwrap()
}

/// Tries to see ports kept: other programs of this machine may take one while nobody listens.
const TRIES: usize = 5;

#[tokio::test(flavor = "multi_thread")]
async fn free_ports_are_taken_told_and_kept() {
    for _ in 0..TRIES {
        if are_ports_kept().await {
            return;
        }
    }
    panic!("in {TRIES} tries no node kept its ports");
}

async fn are_ports_kept() -> bool {
    let story = Story::new(1);
    let alice = Node::start(story.user_config("alice")).await.unwrap();
    let first = alice.listen().to_vec();
    assert_eq!(first.len(), 2, "TCP and QUIC, on loopback alone: {first:?}");
    let own = format!("/p2p/{}", alice.node_id());
    assert!(first.iter().all(|a| a.starts_with("/ip4/127.0.0.1/") && a.ends_with(&own)));
    let told = api_file(&story.dir.path().join("alice"));
    assert_eq!(told["listen"], serde_json::json!(first));
    assert_eq!(told["peer_id"], alice.node_id().to_string());
    alice.stop().await.unwrap();

    let alice = Node::start(story.user_config("alice")).await.unwrap();
    let again = alice.listen().to_vec();
    alice.stop().await.unwrap();
    let ports = |listen: &[String]| (port(listen, "/tcp/"), port(listen, "/udp/"));
    if ports(&again) != ports(&first) {
        return false;
    }

    // Another program takes the TCP port meanwhile: a new one is kept, the other stays.
    let Ok(taken) = TcpListener::bind(("127.0.0.1", port(&first, "/tcp/"))) else { return false };
    let alice = Node::start(story.user_config("alice")).await.unwrap();
    let moved = alice.listen().to_vec();
    alice.stop().await.unwrap();
    assert_ne!(port(&moved, "/tcp/"), port(&first, "/tcp/"));
    drop(taken);
    let alice = Node::start(story.user_config("alice")).await.unwrap();
    let kept = alice.listen().to_vec();
    alice.stop().await.unwrap();
    port(&moved, "/udp/") == port(&first, "/udp/") && ports(&kept) == ports(&moved)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_super_node_listens_where_the_network_file_says_or_not_at_all() {
    let story = Story::new(1);
    let relay = Node::start(story.super_config(1)).await.unwrap();
    let mut listen = relay.listen().to_vec();
    listen.sort();
    let mut bootstrap = story.super_config(1).network.unwrap().bootstrap;
    bootstrap.sort();
    assert_eq!(listen, bootstrap);
    let tcp = port(&listen, "/tcp/");
    relay.stop().await.unwrap();
    let _taken = TcpListener::bind(("127.0.0.1", tcp)).unwrap();
    let refused = crate::story::refusal(story.super_config(1)).await;
    assert!(matches!(refused, StartError::Network(JoinError::Port { .. })), "{refused}");
    assert!(refused.to_string().contains(&tcp.to_string()), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn given_addresses_are_used_and_not_kept() {
    let story = Story::new(1);
    let mut config = story.user_config("alice");
    config.network.as_mut().unwrap().listen = vec!["/ip4/127.0.0.1/tcp/0".into()];
    let alice = Node::start(config).await.unwrap();
    let listen = alice.listen().to_vec();
    assert!(listen.len() == 1 && !listen[0].contains("/tcp/0/"), "{listen:?}");
    assert!(!story.dir.path().join("alice/ports").exists());
    let mut other = story.user_config("bob");
    let place = listen[0].split("/p2p/").next().unwrap().to_owned();
    other.network.as_mut().unwrap().listen = vec![place];
    let refused = crate::story::refusal(other).await;
    assert!(matches!(refused, StartError::Network(JoinError::Port { .. })), "{refused}");
    alice.stop().await.unwrap();
}
