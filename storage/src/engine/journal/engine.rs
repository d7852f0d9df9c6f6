//! The engine that writes the journal, and moves what it holds to the engine below.

use super::{
    medium::{Half, Medium},
    record::{self, Check, HEADER_BYTES, Header},
    table::Table,
};
use crate::{
    engine::{Batch, Engine, EngineError, Flush, KeyRange, Order, Row, merge::merge},
    tag,
};
use std::{
    fmt, io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

/// Where the engine below keeps its [`Mark`]. No other row stands there, and readers of this engine never
/// see it.
const MARK: &[u8] = b"\x02journal";
const _: () = assert!(MARK[0] == tag::JOURNAL);

/// Bytes to be moved down for each byte that a flush wrote: more than one, so that a full half is empty
/// before the other one is full.
const MOVED_PER_BYTE: usize = 2;
/// Which part of a half may wait to be moved until the owner has nothing better to do; with more, a flush
/// moves some.
const OWED_PART: usize = 4;
/// Bytes moved when the owner has nothing better to do: short enough that nobody waits for it.
const TIDIED_BYTES: usize = 8 << 10;
/// Bytes moved down in one batch, when all are.
const PART_BYTES: usize = 1 << 20;
/// What a row counts beside its bytes, when it is moved.
const MOVED_ROW_BYTES: usize = 16;

/// An engine behind a journal.
pub(in crate::engine) struct JournaledEngine<E> {
    inner: E,
    medium: Box<dyn Medium>,
    /// The half that is being written, and its generation.
    half: Half,
    header: Header,
    /// Where the next record goes, and what it is bound to.
    at: usize,
    check: Check,
    /// Records of batches since the last flush.
    unwritten: Vec<u8>,
    /// Whether something was written that nobody waited for on this thread.
    unsynced: bool,
    /// Whether the engine below has a batch that it was not asked to flush yet.
    passed: bool,
    /// Rows since this half was begun.
    young: Table,
    /// Rows of before that the engine below does not have yet.
    old: Table,
    /// Bytes of it that should have moved by now.
    owed: usize,
    /// Whether a write failed; flushes on other threads tell it, too.
    broken: Arc<AtomicBool>,
}

impl<E: Engine> JournaledEngine<E> {
    /// Opens an engine with its journal and reads what only the journal has.
    ///
    /// Fails with [`EngineError::Damaged`] if the engine below was written behind a journal that is not
    /// there: acknowledged rows would be missing.
    pub(in crate::engine) fn open(
        mut inner: E,
        mut medium: Box<dyn Medium>,
    ) -> Result<Self, EngineError> {
        let mark = inner.get(MARK)?.map(|row| Mark::read(&row)).transpose()?;
        let Some(mark) = mark else {
            // Nothing was ever written behind a journal.
            let header = Header { generation: 1, since: 1 };
            write_header(&mut *medium, Half::B, Header { generation: 0, since: 0 })?;
            let check = write_header(&mut *medium, Half::A, header)?;
            Mark { needed: 1, begun: 1 }.write(&mut inner)?;
            let end = (HEADER_BYTES, check);
            return Ok(Self::at(inner, medium, (Half::A, header), end, Table::default()));
        };
        let [a, b] = Half::BOTH.map(|half| medium.read(half));
        let halves = [a, b].map(|half| half.map_err(|source| io("read the journal", source)));
        let [a, b] = halves;
        let halves = [a?, b?];
        if let Some(lost) = halves.iter().position(|half| is_blank(half)) {
            return Err(damaged(format!("file {lost} of it is missing, and rows with it")));
        }
        let found = Half::BOTH.map(|half| Header::read(&halves[half.index()]));
        let newest = Half::BOTH
            .into_iter()
            .filter_map(|half| Some((found[half.index()]?, half)))
            .max_by_key(|((header, _), _)| header.generation);
        // A crash may come before the generation that was to begin has a header.
        let Some(((header, check), half)) = newest
            .filter(|((header, _), _)| (mark.begun - 1..=mark.begun).contains(&header.generation))
        else {
            return Err(damaged(format!("its generation {} is missing", mark.begun)));
        };
        let mut rows = Table::default();
        if header.since < header.generation {
            let other = half.other().index();
            match found[other] {
                Some((older, check)) if older.generation == header.since => {
                    replay(&halves[other], check, &mut rows);
                }
                // It was moved down, and the header that begins its half anew was torn.
                _ if mark.needed > header.since => {}
                _ => return Err(damaged(format!("its generation {} is missing", header.since))),
            }
        }
        let end = replay(&halves[half.index()], check, &mut rows);
        Ok(Self::at(inner, medium, (half, header), end, rows))
    }

    fn at(
        inner: E,
        medium: Box<dyn Medium>,
        (half, header): (Half, Header),
        (at, check): (usize, Check),
        old: Table,
    ) -> Self {
        let (unwritten, young) = (Vec::new(), Table::default());
        let (unsynced, passed) = (false, false);
        let (owed, broken) = (0, Arc::default());
        Self {
            inner,
            medium,
            half,
            header,
            at,
            check,
            unwritten,
            unsynced,
            passed,
            young,
            old,
            owed,
            broken,
        }
    }

    fn usable(&self) -> Result<(), EngineError> {
        if self.broken.load(Ordering::Acquire) { Err(EngineError::Broken) } else { Ok(()) }
    }

    /// Does something that leaves the engine broken if it fails.
    fn attempt<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, EngineError>,
    ) -> Result<T, EngineError> {
        self.usable()?;
        let done = work(self);
        if done.is_err() {
            self.broken.store(true, Ordering::Release);
        }
        done
    }

    /// Writes the records of the batches since the last flush.
    fn write(&mut self) -> Result<(), EngineError> {
        let written = self.unwritten.len();
        if written > 0 {
            self.medium
                .write(self.half, self.at, &self.unwritten)
                .map_err(|source| io("write the journal", source))?;
            self.unsynced = true;
            self.at += written;
            self.unwritten.clear();
            self.owed = self.owed.saturating_add(written.saturating_mul(MOVED_PER_BYTE));
        }
        Ok(())
    }

    /// Writes them and makes them durable, and what flushes under way have not made durable yet.
    fn sync(&mut self) -> Result<(), EngineError> {
        self.write()?;
        if self.unsynced {
            self.medium.sync(self.half).map_err(|source| io("flush the journal", source))?;
            self.unsynced = false;
        }
        Ok(())
    }

    /// Moves down what may not wait any longer.
    fn pay(&mut self) -> Result<(), EngineError> {
        let may_wait = self.medium.capacity() / OWED_PART;
        if self.owed > may_wait { self.move_down(self.owed - may_wait) } else { Ok(()) }
    }

    /// Begins the other half: the engine below gets the rest of what that one held, and what this one
    /// holds is old from here on.
    fn turn_over(&mut self) -> Result<(), EngineError> {
        self.sync()?;
        while !self.old.is_empty() {
            self.move_down(PART_BYTES)?;
        }
        let since = self.header.generation;
        Mark { needed: since, begun: since + 1 }.write(&mut self.inner)?;
        (self.old, self.owed) = (std::mem::take(&mut self.young), 0);
        self.begin(Header { generation: since + 1, since })
    }

    /// Hands a batch that no half holds to the engine below, behind all that is older.
    fn pass(&mut self, batch: Batch) -> Result<(), EngineError> {
        self.move_all_down()?;
        let begun = self.header.generation + 1;
        Mark { needed: self.header.generation, begun }.write(&mut self.inner)?;
        // Else an opening would put the journal's rows over the batch's.
        self.begin(Header { generation: begun, since: begun })?;
        self.passed = true;
        self.inner.apply(batch)
    }

    /// Hands all rows to the engine below; the journal still has them.
    fn move_all_down(&mut self) -> Result<(), EngineError> {
        self.sync()?;
        self.old.extend(std::mem::take(&mut self.young));
        while !self.old.is_empty() {
            self.move_down(PART_BYTES)?;
        }
        Ok(())
    }

    /// Begins the other half, durably and before any record of it: until then it reads as what it was.
    fn begin(&mut self, header: Header) -> Result<(), EngineError> {
        self.half = self.half.other();
        self.header = header;
        self.check = write_header(&mut *self.medium, self.half, header)?;
        self.at = HEADER_BYTES;
        Ok(())
    }

    /// Moves so much of what is old to the engine below; it is durable there with its next flush.
    fn move_down(&mut self, bytes: usize) -> Result<(), EngineError> {
        self.owed = if self.old.is_empty() { 0 } else { self.owed.saturating_sub(bytes) };
        let (mut batch, mut moved) = (Batch::new(), 0);
        while moved < bytes {
            let Some((key, change)) = self.old.pop() else { break };
            moved += MOVED_ROW_BYTES + key.len() + change.as_ref().map_or(0, Vec::len);
            match change {
                Some(value) => batch.put(key, value),
                // A row that came and went in between was never below.
                None if self.inner.get(&key)?.is_none() => {}
                None => batch.delete(key),
            }
        }
        // Until the engine below is flushed the journal has them, all or not.
        if batch.is_empty() { Ok(()) } else { self.inner.apply_each(batch) }
    }
}

impl<E: Engine> Engine for JournaledEngine<E> {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        self.usable()?;
        if key == MARK {
            return Ok(None);
        }
        match self.young.get(key).or_else(|| self.old.get(key)) {
            Some(change) => Ok(change.map(<[u8]>::to_vec)),
            None => self.inner.get(key),
        }
    }

    fn range(&self, range: &KeyRange, order: Order, limit: usize) -> Result<Vec<Row>, EngineError> {
        self.usable()?;
        merge(self.young.changes(), range, order, limit, |range, limit| {
            merge(self.old.changes(), range, order, limit, |range, limit| {
                if !range.contains(MARK) {
                    return self.inner.range(range, order, limit);
                }
                let mut rows = self.inner.range(range, order, limit.saturating_add(1))?;
                rows.retain(|(key, _)| key != MARK);
                rows.truncate(limit);
                Ok(rows)
            })
        })
    }

    fn apply(&mut self, batch: Batch) -> Result<(), EngineError> {
        self.attempt(|this| {
            let bytes = record::record_bytes(&batch);
            if HEADER_BYTES + bytes > this.medium.capacity() {
                return this.pass(batch);
            }
            if this.at + this.unwritten.len() + bytes > this.medium.capacity() {
                this.turn_over()?;
            }
            let appended = record::append(&mut this.unwritten, &this.check, &batch);
            this.check = appended.ok_or_else(|| EngineError::Io {
                operation: "write the journal",
                source: io::ErrorKind::FileTooLarge.into(),
            })?;
            this.young.apply(batch);
            Ok(())
        })
    }

    fn flush(&mut self) -> Result<(), EngineError> {
        self.attempt(|this| {
            if std::mem::take(&mut this.passed) {
                this.inner.flush()?;
            }
            this.sync()?;
            this.pay()
        })
    }

    fn begin_flush(&mut self) -> Result<Option<Flush>, EngineError> {
        if self.passed {
            return self.flush().map(|()| None);
        }
        self.attempt(|this| {
            this.write()?;
            let (sync, broken) = (this.medium.begin_sync(this.half), Arc::clone(&this.broken));
            Ok(this.unsynced.then(|| {
                Flush::new(move || {
                    sync().map_err(|source| {
                        broken.store(true, Ordering::Release);
                        io("flush the journal", source)
                    })
                })
            }))
        })
    }

    fn catch_up(&mut self) -> Result<(), EngineError> {
        self.attempt(Self::pay)
    }

    fn checkpoint(&mut self) -> Result<(), EngineError> {
        self.attempt(|this| {
            this.move_all_down()?;
            this.passed = false;
            this.inner.flush()
        })
    }

    fn tidy(&mut self) -> Result<bool, EngineError> {
        self.attempt(|this| {
            this.move_down(this.owed.min(TIDIED_BYTES))?;
            Ok(this.owed > 0)
        })
    }
}

impl<E: fmt::Debug> fmt::Debug for JournaledEngine<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JournaledEngine")
            .field("inner", &self.inner)
            .field("generation", &self.header.generation)
            .field("at", &self.at)
            .field("broken", &self.broken)
            .finish_non_exhaustive()
    }
}

/// Reads the records behind a half's header into `rows`; returns where they end and the last check.
fn replay(half: &[u8], mut check: Check, rows: &mut Table) -> (usize, Check) {
    let mut at = HEADER_BYTES;
    while let Some((batch, next, bytes)) =
        half.get(at..).and_then(|rest| record::read(rest, &check))
    {
        rows.apply(batch);
        check = next;
        at += bytes;
    }
    (at, check)
}

/// Writes a half's header and makes it durable; returns what the first record is bound to.
fn write_header(medium: &mut dyn Medium, half: Half, header: Header) -> Result<Check, EngineError> {
    let (bytes, check) = header.encode();
    medium.write(half, 0, &bytes).map_err(|source| io("write the journal", source))?;
    medium.sync(half).map_err(|source| io("flush the journal", source))?;
    Ok(check)
}

/// What the engine below knows of the journal.
#[derive(Debug, Clone, Copy)]
struct Mark {
    /// The first generation that it does not have yet: it has all rows of those before.
    needed: u64,
    /// The last generation that was begun, or was about to be.
    begun: u64,
}

impl Mark {
    /// Writes it, durably and behind all that was moved down.
    fn write(self, inner: &mut impl Engine) -> Result<(), EngineError> {
        let mut batch = Batch::new();
        let numbers = [self.needed.to_be_bytes(), self.begun.to_be_bytes()].concat();
        batch.put(MARK.to_vec(), numbers);
        inner.apply(batch)?;
        inner.flush()
    }

    fn read(row: &[u8]) -> Result<Self, EngineError> {
        let (needed, rest) = row.split_first_chunk().unwrap_or((&[0; 8], &[]));
        match rest.try_into().map(u64::from_be_bytes) {
            Ok(begun) if begun > 0 => Ok(Self { needed: u64::from_be_bytes(*needed), begun }),
            _ => Err(damaged("its mark in the store is none".to_owned())),
        }
    }
}

/// Returns whether nothing stands where a half has its header.
fn is_blank(half: &[u8]) -> bool {
    half.iter().take(HEADER_BYTES).all(|byte| *byte == 0)
}

const fn damaged(detail: String) -> EngineError {
    EngineError::Damaged { operation: "read the journal", detail }
}

const fn io(operation: &'static str, source: io::Error) -> EngineError {
    EngineError::Io { operation, source }
}
