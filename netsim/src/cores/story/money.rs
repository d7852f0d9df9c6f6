//! What people do with money: transfers and red packets, each under a key by which it is made once.

use super::{
    answers::{code, standing},
    driver::{Purpose, Story, WALLET},
    log::{Packet, Payment, Standing},
    plan::Planned,
};
use crate::cores::happening::Answer;
use magpie_protocol::ledger::Amount;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// More than any fee.
const GAS: u64 = 1_000_000;
/// A call that is not decided in time.
const PENDING: u16 = 21_009;
/// Before it is made again, milliseconds.
const AGAIN_MS: u64 = 2_000;
/// How often a claim, or an acceptance, is tried.
const TRIES: usize = 40;

impl Story {
    pub(super) fn pay(&mut self, from: usize, to: usize) {
        let number = self.log.payments.len();
        let amount = Amount::COIN.0 / 10 + 1 + number as u64;
        let (standing, accepted) = (Standing::Asked, Standing::Asked);
        self.log.payments.push(Payment { from, to, amount, standing, uid: None, accepted });
        self.pay_again(number);
    }

    pub(super) fn pay_again(&mut self, number: usize) {
        let Payment { from, to, amount, .. } = self.log.payments[number];
        let params = json!({
            "cnd": self.people[to].address, "gas": GAS, "amount": amount, "password": WALLET,
            "srcAddress": self.people[from].wallet, "senderNickname": "", "senderNodeAddress": "",
            "remark": "lunch",
        });
        let key = Some(format!("payment {number}"));
        self.log.payments[number].standing = Standing::Asked;
        if !self.call(from, ("chat", "insertTransfer"), params, key, Purpose::Pay(number)) {
            self.plan_in(AGAIN_MS, Planned::PayAgain(number));
        }
    }

    pub(super) fn accept(&mut self, number: usize) {
        let Payment { to, uid, .. } = self.log.payments[number].clone();
        let Some(uid) = uid else { return };
        let params = json!({
            "cnd": "", "gas": 0, "password": WALLET, "receiveNodeId": "",
            "receiveNickName": "", "message": {"uid": uid},
        });
        self.call(to, ("chat", "receiveTransfer"), params, None, Purpose::Accept(number));
    }

    pub(super) fn fund(&mut self, from: usize, group: usize) {
        let number = self.log.packets.len();
        let shares = self.shares();
        let amount = shares * Amount::COIN.0 + 1 + number as u64;
        self.log.packets.push(Packet {
            from,
            group,
            amount,
            standing: Standing::Asked,
            uid: None,
            claims: BTreeMap::new(),
        });
        self.fund_again(number);
    }

    fn shares(&self) -> u64 {
        let packets = self.world.scenario.workload.packets.as_ref();
        packets.map_or(1, |packets| u64::from(packets.shares))
    }

    pub(super) fn fund_again(&mut self, number: usize) {
        let Packet { from, group, amount, .. } = self.log.packets[number].clone();
        let params = json!({
            "gas": GAS, "amount": amount, "count": self.shares(), "password": WALLET,
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

    pub(super) fn claim(&mut self, packet: usize, who: usize) {
        let Packet { uid, group, .. } = self.log.packets[packet].clone();
        let Some(uid) = uid else { return };
        let params = json!({
            "cnd": "", "groupPassword": "", "receiveNodeId": "", "receiveNickName": "",
            "message": {"uid": uid}, "gId": self.log.groups[group].id,
        });
        let purpose = Purpose::Claim { packet, who };
        self.call(who, ("group", "groupReceiveEnvelope"), params, None, purpose);
    }

    /// Notes the answer to a call that moves money.
    pub(super) fn money_answered(&mut self, at: usize, purpose: Purpose, answer: Answer) {
        let said = code(&answer);
        let uid = answer.as_ref().ok().and_then(uid_of);
        match purpose {
            Purpose::Pay(number) => {
                self.note(at, format!("makes payment {number}: {said}"));
                self.log.payments[number].standing = standing(&answer);
                if standing(&answer) == Standing::Refused(PENDING) {
                    self.plan_in(AGAIN_MS, Planned::PayAgain(number));
                }
                if let Some(uid) = uid {
                    self.log.payments[number].uid = Some(uid);
                    self.show_payment(number);
                    let wait = self.dice.between(1_000, 6_000);
                    self.plan_in(wait, Planned::Accept(number));
                }
            }
            Purpose::Accept(number) => {
                self.note(at, format!("takes payment {number}: {said}"));
                self.log.payments[number].accepted = standing(&answer);
                if answer.is_err() && self.has_patience() {
                    self.plan_in(AGAIN_MS, Planned::Accept(number));
                }
            }
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
            Purpose::Claim { packet, who } => {
                self.note(at, format!("claims from packet {packet}: {said}"));
                let tries = self.log.packets[packet].claims.len();
                self.log.packets[packet].claims.insert(who, standing(&answer));
                if answer.is_err() && tries < TRIES && self.has_patience() {
                    self.plan_in(AGAIN_MS, Planned::Claim { packet, who });
                }
            }
            _ => {}
        }
    }

    /// Notes that a call that moves money will not be answered.
    pub(super) fn money_unanswered(&mut self, purpose: Purpose) {
        match purpose {
            Purpose::Pay(number) => {
                self.log.payments[number].standing = Standing::Unanswered;
                self.plan_in(AGAIN_MS, Planned::PayAgain(number));
            }
            Purpose::Fund(number) => {
                self.log.packets[number].standing = Standing::Unanswered;
                self.plan_in(AGAIN_MS, Planned::FundAgain(number));
            }
            Purpose::Accept(number) => {
                self.log.payments[number].accepted = Standing::Unanswered;
                self.plan_in(AGAIN_MS, Planned::Accept(number));
            }
            Purpose::Claim { packet, who } => {
                self.log.packets[packet].claims.insert(who, Standing::Unanswered);
                self.plan_in(AGAIN_MS, Planned::Claim { packet, who });
            }
            _ => {}
        }
    }

    /// Tells whether what was refused is tried again: for a while after the work is over.
    fn has_patience(&self) -> bool {
        self.world.now < self.until.saturating_add(20_000)
    }

    fn show_payment(&mut self, number: usize) {
        let Payment { from, to, uid, .. } = self.log.payments[number].clone();
        let address = self.people[to].address.clone();
        let card = json!({
            "cnd": address, "cid": address, "conversationType": 0, "pub": "",
            "content": json!({"uid": uid}).to_string(),
        });
        let purpose = Purpose::PaymentCard;
        self.call(from, ("chat", "sendTransferMessage"), card, None, purpose);
    }

    fn show_packet(&mut self, number: usize) {
        let Packet { from, group, uid, .. } = self.log.packets[number].clone();
        let id = self.log.groups[group].id.clone();
        let card = json!({
            "cnd": id, "cid": id, "conversationType": 1, "pub": "",
            "content": json!({"uid": uid}).to_string(),
        });
        self.call(from, ("chat", "sendRedPacketMessage"), card, None, Purpose::PacketCard);
        for who in self.log.groups[group].staying.clone() {
            let wait = self.dice.between(1_000, 8_000);
            self.plan_in(wait, Planned::Claim { packet: number, who });
        }
    }
}

fn uid_of(data: &Value) -> Option<String> {
    data["uid"].as_str().map(str::to_owned)
}
