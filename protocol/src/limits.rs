//! The bounds of the wire: the most of everything that a peer or a caller may make a node hold.
//!
//! Sizes are bytes, times are milliseconds, unless the name says otherwise.

/// One call's JSON body over the local API (page 9).
pub const API_BODY: usize = 8 << 20;
/// How deep objects and arrays of one call may nest.
pub const API_NESTING: usize = 32;
/// Characters in one text message.
pub const MESSAGE_TEXT_CHARS: usize = 10_000;
/// Characters in a nickname.
pub const NICKNAME_CHARS: usize = 64;
/// Characters in a remark on a contact.
pub const REMARK_CHARS: usize = 256;
/// Characters in the greeting of a friend request.
pub const GREETING_CHARS: usize = 512;
/// Characters in an avatar's URL.
pub const AVATAR_URL_CHARS: usize = 512;
/// Characters in the identifier of an event registration.
pub const EVENT_IDENTIFIER_CHARS: usize = 128;
/// Event registrations kept for each kind of event.
pub const EVENT_IDENTIFIERS: usize = 16;
/// Events kept for a listener that comes back.
pub const EVENTS_KEPT: u64 = 10_000;
/// How long events are kept for a listener that comes back.
pub const EVENTS_KEPT_MS: u64 = 7 * DAY_MS;
/// One event as it is kept.
pub const EVENT_BYTES: usize = 256 << 10;
/// Characters in a password, at least.
pub const PASSWORD_CHARS_MIN: usize = 6;
/// Characters in a password, at most.
pub const PASSWORD_CHARS_MAX: usize = 128;
/// Rows one page of a listing may hold.
pub const PAGE_ROWS: u32 = 1_000;
/// The largest logical clock; what is over it is malformed (page 3).
pub const CLOCK_MAX: u64 = 1 << 53;
/// One day.
pub const DAY_MS: u64 = 24 * 60 * 60 * 1_000;
