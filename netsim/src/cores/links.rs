//! What is between nodes: how long a frame takes, whether it arrives, and who is cut off from whom.

use crate::{dice::Dice, scenario::Links as Format};
use std::collections::BTreeSet;

/// The links between all nodes.
#[derive(Debug)]
pub struct Links {
    seed: u64,
    format: Format,
    dice: Dice,
    /// Connections that stand, the lower place first.
    up: BTreeSet<(usize, usize)>,
    /// Those who are cut off from all others, for each partition by its number.
    cuts: Vec<(u64, BTreeSet<usize>)>,
}

impl Links {
    /// Returns links on which nothing stands yet.
    pub fn new(format: Format, seed: u64) -> Self {
        Self { seed, format, dice: Dice::new(seed, "links", 0), up: BTreeSet::new(), cuts: vec![] }
    }

    /// Returns how long the next frame from one to the other takes, milliseconds.
    pub fn delay(&mut self, a: usize, b: usize) -> u64 {
        let [least, most] = self.format.latency_ms;
        let pair = (a.min(b) as u64) << 32 | a.max(b) as u64;
        let own = Dice::new(self.seed, "latency", pair).between(least, most);
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
        self.up.contains(&(a.min(b), a.max(b)))
    }

    /// Makes a connection; returns whether it is new.
    pub fn connect(&mut self, a: usize, b: usize) -> bool {
        self.up.insert((a.min(b), a.max(b)))
    }

    /// Ends a connection; returns whether it stood.
    pub fn disconnect(&mut self, a: usize, b: usize) -> bool {
        self.up.remove(&(a.min(b), a.max(b)))
    }

    /// Returns those with whom a connection of somebody stands.
    pub fn peers(&self, of: usize) -> Vec<usize> {
        let with = |(a, b): &(usize, usize)| match (*a == of, *b == of) {
            (true, _) => Some(*b),
            (_, true) => Some(*a),
            _ => None,
        };
        self.up.iter().filter_map(with).collect()
    }

    /// Returns the connections that a partition runs through.
    pub fn severed(&self) -> Vec<(usize, usize)> {
        self.up.iter().filter(|(a, b)| !self.reach(*a, *b)).copied().collect()
    }
}
