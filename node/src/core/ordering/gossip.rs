//! Decided headers in gossip: said once, and passed on if they are certified.
//!
//! Every super node decides a height with a certificate of its own, so there are as many frames of
//! one header as super nodes. Each says or passes on the first that it has, so that a listener gets
//! one from each neighbour at most.

use crate::{
    core::{
        net::{NetCommand, Verdict},
        turn::Turn,
    },
    ledger::order::Halt,
};
use magpie_protocol::{
    address::NodeId,
    codec::{DecodeError, decode, encode},
    consensus::DecidedBlock,
    ledger::{CertifiedHeader, exchange::DecidedHeader},
    limits::{FRAME, FRAME_AHEAD_MS, FRAME_OLD_MS},
};

/// Heights before the newest whose headers are still passed on.
pub(super) const HEIGHTS_BEHIND: u64 = 4;

impl Turn<'_> {
    /// Says that a block is decided, unless another did or it was long ago: who catches up has
    /// nothing new to say.
    pub(super) fn gossip_header(&mut self, decided: DecidedBlock) -> Result<(), Halt> {
        let DecidedBlock { block, certificate } = decided;
        let (height, time_ms) = (block.header.height, block.header.time_ms);
        let Some(orderer) = &mut self.core.orderer else { return Ok(()) };
        if height <= orderer.gossiped || self.now > time_ms.saturating_add(FRAME_OLD_MS) {
            return Ok(());
        }
        orderer.gossiped = height;
        let topic = orderer.topic;
        let bytes = encode(&DecidedHeader { header: block.header, certificate })?;
        if bytes.len() <= FRAME {
            self.command(NetCommand::Publish { topic, bytes });
        }
        Ok(())
    }

    /// Says what becomes of a header that a peer passed on: cheap checks first, signatures last.
    pub(crate) fn judge_header(&mut self, from: NodeId, bytes: &[u8]) -> Result<Verdict, Halt> {
        // Too many is nobody's fault: whoever passes them on did not make them.
        if !self.core.mesh.admit_relayed(from, self.now, bytes.len()) {
            return Ok(Verdict::Ignore);
        }
        let DecidedHeader { header, certificate } = match decode(bytes) {
            Ok(decided) => decided,
            // It may be honest, and newer than this node.
            Err(DecodeError::Version { .. }) => return Ok(Verdict::Ignore),
            Err(_) => return Ok(Verdict::Reject),
        };
        let Some(orderer) = &self.core.orderer else { return Ok(Verdict::Ignore) };
        let (height, tip) = (header.height, orderer.head().tip);
        let is_old = height.saturating_add(HEIGHTS_BEHIND) <= tip.height
            || self.now > header.time_ms.saturating_add(FRAME_OLD_MS)
            || header.time_ms > self.now.saturating_add(FRAME_AHEAD_MS);
        if is_old {
            return Ok(Verdict::Ignore);
        }
        // One that differs from ours is worth passing on if it is certified: it shows a fork.
        let is_said = height <= orderer.gossiped
            && self.decided_header(height)?.is_none_or(|ours| ours.header == header);
        if is_said {
            return Ok(Verdict::Ignore);
        }
        let Some(set) = orderer.sets().find(|set| set.hash() == header.validators) else {
            return Ok(Verdict::Ignore);
        };
        if CertifiedHeader::verify(header, certificate, tip.chain, set).is_err() {
            return Ok(Verdict::Reject);
        }
        if let Some(orderer) = &mut self.core.orderer {
            orderer.gossiped = orderer.gossiped.max(height);
        }
        Ok(Verdict::Accept)
    }
}
