//! Why nothing can be drawn.

use crate::{keys::ReceiveKey, limits::PACKET_SHARES};

/// Why nothing can be drawn. The first two are the fault of who made the packet, the others of
/// the caller, whose state does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DrawError {
    /// There are no shares, or more than [`PACKET_SHARES`].
    #[error("{0} shares, a packet has 1 to {PACKET_SHARES}")]
    Count(u32),
    /// Not every share would have a unit.
    #[error("{total} units are too few for {count} shares of at least one")]
    Total {
        /// Units in the packet.
        total: u64,
        /// Shares it is cut into.
        count: u32,
    },
    /// The taken slots are those of another packet.
    #[error("the taken slots are not those of a packet of {0} shares")]
    Taken(u32),
    /// There are more claims than shares left.
    #[error("{claims} claims for {left} shares")]
    Left {
        /// Claims to draw for.
        claims: usize,
        /// Shares left.
        left: u32,
    },
    /// One key claims twice.
    #[error("{0:?} claims twice")]
    Twice(ReceiveKey),
}
