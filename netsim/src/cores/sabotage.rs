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
    /// A claim on the super nodes' disks got a unit less in the end.
    ShortChange,
    /// A transfer is gone from its block on the super nodes' disks in the end.
    LosePayment,
    /// A host stops looking into its inbox.
    Hoard,
    /// A host answers a call a second time.
    AnswerTwice,
    /// A host blames whoever asks it something.
    Blame,
    /// A host forgets to hand out some of its node's answers.
    LoseAnswer,
    /// A disk fails for good, where the scenario has a crash and no failing disk.
    SilentDisk,
    /// A host falls over its own feet, where the scenario has a crash.
    HostPanics,
    /// A crash tears the private file of the fast login.
    TearFile,
    /// A crash changes a bit of the salt in the key file.
    WrongSalt,
}

/// What is known of a planted bug.
#[derive(Debug, Clone, Copy)]
pub struct Planted {
    /// The bug.
    pub sabotage: Sabotage,
    /// Its name on the command line.
    pub name: &'static str,
    /// A scenario in which it shows.
    pub scenario: &'static str,
    /// The checkers that may find it first.
    pub finders: &'static [&'static str],
}

impl Sabotage {
    /// All of them.
    pub const ALL: &[Planted] = &[
        planted(
            Self::SkipFlush,
            "skip-flush",
            "chat-day",
            &["messages", "one-fork", "causal-order", "groups", "money"],
        ),
        planted(
            Self::EarlyPublish,
            "early-publish",
            "chat-day",
            &["messages", "one-fork", "groups", "money"],
        ),
        planted(
            Self::StaleStore,
            "stale-store",
            "chat-day",
            &["messages", "one-fork", "causal-order", "groups", "money"],
        ),
        planted(Self::CallTwice, "call-twice", "chat-day", &["messages"]),
        planted(Self::Reorder, "reorder", "chat-day", &["causal-order", "groups"]),
        planted(Self::DeafMember, "deaf-member", "group-small", &["groups", "messages"]),
        planted(Self::LendHistory, "lend-history", "group-small", &["removed-reads-nothing"]),
        planted(Self::TwoTraitors, "two-traitors", "red-packets", &["one-fork"]),
        planted(Self::PrintMoney, "print-money", "red-packets", &["supply"]),
        planted(Self::DoubleClaim, "double-claim", "red-packets", &["claims-once"]),
        planted(Self::ShortChange, "short-change", "red-packets", &["whole-packets"]),
        planted(Self::LosePayment, "lose-payment", "red-packets", &["money"]),
        planted(Self::Hoard, "hoard", "byzantine", &["bounded-queues"]),
        planted(Self::AnswerTwice, "answer-twice", "chat-day", &["answers-once"]),
        planted(Self::Blame, "blame", "chat-day", &["no-false-blame"]),
        planted(Self::LoseAnswer, "lose-answer", "chat-day", &["answers-in-time"]),
        planted(Self::SilentDisk, "silent-disk", "chat-day", &["never-stops"]),
        planted(Self::HostPanics, "host-panics", "chat-day", &["never-panics"]),
        planted(Self::TearFile, "tear-file", "chat-day", &["starts-again"]),
        planted(Self::WrongSalt, "wrong-salt", "chat-day", &["signs-in-again"]),
    ];

    /// Finds one by its name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|it| it.name == name).map(|it| it.sabotage)
    }

    /// Returns its name.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|it| it.sabotage == self).map_or("", |it| it.name)
    }
}

const fn planted(
    sabotage: Sabotage,
    name: &'static str,
    scenario: &'static str,
    finders: &'static [&'static str],
) -> Planted {
    Planted { sabotage, name, scenario, finders }
}
