//! The beacons of headers, proven.

use super::{Contradiction, Evidence, ProvenBeacon};
use magpie_protocol::{
    beacon::{Beacon, Input, verify},
    ledger::{Header, ValidatorSet},
};
use std::collections::BTreeMap;

/// Returns the beacon of each header that stands beside the one before it, proven.
///
/// Of the others the output is taken as the proof spells it, and only the next is proven over it.
pub(super) fn prove(evidence: &Evidence) -> Result<BTreeMap<u64, ProvenBeacon>, Contradiction> {
    let mut proven = BTreeMap::new();
    // The height that comes next, and the beacon before it.
    let mut last = Some((1, Beacon::GENESIS));
    for (height, header) in &evidence.headers {
        // Every set was asked for before.
        let Some(set) = evidence.validators.get(&header.validators) else { continue };
        let previous = last.filter(|(next, _)| next == height).map(|(_, beacon)| beacon);
        let output = if let Some(previous) = previous {
            let beacon = prove_one(header, set, previous)?;
            proven.insert(*height, beacon);
            beacon.output
        } else {
            let wrong = |error| Contradiction::Beacon { height: *height, error };
            header.beacon.output().map_err(wrong)?
        };
        last = height.checked_add(1).map(|next| (next, output));
    }
    Ok(proven)
}

/// Proves a header's beacon under the key of the validator whose turn it was.
fn prove_one(
    header: &Header,
    set: &ValidatorSet,
    previous: Beacon,
) -> Result<ProvenBeacon, Contradiction> {
    let Header { chain, height, round, proposer, validators, beacon: proof, .. } = *header;
    let turn = set.proposer(height, round).filter(|turn| turn.key == proposer);
    let turn = turn.ok_or(Contradiction::Proposer { height, proposer })?;
    let (key, power, total) = (turn.beacon, turn.power, set.power());
    let output = verify(&key, &Input { chain, height, previous }, &proof)
        .map_err(|error| Contradiction::Beacon { height, error })?;
    Ok(ProvenBeacon { height, proposer, key, power, total, validators, previous, proof, output })
}
