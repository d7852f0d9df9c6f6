//! People: friends, those who asked or were asked to become one, and those who are blocked.
//!
//! In: calls of the local API, and payloads whose sender is proven. Out: one [`Person`](rows::Person)
//! row for everybody who is known, indexes over it, payloads to post and events. Start at [`rows`];
//! `asking` holds what this account says, `hearing` what others say.

mod asking;
mod blocking;
#[cfg(test)]
mod golden;
mod hearing;
mod listing;
pub(crate) mod rows;
mod saving;
mod showing;
mod standing;
#[cfg(test)]
mod tests;

pub(crate) use showing::{DEFAULT_VAULT, user_info};
pub(crate) use standing::Standing;
