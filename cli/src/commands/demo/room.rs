//! A conversation of the story: two of the people, or the group of all.

use super::tale::Tale;

/// One of the people, by their place among them.
pub(super) type Who = usize;

pub(super) const ALICE: Who = 0;
pub(super) const BOB: Who = 1;
pub(super) const CAROL: Who = 2;

/// Where something is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Room {
    /// Between two.
    Direct(Who, Who),
    /// In the group with this id, which all three are in.
    Group(String),
}

impl Room {
    /// Returns everybody in it but one.
    pub(super) fn others(&self, than: Who) -> Vec<Who> {
        let all = match self {
            Self::Direct(a, b) => vec![*a, *b],
            Self::Group(_) => vec![ALICE, BOB, CAROL],
        };
        all.into_iter().filter(|who| *who != than).collect()
    }

    /// Returns the conversation's id on the node of one of them.
    pub(super) fn id<'a>(&'a self, on: Who, tale: &'a Tale) -> &'a str {
        match self {
            Self::Direct(a, b) if *a == on => &tale.people[*b].address,
            Self::Direct(a, _) => &tale.people[*a].address,
            Self::Group(id) => id,
        }
    }

    /// Returns the `conversationType` that receipts name it by.
    pub(super) const fn receipt_kind(&self) -> i64 {
        match self {
            Self::Direct(..) => 1,
            Self::Group(_) => 2,
        }
    }
}
