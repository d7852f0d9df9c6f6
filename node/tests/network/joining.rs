//! Users and super nodes come together.

use crate::story::{Story, connected, enter};
use magpie_node::host::{Node, NodeConfig};

async fn a_user_connects_over(transport: &str) {
    let story = Story::new(1);
    let relay = Node::start(story.super_config(1)).await.unwrap();
    let mut config = story.user_config("alice");
    let network = config.network.as_mut().unwrap();
    network.bootstrap.retain(|addr| addr.contains(transport));
    assert_eq!(network.bootstrap.len(), 1);
    let alice = Node::start(config).await.unwrap();
    enter(&alice).await;
    connected(&alice).await;
    alice.stop().await.unwrap();
    relay.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_connects_over_tcp() {
    a_user_connects_over("/tcp/").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_connects_over_quic() {
    a_user_connects_over("/quic-v1/").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn three_super_nodes_and_two_users_find_each_other_in_any_order() {
    let story = Story::new(3);
    let start = async |config: NodeConfig| Node::start(config).await.unwrap();
    // Alice is ready before there is anybody.
    let alice = start(story.user_config("alice")).await;
    enter(&alice).await;
    let mut relays = Vec::new();
    for n in 1..=3 {
        relays.push(start(story.super_config(n)).await);
    }
    let bob = start(story.user_config("bob")).await;
    enter(&bob).await;
    for node in relays.iter().chain([&alice, &bob]) {
        if !std::ptr::eq(node, &alice) && !std::ptr::eq(node, &bob) {
            enter(node).await;
        }
        connected(node).await;
    }
    for node in relays.into_iter().chain([alice, bob]) {
        node.stop().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_super_node_that_was_away_is_found_again() {
    let story = Story::new(1);
    let alice = Node::start(story.user_config("alice")).await.unwrap();
    enter(&alice).await;
    for _ in 0..2 {
        let relay = Node::start(story.super_config(1)).await.unwrap();
        connected(&alice).await;
        relay.stop().await.unwrap();
    }
    alice.stop().await.unwrap();
}
