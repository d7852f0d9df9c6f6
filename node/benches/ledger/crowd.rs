//! Many peers at once: what the super nodes order if nobody's node is in the way.
//!
//! Each of the first peers hands entries to a super node, of each lane one at a time; others follow
//! the headers as a wallet does and ask for proofs of what the entries leave behind. What one peer may
//! ask at once is what super nodes let strangers ask, so there are enough peers.

use crate::{
    asker::Asker,
    town::Lane,
    world::{Failed, latency::Latencies, place::Transport},
};
use futures::future::try_join_all;
use magpie_protocol::{
    bounded::List,
    ledger::{
        Entry,
        exchange::{Answer, Proven, Refusal, Request},
        state::LeafKey,
    },
    limits::PROVEN_LEAVES,
    network::Network,
};
use magpie_wallet::light::{Followed, Light};
use std::{
    path::Path,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};
use tokio::time::sleep;

/// Entries that one peer may hand to a super node at once: 1,024 units, three for an entry.
const ENTRIES_A_PEER: usize = 300;
/// Before an entry for which there was no room is handed again.
const FULL_PAUSE: Duration = Duration::from_millis(100);
/// Between two looks at the leaves.
const LOOK: Duration = Duration::from_millis(250);
/// Leaves that one peer looks at: a look costs ten units for sixteen.
const LEAVES_A_PEER: usize = 16;
/// How long all may take.
const PATIENCE: Duration = Duration::from_secs(150);

/// A leaf that counts entries: a wallet's, or a packet's.
pub(crate) struct Watch {
    /// Its key.
    pub(crate) key: LeafKey,
    /// How many entries it counted before.
    pub(crate) before: u64,
    /// How many it is to count.
    pub(crate) count: u64,
    /// Reads how many entries it has counted.
    pub(crate) counted: fn(&[u8]) -> Result<u64, Failed>,
}

/// What was measured.
pub(crate) struct Run {
    /// From the first entry until the last was taken in by a super node.
    pub(crate) taken: Duration,
    /// From the first entry until the last proof.
    pub(crate) wall: Duration,
    /// Of each entry, from its submission until the proof that counts it.
    pub(crate) latencies: Latencies,
    /// The headers that the one who saw the most followed.
    pub(crate) headers: u64,
    /// How often there was no room for an entry.
    pub(crate) full: u64,
    /// How often a peer had asked so much that it was told to wait.
    pub(crate) told_to_wait: u64,
}

/// Why entries were not taken in at once.
#[derive(Default)]
struct Refused {
    full: AtomicU64,
    told_to_wait: AtomicU64,
}

/// Hands in all lanes, and waits until the leaves count them. `which` says for each entry of a lane,
/// by its place there, the leaf that counts it.
pub(crate) async fn run(
    (reach, network): ((&Path, Transport), &Network),
    lanes: &[Lane],
    watches: &[Watch],
    which: impl Fn(usize, usize) -> usize,
) -> Result<Run, Failed> {
    let entries: usize = lanes.iter().map(Vec::len).sum();
    let supers = network.genesis().supers.len();
    let peers = entries.div_ceil(ENTRIES_A_PEER * supers).max(2);
    let start = |count: usize| try_join_all((0..count).map(|_| Asker::start(reach)));
    let hands = start(peers).await?;
    let eyes = start(watches.len().div_ceil(LEAVES_A_PEER)).await?;
    let submitted: Vec<Mutex<Vec<Instant>>> = watches.iter().map(|_| Mutex::default()).collect();
    let refused = Refused::default();
    let begun = Instant::now();
    let handing = async {
        let lanes = lanes.iter().enumerate().map(|(number, lane)| {
            let (hand, at) = (&hands[number % peers], number / peers);
            let (submitted, which, refused) = (&submitted, &which, &refused);
            async move {
                for (place, entry) in lane.iter().enumerate() {
                    let times = &submitted[which(number, place)];
                    times.lock().map_err(|_| "a peer panicked")?.push(Instant::now());
                    hand_in(hand, at, entry, refused).await?;
                }
                Ok::<(), Failed>(())
            }
        });
        try_join_all(lanes).await?;
        Ok::<Duration, Failed>(begun.elapsed())
    };
    let looking = try_join_all(
        eyes.iter()
            .zip(watches.chunks(LEAVES_A_PEER))
            .zip(submitted.chunks(LEAVES_A_PEER))
            .map(|((eye, watches), submitted)| look(eye, network, watches, submitted)),
    );
    let (taken, seen) = tokio::try_join!(handing, looking)?;
    let wall = begun.elapsed();
    let mut latencies = Latencies::default();
    let mut headers = 0;
    for (times, seen) in seen {
        times.into_iter().for_each(|time| latencies.add(time));
        headers = headers.max(seen);
    }
    hands.iter().chain(&eyes).for_each(Asker::stop);
    let Refused { full, told_to_wait } = refused;
    let (full, told_to_wait) = (full.into_inner(), told_to_wait.into_inner());
    Ok(Run { taken, wall, latencies, headers, full, told_to_wait })
}

/// Hands in an entry until it waits.
async fn hand_in(hand: &Asker, at: usize, entry: &Entry, refused: &Refused) -> Result<(), Failed> {
    let request = Request::Submit(Box::new(entry.clone()));
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        match hand.ask(at, &request).await? {
            Some(Answer::Waits(_)) => return Ok(()),
            Some(Answer::Refused(Refusal::Full)) => {
                refused.full.fetch_add(1, Ordering::Relaxed);
                sleep(FULL_PAUSE).await;
            }
            Some(Answer::Refused(Refusal::Wait(seconds))) => {
                refused.told_to_wait.fetch_add(1, Ordering::Relaxed);
                sleep(Duration::from_secs(seconds.into())).await;
            }
            // It is away, or starting.
            None => sleep(FULL_PAUSE).await,
            Some(other) => return Err(format!("an entry is refused: {other:?}").into()),
        }
    }
    Err(format!("an entry finds no room in {PATIENCE:?}").into())
}

/// Looks at leaves until they count all, and returns the latencies and the headers that it followed.
async fn look(
    eye: &Asker,
    network: &Network,
    watches: &[Watch],
    submitted: &[Mutex<Vec<Instant>>],
) -> Result<(Vec<Duration>, u64), Failed> {
    let set = network.validators().clone();
    let knows = set.hash();
    let mut light = Light::from_genesis(network.id(), network.genesis().created_ms, set);
    let mut counted: Vec<u64> = watches.iter().map(|watch| watch.before).collect();
    let (mut latencies, mut headers) = (Vec::new(), 0);
    let begun = Instant::now();
    for turn in 0.. {
        let open = counted.iter().zip(watches).enumerate();
        let open: Vec<usize> = open
            .filter(|(_, (counted, watch))| **counted < watch.before + watch.count)
            .map(|(at, _)| at)
            .collect();
        if open.is_empty() {
            break;
        }
        if begun.elapsed() > PATIENCE {
            return Err(format!("{} leaves do not count all in {PATIENCE:?}", open.len()).into());
        }
        sleep(LOOK).await;
        let now_ms = u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis())?;
        for open in open.chunks(PROVEN_LEAVES) {
            let keys = List::new(open.iter().map(|at| watches[*at].key).collect())?;
            let Some(Answer::Proven(proven)) =
                eye.ask(turn, &Request::Prove { knows, keys }).await?
            else {
                continue;
            };
            let Proven { newest, proofs } = *proven;
            let (header, certificate) = (newest.decided.header, newest.decided.certificate);
            let height = header.height;
            let followed = light.follow(header, certificate, newest.next, now_ms)?;
            headers += u64::from(followed == Followed::Newest);
            let Some(believed) = light.believed(height, now_ms) else { continue };
            for (at, proof) in open.iter().zip(proofs.iter()) {
                let Some(leaf) = believed.verify_leaf(&watches[*at].key, proof)? else { continue };
                let now = (watches[*at].counted)(leaf)?;
                let times = submitted[*at].lock().map_err(|_| "a peer panicked")?;
                let (from, to) = (counted[*at].max(watches[*at].before), now.max(counted[*at]));
                for place in from..to {
                    let place = usize::try_from(place - watches[*at].before)?;
                    latencies.extend(times.get(place).map(Instant::elapsed));
                }
                counted[*at] = to;
            }
        }
    }
    Ok((latencies, headers))
}
