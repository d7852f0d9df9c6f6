//! How far a node is with becoming sure of its network, and what it says of that.

use super::silence::SILENT_MS;
use magpie_protocol::{
    address::NodeId,
    ledger::{ValidatorSet, exchange::DecidedHeader},
    network::Checkpoint,
};
use std::collections::BTreeSet;

/// The wait after the first round in which all super nodes were asked in vain, milliseconds; then twice
/// as long each time.
const AGAIN_MS: u64 = 500;
/// The longest such wait, milliseconds.
const AGAIN_MS_MAX: u64 = 8_000;

/// What has to be found out next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Goal {
    /// Whether the checkpoint of the network file stands in the chain.
    Checkpoint(Checkpoint),
    /// The newest header, by any super node.
    Name,
    /// Whether another super node has the same header at this height.
    Second(u64),
}

/// A header that one super node named, certified, and who votes on it and after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) by: NodeId,
    pub(super) decided: DecidedHeader,
    pub(super) voting: ValidatorSet,
    pub(super) next: ValidatorSet,
}

/// A certified header that cannot be, and what it contradicts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Contradiction {
    /// It is not the checkpoint of the network file, which is of its height.
    Checkpoint(Box<DecidedHeader>),
    /// Another super node showed another one of that height.
    Named(Box<DecidedHeader>, Box<DecidedHeader>),
}

/// How far it is.
#[derive(Debug, Default)]
pub(super) struct Confirming {
    /// The checkpoint of the network file, until this node has found it in its chain.
    pub(super) checkpoint: Option<Checkpoint>,
    pub(super) named: Option<Named>,
    /// The super nodes that were asked since the goal is this one.
    pub(super) asked: BTreeSet<NodeId>,
    /// When the request under way was made, milliseconds since the Unix epoch.
    pub(super) asking_ms: Option<u64>,
    /// Rounds that were in vain.
    rounds: u32,
    /// Nobody is asked before this time, likewise.
    again_ms: u64,
    /// Whether a super node's newest header was over 30 days old as well.
    pub(super) is_all_old: bool,
    /// What ended it: only a start of the node begins anew.
    pub(super) contradiction: Option<Contradiction>,
}

impl Confirming {
    /// Returns the state of a node that starts, with the checkpoint that it has to find.
    pub(super) fn of(checkpoint: Option<Checkpoint>) -> Self {
        Self { checkpoint, ..Self::default() }
    }

    /// Returns what has to be found out, or nothing if the newest header that is believed leads on.
    pub(super) fn goal(&self, is_too_old: bool) -> Option<Goal> {
        match (self.checkpoint, &self.named) {
            (Some(checkpoint), _) => Some(Goal::Checkpoint(checkpoint)),
            _ if !is_too_old => None,
            (None, Some(named)) => Some(Goal::Second(named.decided.header.height)),
            (None, None) => Some(Goal::Name),
        }
    }

    /// Forgets who was asked and what was named.
    pub(super) fn begin_anew(&mut self) {
        self.named = None;
        self.asked.clear();
        self.asking_ms = None;
    }

    /// Tells whether a super node may be asked now, or when to look again.
    pub(super) fn may_ask(&self, now: u64) -> Result<(), u64> {
        let silent_at = self.asking_ms.map_or(0, |at| at.saturating_add(SILENT_MS));
        let at = self.again_ms.max(silent_at);
        if now < at { Err(at) } else { Ok(()) }
    }

    /// Ends a round in vain and returns when the next begins, later each time; `jitter` is random.
    pub(super) fn in_vain(&mut self, now: u64, jitter: u32) -> u64 {
        self.begin_anew();
        let wait = (AGAIN_MS << self.rounds.min(AGAIN_MS_MAX.ilog2())).min(AGAIN_MS_MAX);
        self.rounds = self.rounds.saturating_add(1);
        self.again_ms = now.saturating_add(wait + u64::from(jitter) % (wait / 4 + 1));
        self.again_ms
    }

    /// Lets the next round begin at once: a super node is there that was not.
    pub(super) const fn hurry(&mut self) {
        (self.rounds, self.again_ms) = (0, 0);
    }

    /// Ends it well.
    pub(super) fn found(&mut self) {
        self.begin_anew();
        self.hurry();
        self.is_all_old = false;
    }

    /// Says why the network is unconfirmed, if it is.
    pub(super) fn doubt(&self, is_too_old: bool) -> Option<String> {
        let why = match self.goal(is_too_old)? {
            Goal::Checkpoint(Checkpoint { height, .. }) => format!(
                "no super node has shown yet that the checkpoint of the network file, height \
                 {height}, stands in the ledger"
            ),
            Goal::Name | Goal::Second(_) if self.is_all_old => {
                "super nodes show no header that is under 30 days old, or this machine's clock is \
                 wrong"
                    .to_owned()
            }
            Goal::Name | Goal::Second(_) => {
                "the newest header that this node believes is over 30 days old, and two super \
                 nodes have not named the same later one yet"
                    .to_owned()
            }
        };
        Some(format!("unconfirmed network: {why}"))
    }
}

impl Contradiction {
    /// Returns the height of the headers.
    pub(super) fn height(&self) -> u64 {
        match self {
            Self::Checkpoint(shown) | Self::Named(shown, _) => shown.header.height,
        }
    }

    /// Says what is wrong.
    pub(super) fn why(&self) -> String {
        let height = self.height();
        match self {
            Self::Checkpoint(_) => format!(
                "the validators signed another header of height {height} than the checkpoint of the \
                 network file"
            ),
            Self::Named(..) => {
                format!("two super nodes show two certified headers of height {height}")
            }
        }
    }

    /// Returns the certified headers.
    pub(super) fn headers(&self) -> Vec<&DecidedHeader> {
        match self {
            Self::Checkpoint(theirs) => vec![&**theirs],
            Self::Named(one, other) => vec![&**one, &**other],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_in_vain_come_ever_later_until_somebody_else_is_there() {
        let (mut of, mut now, mut waits) = (Confirming::default(), 1_000_000, vec![]);
        for _ in 0..8 {
            assert_eq!(of.may_ask(now), Ok(()));
            let at = of.in_vain(now, 0);
            assert_eq!(of.may_ask(at - 1), Err(at));
            waits.push(at - now);
            now = at;
        }
        assert_eq!(waits[..6], [500, 1_000, 2_000, 4_000, 8_000, 8_000]);
        of.in_vain(now, u32::MAX);
        of.hurry();
        assert_eq!(of.may_ask(now), Ok(()));
        of.asking_ms = Some(now);
        assert_eq!(of.may_ask(now), Err(now + SILENT_MS), "one is asked after the other");
        assert!(of.in_vain(now, u32::MAX) <= now + 625);
    }
}
