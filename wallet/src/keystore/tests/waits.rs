use super::fixture::store;
use crate::keystore::{KeyStore, Tier, Wait, attempts::Attempts};
use proptest::prelude::*;

const FIVE: Wait = Wait { tier: Tier::Five, seconds_left: 30 };
const TEN: Wait = Wait { tier: Tier::Ten, seconds_left: 300 };
const T0: u64 = 1_700_000_000_000;

/// One attempt that is wrong if it is tried.
fn attempt(store: &mut KeyStore, now: u64) -> Result<Option<Wait>, Wait> {
    store.begin_attempt(now)?;
    Ok(store.wrong(now))
}

#[test]
fn the_fifth_waits_thirty_seconds_and_the_tenth_five_minutes() {
    let mut store = store(1);
    for _ in 0..4 {
        assert_eq!(attempt(&mut store, T0), Ok(None));
    }
    let mut now = T0;
    for _ in 5..10 {
        assert_eq!(attempt(&mut store, now), Ok(Some(FIVE)));
        now += 30_000;
    }
    for _ in 10..15 {
        assert_eq!(attempt(&mut store, now), Ok(Some(TEN)));
        now += 300_000;
    }
    store.right();
    assert_eq!(attempt(&mut store, now), Ok(None));
}

#[test]
fn attempts_in_a_wait_are_counted_not_tried_and_the_tenth_starts_the_long_one() {
    let mut store = store(1);
    for _ in 0..5 {
        let _ = attempt(&mut store, T0);
    }
    for (n, seconds_left) in (6..10).zip([30, 30, 29, 29]) {
        let now = T0 + 500 * (n - 6) + u64::from(n > 6);
        let wait = Wait { tier: Tier::Five, seconds_left };
        assert_eq!(attempt(&mut store, now), Err(wait), "attempt {n}");
    }
    assert_eq!(attempt(&mut store, T0 + 10_000), Err(TEN));
    // The old wait's end passes, the new one's counts; nothing extends it.
    for second in 1..300 {
        let wait = Wait { tier: Tier::Ten, seconds_left: 300 - second };
        assert_eq!(attempt(&mut store, T0 + 10_000 + second * 1_000), Err(wait));
    }
    assert_eq!(store.wait(T0 + 309_999), Some(Wait { tier: Tier::Ten, seconds_left: 1 }));
    assert_eq!(store.wait(T0 + 310_000), None);
    assert_eq!(attempt(&mut store, T0 + 310_000), Ok(Some(TEN)));
}

#[test]
fn killing_the_process_before_the_answer_buys_no_guess() {
    let mut store = store(1);
    for n in 1..=5 {
        assert_eq!(store.begin_attempt(T0), Ok(()), "attempt {n}");
        store = KeyStore::from_bytes(&store.to_bytes()).unwrap();
    }
    assert_eq!(store.begin_attempt(T0 + 1), Err(FIVE));
}

#[test]
fn a_clock_set_back_waits_its_full_length_and_no_longer() {
    let mut store = store(1);
    for _ in 0..5 {
        let _ = attempt(&mut store, T0);
    }
    let earlier = T0 - 86_400_000;
    assert_eq!(store.wait(earlier), Some(FIVE));
    assert_eq!(attempt(&mut store, earlier), Err(FIVE));
    assert_eq!(attempt(&mut store, earlier + 30_000), Ok(Some(FIVE)));
}

#[test]
fn the_wallet_lock_counts_for_itself() {
    let mut store = store(1);
    for _ in 0..4 {
        assert_eq!(store.begin_wallet_attempt(T0), Ok(()));
        assert_eq!(store.wallet_wrong(T0), None);
    }
    assert_eq!(store.begin_attempt(T0), Ok(()));
    assert_eq!(store.wrong(T0), None);
    assert_eq!(store.begin_wallet_attempt(T0), Ok(()));
    assert_eq!(store.wallet_wrong(T0), Some(FIVE));
    assert_eq!(store.wallet_wait(T0 + 1), Some(FIVE));
    assert_eq!(store.wait(T0 + 1), None);
    store.right();
    assert_eq!(store.begin_wallet_attempt(T0 + 2), Err(FIVE));
    store.wallet_right();
    assert_eq!(store.begin_wallet_attempt(T0 + 3), Ok(()));
}

#[test]
fn the_count_saturates() {
    let mut attempts = Attempts { count: u32::MAX, until_ms: 0 };
    assert_eq!(attempts.begin(T0), Ok(()));
    assert_eq!(attempts.wrong(T0), Some(TEN));
    assert_eq!(attempts.begin(T0 + 1_000), Err(Wait { seconds_left: 299, ..TEN }));
    assert_eq!(attempts.count, u32::MAX);
}

/// The rule as page 7 tells it, for a clock that only goes forward: attempts in a row, and when
/// the wait that is running began.
#[derive(Default)]
struct Model {
    row: u64,
    began: Option<(u64, u64)>,
}

impl Model {
    fn attempt(&mut self, now: u64, right: bool) -> Result<Option<Wait>, Wait> {
        self.began = self.began.filter(|(start, length)| now < start + length);
        self.row += 1;
        let tier = if self.row >= 10 { Tier::Ten } else { Tier::Five };
        if let Some((start, length)) = self.began {
            if self.row == 10 {
                self.began = Some((now, 300_000));
                return Err(TEN);
            }
            let left = start + length - now;
            let seconds_left = left / 1_000 + u64::from(!left.is_multiple_of(1_000));
            return Err(Wait { tier, seconds_left });
        }
        if right {
            *self = Self::default();
            return Ok(None);
        }
        if self.row < 5 {
            return Ok(None);
        }
        let length = if self.row >= 10 { 300_000 } else { 30_000 };
        self.began = Some((now, length));
        Ok(Some(Wait { tier, seconds_left: length / 1_000 }))
    }
}

/// Milliseconds between two attempts: within a wait, past a short one, past a long one.
fn pause() -> impl Strategy<Value = u64> {
    prop_oneof![0u64..2_000, 0u64..60_000, 0u64..400_000]
}

proptest! {
    #[test]
    fn the_waits_are_those_of_the_model(
        steps in proptest::collection::vec((pause(), proptest::bool::weighted(0.05)), 1..80)
    ) {
        let mut store = store(1);
        let mut model = Model::default();
        let mut now = T0;
        for (pause, right) in steps {
            now += pause;
            let got = match store.begin_attempt(now) {
                Err(wait) => Err(wait),
                Ok(()) if right => {
                    store.right();
                    Ok(None)
                }
                Ok(()) => Ok(store.wrong(now)),
            };
            prop_assert_eq!(got, model.attempt(now, right));
            store = KeyStore::from_bytes(&store.to_bytes()).unwrap();
        }
    }

    #[test]
    fn whatever_the_clock_does_a_patient_person_gets_in(
        times in proptest::collection::vec(any::<u64>(), 0..40), later in 0u64..u64::MAX / 2
    ) {
        let mut store = store(1);
        for time in times {
            let _ = attempt(&mut store, time);
        }
        // Three tries at most, each after the wait it was told, on a clock that goes on.
        let mut now = later;
        let mut tried = false;
        for _ in 0..3 {
            match store.begin_attempt(now) {
                Ok(()) => { tried = true; break; }
                Err(wait) => {
                    prop_assert!(wait.seconds_left <= 300);
                    now += wait.seconds_left * 1_000;
                }
            }
        }
        prop_assert!(tried);
    }
}
