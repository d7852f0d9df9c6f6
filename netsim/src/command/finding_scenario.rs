//! Which scenario is meant.

use super::{
    args::{What, Wrong},
    planted::Planted,
};
use crate::{
    report::Origin,
    scenario::{Scenario, builtin},
};
use std::fs;

/// A scenario with the text that it was read from, and what is changed of it.
#[derive(Debug)]
pub(super) struct Meant {
    pub(super) scenario: Scenario,
    pub(super) text: String,
    pub(super) sabotage: Option<Planted>,
    pub(super) without_attack: bool,
}

impl Meant {
    /// Returns what a report says of where its numbers come from.
    pub(super) fn origin(&self) -> Origin<'_> {
        Origin {
            scenario: &self.scenario,
            text: &self.text,
            sabotage: self.sabotage.map(Planted::name),
            without_attack: self.without_attack,
        }
    }
}

impl What {
    /// Finds the scenario, by name or in a file.
    pub(super) fn find(&self) -> Result<Meant, Wrong> {
        let text = match builtin::text(&self.scenario) {
            Some(text) => text.to_owned(),
            None => fs::read_to_string(&self.scenario).map_err(|error| {
                let name = &self.scenario;
                Wrong::Usage(format!("{name}: no scenario of this name, and no file: {error}"))
            })?,
        };
        let mut scenario = Scenario::read(&text)
            .map_err(|mistake| Wrong::Usage(format!("{}: {mistake}", self.scenario)))?;
        if let Some(nodes) = self.nodes {
            let people = nodes.checked_sub(scenario.nodes.supers).filter(|people| *people >= 2);
            scenario.nodes.people = people.ok_or_else(|| {
                let least = scenario.nodes.supers + 2;
                Wrong::Usage(format!(
                    "--nodes: {least} at least, for the super nodes and two people"
                ))
            })?;
            scenario.check(&text).map_err(|mistake| {
                Wrong::Usage(format!("--nodes {nodes}: {}: {mistake}", self.scenario))
            })?;
        }
        if self.without_attack {
            let attack = scenario.swarm.as_mut().and_then(|swarm| swarm.attack.take());
            attack.ok_or_else(|| {
                let name = &self.scenario;
                Wrong::Usage(format!("--without-attack: {name} has no [swarm.attack]"))
            })?;
        }
        let planted = |name: &String| {
            let planted = Planted::named(name).ok_or_else(|| {
                Wrong::Usage(format!("--sabotage: no planted bug is called {name}; see `list`"))
            })?;
            planted.check(&scenario).map(|()| planted)
        };
        let sabotage = self.sabotage.as_ref().map(planted).transpose()?;
        let without_attack = self.without_attack;
        Ok(Meant { scenario, text, sabotage, without_attack })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meant(scenario: &str) -> Result<Meant, Wrong> {
        let scenario = scenario.to_owned();
        What { scenario, nodes: None, without_attack: true, sabotage: None }.find()
    }

    #[test]
    fn without_its_attack_a_scenario_is_the_same_but_for_the_attackers() {
        let baseline = meant("dawn-attack").unwrap();
        assert!(baseline.origin().without_attack);
        let mut scenario = builtin::scenario("dawn-attack").unwrap().unwrap();
        assert_ne!(scenario, baseline.scenario);
        scenario.swarm.as_mut().unwrap().attack = None;
        assert_eq!(scenario, baseline.scenario);
    }

    #[test]
    fn a_scenario_without_an_attack_has_none_to_leave_out() {
        for name in ["gossip-100", "byzantine"] {
            let told = meant(name).unwrap_err().to_string();
            assert_eq!(told, format!("--without-attack: {name} has no [swarm.attack]"));
        }
    }
}
