//! What links are like: how long, how steady, how wide.

use crate::dice::Dice;
use std::time::Duration;

/// How far apart two hosts are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Latency {
    /// Each pair has a latency of its own between these two, one way.
    Between(Duration, Duration),
    /// Each host is in a region; the latency is that of the two regions, one way, and each pair has
    /// up to a fifth more of its own.
    Regions(Vec<Vec<Duration>>),
}

impl Latency {
    /// Returns how many regions there are.
    pub fn regions(&self) -> usize {
        match self {
            Self::Between(..) => 1,
            Self::Regions(table) => table.len().max(1),
        }
    }
}

/// What all links of one network have in common.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// How far apart two hosts are.
    pub latency: Latency,
    /// What a segment takes longer than its pair's latency, at most.
    pub jitter: Duration,
    /// The share of packets that are lost and sent again, from 0 to 1; streams keep their order, so a
    /// loss is a delay.
    pub loss: f64,
    /// Bytes a second that one host sends to all others together; none where it does not matter.
    pub uplink: Option<u64>,
}

/// Bytes of one packet; what a packet loses is sent again.
const PACKET: usize = 1_400;
/// Bytes around a segment on its way.
const HEADERS: u64 = 60;
/// The shortest wait before a lost packet is sent again.
const RESEND: Duration = Duration::from_millis(200);
/// Times that one packet is lost in a row, at most.
const LOSSES: u32 = 8;

impl Profile {
    /// Returns how long the way between two hosts is, always the same for the same pair and seed.
    pub(super) fn base(&self, seed: u64, a: (u32, usize), b: (u32, usize)) -> Duration {
        let (low, high) = if a.0 <= b.0 { (a, b) } else { (b, a) };
        let pair = u64::from(low.0) << 32 | u64::from(high.0);
        let own = |most: Duration| {
            let most = u64::try_from(most.as_micros()).unwrap_or(u64::MAX);
            let draw = Dice::new(seed, "pair", pair).below(most.saturating_add(1));
            Duration::from_micros(draw)
        };
        match &self.latency {
            Latency::Between(least, most) => *least + own(most.saturating_sub(*least)),
            Latency::Regions(table) => {
                let between = table.get(low.1).and_then(|row| row.get(high.1));
                let between = between.copied().unwrap_or_default();
                between + own(between / 5)
            }
        }
    }

    /// Returns what a segment of `len` bytes takes on a link beside its latency, and how many of its
    /// packets were lost.
    pub(super) fn delay(&self, dice: &mut Dice, base: Duration, len: usize) -> (Duration, u64) {
        let mut delay = Duration::ZERO;
        let jitter = u64::try_from(self.jitter.as_micros()).unwrap_or(u64::MAX);
        if jitter > 0 {
            delay += Duration::from_micros(dice.below(jitter));
        }
        let mut lost = 0;
        if self.loss > 0.0 {
            for _ in 0..len.div_ceil(PACKET) {
                let mut wait = RESEND.max(base * 2);
                for _ in 0..LOSSES {
                    if !dice.happens(self.loss) {
                        break;
                    }
                    delay += wait;
                    wait *= 2;
                    lost += 1;
                }
            }
        }
        (delay, lost)
    }

    /// Returns how long a segment of `len` bytes keeps the sender's uplink busy.
    pub(super) fn serialization(&self, len: usize) -> Duration {
        let bytes = (len as u64).saturating_add(HEADERS);
        match self.uplink {
            Some(rate) if rate > 0 => {
                Duration::from_nanos(bytes.saturating_mul(1_000_000_000) / rate)
            }
            _ => Duration::ZERO,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(latency: Latency) -> Profile {
        Profile { latency, jitter: Duration::ZERO, loss: 0.0, uplink: Some(1_000_000) }
    }

    #[test]
    fn a_pair_has_one_latency_both_ways_within_the_bounds() {
        let (least, most) = (Duration::from_millis(10), Duration::from_millis(150));
        let profile = profile(Latency::Between(least, most));
        let all: Vec<_> = (1..200).map(|n| profile.base(7, (0, 0), (n, 0))).collect();
        assert!(all.iter().all(|base| (least..=most).contains(base)));
        assert!(all.iter().max().unwrap().saturating_sub(*all.iter().min().unwrap()) > most / 2);
        assert_eq!(profile.base(7, (3, 0), (5, 0)), profile.base(7, (5, 0), (3, 0)));
        assert_ne!(profile.base(7, (3, 0), (5, 0)), profile.base(8, (3, 0), (5, 0)));
    }

    #[test]
    fn regions_are_as_far_apart_as_the_table_says_and_a_fifth_more_at_most() {
        let ms = Duration::from_millis;
        let profile = profile(Latency::Regions(vec![vec![ms(20), ms(90)], vec![ms(90), ms(10)]]));
        for (a, b, least) in [(0, 0, 20), (0, 1, 90), (1, 0, 90), (1, 1, 10)] {
            let base = profile.base(1, (1, a), (2, b));
            assert!(base >= ms(least) && base <= ms(least) * 6 / 5, "{a} {b} {base:?}");
        }
    }

    #[test]
    fn loss_delays_and_the_uplink_is_as_wide_as_it_says() {
        let mut profile = profile(Latency::Between(Duration::ZERO, Duration::ZERO));
        let mut dice = Dice::new(1, "test", 0);
        assert_eq!(profile.delay(&mut dice, RESEND, 100_000), (Duration::ZERO, 0));
        profile.loss = 0.5;
        let (delay, lost) = profile.delay(&mut dice, Duration::ZERO, 10 * PACKET);
        assert!(lost > 0 && delay >= RESEND * u32::try_from(lost).unwrap());
        profile.loss = 1.0;
        assert_eq!(profile.delay(&mut dice, Duration::ZERO, 1).1, u64::from(LOSSES));
        assert_eq!(profile.serialization(1_000_000 - 60), Duration::from_secs(1));
        profile.uplink = None;
        assert_eq!(profile.serialization(1_000_000), Duration::ZERO);
    }
}
