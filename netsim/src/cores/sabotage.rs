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
    /// A host hands the rows of a conversation out in another order than its node.
    Reorder,
    /// A host swallows what its node should hear of groups.
    DeafMember,
    /// The host of a member who was removed lets another member's node answer.
    LendHistory,
    /// More super nodes lie than the network tolerates, which is what counting 2f votes as a
    /// majority comes to.
    TwoTraitors,
    /// A wallet on the super nodes' disks has a unit more in the end.
    PrintMoney,
    /// A claim stands twice in a block on the super nodes' disks in the end.
    DoubleClaim,
    /// A transfer is gone from its block on the super nodes' disks in the end.
    LosePayment,
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
        (Self::LosePayment, "lose-payment", &["money"]),
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
