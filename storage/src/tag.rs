//! The first byte of every key: which kind of row it is.

/// Rows about the store itself: its schema's version, how far a migration got.
pub const SCHEMA: u8 = 0x00;
/// Personal rows, of all tables and all vaults: they must look alike.
pub const PERSONAL: u8 = 0x01;
/// The engine's own row about its journal, which no reader sees.
pub const JOURNAL: u8 = 0x02;
/// The first tag a public table may have; the others follow up to `0xff`.
pub const PUBLIC: u8 = 0x10;
