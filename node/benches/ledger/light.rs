//! What it takes to believe one leaf: a header, its certificate and a proof.

use crate::{
    asker::Asker,
    world::{Failed, place::Transport},
};
use magpie_protocol::{
    bounded::List,
    codec::encode,
    ledger::{
        exchange::{Answer, Proven, Request},
        state::LeafKey,
    },
    network::Network,
};
use magpie_wallet::light::{Followed, Light};
use std::{
    path::Path,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};
use tokio::time::sleep;

/// How often it is verified.
const TIMES: u32 = 2_000;
/// Tries to get an answer, and the pause between two.
const TRIES: usize = 50;
const PAUSE: Duration = Duration::from_millis(200);

/// What was measured.
pub(crate) struct Verified {
    pub(crate) signatures: usize,
    pub(crate) header_bytes: usize,
    pub(crate) proof_bytes: usize,
    /// Header and certificate, once.
    pub(crate) follow: Duration,
    /// The proof, once.
    pub(crate) leaf: Duration,
}

/// Asks for a leaf as it is now, and verifies it again and again.
pub(crate) async fn verify(
    reach: (&Path, Transport),
    network: &Network,
    key: LeafKey,
) -> Result<Verified, Failed> {
    let asker = Asker::start(reach).await?;
    let set = network.validators().clone();
    let request = Request::Prove { knows: set.hash(), keys: List::new(vec![key])? };
    let mut proven = None;
    for at in 0..TRIES {
        if let Some(Answer::Proven(shown)) = asker.ask(at % asker.supers(), &request).await? {
            proven = Some(*shown);
            break;
        }
        sleep(PAUSE).await;
    }
    asker.stop();
    let Proven { newest, proofs } = proven.ok_or("no super node shows a leaf")?;
    let (decided, proof) = (newest.decided, proofs.iter().next().ok_or("no proof")?);
    let now_ms = u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis())?;
    let light = Light::from_genesis(network.id(), network.genesis().created_ms, set);
    let mut lights: Vec<Light> = (0..TIMES).map(|_| light.clone()).collect();
    let answers: Vec<_> = (0..TIMES).map(|_| decided.clone()).collect();
    let begun = Instant::now();
    for (light, answer) in lights.iter_mut().zip(answers) {
        let followed = light.follow(answer.header, answer.certificate, None, now_ms)?;
        if followed != Followed::Newest {
            return Err(format!("the header is {followed:?}").into());
        }
    }
    let follow = begun.elapsed() / TIMES;
    let height = decided.header.height;
    let begun = Instant::now();
    for light in &lights {
        let believed = light.believed(height, now_ms).ok_or("the header is not believed")?;
        believed.verify_leaf(&key, proof)?.ok_or("the leaf is missing")?;
    }
    let leaf = begun.elapsed() / TIMES;
    Ok(Verified {
        signatures: decided.certificate.signatures.len(),
        header_bytes: encode(&decided)?.len(),
        proof_bytes: encode(proof)?.len(),
        follow,
        leaf,
    })
}
