//! What is between nodes: how long a frame takes, whether it arrives, and who is cut off from whom.

use crate::{dice::Dice, scenario::Links as Format};
use std::collections::{BTreeMap, BTreeSet};

/// The links between all nodes.
#[derive(Debug)]
pub struct Links {
    seed: u64,
    format: Format,
    dice: Dice,
    /// With whom each place's connections stand.
    up: BTreeMap<usize, BTreeSet<usize>>,
    /// The shortest time between two places, milliseconds, the lower place first, as far as it was asked.
    latencies: BTreeMap<(usize, usize), u64>,
    /// Those who are cut off from all others, for each partition by its number.
    cuts: Vec<(u64, BTreeSet<usize>)>,
}

impl Links {
    /// Returns links on which nothing stands yet.
    pub fn new(format: Format, seed: u64) -> Self {
        let dice = Dice::new(seed, "links", 0);
        Self { seed, format, dice, up: BTreeMap::new(), latencies: BTreeMap::new(), cuts: vec![] }
    }

    /// Returns how long the next frame from one to the other takes, milliseconds.
    pub fn delay(&mut self, a: usize, b: usize) -> u64 {
        let ([least, most], seed) = (self.format.latency_ms, self.seed);
        let (low, high) = (a.min(b), a.max(b));
        let roll = || {
            let pair = (low as u64) << 32 | high as u64;
            Dice::new(seed, "latency", pair).between(least, most)
        };
        let own = *self.latencies.entry((low, high)).or_insert_with(roll);
        own + self.dice.between(0, self.format.jitter_ms)
    }

    /// Decides whether the next frame gets lost.
    pub fn loses(&mut self) -> bool {
        self.format.loss > 0.0 && self.dice.happens(self.format.loss)
    }

    /// Stops losing frames and ends all partitions: the time of peace has begun.
    pub fn make_peace(&mut self) {
        self.format.loss = 0.0;
        self.cuts.clear();
    }

    /// Tells whether frames can go between two.
    pub fn reach(&self, a: usize, b: usize) -> bool {
        self.cuts.iter().all(|(_, apart)| apart.contains(&a) == apart.contains(&b))
    }

    /// Cuts some off from all others.
    pub fn cut(&mut self, number: u64, apart: BTreeSet<usize>) {
        self.cuts.push((number, apart));
    }

    /// Ends a partition.
    pub fn heal(&mut self, number: u64) {
        self.cuts.retain(|(of, _)| *of != number);
    }

    /// Tells whether a connection stands.
    pub fn is_up(&self, a: usize, b: usize) -> bool {
        self.up.get(&a).is_some_and(|peers| peers.contains(&b))
    }

    /// Makes a connection; returns whether it is new.
    pub fn connect(&mut self, a: usize, b: usize) -> bool {
        self.up.entry(a).or_default().insert(b);
        self.up.entry(b).or_default().insert(a)
    }

    /// Ends a connection; returns whether it stood.
    pub fn disconnect(&mut self, a: usize, b: usize) -> bool {
        let mut remove = |of, peer| self.up.get_mut(&of).is_some_and(|it| it.remove(&peer));
        remove(a, b) && remove(b, a)
    }

    /// Returns those with whom a connection of somebody stands.
    pub fn peers(&self, of: usize) -> Vec<usize> {
        self.up.get(&of).into_iter().flatten().copied().collect()
    }

    /// Returns the connections that a partition runs through.
    pub fn severed(&self) -> Vec<(usize, usize)> {
        let all = self.up.iter().flat_map(|(a, peers)| peers.iter().map(move |b| (*a, *b)));
        all.filter(|(a, b)| a < b && !self.reach(*a, *b)).collect()
    }
}
