//! A block: what is due at its begin, its entries, then fees and the sums.

use super::{
    context::Context,
    deed::Deed,
    draws,
    entry::{self, Terms},
    error::{Fault, Judged, Refusal, Stop},
    expiry, fees,
    overlay::Overlay,
};
use crate::{
    ids::NetworkId,
    ledger::{
        EntryId, Rules, ValidatorsHash, VerifiedEntry,
        state::{BlockBeacon, Changes, Leaves},
    },
};

/// What a block did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Executed {
    /// The leaves that change.
    pub changes: Changes,
    /// What was due at the begin: draws and expiries.
    pub due: Vec<Deed>,
    /// What the entries did, one each.
    pub entries: Vec<Deed>,
    /// Who earned fees at the end.
    pub earned: Vec<Deed>,
    /// Who votes on the next block, as the header has to name them.
    pub next_validators: ValidatorsHash,
}

/// The entry that makes a block invalid. The fault of who proposed it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("entry {at}, {entry}: {refusal}")]
pub struct InvalidEntry {
    /// Its place, from 0.
    pub at: usize,
    /// Its id.
    pub entry: EntryId,
    /// Why it cannot stand there.
    pub refusal: Refusal,
}

/// A block in the making.
#[derive(Debug)]
pub struct Execution<'a, L> {
    pub(super) state: Overlay<'a, L>,
    terms: Terms<'a>,
    context: Context,
    due: Vec<Deed>,
    entries: Vec<Deed>,
}

impl<'a, L: Leaves> Execution<'a, L> {
    /// Does what is due at the block's begin: draws, then expiries.
    pub fn begin(
        rules: &'a Rules,
        leaves: &'a L,
        context: Context,
    ) -> Result<Self, Fault<L::Error>> {
        let mut state = Overlay::new(leaves)?;
        let Context { chain, height, time_ms, proposer, power, total, validators, beacon, .. } =
            context;
        let terms = Terms { rules, chain, height, time_ms };
        let mut due = Vec::new();
        let cuts = std::mem::take(&mut state.progress.opened);
        let own = BlockBeacon { proposer, power, total, validators, beacon, cuts };
        draws::keep_beacon(&mut state, height, &own)?;
        draws::settle(&mut state, height, &mut due)?;
        draws::forget_beacons(&mut state, height)?;
        expiry::settle(&mut state, &terms, &mut due)?;
        let progress = &mut state.progress;
        (progress.height, progress.time_ms, progress.beacon) = (height, time_ms, beacon);
        state.keep();
        Ok(Self { state, terms, context, due, entries: Vec::new() })
    }

    /// Executes an entry, or says why it cannot stand here and stays as it was.
    ///
    /// How many entries a block may have is for its builder to keep to
    /// ([`Pace`](crate::ledger::Pace)).
    pub fn apply(&mut self, entry: &VerifiedEntry) -> Judged<(), Refusal, L::Error> {
        match Stop::split(entry::apply(&mut self.state, &self.terms, entry)) {
            Ok(Ok(deed)) => {
                self.state.keep();
                self.entries.push(deed);
                Ok(Ok(()))
            }
            refused => {
                self.state.forget();
                Ok(refused?.map(|_| ()))
            }
        }
    }

    /// Counts the proposer's turn, pays fees if they are due, and checks that the money adds up.
    ///
    /// Errors: [`Fault::Conservation`] if it does not.
    pub fn finish(mut self) -> Result<Executed, Fault<L::Error>> {
        let Context { height, wallet, next_validators, .. } = self.context;
        let mut earned = Vec::new();
        fees::settle(&mut self.state, self.terms.rules, height, wallet, &mut earned)?;
        self.state.keep();
        let changes = self.state.finish()?;
        Ok(Executed { changes, due: self.due, entries: self.entries, earned, next_validators })
    }
}

/// Executes a whole block: all of its entries hold, or it is invalid.
pub fn execute<L: Leaves>(
    rules: &Rules,
    leaves: &L,
    context: Context,
    entries: &[VerifiedEntry],
) -> Judged<Executed, InvalidEntry, L::Error> {
    let mut execution = Execution::begin(rules, leaves, context)?;
    for (at, entry) in entries.iter().enumerate() {
        if let Err(refusal) = execution.apply(entry)? {
            return Ok(Err(InvalidEntry { at, entry: entry.id(), refusal }));
        }
    }
    execution.finish().map(Ok)
}

/// Tells whether an entry alone could stand in the next block, at this time, after this state.
///
/// For who takes entries in before they are ordered: the same rules, and nothing changes.
/// A [`Refusal::Sequence`] ahead of the expected one may hold later.
pub fn check<L: Leaves>(
    rules: &Rules,
    leaves: &L,
    chain: NetworkId,
    time_ms: u64,
    entry: &VerifiedEntry,
) -> Judged<(), Refusal, L::Error> {
    let mut state = Overlay::new(leaves)?;
    let height = state.progress.height.saturating_add(1);
    let terms = Terms { rules, chain, height, time_ms };
    Ok(Stop::split(entry::apply(&mut state, &terms, entry))?.map(|_| ()))
}
