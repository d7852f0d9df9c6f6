//! The audit, step by step: leaves, then headers, then the draw.

use super::{Beyond, Contradiction, Evidence, Findings, Needs, beacons, deals, equal, leaves};

/// What an audit says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Audit {
    /// Nothing yet: these are to be fetched first.
    Needs(Needs),
    /// Nothing, ever: the audit would take more than it may.
    Beyond(Beyond),
    /// What was drawn is right, and some claims still wait for their draw.
    Waiting(Findings),
    /// What everybody got is right.
    Agrees(Findings),
}

/// Recomputes who gets what from a packet, and compares it with the leaves.
///
/// Every beacon that cuts or is folded is proven, and every other whose header stands beside the one
/// before it in the evidence. Of the first of a row the output is taken as its proof spells it: who
/// gives more headers before it, from the first block on at best, has it proven too.
/// Errors: [`Contradiction`].
pub fn audit(evidence: &Evidence) -> Result<Audit, Contradiction> {
    // Leaves are judged before more is fetched for them: a broken packet costs little.
    leaves::check_packet(evidence)?;
    let missing = evidence.needs_claims();
    if !missing.is_empty() {
        return Ok(Audit::Needs(missing));
    }
    let heights = leaves::check_claims(evidence)?;
    match evidence.needs() {
        Err(beyond) => return Ok(Audit::Beyond(beyond)),
        Ok(needs) if !needs.is_empty() => return Ok(Audit::Needs(needs)),
        Ok(_) => {}
    }
    leaves::check_times(evidence, &heights)?;
    let proven = beacons::prove(evidence)?;
    let findings = if evidence.packet.kind.is_drawn() {
        deals::recompute(evidence, &heights, &proven)?
    } else {
        equal::recompute(evidence, &heights)?
    };
    let done = findings.waiting.is_empty();
    Ok(if done { Audit::Agrees(findings) } else { Audit::Waiting(findings) })
}
