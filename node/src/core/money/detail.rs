//! What became of a red packet, share by share, recomputed here before it is shown.

use super::{
    errand::{Frame, Step},
    rows::PacketRow,
    showing::data,
};
use crate::core::{effect::Answer, turn::Turn};
use magpie_protocol::{
    api::{
        ApiError, ApiResult, ErrorCode,
        money::PacketType,
        redpacket::{BeaconRow, DrawRow, OldPacketType, PacketDetail},
    },
    content::Audience,
    ledger::{
        Amount, EntryId, Payee,
        state::{Claim, Leaf, LeafKey, Packet},
    },
};
use magpie_wallet::audit::{self, Audit, Contradiction, Evidence, Findings, ProvenBeacon};

/// How often an audit may name further headers that are at hand, in one step.
const ROUNDS: usize = 64;

impl Turn<'_> {
    /// Answers once the leaves of a packet and of its claims were shown, and this node came to the
    /// same shares. Errors in the answer: 21006, and 500 for a ledger that breaks its own rules, of which
    /// nothing is believed from then on.
    pub(super) fn try_detail(&mut self, id: EntryId, frame: Frame) -> ApiResult<Step> {
        let row = self.packet_row(id)?;
        let Some(seen) = self.core.money.leaf::<Packet>(&id, frame.least) else {
            return Ok(Step::Wants(vec![Packet::key(&id)]));
        };
        let Some(leaf) = seen.leaf else {
            return Ok(Step::Ends(Err(ErrorCode::PacketUnknown.into())));
        };
        // Whom this node cannot name it cannot look for.
        let Ok(payees) = self.audience_payees(&row) else {
            return Ok(Step::Ends(self.detail_answer(id, None)));
        };
        if leaf.opening.is_none() {
            return Ok(Step::Ends(self.detail_answer(id, None)));
        }
        let payees: Vec<Payee> = payees.into_iter().map(|(_, payee)| payee).collect();
        // Claims are looked at under the packet's header or a later one: none is missed then.
        let missing = self.missing_claims(id, &payees, seen.height);
        if !missing.is_empty() {
            return Ok(Step::WantsUnder(missing, seen.height));
        }
        self.audited(&row, (seen.height, leaf), &payees)
    }

    /// Returns the claims that were not shown under a header of at least this height.
    fn missing_claims(&self, id: EntryId, payees: &[Payee], least: u64) -> Vec<LeafKey> {
        let keys = payees.iter().map(|payee| Claim::key(&(id, payee.receive)));
        keys.filter(|key| !self.core.money.is_shown(key, least)).collect()
    }

    /// Recomputes what was paid, and fetches the headers that it takes.
    fn audited(
        &mut self,
        row: &PacketRow,
        (height, leaf): (u64, Packet),
        payees: &[Payee],
    ) -> ApiResult<Step> {
        let id = row.card.packet;
        let money = &self.core.money;
        let Some(at) = money.header(height).map(|decided| decided.header.clone()) else {
            return Ok(Step::WantsHeaders(vec![height]));
        };
        let Ok(mut evidence) = Evidence::new(id, leaf, at, payees) else {
            return Ok(Step::Ends(self.detail_answer(id, None)));
        };
        for payee in payees {
            let claim = money.leaf::<Claim>(&(id, payee.receive), height);
            let claim = claim.and_then(|seen| seen.leaf);
            // Who claims is among the payees: nothing is refused here.
            let _taken = evidence.add_claim(payee.receive, claim);
        }
        for set in money.light.iter().flat_map(|light| light.sets()) {
            let _taken = evidence.add_validators(set.clone());
        }
        // Each round names more headers: those of the claims, then those of the draws.
        for _ in 0..ROUNDS {
            match audit::audit(&evidence) {
                Ok(Audit::Needs(needs)) => {
                    let before = needs.headers.len();
                    let missing: Vec<u64> = needs
                        .headers
                        .into_iter()
                        .filter(|height| match self.core.money.header(*height) {
                            Some(known) => evidence.add_header(known.header.clone()).is_err(),
                            None => true,
                        })
                        .collect();
                    if missing.is_empty() && before > 0 {
                        continue;
                    }
                    if missing.is_empty() {
                        // It wants validators of the past, which this node never knew.
                        return Ok(Step::Ends(self.detail_answer(id, None)));
                    }
                    return Ok(Step::WantsHeaders(missing));
                }
                Ok(Audit::Beyond(_)) => return Ok(Step::Ends(self.detail_answer(id, None))),
                Ok(Audit::Waiting(findings) | Audit::Agrees(findings)) => {
                    return Ok(Step::Ends(self.detail_answer(id, Some(&findings))));
                }
                // The card is its maker's word: that it names others than the ledger breaks no rule.
                Err(wrong @ Contradiction::Members) => {
                    let error = ApiError::new(ErrorCode::Failed, wrong.to_string());
                    return Ok(Step::Ends(Err(error)));
                }
                Err(wrong) => return Ok(Step::Ends(Err(self.stop_believing(id, height, &wrong)?))),
            }
        }
        Ok(Step::Ends(self.detail_answer(id, None)))
    }

    /// Returns what became of a packet as it was shown, with what was recomputed of it.
    pub(super) fn detail_answer(&mut self, packet: EntryId, found: Option<&Findings>) -> Answer {
        let row = self.packet_row(packet)?;
        let seen = self.core.money.leaf::<Packet>(&packet, 0).ok_or(ErrorCode::Pending)?;
        let leaf = seen.leaf.ok_or(ErrorCode::PacketUnknown)?;
        let is_one = matches!(row.card.audience, Audience::One(_)) && row.group.is_none();
        let price = match leaf.kind.is_drawn() {
            true => Amount::ZERO,
            false => Amount(leaf.amount.0.checked_div(leaf.count.into()).unwrap_or_default()),
        };
        let chat_id = match row.group {
            Some(group) => group.to_string(),
            None => {
                let me = self.open()?.account.address;
                self.chat_of(row.sender, me)?
            }
        };
        let cut = found.and_then(|found| found.cut.as_ref());
        data(&PacketDetail {
            red_packet_id: packet,
            from: row.sender.to_string(),
            create_at: row.made_ms,
            chat_id,
            old_kind: OldPacketType::of(leaf.kind, is_one),
            title: row.card.remark.to_string(),
            price,
            total_price: leaf.amount,
            count: leaf.count,
            is_expire: leaf.over || self.now >= leaf.expires_ms,
            users: self.packet_users(&row)?,
            kind: PacketType::from(leaf.kind),
            expires_at: leaf.expires_ms,
            left: leaf.left,
            returned: leaf.returned,
            from_address: leaf.from,
            height: leaf.opening.map_or(0, |opening| opening.height),
            slots: cut.map_or_else(Vec::new, |cut| cut.slots.iter().copied().map(Amount).collect()),
            beacon: cut.map(|cut| beacon_row(&cut.beacon)),
            draws: found.map(draw_rows).unwrap_or_default(),
            beacons: found
                .map(|found| found.beacons().into_values().map(beacon_row).collect())
                .unwrap_or_default(),
            recomputed: found.is_some(),
            chain: self.chain()?,
            as_of_height: seen.height,
        })
    }
}

fn beacon_row(beacon: &ProvenBeacon) -> BeaconRow {
    let ProvenBeacon { height, proposer, key, power, total, validators, .. } = *beacon;
    let ProvenBeacon { previous, proof, output, .. } = *beacon;
    BeaconRow {
        height,
        proposer,
        key: Some(key),
        power,
        total,
        validators,
        previous: Some(previous),
        proof,
        output,
    }
}

fn draw_rows(found: &Findings) -> Vec<DrawRow> {
    let drawn = found.deals.iter().filter_map(|dealt| Some((dealt.height, dealt.fold.as_ref()?)));
    drawn.map(|(height, fold)| DrawRow { height, ready: fold.ready, seed: fold.seed }).collect()
}
