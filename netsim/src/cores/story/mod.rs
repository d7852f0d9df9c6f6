//! What people do, and what is remembered of it.
//!
//! [`setup`](Story::settle_in) lets them register, befriend each other and make groups in peace; a plan
//! by dice says who does what when, and which faults fall ([`plan`]); [`deeds`] does it by calls
//! of the local API, [`answers`] notes what came of it, and [`reading`] asks at the end.

mod answers;
mod deeds;
mod driver;
mod log;
mod money;
mod packets;
mod plan;
mod reading;
mod setup;

pub use driver::Story;
pub use log::{Claim, Event as Happened, GroupLog, Log, Message, Packet, Payment, Room, Standing};
pub use reading::{Histories, History, Row};
