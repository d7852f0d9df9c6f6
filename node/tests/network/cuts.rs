//! A node that is cut off leaves what a crash leaves, and starts again from it at once.

use crate::story::{Story, api_file, connected, enter};
use magpie_node::host::Node;
use std::{io::ErrorKind, net::TcpStream};

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_was_cut_off_comes_back_as_itself() {
    let story = Story::new(1);
    let relay = Node::start(story.super_config(1)).await.unwrap();
    let alice = Node::start(story.user_config("alice")).await.unwrap();
    enter(&alice).await;
    connected(&alice).await;
    let (id, data) = (alice.node_id(), story.dir.path().join("alice"));
    let door =
        alice.url().unwrap().strip_prefix("http://").unwrap().trim_end_matches('/').to_owned();
    alice.cut().await;
    // Nobody answers there, and nobody took the note from the door.
    assert_eq!(api_file(&data)["url"], format!("http://{door}"));
    assert_eq!(TcpStream::connect(&*door).unwrap_err().kind(), ErrorKind::ConnectionRefused);

    let alice = Node::start(story.user_config("alice")).await.unwrap();
    assert_eq!(alice.node_id(), id);
    assert!(alice.was_registered(), "the account is on the disk");
    connected(&alice).await;
    alice.stop().await.unwrap();
    assert!(!data.join("api.json").exists());
    relay.stop().await.unwrap();
}
