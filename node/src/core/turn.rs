//! One step's context: what a rule may read, and where it puts what it decides.

use crate::{
    core::{
        chat::ChatBefore,
        effect::{Answer, Effect, FileChange, Outcome},
        events::EventsBefore,
        input::CallId,
        open::Open,
        state::Core,
    },
    ledger::order::Halt,
};
use magpie_protocol::{
    api::{ApiError, ApiResult, ErrorCode},
    codec::Format,
};
use magpie_storage::{
    key::RowKey,
    overlay::{Overlay, Tx},
    personal::{PersonalTable, RowKeys},
    table::TableError,
};
use rand_core::CryptoRng;
use std::{fmt, sync::Arc};

/// Why a step cannot be finished: nothing of it may be published, the node stops.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    /// The store failed.
    #[error("the store is broken: {0}")]
    Store(#[from] TableError),
    /// The ledger of a super node cannot go on.
    #[error("the ledger stops: {0}")]
    Ledger(#[from] Halt),
}

/// One step under way.
///
/// Rules read and check first and write last: once a row is written, or the cache in
/// [`Open`] changed, the only error left is a broken store.
pub struct Turn<'a> {
    pub(crate) core: &'a mut Core,
    store: &'a Overlay,
    pub(crate) tx: Tx<'a>,
    /// The time of this step, milliseconds since the Unix epoch.
    pub(crate) now: u64,
    pub(crate) rng: &'a mut dyn CryptoRng,
    /// The call that this step serves.
    pub(crate) call: Option<CallId>,
    /// The caller's own name for the call: the same one never moves money twice.
    pub(crate) key: Option<String>,
    pub(crate) files: Vec<FileChange>,
    pub(crate) effects: Vec<Effect>,
    /// The conversations in memory as they were before this step changed one.
    pub(crate) chat_before: ChatBefore,
    /// The event log as it was before this step added to it.
    pub(crate) events_before: Option<EventsBefore>,
    broken: Option<Broken>,
}

impl<'a> Turn<'a> {
    pub(crate) fn new(
        core: &'a mut Core,
        store: &'a Overlay,
        now: u64,
        rng: &'a mut dyn CryptoRng,
        call: Option<CallId>,
    ) -> Self {
        let tx = Tx::new(store);
        let (files, effects) = (vec![], vec![]);
        let (key, events_before, broken) = (None, None, None);
        let chat_before = ChatBefore::default();
        Self {
            core,
            store,
            tx,
            now,
            rng,
            call,
            key,
            files,
            effects,
            chat_before,
            events_before,
            broken,
        }
    }

    /// Ends the step: what it decided, or why the node has to stop.
    pub(crate) fn finish(self) -> Result<Outcome, Broken> {
        match self.broken {
            Some(broken) => Err(broken),
            None => Ok(Outcome {
                files: self.files,
                batch: self.tx.into_batch(),
                effects: self.effects,
            }),
        }
    }

    /// Drops what a refused call wrote, so that a refusal changes nothing.
    pub(crate) fn forget_writes(&mut self) {
        self.tx = Tx::new(self.store);
        self.files.clear();
        self.effects.clear();
        if let Some(open) = &mut self.core.open {
            open.chat.restore(std::mem::take(&mut self.chat_before));
            // What was looked at may have been written before.
            open.people.clear();
            if let Some(before) = self.events_before.take() {
                open.events.restore(&before);
            }
        }
    }

    /// Ends a group of steps that are made durable together: writes the rows that it left to its end.
    pub(crate) fn write_back(&mut self) -> ApiResult<()> {
        self.tell_conversations()?;
        self.write_events()
    }

    /// Unwraps a result of the store. A failure is ours, not the caller's: it is kept aside and ends
    /// the node after this step, and the error returned only unwinds the method's body.
    pub(crate) fn stored<T>(&mut self, result: Result<T, TableError>) -> ApiResult<T> {
        result.map_err(|error| {
            self.broken = Some(error.into());
            ApiError::from(ErrorCode::Store)
        })
    }

    /// Notes that the ledger cannot go on, which ends the node.
    pub(crate) fn halt(&mut self, halt: Halt) {
        self.broken.get_or_insert(halt.into());
    }

    /// Returns whether the store failed in this step, or the ledger stopped.
    pub(crate) const fn is_broken(&self) -> bool {
        self.broken.is_some()
    }

    /// Runs a rule that no caller waits for. An error it returns is either a broken store, which is
    /// kept and ends the node, or says that the vault was closed: then there is nothing left to do.
    pub(crate) fn attend(&mut self, rule: impl FnOnce(&mut Self) -> ApiResult<()>) {
        let _unwound = rule(self);
    }

    /// Reads a row of the open vault.
    pub(crate) fn read<P: RowKey, O: RowKey, V: Format>(
        &mut self,
        table: &PersonalTable<P, O, V>,
        partition: &P,
        order: &O,
    ) -> ApiResult<Option<V>> {
        let rows = self.rows()?;
        let row = table.get(&self.tx, &rows, partition, order);
        self.stored(row)
    }

    /// Writes a row of the open vault.
    pub(crate) fn write<P: RowKey, O: RowKey, V: Format>(
        &mut self,
        table: &PersonalTable<P, O, V>,
        partition: &P,
        order: &O,
        value: &V,
    ) -> ApiResult<()> {
        let rows = self.rows()?;
        let put = table.put(&mut self.tx, &rows, (partition, order), value, self.rng);
        self.stored(put)
    }

    /// Deletes a row of the open vault.
    pub(crate) fn delete<P: RowKey, O: RowKey, V: Format>(
        &mut self,
        table: &PersonalTable<P, O, V>,
        partition: &P,
        order: &O,
    ) -> ApiResult<()> {
        let rows = self.rows()?;
        table.delete(&mut self.tx, &rows, partition, order);
        Ok(())
    }

    /// Returns the open vault, or 20061.
    pub(crate) fn open(&self) -> ApiResult<&Open> {
        self.core.open.as_ref().ok_or_else(|| ErrorCode::NotLoggedIn.into())
    }

    /// Returns the open vault to change its cached part, or 20061.
    pub(crate) fn open_mut(&mut self) -> ApiResult<&mut Open> {
        self.core.open.as_mut().ok_or_else(|| ErrorCode::NotLoggedIn.into())
    }

    /// Returns the keys of the open vault's rows, or 20061.
    pub(crate) fn rows(&self) -> ApiResult<Arc<RowKeys>> {
        self.open().map(|open| Arc::clone(&open.rows))
    }

    /// Answers a caller once the step is durable.
    pub(crate) fn answer(&mut self, call: CallId, answer: Answer) {
        self.effects.push(Effect::Answer { call, answer });
    }
}

impl fmt::Debug for Turn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Turn").field("now", &self.now).field("call", &self.call).finish()
    }
}
