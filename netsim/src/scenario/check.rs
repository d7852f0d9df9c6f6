//! Reading a scenario: its form by the TOML reader, its sense here.

use super::{Faults, Level, Mistake, Scenario, Workload};

/// The most nodes of a core scenario: each has its whole memory in this process.
const CORE_NODES: u32 = 1_000;
/// The longest that work and faults may last, seconds of virtual time.
const SECONDS: u64 = 3_600;

impl Scenario {
    /// Reads a scenario from the text of its file.
    pub fn read(text: &str) -> Result<Self, Mistake> {
        let scenario: Self = toml::from_str(text).map_err(|error| Mistake::read(text, &error))?;
        scenario.check(text)?;
        Ok(scenario)
    }

    /// Checks that the values make sense, alone and together; `text` is where a mistake is looked for.
    pub(crate) fn check(&self, text: &str) -> Result<(), Mistake> {
        let wrong = |key: &str, reason: &str| Err(Mistake::of(text, key, reason));
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if self.name.is_empty() || !self.name.chars().all(plain) {
            return wrong("name", "letters a to z, digits and - alone, for it names a folder");
        }
        if self.seconds == 0 || self.seconds > SECONDS {
            return wrong("seconds", "from 1 to 3600");
        }
        if self.links.latency_ms[0] > self.links.latency_ms[1] {
            return wrong("links.latency_ms", "the shortest way comes first");
        }
        if !is_share(self.links.loss) {
            return wrong("links.loss", "a share is from 0 to 1");
        }
        match self.level {
            Level::Core => self.check_core(text)?,
            Level::Swarm => self.check_swarm(text)?,
        }
        if self.expect.delivered.is_some_and(|share| !is_share(share)) {
            return wrong("expect.delivered", "a share is from 0 to 1");
        }
        Ok(())
    }

    fn check_core(&self, text: &str) -> Result<(), Mistake> {
        let wrong = |key: &str, reason: &str| Err(Mistake::of(text, key, reason));
        if self.swarm.is_some() {
            return wrong("swarm", "this table is of the level swarm");
        }
        if self.nodes.supers == 0 {
            return wrong("nodes.supers", "a network has one super node at least");
        }
        if self.nodes.supers.saturating_add(self.nodes.people) > CORE_NODES {
            return wrong("nodes.people", "1000 nodes at most, super nodes among them");
        }
        self.check_workload(text)?;
        self.check_faults(text)
    }

    fn check_swarm(&self, text: &str) -> Result<(), Mistake> {
        let of_core = [
            ("workload", self.workload != Workload::default()),
            ("faults", self.faults != Faults::default()),
            ("crash[0]", !self.crashes.is_empty()),
            ("partition[0]", !self.partitions.is_empty()),
            ("adversary[0]", !self.adversaries.is_empty()),
        ];
        if let Some((key, _)) = of_core.iter().find(|(_, is_there)| *is_there) {
            return Err(Mistake::of(text, key, "this table is of the level core"));
        }
        let Some(swarm) = &self.swarm else {
            return Err(Mistake::of(text, "level", "the level swarm needs the table [swarm]"));
        };
        let checked = swarm.check(self.nodes, self.seconds);
        checked.map_err(|(key, reason)| Mistake::of(text, key, reason))
    }

    fn check_workload(&self, text: &str) -> Result<(), Mistake> {
        let wrong = |key: &str, reason: &str| Err(Mistake::of(text, key, reason));
        let people = self.nodes.people;
        if self.workload.chat.is_some() && people < 2 {
            return wrong("nodes.people", "two people at least, for they write to each other");
        }
        if let Some(groups) = &self.workload.groups {
            if groups.members < 2 || groups.members > people {
                return wrong("workload.groups.members", "from 2 to the number of people");
            }
            if groups.count == 0 {
                return wrong("workload.groups.count", "one at least");
            }
        }
        if self.workload.payments.is_some() && people < 2 {
            return wrong("nodes.people", "two people at least, for they pay each other");
        }
        if let Some(packets) = &self.workload.packets {
            if self.workload.groups.is_none() {
                return wrong("workload.packets", "packets need [workload.groups]");
            }
            let [least, most] = packets.shares;
            if least == 0 || most < least {
                return wrong("workload.packets.shares", "the fewest, one at least, come first");
            }
            if packets.rush_ms[1] < packets.rush_ms[0] {
                return wrong("workload.packets.rush_ms", "the least comes first");
            }
        }
        Ok(())
    }

    fn check_faults(&self, text: &str) -> Result<(), Mistake> {
        for (number, crash) in self.crashes.iter().enumerate() {
            let key = |of: &str| format!("crash[{number}].{of}");
            self.check_node(&crash.node).map_err(|why| Mistake::of(text, &key("node"), why))?;
            check_time(crash.at).map_err(|why| Mistake::of(text, &key("at"), why))?;
            check_time(crash.down).map_err(|why| Mistake::of(text, &key("down"), why))?;
        }
        for (number, partition) in self.partitions.iter().enumerate() {
            let key = |of: &str| format!("partition[{number}].{of}");
            for node in &partition.nodes {
                self.check_node(node).map_err(|why| Mistake::of(text, &key("nodes"), why))?;
            }
            check_time(partition.at).map_err(|why| Mistake::of(text, &key("at"), why))?;
            check_time(partition.lasts).map_err(|why| Mistake::of(text, &key("lasts"), why))?;
        }
        for (number, adversary) in self.adversaries.iter().enumerate() {
            let key = |of: &str| format!("adversary[{number}].{of}");
            if let Some(node) = &adversary.node {
                self.check_node(node).map_err(|why| Mistake::of(text, &key("node"), why))?;
            }
            if !is_share(adversary.share) {
                return Err(Mistake::of(text, &key("share"), "a share is from 0 to 1"));
            }
        }
        Ok(())
    }

    /// Checks that a node of this name is there.
    fn check_node(&self, name: &str) -> Result<(), String> {
        self.node(name).map(|_| ()).ok_or_else(|| {
            let Self { nodes, .. } = self;
            format!(
                "no node is called {name}: there are super-0 to super-{} and person-0 to person-{}",
                nodes.supers.saturating_sub(1),
                nodes.people.saturating_sub(1)
            )
        })
    }

    /// Returns the place of a node by its name: super nodes first, then people.
    pub fn node(&self, name: &str) -> Option<usize> {
        let (kind, number) = name.rsplit_once('-')?;
        let number: u32 = number.parse().ok()?;
        let at = match kind {
            "super" if number < self.nodes.supers => number,
            "person" if number < self.nodes.people => self.nodes.supers + number,
            _ => return None,
        };
        usize::try_from(at).ok()
    }

    /// Returns the name of the node at a place.
    pub fn name_of(&self, at: usize) -> String {
        let supers = usize::try_from(self.nodes.supers).unwrap_or(usize::MAX);
        match at.checked_sub(supers) {
            None => format!("super-{at}"),
            Some(number) => format!("person-{number}"),
        }
    }
}

/// Tells whether a number is a share.
fn is_share(share: f64) -> bool {
    (0.0..=1.0).contains(&share)
}

fn check_time(seconds: f64) -> Result<(), &'static str> {
    if (0.0..=1e6).contains(&seconds) { Ok(()) } else { Err("seconds, 0 or more") }
}
