//! Which scenario is meant.

use super::args::{What, Wrong};
use crate::{
    cores::Sabotage,
    scenario::{Scenario, builtin},
};
use std::fs;

/// A scenario with the text that it was read from, and the bug to plant.
#[derive(Debug)]
pub(super) struct Meant {
    pub(super) scenario: Scenario,
    pub(super) text: String,
    pub(super) sabotage: Option<Sabotage>,
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
        let sabotage = self.sabotage.as_ref().map(|name| {
            Sabotage::named(name).ok_or_else(|| {
                Wrong::Usage(format!("--sabotage: no planted bug is called {name}; see `list`"))
            })
        });
        Ok(Meant { scenario, text, sabotage: sabotage.transpose()? })
    }
}
