//! Which keys, and from which end.

/// The direction in which rows are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// From the smallest key up.
    Ascending,
    /// From the largest key down.
    Descending,
}

/// The keys from `start` (included) up to `end` (excluded); no end means all that follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRange {
    start: Vec<u8>,
    end: Option<Vec<u8>>,
}

impl KeyRange {
    /// Returns the range from `start`, included, to `end`, excluded.
    pub const fn new(start: Vec<u8>, end: Option<Vec<u8>>) -> Self {
        Self { start, end }
    }

    /// Returns the range of all keys.
    pub const fn all() -> Self {
        Self { start: Vec::new(), end: None }
    }

    /// Returns the range of the keys that start with `prefix`.
    pub fn prefix(prefix: &[u8]) -> Self {
        Self { start: prefix.to_vec(), end: after_prefix(prefix) }
    }

    /// Returns the first key that may be in the range.
    pub fn start(&self) -> &[u8] {
        &self.start
    }

    /// Returns the first key behind the range, if it ends before the last key.
    pub fn end(&self) -> Option<&[u8]> {
        self.end.as_deref()
    }

    /// Tells whether no key can be in the range.
    pub fn is_empty(&self) -> bool {
        self.end.as_ref().is_some_and(|end| *end <= self.start)
    }

    /// Tells whether `key` is in the range.
    pub fn contains(&self, key: &[u8]) -> bool {
        key >= self.start.as_slice() && self.end.as_deref().is_none_or(|end| key < end)
    }

    /// Returns what is left of the range behind `key`, when it is read in `order`.
    #[must_use]
    pub fn behind(&self, key: &[u8], order: Order) -> Self {
        match order {
            Order::Ascending => Self { start: successor(key), end: self.end.clone() },
            Order::Descending => Self { start: self.start.clone(), end: Some(key.to_vec()) },
        }
    }
}

/// Returns the smallest key greater than `key`.
pub(crate) fn successor(key: &[u8]) -> Vec<u8> {
    let mut next = Vec::with_capacity(key.len() + 1);
    next.extend_from_slice(key);
    next.push(0);
    next
}

/// Returns the smallest key greater than every key that starts with `prefix`, if there is one.
pub(crate) fn after_prefix(prefix: &[u8]) -> Option<Vec<u8>> {
    let last = prefix.iter().rposition(|byte| *byte != u8::MAX)?;
    let mut end = prefix.get(..=last)?.to_vec();
    *end.last_mut()? += 1;
    Some(end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_prefix_of_all_ones_has_no_end() {
        assert_eq!(KeyRange::prefix(&[]), KeyRange::all());
        assert_eq!(KeyRange::prefix(&[0xff, 0xff]).end(), None);
        assert_eq!(KeyRange::prefix(&[1, 0xff]).end(), Some([2].as_slice()));
    }

    #[test]
    fn an_inverted_range_is_empty() {
        assert!(KeyRange::new(vec![2], Some(vec![1])).is_empty());
        assert!(KeyRange::new(vec![2], Some(vec![2])).is_empty());
        assert!(!KeyRange::new(vec![2], Some(vec![2, 0])).is_empty());
        assert!(!KeyRange::all().is_empty());
    }

    proptest! {
        #[test]
        fn a_prefix_range_holds_the_keys_with_that_prefix_and_no_other(
            prefix in prop::collection::vec(prop_oneof![Just(0xff_u8), any::<u8>()], 0..4),
            key in prop::collection::vec(prop_oneof![Just(0xff_u8), any::<u8>()], 0..6),
            tail in prop::collection::vec(any::<u8>(), 0..4),
        ) {
            let range = KeyRange::prefix(&prefix);
            prop_assert_eq!(range.contains(&key), key.starts_with(&prefix));
            prop_assert!(range.contains(&[prefix, tail].concat()));
        }
    }
}
