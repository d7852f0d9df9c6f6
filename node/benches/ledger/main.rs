//! Transfers and claims through the ledger: from a submission until a user's node has verified that
//! each stands in a block; what the super nodes order; and the order alone.
//!
//! `cargo bench -p magpie-node --bench ledger`. In: `MAGPIE_BENCH_ENTRIES` (10,000 for the super nodes
//! alone), `MAGPIE_BENCH_USERS` (8 nodes), `MAGPIE_BENCH_RATE` (100 entries a second, all users
//! together), `MAGPIE_BENCH_SECONDS` (20), `MAGPIE_BENCH_VALIDATORS` (`1,4`), `MAGPIE_BENCH_TRANSPORT`
//! (tcp, or quic), and `MAGPIE_BENCH_PERF=1` for a profile where `perf` is installed. Out: a report on the standard output. [`submitting`] is
//! the load at users' nodes, [`friends`] one who pays with a password, [`crowd`] that at super nodes, [`bare`] the order alone, [`light`] a
//! leaf's verification, [`side`] the other processes.

mod asker;
mod bare;
mod crowd;
mod friends;
mod light;
#[path = "../world/side.rs"]
mod other;
#[path = "../world/profile.rs"]
mod profile;
mod side;
mod stage;
mod submitting;
mod tables;
mod town;
#[path = "../world/mod.rs"]
mod world;

use stage::Stage;
use std::env;
use submitting::Pace;
use world::{Failed, place::Transport, report};

/// Entries of each kind that are handed to the super nodes without a user's node.
const ENTRIES: usize = 10_000;
/// Users' nodes.
const USERS: usize = 8;
/// Entries offered in a second, all users together.
const RATE: usize = 100;
/// For how long.
const SECONDS: usize = 20;
/// How many validators the networks have.
const VALIDATORS: &str = "1,4";
/// Wallets.
const PEOPLE: usize = 256;
/// Entries of each user that are submitted as quickly as those before are answered.
const QUICKLY: usize = 96;
/// Payments that one person makes in a row.
const IN_A_ROW: usize = 64;
/// Heights that the order decides alone, with empty blocks and with full ones.
const HEIGHTS: u64 = 500;
/// Entries in a full block.
const FULL: usize = 2_000;

fn main() -> Result<(), Failed> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    if other::is_side() {
        return side::serve(&runtime);
    }
    world::commits::count()?;
    let setting = |name: &str, default: usize| match env::var(name) {
        Ok(text) => text.parse(),
        Err(_) => Ok(default),
    };
    let entries = setting("MAGPIE_BENCH_ENTRIES", ENTRIES)?;
    let users = setting("MAGPIE_BENCH_USERS", USERS)?;
    let rate = setting("MAGPIE_BENCH_RATE", RATE)?;
    let seconds = setting("MAGPIE_BENCH_SECONDS", SECONDS)?;
    let transport = match env::var("MAGPIE_BENCH_TRANSPORT") {
        Ok(name) => Transport::named(&name)?,
        Err(_) => Transport::Tcp,
    };
    let validators = env::var("MAGPIE_BENCH_VALIDATORS").unwrap_or_else(|_| VALIDATORS.to_owned());
    report::head(
        "Transfers and claims through the ledger",
        &[
            ("engine", "sled on disk behind a journal; one batch and one flush a group of steps".into()),
            ("flush", "on, before each answer, statement and vote, at all nodes".into()),
            ("transport", format!("{} over loopback", transport.name())),
            ("processes", format!("a super node each; {users} users' nodes, one each; the peers of the crowd in the first")),
            ("entries", "transfers of 256 wallets in a ring; claims from fortune packets of 256 shares; signed before".into()),
            ("final", "a wallet has verified header, certificate and proof of what the entry leaves behind".into()),
        ],
    );
    for validators in validators.split(',') {
        let validators = validators.trim().parse()?;
        println!("\n{validators} validators");
        runtime.block_on(through(validators, (users, transport), (rate, seconds), entries))?;
    }
    Ok(())
}

/// Measures a network of so many validators.
async fn through(
    validators: usize,
    users: (usize, Transport),
    (rate, seconds): (usize, usize),
    entries: usize,
) -> Result<(), Failed> {
    let mut stage = Stage::set(validators, users, PEOPLE)?;
    stage.fund()?;
    let offered = Pace::Offered(rate as f64);
    for (pace, count) in [(offered, rate * seconds), (Pace::Answered, QUICKLY * users.0)] {
        let transfers = stage.town.transfers(count)?;
        let row = stage.submit(&transfers, pace)?;
        tables::submitted("transfers", pace, &row);
        let packets = stage.town.packets(count)?;
        stage.submit(&packets.make, Pace::Answered)?.check()?;
        let row = stage.submit(&packets.claims, pace)?;
        tables::submitted("claims", pace, &row);
    }
    tables::friends(&stage.friends(IN_A_ROW).await?);
    tables::crowd("transfers", &stage.crowd_transfers(entries).await?);
    tables::crowd("claims", &stage.crowd_claims(entries).await?);
    let verified = stage.verify().await?;
    tables::verified(&verified);
    let transfers = stage.town.transfers(usize::try_from(HEIGHTS)? * 20)?;
    let empty = bare::run(&stage.dir.path().join("empty"), validators, HEIGHTS, (&[], 0))?;
    tables::bare("empty blocks", &empty);
    let blocks = u64::try_from((PEOPLE * (HEIGHTS as usize * 20).div_ceil(PEOPLE)).div_ceil(FULL))?;
    let full = bare::run(&stage.dir.path().join("full"), validators, blocks, (&transfers, FULL))?;
    tables::bare("full blocks", &full);
    stage.end()
}
