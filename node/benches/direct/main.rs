//! Messages between two friends over loopback, and the same with libp2p alone.
//!
//! `cargo bench -p magpie-node --bench direct`. In: `MAGPIE_BENCH_MESSAGES` (20,000 in all), and
//! `MAGPIE_BENCH_PERF=1` for a profile where `perf` is installed. Out: a report on the standard
//! output. [`sending`] is the measured part, [`bare`] what it is compared with, [`side`] the other
//! processes.

mod bare;
#[path = "../world/side.rs"]
mod other;
#[path = "../world/profile.rs"]
mod profile;
mod sending;
mod side;
#[path = "../world/speech.rs"]
mod speech;
mod tables;
#[path = "../world/mod.rs"]
mod world;

use bare::Client;
use other::Side;
use profile::Profile;
use sending::{TEXT_BYTES, run};
use side::Ask;
use speech::Ear;
use std::{
    env,
    path::Path,
    time::{Duration, Instant},
};
use tables::{BareRow, MagpieRow};
use world::{
    Failed, commits,
    person::Person,
    place::{self, Transport},
    process::Cost,
    report,
};

/// Super nodes.
const SUPERS: usize = 4;
/// Messages in all, both transports together.
const MESSAGES: usize = 20_000;
/// The variable that says another number.
const MESSAGES_VARIABLE: &str = "MAGPIE_BENCH_MESSAGES";
/// How many messages wait, and which part in twenty of a transport's messages is sent so.
const WAITING: [(usize, usize); 3] = [(1, 2), (64, 8), (1_000, 10)];
/// The window that is profiled, and the number in flight that the ratio is to.
const MIDDLE: usize = 64;
/// Messages in a row that go directly before anything is measured.
const IN_A_ROW: usize = 20;
/// How long that may take: after a friendship began, mail is preferred for half a minute at times.
const WARM_UP: Duration = Duration::from_secs(120);

fn main() -> Result<(), Failed> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    if other::is_side() {
        return side::serve(&runtime);
    }
    commits::count()?;
    let messages = match env::var(MESSAGES_VARIABLE) {
        Ok(text) => text.parse()?,
        Err(_) => MESSAGES,
    };
    report::head(
        "Messages between two friends",
        &[
            ("engine", "sled on disk; one batch and one flush a group of steps".into()),
            ("flush", "on, before each answer, frame and acknowledgement, at both ends".into()),
            ("processes", "sender; receiver; 4 super nodes in a third, which carry none".into()),
            (
                "boundary",
                "chat.sendTextMessage through Node::handle(), as the HTTP door does".into(),
            ),
            (
                "message",
                format!("{TEXT_BYTES} bytes of text; latency from call to delivered event"),
            ),
            ("messages", format!("{messages} in all")),
        ],
    );
    for transport in [Transport::Tcp, Transport::Quic] {
        runtime.block_on(over(transport, messages / 2))?;
    }
    Ok(())
}

/// Measures one transport: a network of its own, two friends in it, then libp2p alone.
async fn over(transport: Transport, messages: usize) -> Result<(), Failed> {
    let dir = tempfile::tempdir()?;
    let made = place::make(dir.path(), SUPERS)?;
    let mut relays = Side::start()?;
    relays.ask(&Ask::Supers { file: made.file.clone(), dirs: made.supers.clone() })?;
    let mut receiver = Side::start()?;
    let ask = Ask::Person {
        file: made.file.clone(),
        dir: dir.path().join("receiver"),
        transport: transport.name().into(),
    };
    let to = receiver.ask(&ask)?.as_str().ok_or("no address")?.to_owned();
    let config = place::config(dir.path().join("sender"), &made.file, transport)?;
    let sender = Person::start(config).await?;
    befriend(&sender, &mut receiver, &to).await?;
    println!("\nmagpie over {}", transport.name());
    let mut ear = Ear::of(&sender.node).await?;
    let warmed = warm_up(&sender, &mut ear, &to).await?;
    let rows = magpie(&sender, &mut ear, &mut receiver, &to, messages, dir.path()).await?;
    tables::magpie(&rows);
    let measured: usize = rows.iter().map(|row| row.run.latencies.len()).sum();
    let unread = receiver.ask(&Ask::Unread)?;
    println!("  of {measured} messages measured and {warmed} before the receiver has {unread}");
    if unread.as_u64() != u64::try_from(measured + warmed).ok() {
        return Err("the receiver does not have exactly what was sent".into());
    }
    sender.node.stop().await?;
    receiver.stop(&Ask::Stop)?;
    relays.stop(&Ask::Stop)?;
    println!("\nlibp2p alone over {}", transport.name());
    let bare = libp2p_alone(transport, messages).await?;
    tables::bare(&bare);
    tables::ratio(&rows, &bare, MIDDLE);
    Ok(())
}

async fn befriend(sender: &Person, receiver: &mut Side, to: &str) -> Result<(), Failed> {
    sender.ask(to).await?;
    receiver.ask(&Ask::Accept { who: sender.address.clone() })?;
    sender.befriended(to).await
}

async fn magpie(
    sender: &Person,
    ear: &mut Ear,
    receiver: &mut Side,
    to: &str,
    messages: usize,
    dir: &Path,
) -> Result<Vec<MagpieRow>, Failed> {
    let mut rows = Vec::new();
    for (waiting, part) in WAITING {
        let profile = if waiting == MIDDLE {
            Profile::start(dir, &[std::process::id(), receiver.id()])?
        } else {
            None
        };
        let before = (Cost::now()?, cost(receiver)?);
        let run = run(sender, ear, to, messages * part / 20, waiting).await?;
        let (here, there) = (Cost::now()?.since(&before.0), cost(receiver)?.since(&before.1));
        let profile = profile.map(Profile::stop).transpose()?;
        rows.push(MagpieRow { waiting, run, here, there, profile });
    }
    Ok(rows)
}

fn cost(of: &mut Side) -> Result<Cost, Failed> {
    Ok(serde_json::from_value(of.ask(&Ask::Cost)?)?)
}

/// Sends single messages until [`IN_A_ROW`] went to the receiver itself and none by mail, so that what
/// is measured goes directly; returns how many it sent. Error: they do not connect.
async fn warm_up(sender: &Person, ear: &mut Ear, to: &str) -> Result<usize, Failed> {
    let (mut sent, mut in_a_row) = (0, 0);
    let begun = Instant::now();
    while in_a_row < IN_A_ROW {
        if begun.elapsed() > WARM_UP {
            return Err(format!("after {WARM_UP:?} messages still go by mail").into());
        }
        sent += 1;
        if run(sender, ear, to, 1, 1).await?.stored == 0 {
            in_a_row += 1;
        } else {
            in_a_row = 0;
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }
    Ok(sent)
}

async fn libp2p_alone(transport: Transport, messages: usize) -> Result<Vec<BareRow>, Failed> {
    let mut side = Side::start()?;
    let address = side.ask(&Ask::Bare { transport: transport.name().into() })?;
    let mut client = Client::connect(address.as_str().ok_or("no address")?).await?;
    // The first requests open the streams.
    client.run(MIDDLE, MIDDLE, TEXT_BYTES).await?;
    let mut rows = Vec::new();
    for (in_flight, together) in [(1, 1), (MIDDLE, 1), (1, MIDDLE)] {
        let requests = (messages / together).max(1);
        let wall = client.run(requests, in_flight, together * TEXT_BYTES).await?;
        rows.push(BareRow { in_flight, together, messages: requests * together, wall });
    }
    side.stop(&Ask::Stop)?;
    Ok(rows)
}
