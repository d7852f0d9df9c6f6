//! This build's versions, and the two rows that keep them.

use super::{
    migration::{Migration, Progress, Schema, SchemaError},
    v2_row_check,
};
use crate::{engine::Engine, overlay::Overlay, tag};
use magpie_protocol::codec::Format;
use serde::{Deserialize, Serialize};

/// The version that this build writes.
pub const NEWEST: u32 = 5;

const MIGRATIONS: &[Migration] = &[
    Migration { to: 2, step: v2_row_check::step },
    // Every row of version 2 is one of version 3; the number keeps older builds away.
    Migration { to: 3, step: |_, _| Ok(Progress::Done) },
    // The same again: what an older build does not read is the journal.
    Migration { to: 4, step: |_, _| Ok(Progress::Done) },
    // An older build does not read pages of events; those it kept are put into pages once their vault is
    // open.
    Migration { to: 5, step: |_, _| Ok(Progress::Done) },
];

/// Where the version stands.
pub(super) const VERSION_KEY: &[u8] = &[tag::SCHEMA, b'v'];
/// Where a running migration keeps how far it got.
pub(super) const CURSOR_KEY: &[u8] = &[tag::SCHEMA, b'c'];

/// Opens a store as the layout [`NEWEST`], migrating it if it is older.
pub fn open(engine: Box<dyn Engine>) -> Result<Overlay, SchemaError> {
    Schema { newest: NEWEST, migrations: MIGRATIONS }.open(engine)
}

/// The version row's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Version(pub(super) u32);

impl Format for Version {
    const NAME: &'static str = "schema version";
    const VERSION: u8 = 1;
    const LIMIT: usize = 16;
}

/// The cursor row's value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Cursor {
    /// The version that the running migration leads to.
    pub(super) to: u32,
    /// What its last step returned.
    pub(super) at: Vec<u8>,
}

impl Format for Cursor {
    const NAME: &'static str = "migration cursor";
    const VERSION: u8 = 1;
    const LIMIT: usize = 2 * crate::key::KEY_BYTES;
}
