//! How full the core's bounded memory is: for who watches a node, and for the simulator's checkers.

use crate::core::{
    jobs::JOBS,
    letters::{
        collect::HELD_ENVELOPES,
        lookup::{CALLS, LOOKUPS},
        post::LETTERS_ON_WAY,
    },
    money::ERRANDS,
    requests::REQUESTS,
    state::Core,
};

/// One bounded part of the core's memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gauge {
    /// What is kept there.
    pub name: &'static str,
    /// How many there are.
    pub held: usize,
    /// How many there may be.
    pub most: usize,
}

impl Core {
    /// Returns how full each bounded part of the memory is.
    pub fn gauges(&self) -> Vec<Gauge> {
        let gauge = |name, held, most| Gauge { name, held, most };
        let mut all = vec![
            gauge("passwords tried", self.jobs.len(), JOBS),
            gauge("requests under way", self.requests.len(), REQUESTS),
            gauge("envelopes held", self.held, HELD_ENVELOPES),
            gauge("errands", self.money.errands.len(), ERRANDS),
        ];
        if let Some(open) = &self.open {
            let letters = &open.letters;
            all.push(gauge("letters on their way", letters.on_way, LETTERS_ON_WAY));
            all.push(gauge("look-ups", letters.lookups.len(), LOOKUPS));
            all.push(gauge("calls for a look-up", letters.asking.len(), CALLS));
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::fixture::friends;

    #[test]
    fn a_letter_on_its_way_is_counted_and_nothing_is_over_its_bound() {
        let (mut alice, bob) = friends();
        let on_way = |core: &Core| {
            let all = core.gauges();
            assert!(all.iter().all(|gauge| gauge.held <= gauge.most), "{all:?}");
            all.iter().find(|gauge| gauge.name == "letters on their way").unwrap().held
        };
        let before = on_way(&alice.core);
        alice.say(&bob, "one");
        alice.say(&bob, "two");
        assert_eq!(on_way(&alice.core), before + 2);
    }
}
