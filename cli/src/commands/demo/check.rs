//! Comparing what a node has with what it should have: nothing lost, nothing doubled, order kept.

use std::collections::BTreeSet;

/// Says how two lists of message ids differ, or nothing where they do not.
pub(super) fn difference(want: &[String], have: &[String]) -> Option<String> {
    if want == have {
        return None;
    }
    let (wanted, there): (BTreeSet<_>, BTreeSet<_>) =
        (want.iter().collect(), have.iter().collect());
    let lost = wanted.difference(&there).count();
    let strange = there.difference(&wanted).count();
    let doubled = have.len() - there.len();
    if lost + strange + doubled == 0 {
        return Some("the order differs".into());
    }
    Some(format!("{lost} lost, {doubled} doubled, {strange} that should not be there"))
}

/// Returns the last `n` of a list and what came behind it.
pub(super) fn continued(before: &[String], new: &[String], n: usize) -> Vec<String> {
    let all: Vec<String> = before.iter().chain(new).cloned().collect();
    all[all.len().saturating_sub(n)..].to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(text: &str) -> Vec<String> {
        text.chars().map(String::from).collect()
    }

    #[test]
    fn what_is_lost_doubled_strange_or_moved_is_told() {
        assert_eq!(difference(&ids("abc"), &ids("abc")), None);
        for (have, said) in [
            ("ab", "1 lost, 0 doubled, 0 that"),
            ("abcc", "0 lost, 1 doubled, 0 that"),
            ("abcd", "0 lost, 0 doubled, 1 that"),
            ("acb", "the order differs"),
        ] {
            let told = difference(&ids("abc"), &ids(have)).unwrap();
            assert!(told.starts_with(said), "{have}: {told}");
        }
    }

    #[test]
    fn a_page_ends_with_the_newest() {
        assert_eq!(continued(&ids("abc"), &ids("de"), 9), ids("abcde"));
        assert_eq!(continued(&ids("abc"), &ids("de"), 4), ids("bcde"));
    }
}
