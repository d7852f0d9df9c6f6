//! `list`: what there is.

use super::args::Wrong;
use crate::{cores, scenario::builtin, swarm};

/// Prints the scenarios and the bugs that can be planted.
pub(super) fn list() -> Result<bool, Wrong> {
    println!("Scenarios:");
    for (name, _) in builtin::ALL {
        if let Some(Ok(scenario)) = builtin::scenario(name) {
            println!("  {name:22} {}", scenario.about);
        }
    }
    println!("\nPlanted bugs (--sabotage), where they show, and the checkers that may find them:");
    for cores::Planted { name, scenario, finders, .. } in cores::Sabotage::ALL {
        println!("  {name:22} {scenario:12} {}", finders.join(", "));
    }
    println!("\nBugs for swarms, and the numbers of junk that find them:");
    for (_, name, finders) in swarm::Sabotage::ALL {
        println!("  {name:22} {}", finders.join(", "));
    }
    Ok(true)
}
