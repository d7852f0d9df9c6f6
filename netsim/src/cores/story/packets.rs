//! Red packets: somebody makes one and shows its card, and whoever sees the card claims.

use super::{
    answers::{code, standing},
    driver::{Purpose, Story, WALLET},
    log::{Claim, Packet, Standing},
    money::{AGAIN_MS, GAS, PENDING, uid_of},
    plan::Planned,
};
use crate::cores::happening::Answer;
use magpie_protocol::ledger::Amount;
use serde_json::{Value, json};
use std::collections::{BTreeMap, btree_map::Entry};

/// How often a claim is tried.
const TRIES: u32 = 40;
/// A packet whose card did not come yet.
const UNKNOWN: u16 = 21_006;
/// The kind of message that shows a packet, as rows have it.
const CARD: u64 = 17;

impl Story {
    pub(super) fn fund(&mut self, from: usize, group: usize) {
        let number = self.log.packets.len();
        let packets = self.world.scenario.workload.packets.as_ref();
        let [least, most] = packets.map_or([1, 1], |packets| packets.shares);
        let shares = self.dice.between(u64::from(least), u64::from(most));
        let amount = shares * Amount::COIN.0 + 1 + number as u64;
        let (standing, claims) = (Standing::Asked, BTreeMap::new());
        let (uid, is_shown) = (None, false);
        let packet = Packet { from, group, amount, shares, standing, uid, is_shown, claims };
        self.log.packets.push(packet);
        self.fund_again(number);
    }

    pub(super) fn fund_again(&mut self, number: usize) {
        let Packet { from, group, amount, shares, .. } = self.log.packets[number].clone();
        let params = json!({
            "gas": GAS, "amount": amount, "count": shares, "password": WALLET,
            "srcAddress": self.people[from].wallet, "remark": "恭喜",
            "gId": self.log.groups[group].id,
        });
        let key = Some(format!("packet {number}"));
        self.log.packets[number].standing = Standing::Asked;
        let method = ("group", "groupFortuneInsertRedEnvelope");
        if !self.call(from, method, params, key, Purpose::Fund(number)) {
            self.plan_in(AGAIN_MS, Planned::FundAgain(number));
        }
    }

    /// Sends the card of a packet to its group. A second one changes nothing.
    pub(super) fn show_packet(&mut self, number: usize) {
        let Packet { from, group, uid, .. } = self.log.packets[number].clone();
        let id = self.log.groups[group].id.clone();
        let card = json!({
            "cnd": id, "cid": id, "conversationType": 1, "pub": "",
            "content": json!({"uid": uid}).to_string(),
        });
        let method = ("chat", "sendRedPacketMessage");
        if !self.call(from, method, card, None, Purpose::PacketCard(number)) {
            self.plan_in(AGAIN_MS, Planned::ShowPacket(number));
        }
    }

    /// Somebody's node tells of a message that shows a packet: they claim as soon as they can move a
    /// finger.
    pub(super) fn sees_packet(&mut self, who: usize, row: &Value) {
        if row["msg_type"] != CARD {
            return;
        }
        let shown = row["msg_cry"].as_str().and_then(|text| serde_json::from_str(text).ok());
        let Some(uid) = shown.as_ref().and_then(uid_of) else { return };
        let packets = self.log.packets.iter();
        let number = packets.zip(0..).find(|(it, _)| it.uid.as_ref() == Some(&uid));
        if let Some((_, packet)) = number {
            self.rush(packet, who);
        }
    }

    /// Somebody who was away looks at what was shown meanwhile.
    pub(super) fn looks_at_packets(&mut self, who: usize) {
        for packet in 0..self.log.packets.len() {
            let Packet { group, is_shown, .. } = self.log.packets[packet];
            if is_shown && self.log.groups[group].staying.contains(&who) {
                self.rush(packet, who);
            }
        }
    }

    /// Lets somebody claim a moment later, unless they are about to.
    fn rush(&mut self, packet: usize, who: usize) {
        let packets = self.world.scenario.workload.packets.as_ref();
        let [least, most] = packets.map_or([0, 0], |packets| packets.rush_ms);
        let wait = self.dice.between(least, most);
        if let Entry::Vacant(place) = self.log.packets[packet].claims.entry(who) {
            place.insert(Claim::default());
            self.plan_in(wait, Planned::Claim { packet, who });
        }
    }

    pub(super) fn claim(&mut self, packet: usize, who: usize) {
        let Packet { uid, group, .. } = self.log.packets[packet].clone();
        let Some(uid) = uid else { return };
        let params = json!({
            "cnd": "", "groupPassword": "", "receiveNodeId": "", "receiveNickName": "",
            "message": {"uid": uid}, "gId": self.log.groups[group].id,
        });
        let (key, purpose) =
            (Some(format!("claim {packet} {who}")), Purpose::Claim { packet, who });
        if self.call(who, ("group", "groupReceiveEnvelope"), params, key, purpose) {
            let now = self.world.elapsed();
            let claim = self.log.packets[packet].claims.entry(who).or_default();
            claim.called_ms.get_or_insert(now);
            claim.tries += 1;
        } else {
            self.plan_in(AGAIN_MS, Planned::Claim { packet, who });
        }
    }

    /// Notes the answer to a call about a packet.
    pub(super) fn packet_answered(&mut self, at: usize, purpose: Purpose, answer: Answer) {
        let said = code(&answer);
        let uid = answer.as_ref().ok().and_then(uid_of);
        match purpose {
            Purpose::Fund(number) => {
                self.note(at, format!("makes packet {number}: {said}"));
                self.log.packets[number].standing = standing(&answer);
                if standing(&answer) == Standing::Refused(PENDING) {
                    self.plan_in(AGAIN_MS, Planned::FundAgain(number));
                }
                if let Some(uid) = uid {
                    self.log.packets[number].uid = Some(uid);
                    self.show_packet(number);
                }
            }
            Purpose::PacketCard(number) => {
                self.note(at, format!("shows packet {number}: {said}"));
                match answer {
                    Ok(_) => {
                        let packet = &mut self.log.packets[number];
                        packet.is_shown = true;
                        let from = packet.from;
                        self.rush(number, from);
                    }
                    Err(_) if self.has_patience() => {
                        self.plan_in(AGAIN_MS, Planned::ShowPacket(number));
                    }
                    Err(_) => {}
                }
            }
            Purpose::Claim { packet, who } => {
                self.note(at, format!("claims from packet {packet}: {said}"));
                let now = self.world.elapsed();
                let claim = self.log.packets[packet].claims.entry(who).or_default();
                claim.standing = standing(&answer);
                if claim.is_settled() {
                    claim.settled_ms = Some(now);
                }
                if claim.standing == Standing::Refused(UNKNOWN) {
                    // Who does not have the card yet is not waiting for the ledger.
                    claim.called_ms = None;
                }
                let goes_on = !claim.is_over() && claim.tries < TRIES;
                if goes_on && self.has_patience() {
                    self.plan_in(AGAIN_MS, Planned::Claim { packet, who });
                }
            }
            _ => {}
        }
    }

    /// Notes that a call about a packet will not be answered.
    pub(super) fn packet_unanswered(&mut self, purpose: Purpose) {
        match purpose {
            Purpose::Fund(number) => {
                self.log.packets[number].standing = Standing::Unanswered;
                self.plan_in(AGAIN_MS, Planned::FundAgain(number));
            }
            Purpose::PacketCard(number) => {
                self.plan_in(AGAIN_MS, Planned::ShowPacket(number));
            }
            Purpose::Claim { packet, who } => {
                let claim = self.log.packets[packet].claims.entry(who).or_default();
                claim.standing = Standing::Unanswered;
                self.plan_in(AGAIN_MS, Planned::Claim { packet, who });
            }
            _ => {}
        }
    }

    /// Tells whether everybody who stays has claimed from every packet, or nobody tries any more.
    pub(super) fn claims_are_over(&self) -> bool {
        let is_over = |packet: &Packet| {
            let staying = &self.log.groups[packet.group].staying;
            let mut claims = staying.iter().map(|who| packet.claims.get(who));
            packet.is_shown && claims.all(|claim| claim.is_some_and(|claim| claim.is_over()))
        };
        let mut made = self.log.packets.iter().filter(|it| it.standing == Standing::Done);
        !self.has_patience() || made.all(is_over)
    }

    /// Returns how many claims are to be settled: of each packet that was made as many as it has shares,
    /// or as its group has members who stay, if they are fewer.
    pub fn expected_claims(&self) -> u64 {
        let made = self.log.packets.iter().filter(|it| it.standing == Standing::Done);
        let staying = |packet: &Packet| self.log.groups[packet.group].staying.len() as u64;
        made.map(|packet| packet.shares.min(staying(packet))).sum()
    }
}
