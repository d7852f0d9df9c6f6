//! Super nodes order the ledger with each other, on loopback: one goes and comes back.

use crate::story::{PATIENCE, Story};
use magpie_node::{
    core::{
        Broken,
        net::{NetCommand, NetEvent, Protocol, RequestId},
    },
    host::{
        Fatal, Node,
        net::{NetHandle, Role, SwarmConfig, keypair, real_transport, spawn},
    },
};
use magpie_protocol::{
    address::Address,
    bounded::{List, Text},
    codec::{decode, encode},
    ledger::{
        Amount, Entry, Instruction, Mint,
        exchange::{Answer, DecidedHeader, Proven, Request, topic},
        state::{Account, Leaf},
    },
    network::Network,
};
use magpie_wallet::{
    light::{Followed, Light},
    super_keys::IssuerSecret,
};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::{
    sync::mpsc,
    time::{Instant, interval, timeout},
};
use zeroize::Zeroizing;

/// What one entry mints.
const AMOUNT: u64 = 5_000_000_000;
/// Between two looks at a node: within what it lets one peer ask.
const LOOK: Duration = Duration::from_millis(40);

/// Somebody who knows the network and asks its super nodes, with nothing but a transport.
struct Asker {
    handle: NetHandle,
    events: mpsc::Receiver<NetEvent>,
    network: Network,
    issuer: IssuerSecret,
    last: u64,
    headers: Vec<DecidedHeader>,
}

fn wallet() -> Address {
    let key = ed25519_dalek::SigningKey::from_bytes(&[3; 32]);
    Address::from_bytes(key.verifying_key().to_bytes()).unwrap()
}

impl Asker {
    async fn new(story: &Story) -> Self {
        let seed = Zeroizing::new([7; 32]);
        let transport = real_transport(&keypair(&seed)).unwrap();
        let (handle, events, _task) = spawn(SwarmConfig::new(seed, transport, Role::User)).unwrap();
        let network = story.network(Role::User).network;
        let issuer = IssuerSecret::from_bytes(&std::fs::read(&story.made.issuer).unwrap()).unwrap();
        handle.send(NetCommand::Subscribe { topic: topic(network.id()) }).await.unwrap();
        Self { handle, events, network, issuer, last: 0, headers: vec![] }
    }

    async fn meet(&self, node: &Node) {
        let (peer, addresses) = (node.node_id(), node.listen().to_vec());
        self.handle.send(NetCommand::Keep { peer, addresses }).await.unwrap();
    }

    /// Asks a node; nothing if it does not answer.
    async fn ask(&mut self, node: &Node, request: &Request) -> Option<Answer> {
        self.last += 1;
        let (id, protocol) = (RequestId(self.last), Protocol::Ledger);
        let (to, bytes) = (node.node_id(), encode(request).unwrap());
        self.handle.send(NetCommand::Request { id, to, protocol, bytes }).await.unwrap();
        loop {
            match timeout(PATIENCE, self.events.recv()).await.unwrap().unwrap() {
                NetEvent::Answered { id: of, bytes } if of == id => {
                    return Some(decode(&bytes).unwrap());
                }
                NetEvent::Failed { id: of, .. } if of == id => return None,
                NetEvent::Gossip { bytes, .. } => self.headers.push(decode(&bytes).unwrap()),
                _ => {}
            }
        }
    }

    fn mint(&self, sequence: u64) -> Entry {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
        let mint = Mint {
            issuer: self.issuer.public(),
            sequence,
            valid_until_ms: u64::try_from(now).unwrap() + 300_000,
            wallet: wallet(),
            amount: Amount(AMOUNT),
            reference: [0; 32],
        };
        Instruction::from(mint).sign(self.network.id(), &self.issuer.signing()).unwrap()
    }

    /// Returns the newest height of a node and what the wallet has there, as far as it proves both.
    async fn balance(&mut self, node: &Node) -> Option<(u64, Amount)> {
        let set = self.network.validators().clone();
        let key = Account::key(&wallet());
        let keys = List::new(vec![key]).unwrap();
        let answer = self.ask(node, &Request::Prove { knows: set.hash(), keys }).await?;
        let Answer::Proven(proven) = answer else { return None };
        let Proven { newest, proofs } = *proven;
        let created_ms = self.network.genesis().created_ms;
        let mut light = Light::from_genesis(self.network.id(), created_ms, set);
        let (header, certificate) = (newest.decided.header, newest.decided.certificate);
        let height = header.height;
        let now = header.time_ms;
        assert_eq!(light.follow(header, certificate, None, now), Ok(Followed::Newest));
        let believed = light.believed(height, now).unwrap();
        let leaf = believed.verify_leaf(&key, &proofs[0]).unwrap();
        let account = leaf.map(|leaf| Account::from_leaf(leaf).unwrap()).unwrap_or_default();
        Some((height, account.balance))
    }

    /// Submits the issuer's next entry to a node until it waits.
    async fn submit(&mut self, node: &Node, sequence: u64) {
        let entry = self.mint(sequence);
        let waits = Some(Answer::Waits(entry.id().unwrap()));
        let request = Request::Submit(Box::new(entry));
        let deadline = Instant::now() + PATIENCE;
        let mut look = interval(LOOK);
        loop {
            look.tick().await;
            let answer = self.ask(node, &request).await;
            if answer == waits {
                return;
            }
            assert!(Instant::now() < deadline, "not taken: {answer:?}");
        }
    }

    /// Looks until a node proves that so many entries were executed, and returns its height.
    async fn settled(&mut self, node: &Node, entries: u64) -> u64 {
        let deadline = Instant::now() + PATIENCE;
        let mut look = interval(LOOK);
        loop {
            look.tick().await;
            let found = self.balance(node).await;
            if let Some((height, Amount(balance))) = found
                && balance == entries * AMOUNT
            {
                return height;
            }
            assert!(Instant::now() < deadline, "{entries} are not there: {found:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn four_super_nodes_decide_go_on_without_one_and_take_it_back() {
    let story = Story::new(4);
    let mut supers = Vec::new();
    let mut asker = Asker::new(&story).await;
    for n in 1..=4 {
        let node = Node::start(story.super_config(n)).await.unwrap();
        asker.meet(&node).await;
        supers.push(node);
    }
    let mut entries = 0;
    for at in [0, 1, 2, 3, 0, 1] {
        asker.submit(&supers[at], entries).await;
        entries += 1;
        let begun = Instant::now();
        let height = asker.settled(&supers[at], entries).await;
        println!("entry {entries} at height {height} after {} ms", begun.elapsed().as_millis());
        for node in &supers {
            asker.settled(node, entries).await;
        }
    }
    assert!(asker.settled(&supers[0], entries).await > 3);
    // The wallet hears of headers without asking, and believes the newest of them.
    let newest = asker.headers.iter().max_by_key(|decided| decided.header.height).unwrap().clone();
    let (id, created_ms) = (asker.network.id(), asker.network.genesis().created_ms);
    let mut light = Light::from_genesis(id, created_ms, asker.network.validators().clone());
    let now = newest.header.time_ms;
    let followed = light.follow(newest.header, newest.certificate, None, now);
    assert_eq!(followed, Ok(Followed::Newest));
    assert!(light.tip().height > 3);

    supers.pop().unwrap().stop().await.unwrap();
    // One of four blocks in a row would have been its to propose.
    for at in [0, 1, 2, 0] {
        asker.submit(&supers[at], entries).await;
        entries += 1;
        let begun = Instant::now();
        let height = asker.settled(&supers[at], entries).await;
        println!("without one, at height {height} after {} ms", begun.elapsed().as_millis());
    }
    let begun = Instant::now();
    let back = Node::start(story.super_config(4)).await.unwrap();
    asker.meet(&back).await;
    asker.settled(&back, entries).await;
    println!("back after {} ms", begun.elapsed().as_millis());
    // It is one of three that decide again.
    supers.remove(0).stop().await.unwrap();
    asker.submit(&back, entries).await;
    asker.settled(&supers[0], entries + 1).await;
    asker.handle.shutdown();
    for node in supers.into_iter().chain([back]) {
        node.stop().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_super_node_with_the_ledger_of_another_network_ends_and_says_so() {
    let story = Story::new(1);
    Node::start(story.super_config(1)).await.unwrap().stop().await.unwrap();
    let mut config = story.super_config(1);
    let network = config.network.as_mut().unwrap();
    let mut genesis = network.network.genesis().clone();
    genesis.name = Text::new("another").unwrap();
    network.network = genesis.verify().unwrap();
    let mut node = Node::start(config).await.unwrap();
    let fatal = timeout(PATIENCE, node.broken()).await.unwrap();
    assert!(matches!(fatal, Fatal::Broken(Broken::Ledger(_))), "{fatal}");
    assert!(fatal.to_string().contains("network"), "{fatal}");
    // How it ended was told above.
    node.stop().await.unwrap();
}
