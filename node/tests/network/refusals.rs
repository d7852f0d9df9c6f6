//! What a node is told that cannot be: a clear error, and the directory can be used afterwards.

use crate::story::{Story, refusal};
use magpie_node::host::{JoinError, Node, StartError, net::Role};
use magpie_wallet::kdf::KdfParams;
use std::fs;

fn join(error: StartError) -> JoinError {
    match error {
        StartError::Network(error) => error,
        other => panic!("{other}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_super_node_needs_the_keys_that_the_genesis_names() {
    let story = Story::new(2);
    let [one, two] = [0, 1].map(|n| story.made.supers[n].clone());
    // A person's directory is no super node's.
    let mut stranger = story.user_config("mallory");
    stranger.network.as_mut().unwrap().role = Role::Super;
    assert!(matches!(join(refusal(stranger).await), JoinError::NotSuper(_)));
    // Another super node's keys are not its own.
    let own = fs::read(one.join("super.keys")).unwrap();
    fs::copy(two.join("super.keys"), one.join("super.keys")).unwrap();
    let error = join(refusal(story.super_config(1)).await);
    assert!(matches!(error, JoinError::SuperKey { purpose: "receipts", .. }), "{error}");
    // Its own receipts key with another's consensus key.
    let mixed = [&own[..33], &fs::read(two.join("super.keys")).unwrap()[33..]].concat();
    fs::write(one.join("super.keys"), mixed).unwrap();
    let error = join(refusal(story.super_config(1)).await);
    assert!(matches!(error, JoinError::SuperKey { purpose: "consensus", .. }), "{error}");
    fs::remove_file(one.join("super.keys")).unwrap();
    let error = join(refusal(story.super_config(1)).await);
    assert!(error.to_string().contains("super.keys"), "{error}");
    fs::write(one.join("super.keys"), own).unwrap();
    set_private(&one.join("super.keys"));
    Node::start(story.super_config(1)).await.unwrap().stop().await.unwrap();
}

fn set_private(path: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_that_lead_nowhere_are_named() {
    let story = Story::new(1);
    for bad in ["/ip4/127.0.0.1/tcp/4001", "/ip4/1.2.3/tcp/1/p2p/x", "here"] {
        let mut config = story.user_config("alice");
        config.network.as_mut().unwrap().bootstrap.push(bad.into());
        let error = join(refusal(config).await);
        assert!(matches!(&error, JoinError::Bootstrap(text) if text == bad), "{error}");
    }
    let mut config = story.user_config("alice");
    config.network.as_mut().unwrap().listen = vec!["/ip4/999.0.0.1/tcp/1".into()];
    assert!(matches!(join(refusal(config).await), JoinError::Listen(_)));
}

#[tokio::test(flavor = "multi_thread")]
async fn password_locks_are_no_weaker_than_the_network_says() {
    let story = Story::new(1);
    let mut weak = story.user_config("alice");
    weak.kdf = KdfParams { memory_kib: 32, passes: 1, lanes: 1 };
    assert!(matches!(join(refusal(weak).await), JoinError::Weak { .. }));
    // Without a network, and so without a genesis that says test network, only real locks will do.
    let mut alone = story.user_config("alice");
    alone.network = None;
    assert!(matches!(refusal(alone).await, StartError::Kdf(_)));
    let mut strong = story.user_config("alice");
    strong.kdf = KdfParams::DEFAULT;
    Node::start(strong).await.unwrap().stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_door_that_does_not_open_leaves_nothing_running() {
    let story = Story::new(1);
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut config = story.user_config("alice");
    config.api = Some(taken.local_addr().unwrap());
    assert!(matches!(refusal(config).await, StartError::Bind(_)));
    // Neither the store nor the ports are held by a node that nobody sees.
    Node::start(story.user_config("alice")).await.unwrap().stop().await.unwrap();
}
