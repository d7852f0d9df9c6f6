//! Where chance comes from: a seed gives every use of chance a stream of its own, so that a new use
//! changes no other.

use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use rand_core::Rng;

/// Keeps these streams apart from every other use of the hash.
const DOMAIN: &str = "magpie/1/netsim-dice";

/// A stream of chance.
#[derive(Debug, Clone)]
pub struct Dice(ChaCha20Rng);

impl Dice {
    /// Returns the stream of one use, named by `label` and `number`, under a seed.
    pub fn new(seed: u64, label: &str, number: u64) -> Self {
        let name = [&seed.to_be_bytes()[..], &number.to_be_bytes(), label.as_bytes()].concat();
        Self(ChaCha20Rng::from_seed(blake3::derive_key(DOMAIN, &name)))
    }

    /// Returns the generator itself, for those who draw bytes.
    pub const fn rng(&mut self) -> &mut ChaCha20Rng {
        &mut self.0
    }

    /// Returns a number below `n`; 0 if `n` is 0.
    pub fn below(&mut self, n: u64) -> u64 {
        // The bias is below 2^-32 for every n that a simulation uses.
        if n == 0 { 0 } else { self.0.next_u64() % n }
    }

    /// Returns a number from `least` to `most`, both included.
    pub fn between(&mut self, least: u64, most: u64) -> u64 {
        least + self.below(most.saturating_sub(least).saturating_add(1))
    }

    /// Returns true in this share of cases, from 0 to 1.
    pub fn happens(&mut self, share: f64) -> bool {
        // 2^53 steps are exact in an f64.
        let roll = (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
        roll < share
    }

    /// Returns one of several, or nothing of none.
    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        let at = self.below(of.len() as u64);
        of.get(usize::try_from(at).unwrap_or(usize::MAX))
    }

    /// Puts several into an order by chance.
    pub fn shuffle<T>(&mut self, of: &mut [T]) {
        for last in (1..of.len()).rev() {
            let other = self.below(last as u64 + 1);
            of.swap(last, usize::try_from(other).unwrap_or(0));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_its_seed_label_and_number() {
        let first = |seed, label, number| Dice::new(seed, label, number).below(u64::MAX);
        assert_eq!(first(1, "links", 0), first(1, "links", 0));
        let all = [first(1, "links", 0), first(2, "links", 0), first(1, "people", 0)];
        assert!(all.iter().all(|other| *other != first(1, "links", 1)));
        assert!(all[0] != all[1] && all[0] != all[2]);
    }

    #[test]
    fn rolls_stay_in_their_bounds_and_reach_them() {
        let mut dice = Dice::new(7, "test", 0);
        let rolls: Vec<u64> = (0..1_000).map(|_| dice.between(3, 5)).collect();
        assert_eq!((rolls.iter().min(), rolls.iter().max()), (Some(&3), Some(&5)));
        assert_eq!((dice.below(0), dice.between(9, 9), dice.pick::<u8>(&[])), (0, 9, None));
        assert!((0..1_000).all(|_| !dice.happens(0.0) && dice.happens(1.0)));
        let hits = (0..10_000).filter(|_| dice.happens(0.25)).count();
        assert!((2_200..2_800).contains(&hits), "{hits}");
    }

    #[test]
    fn a_shuffle_keeps_everything() {
        let mut cards: Vec<u8> = (0..52).collect();
        Dice::new(1, "cards", 0).shuffle(&mut cards);
        assert_ne!(cards, (0..52).collect::<Vec<_>>());
        cards.sort_unstable();
        assert_eq!(cards, (0..52).collect::<Vec<_>>());
    }
}
