//! The rows of letters on their way.

use magpie_protocol::{
    address::Address, bounded::Blob, codec::Format, ids::MessageId, limits::PAYLOAD, token::Token,
};
use magpie_storage::personal::PersonalTable;
use serde::{Deserialize, Serialize};

/// A payload that no device's keys are known for yet, or whose turn has not come.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Waiting {
    /// For whom.
    pub(crate) to: Address,
    /// The encoded payload.
    pub(crate) payload: Blob<PAYLOAD>,
    /// The message whose progress it decides.
    pub(crate) about: Option<MessageId>,
    /// Since when it waits, milliseconds since the Unix epoch.
    pub(crate) since_ms: u64,
}

impl Format for Waiting {
    const NAME: &'static str = "waiting payload row";
    const VERSION: u8 = 1;
    const LIMIT: usize = PAYLOAD + 256;
}

/// The delivery tokens between this account and another.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct TokenPair {
    /// Lets their mail in; given to them.
    pub(crate) given: Option<Token>,
    /// Lets our mail in; given by them.
    pub(crate) taken: Option<Token>,
}

impl Format for TokenPair {
    const NAME: &'static str = "token row";
    const VERSION: u8 = 1;
    const LIMIT: usize = 64;
}

/// The next number of a waiting payload; one row.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct NextWaiting(pub(crate) u64);

impl Format for NextWaiting {
    const NAME: &'static str = "next waiting row";
    const VERSION: u8 = 1;
    const LIMIT: usize = 16;
}

/// Payloads that wait, by number: in the order they were posted.
pub(crate) const WAITING: PersonalTable<(), u64, Waiting> = PersonalTable::new("waiting payloads");
/// The next number of a waiting payload.
pub(crate) const NEXT_WAITING: PersonalTable<(), (), NextWaiting> =
    PersonalTable::new("next waiting payload");
/// Tokens, by the other account.
pub(crate) const TOKENS: PersonalTable<(), Address, TokenPair> = PersonalTable::new("tokens");
