//! What all nodes of one gossip run have in common.

use super::tally::Tally;
use crate::{
    dice::Dice,
    swarm::{
        frames::Epoch,
        links::{Host, Network},
        sabotage::Sabotage,
    },
};
use magpie_node::{
    core::net::Verdict,
    host::{
        Clock,
        net::{Role, SpawnError, SwarmConfig, keypair, secured},
    },
};
use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};
use tokio::time::Instant;
use zeroize::Zeroizing;

/// The time of the network's first moment, milliseconds since the Unix epoch.
const START_MS: u64 = 1_700_000_000_000;

/// What all nodes of one run have in common.
#[derive(Debug)]
pub(super) struct Arena {
    pub(super) seed: u64,
    pub(super) network: Network,
    pub(super) epoch: Epoch,
    pub(super) forged: AtomicU64,
    sabotage: Option<Sabotage>,
    clock: Clock,
    began: Instant,
    tally: Mutex<Tally>,
}

impl Arena {
    pub(super) fn new(
        seed: u64,
        network: Network,
        warmup: Duration,
        sabotage: Option<Sabotage>,
    ) -> Self {
        let epoch = Epoch::generate(Dice::new(seed, "epoch", 0).rng());
        Self {
            seed,
            network,
            epoch,
            forged: AtomicU64::new(0),
            sabotage,
            clock: Clock::runtime(START_MS),
            began: Instant::now(),
            tally: Mutex::new(Tally::new(warmup)),
        }
    }

    /// Returns the time since the run began.
    pub(super) fn now(&self) -> Duration {
        self.began.elapsed()
    }

    /// Returns the time as frames tell it, milliseconds since the Unix epoch.
    pub(super) fn now_ms(&self) -> u64 {
        self.clock.now_ms()
    }

    pub(super) fn tally(&self) -> MutexGuard<'_, Tally> {
        // Counts are whole after every statement.
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a frame that a node got, and judges it.
    pub(super) fn hear(&self, host: Host, bytes: &[u8]) -> Verdict {
        let (verdict, number) = self.epoch.judge(bytes, self.now_ms());
        if verdict == Verdict::Reject {
            self.forged.fetch_add(1, Relaxed);
        }
        if let Some(number) = number {
            self.tally().got(host, number, self.now());
        }
        self.sabotage.map_or(verdict, |bug| bug.spoil(verdict))
    }

    /// Returns how a host's swarm starts: the product's own, on this network's links.
    pub(super) fn swarm_of(&self, host: Host, role: Role) -> Result<SwarmConfig, SpawnError> {
        let mut seed = Zeroizing::new([0; 32]);
        let mut dice = Dice::new(self.seed, "node", u64::from(host.0));
        rand_core::Rng::fill_bytes(dice.rng(), &mut *seed);
        let transport = secured(self.network.transport(host), &keypair(&seed))
            .map_err(|error| SpawnError::Listen(error.to_string()))?;
        let mut config = SwarmConfig::new(seed, transport, role);
        let addr = host.addr().parse();
        config.listen = vec![addr.expect("an address of this network")];
        config.jitter = dice.below(u64::MAX);
        // Memory is of the process, which all nodes share.
        config.limits.memory = None;
        Ok(config)
    }
}
