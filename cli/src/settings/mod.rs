//! What a node runs with. Order: flag, `MAGPIE_*` environment, TOML file, default.
//!
//! The tree itself is [`Settings`], the flags are [`SettingsFlags`]; [`load`] puts the layers on
//! each other and returns the settings with the origin of each, or every mistake it found.

mod flags;
mod layers;
mod mistake;
mod tree;

pub(crate) use flags::SettingsFlags;
pub(crate) use layers::{Loaded, load};
pub(crate) use mistake::{Mistake, Origin};
pub(crate) use tree::{LogFormat, Multiaddr, Role, Settings};
