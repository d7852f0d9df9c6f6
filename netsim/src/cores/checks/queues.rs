//! Nothing grows over its bound.

use crate::cores::{story::Story, world::World};

const NAME: &str = "bounded-queues";

impl World {
    /// Compares a node's memory with its bounds.
    pub(in crate::cores) fn measure(&mut self, at: usize) {
        let Some(running) = &self.places[at].running else { return };
        let over = running.core.gauges().into_iter().find(|gauge| gauge.held > gauge.most);
        if let Some(gauge) = over {
            let what = format!("{} {}, at most {}", gauge.held, gauge.name, gauge.most);
            self.find_out(at, NAME, what);
        }
    }
}

/// Looks at every node at the end.
pub(super) fn check(story: &mut Story) {
    for at in 0..story.world.places.len() {
        story.world.measure(at);
    }
}
