//! `list`: what there is.

use super::args::Wrong;
use crate::{cores::Sabotage, scenario::builtin};

/// Prints the scenarios and the bugs that can be planted.
pub(super) fn list() -> Result<bool, Wrong> {
    println!("Scenarios:");
    for (name, _) in builtin::ALL {
        if let Some(Ok(scenario)) = builtin::scenario(name) {
            println!("  {name:22} {}", scenario.about);
        }
    }
    println!("\nPlanted bugs (--sabotage), and the checkers that may find them:");
    for (_, name, finders) in Sabotage::ALL {
        println!("  {name:22} {}", finders.join(", "));
    }
    Ok(true)
}
