//! Users and validators are killed with SIGKILL at random moments in the middle of payments and claims:
//! what was acknowledged is there once, no unit is made or lost, and no validator says two things.

use crate::{
    frozen::{assert_clean, freeze, look, witness},
    node::{Node, Place, WALLET, eventually},
    people::{NETWORK_TIME, Network, Person, befriend},
};
use magpie_protocol::ledger::{Amount, Rules};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    sync::Mutex,
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

/// How often a node is killed, unless `MAGPIE_KILLS` says otherwise.
const KILLS: usize = 10;
/// The latest moment of a kill, milliseconds after the round's first call.
const KILL_MS: u64 = 1_500;
/// How long one thing may take in the end, with nobody killed any more.
const CALM: Duration = Duration::from_secs(60);
/// What everybody has at the beginning, in coins.
const RICH: u64 = 100;
/// What a payment is, in units.
const PAYMENT: u64 = Amount::COIN.0 / 8;
/// What a packet is, in units, and in how many shares.
const PACKET: (u64, u32) = (Amount::COIN.0 / 2, 3);
/// One round of so many makes a packet.
const PACKET_EVERY: usize = 3;
const NAMES: [&str; 3] = ["alice", "bob", "carol"];

/// Chance from a seed that is printed: SplitMix64.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % most
    }
}

/// What is paid for, by the key of its call.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Asked {
    by: usize,
    key: String,
    packet: bool,
}

/// What the three asked for, and what they were told.
#[derive(Default)]
struct Told {
    asked: Mutex<BTreeSet<Asked>>,
    acknowledged: Mutex<BTreeMap<Asked, String>>,
    /// Packets whose card was sent.
    cards: Mutex<BTreeSet<String>>,
    /// Shares that were acknowledged: who, and of which packet.
    shares: Mutex<BTreeSet<(usize, String)>>,
}

struct World {
    people: [Person; 3],
    wallets: Vec<String>,
    group: String,
    told: Told,
}

impl World {
    /// Makes the call of a payment or a packet, the same each time; returns its uid once it is final.
    fn ask(&self, node: &Node, asked: &Asked) -> Option<String> {
        self.told.asked.lock().unwrap().insert(asked.clone());
        let mut params = json!({"gas": 200_000, "password": WALLET, "srcAddress": self.wallets[asked.by],
            "remark": asked.key, "__IDEMPOTENCY_KEY": asked.key});
        let (module, method) = if asked.packet {
            (params["amount"], params["count"]) = (json!(PACKET.0), json!(PACKET.1));
            (params["gId"], params["cover"]) = (json!(self.group), json!(1));
            ("group", "groupFortuneInsertRedEnvelope")
        } else {
            let to = &self.people[(asked.by + 1) % 3].address;
            (params["cnd"], params["amount"]) = (json!(to), json!(PAYMENT));
            (params["senderNickname"], params["senderNodeAddress"]) = (json!(""), json!(""));
            ("chat", "insertTransfer")
        };
        let answer = node.try_call(module, method, &params)?;
        if answer["code"] != 200 {
            return None;
        }
        let uid = answer["data"]["uid"].as_str().unwrap().to_owned();
        let before = self.told.acknowledged.lock().unwrap().insert(asked.clone(), uid.clone());
        assert!(before.is_none_or(|before| before == uid), "{asked:?} is two payments");
        Some(uid)
    }

    /// Sends the card of a packet or a transfer; tells whether that was acknowledged.
    fn send_card(&self, node: &Node, asked: &Asked, uid: &str) -> bool {
        let to = &self.people[(asked.by + 1) % 3].address;
        let (method, to, kind) = match asked.packet {
            true => ("sendRedPacketMessage", &self.group, 1),
            false => ("sendTransferMessage", to, 0),
        };
        let card = json!({"cnd": to, "cid": to, "conversationType": kind, "pub": "",
            "content": json!({"uid": uid}).to_string()});
        let sent = node.try_call("chat", method, &card).is_some_and(|it| it["code"] == 200);
        if sent {
            self.told.cards.lock().unwrap().insert(uid.to_owned());
        }
        sent
    }

    /// Takes a share of a packet; tells whether one was got, now or before.
    fn claim(&self, node: &Node, by: usize, uid: &str) -> bool {
        let params = json!({"cnd": "", "groupPassword": "", "receiveNodeId": "", "receiveNickName": "",
            "message": {"uid": uid}, "gId": self.group});
        let answer = node.try_call("group", "groupReceiveEnvelope", &params);
        let has = answer.is_some_and(|it| it["code"] == 200 || it["code"] == 21003);
        if has {
            self.told.shares.lock().unwrap().insert((by, uid.to_owned()));
        }
        has
    }

    /// Takes a transfer; tells whether it is taken, now or before.
    fn accept(&self, node: &Node, uid: &str) -> bool {
        let params = json!({"cnd": "", "gas": 0, "password": WALLET, "receiveNodeId": "",
            "receiveNickName": "", "message": {"uid": uid}});
        let answer = node.try_call("chat", "receiveTransfer", &params);
        answer.is_some_and(|it| it["code"] == 200 || it["code"] == 21008)
    }

    /// One round of one person: a payment or a packet, and a share of each packet that is there.
    fn live(&self, node: &Node, by: usize, round: usize) {
        let packet = round.is_multiple_of(PACKET_EVERY) && by == (round / PACKET_EVERY) % 3;
        let asked = Asked { by, key: format!("{} {round}", NAMES[by]), packet };
        if let Some(uid) = self.ask(node, &asked) {
            self.send_card(node, &asked, &uid);
        }
        let cards = self.told.cards.lock().unwrap().clone();
        let packets: Vec<String> = self.acknowledged(true).into_values().collect();
        for uid in packets.iter().filter(|uid| cards.contains(*uid)) {
            let had = self.told.shares.lock().unwrap().contains(&(by, uid.clone()));
            if !had {
                self.claim(node, by, uid);
            }
        }
    }

    fn acknowledged(&self, packet: bool) -> BTreeMap<Asked, String> {
        let all = self.told.acknowledged.lock().unwrap();
        let of = all.iter().filter(|(asked, _)| asked.packet == packet);
        of.map(|(asked, uid)| (asked.clone(), uid.clone())).collect()
    }
}

/// Returns what a wallet has, as a header of now shows it.
#[track_caller]
fn balance(node: &Node) -> u64 {
    eventually("the wallet is shown", CALM, || {
        let answer = node.try_call("wallet", "info", &json!({}))?;
        (answer["data"]["settled"] == true).then(|| answer["data"]["balance"].as_u64().unwrap())
    })
}

/// Makes the network, the friends, their group and their money.
fn begin(network: &Network) -> (World, [Option<Node>; 3]) {
    let people: [Person; 3] = std::array::from_fn(|_| Person::new(network));
    let nodes = people.each_ref().map(|person| Some(person.run()));
    for (one, other) in [(0, 1), (0, 2), (1, 2)] {
        befriend(&people[one], &people[other]);
    }
    let [alice, bob, carol] = &people;
    let made = alice.says(&["group", "new", "money", &bob.address, &carol.address]);
    let group = made["g_id"].as_str().unwrap().to_owned();
    for person in [bob, carol] {
        eventually("all are in the group", NETWORK_TIME, || {
            person.place.magpie(&["group", "show", &group]).status.success().then_some(())
        });
    }
    let units = (RICH * Amount::COIN.0).to_string();
    let wallets: Vec<String> = nodes
        .iter()
        .map(|node| {
            let info = node.as_ref().unwrap().ok("wallet", "info", json!({}));
            info["address"].as_str().unwrap().to_owned()
        })
        .collect();
    for (person, wallet) in people.iter().zip(&wallets) {
        person.says(&["wallet", "mint", wallet, &units, "--issuer-key", &network.issuer()]);
    }
    (World { people, wallets, group, told: Told::default() }, nodes)
}

#[test]
fn whoever_is_killed_payments_are_made_once_and_no_validator_says_two_things() {
    let kills = env::var("MAGPIE_KILLS").map_or(KILLS, |kills| kills.parse().unwrap());
    let clock = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let seed = env::var("MAGPIE_SEED").map_or(clock.as_millis() as u64, |it| it.parse().unwrap());
    println!("{kills} kills, MAGPIE_SEED={seed}");
    let mut dice = Dice(seed);
    let network = Network::of(4);
    let mut supers = network.supers();
    let (world, mut nodes) = begin(&network);
    let (mut witness, begun) = (witness(&network), Instant::now());
    for round in 0..kills {
        let victim = usize::try_from(dice.below(7)).unwrap();
        let moment = Duration::from_millis(dice.below(KILL_MS));
        println!("round {round}: {victim} after {moment:?}, at {:.1?}", begun.elapsed());
        thread::scope(|scope| {
            for (by, node) in nodes.iter().enumerate() {
                let (world, node) = (&world, node.as_ref().unwrap());
                scope.spawn(move || world.live(node, by, round));
            }
            thread::sleep(moment);
            // All logs as they are when one is killed.
            freeze(&supers, &mut witness, || match victim {
                0..3 => nodes[victim].as_ref().unwrap().signal_kill(),
                _ => supers[victim - 3].1.as_ref().unwrap().signal_kill(),
            });
            if let Some((place, node)) = victim.checked_sub(3).map(|at| &mut supers[at]) {
                node.take().unwrap().kill();
                *node = Some(network.start(place));
                // And when it may have said something again.
                freeze(&supers, &mut witness, || {});
            }
        });
        if victim < 3 {
            nodes[victim].take().unwrap().kill();
            nodes[victim] = Some(world.people[victim].run());
        }
    }
    let nodes = nodes.map(Option::unwrap);
    println!("calm, at {:.1?}", begun.elapsed());
    let (payments, packets) = settle(&world, &nodes);
    println!("settled, at {:.1?}", begun.elapsed());
    check_sums(&world, &nodes, payments.len() as u64, &packets);
    agree(&supers);
    supers.iter_mut().for_each(|(_, node)| node.take().unwrap().kill());
    look(&supers, &mut witness);
    let heard = witness.heard();
    println!("{} payments, {} packets, heard {heard:?}", payments.len(), packets.len());
    assert_clean(&mut witness, &supers);
}

/// Asks everything again that was asked for, and takes all that was paid.
fn settle(world: &World, nodes: &[Node; 3]) -> (BTreeMap<Asked, String>, BTreeSet<String>) {
    let before = world.told.acknowledged.lock().unwrap().clone();
    let asked = world.told.asked.lock().unwrap().clone();
    thread::scope(|scope| {
        for (by, node) in nodes.iter().enumerate() {
            let own = asked.iter().filter(move |it| it.by == by);
            scope.spawn(move || {
                for asked in own {
                    let uid = eventually("it is final", CALM, || world.ask(node, asked));
                    let sent = world.told.cards.lock().unwrap().contains(&uid);
                    assert!(sent || world.send_card(node, asked, &uid), "{asked:?}");
                }
            });
        }
    });
    let (payments, packets) = (world.acknowledged(false), world.acknowledged(true));
    let uids: BTreeSet<_> = payments.values().chain(packets.values()).collect();
    assert_eq!(uids.len(), asked.len(), "each key is one payment");
    let known = world.told.acknowledged.lock().unwrap();
    assert!(before.iter().all(|(asked, uid)| known.get(asked) == Some(uid)));
    drop(known);
    thread::scope(|scope| {
        for (by, node) in nodes.iter().enumerate() {
            let (payments, packets) = (&payments, &packets);
            scope.spawn(move || {
                for (_, uid) in payments.iter().filter(|(it, _)| (it.by + 1) % 3 == by) {
                    eventually("it is taken", CALM, || world.accept(node, uid).then_some(()));
                }
                for uid in packets.values() {
                    let has = || world.claim(node, by, uid).then_some(());
                    eventually("all have a share", CALM, has);
                }
            });
        }
    });
    (payments, packets.into_values().collect())
}

/// Sees that everybody has what is due, recomputed by everybody, and that nothing was made or lost.
fn check_sums(world: &World, nodes: &[Node; 3], payments: u64, packets: &BTreeSet<String>) {
    let rules = Rules::usual();
    let mut due: [u64; 3] = [RICH * Amount::COIN.0; 3];
    for asked in world.told.asked.lock().unwrap().iter() {
        due[asked.by] -= match asked.packet {
            true => PACKET.0 + rules.packet_fee(PACKET.1).0,
            false => PAYMENT + rules.fees.transfer.0,
        };
        due[(asked.by + 1) % 3] += if asked.packet { 0 } else { PAYMENT };
    }
    for uid in packets {
        let mut seen: Vec<Value> = nodes.iter().map(|node| drawn(node, uid)).collect();
        let users = seen.swap_remove(0);
        assert!(seen.iter().all(|other| *other == users), "all see the same shares");
        let mut sum = 0;
        for user in users.as_array().unwrap() {
            let own = world.people.iter().position(|it| user["userId"] == *it.address).unwrap();
            let price = user["price"].as_u64().unwrap();
            (due[own], sum) = (due[own] + price, sum + price);
        }
        assert_eq!(sum, PACKET.0, "{users}");
    }
    let have: Vec<u64> = nodes.iter().map(balance).collect();
    assert_eq!(have, due, "everybody has what is due");
    let fees =
        payments * rules.fees.transfer.0 + packets.len() as u64 * rules.packet_fee(PACKET.1).0;
    assert_eq!(have.iter().sum::<u64>() + fees, 3 * RICH * Amount::COIN.0);
    for (by, node) in nodes.iter().enumerate() {
        let rows = node.ok("wallet", "records", json!({"count": 1000, "page": 1}));
        let of = |kind: u64| {
            let rows = rows.as_array().unwrap().iter().filter(|row| row["type"] == kind);
            rows.map(|row| row["uid"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let mut paid = of(4);
        paid.sort();
        let asked = world.acknowledged(false);
        let mut own: Vec<_> =
            asked.iter().filter(|it| it.0.by == by).map(|it| it.1.clone()).collect();
        own.sort();
        assert_eq!(paid, own, "each payment of {} is recorded once", NAMES[by]);
    }
}

/// Returns who got what of a packet, once a node has recomputed it whole.
#[track_caller]
fn drawn(node: &Node, uid: &str) -> Value {
    eventually("all shares are drawn", CALM, || {
        let mut answer = node.try_call("redpacket", "detail", &json!({"redPacketId": uid}))?;
        let users = answer["data"]["users"].as_array()?;
        let is_whole = users.len() == PACKET.1 as usize && users.iter().all(|it| it["price"] != 0);
        let is_done = is_whole && answer["data"]["recomputed"] == true;
        is_done.then(|| answer["data"]["users"].take())
    })
}

/// Waits until all super nodes are at one height, of one state.
#[track_caller]
fn agree(supers: &[(Place, Option<Node>)]) {
    let seen = eventually("all super nodes are at one height", CALM, || {
        let status = |(_, node): &(Place, Option<Node>)| {
            node.as_ref().unwrap().ok("ledger", "status", json!({}))
        };
        let seen: Vec<Value> = supers.iter().map(status).collect();
        seen.iter().all(|it| it["height"] == seen[0]["height"]).then_some(seen)
    });
    assert!(seen.iter().all(|it| it["state_root"] == seen[0]["state_root"]), "{seen:?}");
    assert!(seen.iter().all(|it| it["verified_by"].as_u64() >= Some(3)), "{seen:?}");
}
