//! A group of nodes in one process: messages from rotating authors, heard by all others.
//!
//! `cargo bench -p magpie-node --bench group`. In: `MAGPIE_BENCH_NODES` (50 members),
//! `MAGPIE_BENCH_MESSAGES` (1,000) and `MAGPIE_BENCH_RATE` (5 a second), `MAGPIE_BENCH_TRANSPORT`
//! (tcp, or quic). Out: a report on the standard
//! output. [`gathering`] makes the group, [`speaking`] is the measured part.

mod gathering;
mod speaking;
#[path = "../world/speech.rs"]
mod speech;
#[path = "../world/mod.rs"]
mod world;

use speaking::{LATE, Pace, Said, TEXT_BYTES};
use std::{env, time::Instant};
use world::{
    Failed, commits,
    place::{self, Transport},
    process::Cost,
    report,
};

/// Super nodes.
const SUPERS: usize = 4;
/// Members of the group.
const NODES: usize = 50;
/// Messages.
const MESSAGES: usize = 1_000;
/// Messages a second: fewer than two cores can deliver, so that latencies are no queue's.
const RATE: usize = 5;

fn main() -> Result<(), Failed> {
    commits::count()?;
    let setting = |name: &str, default: usize| match env::var(name) {
        Ok(text) => text.parse(),
        Err(_) => Ok(default),
    };
    let nodes = setting("MAGPIE_BENCH_NODES", NODES)?;
    let messages = setting("MAGPIE_BENCH_MESSAGES", MESSAGES)?;
    let rate = u32::try_from(setting("MAGPIE_BENCH_RATE", RATE)?)?;
    let transport = match env::var("MAGPIE_BENCH_TRANSPORT") {
        Ok(name) => Transport::named(&name)?,
        Err(_) => Transport::Tcp,
    };
    report::head(
        "Messages in a group",
        &[
            (
                "engine",
                "sled on disk, one store a node; one batch and one flush a group of steps".into(),
            ),
            ("flush", "on, before each answer, frame and acknowledgement, at all nodes".into()),
            (
                "processes",
                format!(
                    "one: {nodes} members' nodes and {SUPERS} super nodes, {} over loopback",
                    transport.name()
                ),
            ),
            ("boundary", "chat.sendTextMessage and `message` events through Node::handle()".into()),
            ("message", format!("{TEXT_BYTES} bytes of text, authors in turns, {rate} a second")),
        ],
    );
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(measure(transport, nodes, messages, rate))
}

async fn measure(
    transport: Transport,
    nodes: usize,
    messages: usize,
    rate: u32,
) -> Result<(), Failed> {
    let dir = tempfile::tempdir()?;
    let made = place::make(dir.path(), SUPERS)?;
    let supers = place::start_supers(&made.file, &made.supers).await?;
    let begun = Instant::now();
    let people = gathering::people(dir.path(), &made.file, transport, nodes).await?;
    let started = begun.elapsed();
    gathering::befriend(&people).await?;
    let befriended = begun.elapsed() - started;
    let group = gathering::group(&people).await?;
    let grouped = begun.elapsed() - started - befriended;
    println!(
        "  set up     accounts {:.1} s, friends of the owner {:.1} s, group until all see all {:.1} s",
        started.as_secs_f64(),
        befriended.as_secs_f64(),
        grouped.as_secs_f64()
    );
    let before = Cost::now()?;
    let first = speaking::speak(&people, &group, nodes, Pace::Heard).await?;
    let cost = Cost::now()?.since(&before);
    println!(
        "\n  first words     each member's first message, which brings its key to {} others, one by one:",
        nodes - 1
    );
    let (wall, cpu) = (first.wall.as_secs_f64(), cost.cpu_ms as f64 / 1e3);
    println!(
        "                  {wall:.1} s, {cpu:.1} s CPU, {} MiB to disk",
        cost.disk_bytes >> 20
    );
    let [p50, p99] = first.by_all.percentiles([50, 99]);
    println!("                  until all have one p50 {p50:.0} ms, p99 {p99:.0} ms");
    first.check(nodes * (nodes - 1))?;
    let before = Cost::now()?;
    let said = speaking::speak(&people, &group, messages, Pace::Rate(rate)).await?;
    let cost = Cost::now()?.since(&before);
    print(&said, &cost, nodes, messages);
    for person in people {
        person.node.stop().await?;
    }
    for node in supers {
        node.stop().await?;
    }
    said.check(messages * (nodes - 1))
}

fn print(said: &Said, cost: &Cost, nodes: usize, messages: usize) {
    let deliveries = said.deliveries.len();
    let each = |value: u64| value as f64 / deliveries.max(1) as f64;
    let seconds = said.wall.as_secs_f64();
    let [p50, p99] = said.deliveries.percentiles([50, 99]);
    let [all50, all99] = said.by_all.percentiles([50, 99]);
    println!("\n  messages        {messages}, of which {} came to everybody", said.by_all.len());
    println!("  deliveries      {deliveries} of {} expected", messages * (nodes - 1));
    println!("  doubled         {}", said.doubled);
    println!("  busy            {} calls met a full mailbox", said.busy);
    println!("  wall            {seconds:.1} s: {:.0} deliveries/s", deliveries as f64 / seconds);
    println!(
        "  latency         p50 {p50:.0} ms, p99 {p99:.0} ms, from the call to a member's event"
    );
    println!("  until all       p50 {all50:.0} ms, p99 {all99:.0} ms, to the last member's event");
    println!("  late            {} deliveries took more than {LATE:?}", said.late);
    println!("  CPU/delivery    {:.2} ms, user and system, all nodes", each(cost.cpu_ms));
    println!("  flushes         {:.2} a delivery, all nodes", each(cost.commits));
    println!(
        "  written         {:.0} bytes a delivery in batches, {:.0} on disk",
        each(cost.batch_bytes),
        each(cost.disk_bytes)
    );
    println!("  where           {}", report::threads(cost));
    println!(
        "  cores' threads  {:.2} ms in steps and {:.2} ms in write and flush a delivery",
        each(cost.step_ns) / 1e6,
        each(cost.flush_ns) / 1e6
    );
    println!("  memory          {} MiB at most", cost.peak_bytes >> 20);
}
