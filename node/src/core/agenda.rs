//! What the node has to do by itself, and when.
//!
//! A task names work that its rows describe; forgetting one loses nothing but time, because a start
//! or a login puts it back. Failures space the tries out.

use magpie_protocol::{
    address::{Address, NodeId},
    group::EpochKey,
    ids::GroupId,
};
use std::collections::BTreeMap;

/// The first wait after a failure, milliseconds.
const RETRY_MS_MIN: u64 = 500;
/// The longest wait between two tries, milliseconds.
const RETRY_MS_MAX: u64 = 60_000;
/// Tasks done in one step, at most; the rest follow in the next.
pub(crate) const TASKS_PER_STEP: usize = 16;

/// Work that the node gives itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Task {
    /// Put one's own records into the directory.
    Publish,
    /// Tell the super nodes whose mail is welcome.
    Tokens,
    /// Ask the directory about an account.
    LookUp(Address),
    /// Encrypt what waits for an account.
    Seal(Address),
    /// Carry what is sealed for a device.
    Carry(NodeId),
    /// Work on a stamp for a device's mailbox.
    Mint(NodeId),
    /// Fetch one's own mail from a super node.
    Collect(NodeId),
    /// Open the mail that came while the node was locked.
    OpenHeld,
    /// Forget the ids of expired envelopes.
    Prune,
    /// Seal what waits for a group's frames.
    SealParcels(GroupId),
    /// Seal what waits for members of a group.
    Share(GroupId),
    /// Leave frames at a super node.
    PutFrames(NodeId),
    /// Fetch frames of an epoch from a super node.
    FetchFrames(EpochKey, NodeId),
    /// Do what is due in a group.
    Duties(GroupId),
    /// Ask for keys of a group that did not come.
    Want(GroupId),
    /// Ask members of a group for what this device lacks.
    Pull(GroupId),
    /// Try again what could not be read of a group.
    Judge(GroupId),
    /// Compare a group's messages with a member.
    Compare(GroupId),
    /// Ask a super node about the ledger.
    Ledger,
    /// Try again what waits for the ledger.
    Errands,
}

/// The tasks that wait, each at most once.
#[derive(Debug, Default)]
pub(crate) struct Agenda {
    tasks: BTreeMap<Task, u64>,
    failures: BTreeMap<Task, u32>,
}

impl Agenda {
    /// Puts a task on the agenda, not later than `at`.
    pub(crate) fn plan(&mut self, task: Task, at: u64) {
        let planned = self.tasks.entry(task).or_insert(at);
        *planned = at.min(*planned);
    }

    /// Puts a task off until `at`, whenever it was planned before: what it was planned for is done.
    pub(crate) fn put_off(&mut self, task: Task, at: u64) {
        self.tasks.insert(task, at);
    }

    /// Puts a task on the agenda because there is more work for it; one that waits after a failure
    /// goes on waiting, so that new work does not make an absent peer be tried more often.
    pub(crate) fn nudge(&mut self, task: Task, at: u64) {
        if !(self.failures.contains_key(&task) && self.tasks.contains_key(&task)) {
            self.plan(task, at);
        }
    }

    /// Puts a task that failed back on the agenda, later each time. `jitter` is random: peers that
    /// lost the same super node do not come back together.
    pub(crate) fn retry(&mut self, task: Task, now: u64, jitter: u32) {
        let failures = self.failures.entry(task).or_default();
        let wait = (RETRY_MS_MIN << (*failures).min(16)).min(RETRY_MS_MAX);
        *failures = failures.saturating_add(1);
        let wait = wait + u64::from(jitter) % (wait / 4 + 1);
        self.plan(task, now + wait);
    }

    /// Notes that a task went well, so that its next failure starts from the shortest wait.
    pub(crate) fn went_well(&mut self, task: Task) {
        self.failures.remove(&task);
    }

    /// Makes every waiting task due: the network came back.
    pub(crate) fn hurry(&mut self, now: u64) {
        for at in self.tasks.values_mut() {
            *at = now.min(*at);
        }
    }

    /// Takes a task that is due.
    pub(crate) fn take(&mut self, now: u64) -> Option<Task> {
        let due = self.tasks.iter().filter(|(_, at)| **at <= now);
        let (task, _) = due.min_by_key(|(_, at)| **at)?;
        let task = *task;
        self.tasks.remove(&task);
        Some(task)
    }

    /// Returns when the next task is due.
    pub(crate) fn next_at(&self) -> Option<u64> {
        self.tasks.values().min().copied()
    }

    /// Forgets everything that belongs to the account: it signed out.
    pub(crate) fn keep_only_mail(&mut self) {
        let stays = |task: &Task| matches!(task, Task::Collect(_) | Task::Ledger | Task::Errands);
        self.tasks.retain(|task, _| stays(task));
        self.failures.retain(|task, _| stays(task));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_space_the_tries_out_and_success_brings_them_back() {
        let mut agenda = Agenda::default();
        let mut waits = Vec::new();
        let mut now = 0;
        for _ in 0..12 {
            agenda.retry(Task::Publish, now, 0);
            let at = agenda.next_at().unwrap();
            waits.push(at - now);
            now = at;
            assert_eq!(agenda.take(now), Some(Task::Publish));
        }
        assert!(waits.windows(2).all(|w| w[0] <= w[1]), "{waits:?}");
        assert_eq!((waits[0], *waits.last().unwrap()), (RETRY_MS_MIN, RETRY_MS_MAX));
        agenda.went_well(Task::Publish);
        agenda.retry(Task::Publish, now, 0);
        assert_eq!(agenda.next_at(), Some(now + RETRY_MS_MIN));
    }

    #[test]
    fn new_work_does_not_hurry_what_failed() {
        let mut agenda = Agenda::default();
        agenda.nudge(Task::Publish, 5);
        assert_eq!(agenda.take(5), Some(Task::Publish));
        agenda.retry(Task::Publish, 5, 0);
        agenda.nudge(Task::Publish, 6);
        assert_eq!(agenda.take(6), None);
        agenda.hurry(7);
        assert_eq!(agenda.take(7), Some(Task::Publish));
    }

    #[test]
    fn the_earlier_plan_wins_and_nothing_is_due_early() {
        let mut agenda = Agenda::default();
        agenda.plan(Task::Publish, 10);
        agenda.plan(Task::Publish, 20);
        assert_eq!(agenda.take(9), None);
        assert_eq!(agenda.take(10), Some(Task::Publish));
        assert_eq!(agenda.take(100), None);
        agenda.plan(Task::Tokens, 500);
        agenda.hurry(30);
        assert_eq!(agenda.take(30), Some(Task::Tokens));
    }
}
