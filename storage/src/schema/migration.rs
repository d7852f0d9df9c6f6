//! Opening a store of any version.

use super::rows::{CURSOR_KEY, Cursor, VERSION_KEY, Version};
use crate::{
    engine::{Engine, EngineError, KeyRange, Order},
    overlay::{Overlay, Tx, View},
};
use magpie_protocol::codec::{self, DecodeError, EncodeError, Format};

/// The versions that a program knows.
#[derive(Debug, Clone, Copy)]
pub struct Schema<'a> {
    /// The version of a fresh store.
    pub newest: u32,
    /// What leads from each older version to the next, in order.
    pub migrations: &'a [Migration],
}

/// What leads from version `to - 1` to version `to`.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// The version it leads to.
    pub to: u32,
    /// Does a bounded part of the work behind a cursor, which is empty at first. It must not read
    /// what it wrote as if it were old: the cursor tells the two apart.
    pub step: fn(&mut Tx<'_>, cursor: &[u8]) -> Result<Progress, EngineError>,
}

/// How far a migration got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// There may be more, behind this cursor.
    More(Vec<u8>),
    /// Everything has the new layout.
    Done,
}

/// Why a store cannot be opened. Always ours.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// A newer build wrote it.
    #[error("the store has schema {found}, this build reads up to {newest}: use a newer build")]
    Newer {
        /// The store's version.
        found: u32,
        /// The newest version this build reads.
        newest: u32,
    },
    /// It is older than any migration of this build.
    #[error("the store has schema {found}, this build migrates none to {missing}")]
    TooOld {
        /// The store's version.
        found: u32,
        /// The version that no migration leads to.
        missing: u32,
    },
    /// It has rows, but no version.
    #[error("the store has rows but no schema version: it is not a Magpie store, or damaged")]
    NoVersion,
    /// The version or cursor row is damaged.
    #[error("the store's schema rows are damaged: {0}")]
    Damaged(#[from] DecodeError),
    /// A running migration is not the one that the version asks for.
    #[error("the store has schema {found}, but a migration to {to} was under way")]
    OtherMigration {
        /// The store's version.
        found: u32,
        /// The version the migration leads to.
        to: u32,
    },
    /// A migration returned a cursor that is too long to keep.
    #[error("a migration's cursor cannot be kept: {0}")]
    Cursor(#[from] EncodeError),
}

impl Schema<'_> {
    /// Opens the store in `engine` as the newest version, migrating it if it is older.
    pub fn open(&self, engine: Box<dyn Engine>) -> Result<Overlay, SchemaError> {
        let mut overlay = Overlay::new(engine);
        let mut found = match read::<Version>(&overlay, VERSION_KEY)? {
            Some(Version(found)) => found,
            None => {
                if !overlay.range(&KeyRange::all(), Order::Ascending, 1)?.is_empty() {
                    return Err(SchemaError::NoVersion);
                }
                let mut tx = Tx::new(&overlay);
                tx.put(VERSION_KEY.to_vec(), codec::encode(&Version(self.newest))?);
                let batch = tx.into_batch();
                overlay.push(batch);
                overlay.checkpoint()?;
                self.newest
            }
        };
        while found < self.newest {
            found = self.migrate(&mut overlay, found)?;
            // Before anything else is written: the version keeps older builds away.
            overlay.checkpoint()?;
        }
        if found > self.newest {
            return Err(SchemaError::Newer { found, newest: self.newest });
        }
        Ok(overlay)
    }

    /// Runs the migration that starts at version `found`, and returns the version it leads to.
    fn migrate(&self, overlay: &mut Overlay, found: u32) -> Result<u32, SchemaError> {
        let next = self.migrations.iter().find(|migration| migration.to == found + 1);
        let migration = next.ok_or(SchemaError::TooOld { found, missing: found + 1 })?;
        let mut at = match read::<Cursor>(overlay, CURSOR_KEY)? {
            Some(cursor) if cursor.to == migration.to => cursor.at,
            Some(cursor) => return Err(SchemaError::OtherMigration { found, to: cursor.to }),
            None => Vec::new(),
        };
        loop {
            let mut tx = Tx::new(overlay);
            let progress = (migration.step)(&mut tx, &at)?;
            // The cursor or the version is in the batch of the rows it speaks of.
            match &progress {
                Progress::More(next) => {
                    let cursor = Cursor { to: migration.to, at: next.clone() };
                    tx.put(CURSOR_KEY.to_vec(), codec::encode(&cursor)?);
                }
                Progress::Done => {
                    tx.delete(CURSOR_KEY.to_vec());
                    tx.put(VERSION_KEY.to_vec(), codec::encode(&Version(migration.to))?);
                }
            }
            let batch = tx.into_batch();
            overlay.push(batch);
            overlay.commit()?;
            match progress {
                Progress::More(next) => at = next,
                Progress::Done => return Ok(migration.to),
            }
        }
    }
}

fn read<T: Format>(view: &dyn View, key: &[u8]) -> Result<Option<T>, SchemaError> {
    Ok(view.get(key)?.map(|bytes| codec::decode(&bytes)).transpose()?)
}
