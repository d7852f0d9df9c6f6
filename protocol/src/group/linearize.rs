//! The one order of a set of operations, and the state it folds to: the same for everybody who
//! has the set, whatever order it came in.
//!
//! In: a [`History`] and the [`Choices`] made about checkpoints and transfers. Out: a [`Run`].
//!
//! It is Kahn's algorithm: an operation is ready when its parents are placed. Among what remains
//! the next aim is the operation whose author has the highest role *in the state reached so far*,
//! then the smaller depth, then the smaller hash. Is it not ready, the same choice is made among
//! its own remaining ancestors, until one is. So an owner's removal of an administrator precedes
//! everything concurrent that the administrator does, even if the owner built on somebody else's
//! operation: otherwise a backdated operation would slip in before.

use super::{
    action::Action,
    apply::{Change, apply, create},
    history::{Bits, History},
    id::OperationId,
    permission::{Void, check, required},
    state::{Role, State},
};
use crate::address::Address;
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

/// What became of an operation in the fold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It took effect at its place.
    Valid,
    /// It took effect where this operation adopted it.
    Adopted(OperationId),
    /// It has no effect.
    Void(Void),
}

/// A chain that forked: its author signed two operations after one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fork {
    /// Who signed both.
    pub author: Address,
    /// The operation after which they stand; nothing if both claim to be the first.
    pub previous: Option<OperationId>,
    /// The one that counts.
    pub kept: OperationId,
    /// The one that does not.
    pub void: OperationId,
}

/// What was decided before an order is made; by places.
#[derive(Debug, Clone, Default)]
pub(super) struct Choices {
    /// Checkpoints that settle.
    pub(super) settled: Vec<usize>,
    /// Checkpoints that do not.
    pub(super) refused: BTreeSet<usize>,
    /// Transfers whose acceptance counts whatever else their author signed, each with it.
    pub(super) honoured: Vec<(usize, usize)>,
}

/// One linearization and its fold.
#[derive(Debug, Clone)]
pub(super) struct Run {
    pub(super) order: Vec<usize>,
    pub(super) verdicts: Vec<Verdict>,
    /// The author's role in the state that the operation met.
    pub(super) met: Vec<Option<Role>>,
    pub(super) state: State,
    pub(super) forks: Vec<Fork>,
    /// Everybody who was ever the owner.
    pub(super) owners: BTreeSet<Address>,
}

/// Ranks from the owner's down to those of no member.
const RANKS: usize = 4;

const fn rank(role: Option<Role>) -> usize {
    match role {
        Some(Role::Owner) => 0,
        Some(Role::Admin) => 1,
        Some(Role::Member) => 2,
        None => 3,
    }
}

struct Fold<'h, 'g> {
    history: &'h History<'g>,
    choices: &'h Choices,
    /// Ancestors in the order: those in the graph, and what honoured acceptances put before.
    sooner: Cow<'h, [Bits]>,
    by_author: BTreeMap<Address, Bits>,
    ranks: [Bits; RANKS],
    remaining: Bits,
    /// The branch that counts, by the operation before it.
    kept: BTreeMap<(Address, Option<usize>), usize>,
    /// Operations that put somebody out.
    excluding: Vec<usize>,
    epoch: Option<usize>,
    run: Run,
}

/// Makes the order and folds it. Fails if the first operation makes no group.
pub(super) fn run(history: &History<'_>, choices: &Choices) -> Result<Run, Void> {
    let len = history.len();
    let first = history.get(0).ok_or(Void::Made)?;
    let state = create(first)?;
    let mut by_author: BTreeMap<Address, Bits> = BTreeMap::new();
    for (place, operation) in history.iter() {
        let author = operation.operation().author;
        by_author.entry(author).or_insert_with(|| Bits::none(len)).insert(place);
    }
    let mut ranks = std::array::from_fn(|_| Bits::none(len));
    ranks[RANKS - 1] = Bits::all(len);
    let mut remaining = Bits::all(len);
    remaining.remove(0);
    let owners = BTreeSet::from([state.owner]);
    let roles: Vec<_> = state.members.keys().copied().collect();
    let mut fold = Fold {
        history,
        choices,
        sooner: sooner(history, choices),
        by_author,
        ranks,
        remaining,
        kept: kept(history, choices),
        excluding: Vec::new(),
        epoch: Some(0),
        run: Run {
            order: vec![0],
            verdicts: vec![Verdict::Valid; len],
            met: vec![None; len],
            state,
            forks: Vec::new(),
            owners,
        },
    };
    fold.rerank(&roles);
    fold.kept.entry((first.operation().author, None)).or_insert(0);
    while let Some(place) = fold.next() {
        fold.place(place);
    }
    Ok(fold.run)
}

/// Returns the ancestors of each operation in the order. What a former owner signed after an
/// honoured transfer, unseen by who accepted, comes after the acceptance.
fn sooner<'h>(history: &'h History<'_>, choices: &Choices) -> Cow<'h, [Bits]> {
    let mut sooner = Cow::Borrowed(history.before());
    for (transfer, acceptance) in &choices.honoured {
        let Some(offer) = history.get(*transfer) else { continue };
        let author = offer.operation().author;
        for (place, operation) in history.iter() {
            let by_author = operation.operation().author == author;
            let past = sooner.get(*acceptance).is_some_and(|bits| bits.has(place));
            let after = history.is_before(*transfer, place) && place != *acceptance;
            if by_author && after && !past {
                let Some(mut more) = sooner.get(*acceptance).cloned() else { continue };
                more.insert(*acceptance);
                for (at, bits) in sooner.to_mut().iter_mut().enumerate() {
                    if at == place || bits.has(place) {
                        bits.add(&more);
                    }
                }
            }
        }
    }
    sooner
}

/// Returns the branches that honoured transfers keep.
fn kept(history: &History<'_>, choices: &Choices) -> BTreeMap<(Address, Option<usize>), usize> {
    let mut kept = BTreeMap::new();
    for (transfer, _) in &choices.honoured {
        let mut at = Some(*transfer);
        while let Some((place, operation)) =
            at.and_then(|place| Some((place, history.get(place)?.operation())))
        {
            at = operation.previous.and_then(|previous| history.place(previous));
            kept.entry((operation.author, at)).or_insert(place);
        }
    }
    kept
}

impl Fold<'_, '_> {
    /// Returns the next operation of the order.
    fn next(&self) -> Option<usize> {
        let mut scope = Cow::Borrowed(&self.remaining);
        loop {
            let aim = self.ranks.iter().find_map(|rank| scope.first_in(rank))?;
            let mut before = self.sooner.get(aim)?.clone();
            before.keep(&self.remaining);
            if before.is_empty() {
                return Some(aim);
            }
            // Less than the scope at each turn: the aim is not before itself.
            scope = Cow::Owned(before);
        }
    }

    fn place(&mut self, place: usize) {
        self.remaining.remove(place);
        self.run.order.push(place);
        let Some(operation) = self.history.get(place) else { return };
        let author = operation.operation().author;
        let met = self.run.state.role(author);
        let verdict = self.judge(place);
        if let Some(slot) = self.run.met.get_mut(place) {
            *slot = met;
        }
        self.set(place, verdict.map_or_else(Verdict::Void, |()| Verdict::Valid));
        if verdict.is_ok() {
            let change = apply(&mut self.run.state, operation);
            self.follow(place, &change);
            if let Action::Adopt(adopt) = operation.action() {
                self.adopt(place, operation.id(), met, &adopt.operations);
            }
        }
    }

    fn set(&mut self, place: usize, verdict: Verdict) {
        if let Some(slot) = self.run.verdicts.get_mut(place) {
            *slot = verdict;
        }
    }

    fn verdict(&self, place: usize) -> Option<Verdict> {
        self.run.verdicts.get(place).copied()
    }

    fn judge(&mut self, place: usize) -> Result<(), Void> {
        let operation = self.history.get(place).ok_or(Void::Made)?;
        if let Some(by) =
            self.choices.settled.iter().find(|by| self.history.concurrent(**by, place))
        {
            let by = self.history.get(*by).ok_or(Void::Made)?;
            return Err(Void::Settled(by.id()));
        }
        self.check_chain(place)?;
        if self.choices.refused.contains(&place) {
            return Err(Void::Overruled);
        }
        check(&self.run.state, operation)
    }

    /// Keeps the branch of the author's chain that comes first, or that was chosen.
    fn check_chain(&mut self, place: usize) -> Result<(), Void> {
        let operation = self.history.get(place).ok_or(Void::Made)?.operation();
        let place_of = |id: Option<OperationId>| id.and_then(|id| self.history.place(id));
        let mut previous = place_of(operation.previous);
        // What a checkpoint passed over makes no branch: it is as if it had not been signed.
        while let Some(at) = previous
            && matches!(self.verdict(at), Some(Verdict::Void(Void::Settled(_))))
        {
            previous = place_of(self.history.get(at).and_then(|it| it.operation().previous));
        }
        let void = |at| matches!(self.verdict(at), Some(Verdict::Void(Void::Fork)));
        if previous.is_some_and(void) {
            return Err(Void::Fork);
        }
        let kept = *self.kept.entry((operation.author, previous)).or_insert(place);
        if kept == place {
            return Ok(());
        }
        let id = |at| self.history.get(at).map(super::operation::VerifiedOperation::id);
        if let (Some(kept), Some(void)) = (id(kept), id(place)) {
            let previous = previous.and_then(id);
            self.run.forks.push(Fork { author: operation.author, previous, kept, void });
        }
        Err(Void::Fork)
    }

    /// Applies what `adopter` adopts, where its author and the adopter may do it here.
    fn adopt(
        &mut self,
        place: usize,
        adopter: OperationId,
        role: Option<Role>,
        operations: &[OperationId],
    ) {
        let mut places: Vec<_> =
            operations.iter().filter_map(|id| self.history.place(*id)).collect();
        places.sort_unstable();
        for at in places {
            let Some(adopted) = self.history.get(at) else { continue };
            let passed = matches!(self.verdict(at), Some(Verdict::Void(Void::Settled(_))));
            let adoptable = !matches!(
                adopted.action(),
                Action::Transfer(_)
                    | Action::AcceptTransfer(_)
                    | Action::Checkpoint(_)
                    | Action::Adopt(_)
            );
            let entitled = role >= Some(required(&self.run.state, adopted.action()));
            if passed
                && adoptable
                && entitled
                && self.history.is_before(at, place)
                && check(&self.run.state, adopted).is_ok()
            {
                let change = apply(&mut self.run.state, adopted);
                self.set(at, Verdict::Adopted(adopter));
                self.follow(place, &change);
            }
        }
    }

    /// Brings ranks, owners and epochs up to the state.
    fn follow(&mut self, place: usize, change: &Change) {
        self.rerank(&change.roles);
        self.run.owners.insert(self.run.state.owner);
        if change.excludes {
            self.excluding.push(place);
        }
        if change.opens {
            self.epoch = Some(place);
        }
        if change.opens || change.excludes {
            let epoch = self.epoch;
            let unseen = |out: &usize| {
                epoch.is_none_or(|epoch| *out != epoch && !self.history.is_before(*out, epoch))
            };
            // Whoever opened the last epoch may have given its secret to who was out unseen.
            self.run.state.epoch_due = self.excluding.iter().any(unseen);
        }
    }

    fn rerank(&mut self, accounts: &[Address]) {
        for account in accounts {
            let Some(theirs) = self.by_author.get(account) else { continue };
            for rank in &mut self.ranks {
                rank.without(theirs);
            }
            if let Some(ranked) = self.ranks.get_mut(rank(self.run.state.role(*account))) {
                ranked.add(theirs);
            }
        }
    }
}
