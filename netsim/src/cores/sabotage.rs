//! Bugs that are planted on purpose, to see that checkers find them.

/// A planted bug.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sabotage {
    /// Disks say that they flushed and did not.
    SkipFlush,
    /// Hosts publish what a step decided before it is durable.
    EarlyPublish,
    /// A node starts again from a copy of its disk that is some seconds old: ratchet keys, sequence
    /// numbers and votes are used a second time.
    StaleStore,
    /// Hosts give a call to the core twice.
    CallTwice,
    /// A host shows the rows of a conversation in another order.
    Reorder,
    /// A host swallows what its node should hear of groups.
    DeafMember,
    /// A member who was removed is shown what another member has.
    LendHistory,
    /// More super nodes lie than the network tolerates, which is what counting 2f votes as a
    /// majority comes to.
    TwoTraitors,
    /// The books of one super node have a unit more.
    PrintMoney,
    /// One claim of a block is counted twice.
    DoubleClaim,
    /// A host stops looking into its inbox.
    Hoard,
    /// A host answers a call a second time.
    AnswerTwice,
    /// A host blames whoever asks it something.
    Blame,
}

impl Sabotage {
    /// All of them, with the checkers that may find them first.
    pub const ALL: &[(Self, &str, &[&str])] = &[
        (
            Self::SkipFlush,
            "skip-flush",
            &["messages", "one-fork", "causal-order", "groups", "money"],
        ),
        (Self::EarlyPublish, "early-publish", &["messages", "one-fork", "groups", "money"]),
        (
            Self::StaleStore,
            "stale-store",
            &["messages", "one-fork", "causal-order", "groups", "money"],
        ),
        (Self::CallTwice, "call-twice", &["messages"]),
        (Self::Reorder, "reorder", &["causal-order", "groups"]),
        (Self::DeafMember, "deaf-member", &["groups", "messages"]),
        (Self::LendHistory, "lend-history", &["removed-reads-nothing"]),
        (Self::TwoTraitors, "two-traitors", &["one-fork"]),
        (Self::PrintMoney, "print-money", &["supply"]),
        (Self::DoubleClaim, "double-claim", &["claims-once"]),
        (Self::Hoard, "hoard", &["bounded-queues"]),
        (Self::AnswerTwice, "answer-twice", &["answers-once"]),
        (Self::Blame, "blame", &["no-false-blame"]),
    ];

    /// Finds one by its name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known, _)| *known == name).map(|(it, ..)| *it)
    }

    /// Returns its name.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(it, ..)| *it == self).map_or("", |(_, name, _)| name)
    }

    /// Returns the checkers that may find it.
    pub fn finders(self) -> &'static [&'static str] {
        Self::ALL.iter().find(|(it, ..)| *it == self).map_or(&[], |(.., finders)| finders)
    }
}
