//! What people do with money: transfers, each under a key by which it is made once.

use super::{
    answers::{code, standing},
    driver::{Purpose, Story, WALLET},
    log::{Payment, Standing},
    plan::Planned,
};
use crate::cores::happening::Answer;
use magpie_protocol::ledger::Amount;
use serde_json::{Value, json};

/// More than any fee.
pub(super) const GAS: u64 = 1_000_000;
/// A call that is not decided in time.
pub(super) const PENDING: u16 = 21_009;
/// Before it is made again, milliseconds.
pub(super) const AGAIN_MS: u64 = 2_000;

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
            other => self.packet_answered(at, other, answer),
        }
    }

    /// Notes that a call that moves money will not be answered.
    pub(super) fn money_unanswered(&mut self, purpose: Purpose) {
        match purpose {
            Purpose::Pay(number) => {
                self.log.payments[number].standing = Standing::Unanswered;
                self.plan_in(AGAIN_MS, Planned::PayAgain(number));
            }
            Purpose::Accept(number) => {
                self.log.payments[number].accepted = Standing::Unanswered;
                self.plan_in(AGAIN_MS, Planned::Accept(number));
            }
            other => self.packet_unanswered(other),
        }
    }

    /// Tells whether what was refused is tried again: for a while after the work is over.
    pub(super) fn has_patience(&self) -> bool {
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
}

/// Returns the uid of a transfer or packet that an answer or a card names.
pub(super) fn uid_of(data: &Value) -> Option<String> {
    data["uid"].as_str().map(str::to_owned)
}
