//! What hosts are called: by their numbers, super nodes first, then people, then attackers.

use super::links::Host;
use crate::scenario::Nodes;

/// Returns the name of a host, as a report has it.
pub(super) fn name(nodes: Nodes, host: Host) -> String {
    let Nodes { supers, people } = nodes;
    match host.0.checked_sub(supers) {
        None => format!("super-{}", host.0),
        Some(number) if number < people => format!("person-{number}"),
        Some(number) => format!("attacker-{}", number - people),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_named_for_what_they_are() {
        let names = [0, 1, 2, 4, 5].map(|n| name(Nodes { supers: 2, people: 3 }, Host(n)));
        assert_eq!(names, ["super-0", "super-1", "person-0", "person-2", "attacker-0"]);
    }
}
