//! Signing with the wallet's key: transfers and new packets.

use super::{
    errand::{ErrandId, Frame, Step, Work},
    rows::{IDEMPOTENT_MS, Mark, NAMED, NAMED_ORDER, Named},
    settle::{Settling, Then},
    sign::{CallName, signed},
};
use crate::core::{input::CallId, jobs::Job, login::Lock, turn::Turn};
use ed25519_dalek::SigningKey;
use magpie_protocol::{
    address::Address,
    api::{ApiError, ApiResult, ErrorCode},
    digest::digest,
    domain::CALL_KEY,
    ids::GroupId,
    ledger::{
        Amount, CreatePacket, EntryId, Instruction, PacketKind, Payee, Payment, Rules, Transfer,
        state::{Account, Leaf},
    },
    limits::SETTLED_MS,
};
use magpie_storage::{engine::Order, table::Keys};
use magpie_wallet::kdf::PasswordKey;
use serde_json::json;
use std::collections::BTreeMap;

/// Keys of calls that are forgotten in one step, at most.
const FORGOTTEN: usize = 16;

/// What a wallet is to pay for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Purchase {
    /// A transfer to a friend.
    Transfer {
        /// The friend.
        to: Address,
        /// The friend's keys.
        payee: Payee,
    },
    /// A packet.
    Packet {
        /// Its kind.
        kind: PacketKind,
        /// How many shares.
        count: u32,
        /// The group that it is for, if that was said.
        group: Option<GroupId>,
        /// Its cover.
        cover: u8,
    },
}

impl Purchase {
    /// Returns what a caller asked for, by which a call is told from another with the same key. It
    /// stands in rows as a digest, so that its words stay as they are.
    pub(super) fn asked(&self) -> String {
        match self {
            // The keys of a friend may change; whom one pays does not.
            Self::Transfer { to, .. } => asked_transfer(*to),
            Self::Packet { kind, count, group, cover } => {
                let kind = match kind {
                    PacketKind::Ordinary => "ordinary",
                    PacketKind::Fortune => "fortune",
                    PacketKind::Exclusive => "exclusive",
                    PacketKind::Password => "word",
                    PacketKind::PasswordFortune => "word fortune",
                };
                let group = group.map(|group| group.to_string()).unwrap_or_default();
                format!("packet {kind} {count} {cover} [{group}]")
            }
        }
    }
}

/// Returns what the caller of a transfer asked for, whatever keys the payee has.
pub(super) fn asked_transfer(to: Address) -> String {
    format!("transfer {to}")
}

/// A payment that was asked for and is not signed yet.
#[derive(Debug)]
pub(super) struct Spending {
    pub(super) purchase: Purchase,
    pub(super) amount: Amount,
    pub(super) gas: Amount,
    pub(super) remark: String,
    /// The caller's key for this call, and what was asked.
    pub(super) named: CallName,
    /// The wallet's key, once the password has opened it; it lives until the entry is signed.
    pub(super) key: Option<SigningKey>,
}

impl Spending {
    fn fee(&self, rules: &Rules) -> Amount {
        match &self.purchase {
            Purchase::Transfer { .. } => rules.fees.transfer,
            Purchase::Packet { count, .. } => rules.packet_fee(*count),
        }
    }

    /// Checks what needs no state. Errors: 600 for too little gas, 21007.
    fn check(&self, rules: &Rules) -> ApiResult<()> {
        let fee = self.fee(rules);
        if self.gas < fee {
            let Amount(fee) = fee;
            return Err(ApiError {
                code: ErrorCode::BadParameter,
                message: format!("gas: the fee is {fee} units"),
                data: json!({ "field": "gas", "fee": fee }),
            });
        }
        let limits = &rules.limits;
        let outside = match &self.purchase {
            Purchase::Transfer { .. } => {
                let within = limits.transfer_least..=limits.transfer;
                (!within.contains(&self.amount)).then(|| {
                    format!("a transfer is {} to {} units", within.start().0, within.end().0)
                })
            }
            Purchase::Packet { count, .. } => packet_outside(rules, self.amount, *count),
        };
        match outside {
            Some(why) => Err(ApiError::new(ErrorCode::AmountLimits, why)),
            None => Ok(()),
        }
    }
}

/// Says what is wrong with a packet's amount or count.
fn packet_outside(rules: &Rules, amount: Amount, count: u32) -> Option<String> {
    let limits = &rules.limits;
    if !(1..=limits.packet_shares).contains(&count) {
        return Some(format!("a packet has 1 to {} shares", limits.packet_shares));
    }
    if amount > limits.packet {
        return Some(format!("a packet has at most {} units", limits.packet.0));
    }
    let (least, most) = (limits.share_least.0, limits.share_most.0);
    let shares = u64::from(count);
    let is_within = amount.0 >= least.saturating_mul(shares) && amount.0 / shares <= most;
    (!is_within).then(|| format!("a share is {least} to {most} units"))
}

impl Turn<'_> {
    /// Begins a payment: with the wallet's password, if the account has one. Errors: 600, 21007,
    /// 21009 and 21011 as the parts say; 20010 to 20012 come with the answer.
    pub(super) fn begin_spending(
        &mut self,
        mut spending: Spending,
        password: &str,
    ) -> ApiResult<()> {
        let call = self.call.ok_or(ErrorCode::Unexpected)?;
        self.light()?;
        spending.check(&self.rules()?)?;
        self.check_waiting()?;
        if let Some(entropy) = self.open()?.account.entropy.as_ref() {
            spending.key = entropy.entropy().keys().wallet(0).ok();
            let id = self.begin_errand(Work::Spend(Box::new(spending)))?;
            return self.run_errand(id);
        }
        let id = self.begin_errand(Work::Spend(Box::new(spending)))?;
        let begun = self.attempt(Lock::Wallet, password, |call| Job::Spend { call, errand: id });
        if begun.is_err() || !self.core.jobs.is_spending(id) {
            // The lock has answered the call, or refuses it.
            self.core.money.errands.remove(&id);
            return begun;
        }
        debug_assert_eq!(self.core.money.errands.get(&id).and_then(|it| it.call), Some(call));
        self.run_errand(id)
    }

    /// Goes on with a payment whose password was turned into a key, or counts it as wrong.
    pub(crate) fn try_wallet_key(
        &mut self,
        call: CallId,
        key: &PasswordKey,
        errand: ErrandId,
    ) -> ApiResult<()> {
        let keys = self.core.keys.as_mut().ok_or(ErrorCode::NotRegistered)?;
        let Some(entropy) = keys.open_wallet(key) else {
            if self.core.money.errands.remove(&errand).is_some() {
                self.wrong_password(Lock::Wallet, call);
            } else {
                // Who waited too long, or signed out, has an answer.
                let _counted = keys.wallet_wrong(self.now);
            }
            self.write_keys();
            return Ok(());
        };
        keys.wallet_right();
        self.write_keys();
        let wallet = entropy.keys().wallet(0).ok();
        // After the answer to a call that waited too long nothing is signed.
        let Some(found) = self.core.money.errands.get_mut(&errand) else { return Ok(()) };
        if let Work::Spend(spending) = &mut found.work {
            spending.key = wallet;
        }
        self.run_errand(errand)
    }

    /// Forgets a payment that was not signed yet.
    pub(crate) fn drop_spending(&mut self, errand: ErrandId) {
        self.core.money.errands.remove(&errand);
    }

    /// Signs a payment if the key is there and the wallet's state was shown.
    pub(super) fn try_spend(&mut self, of: &mut Spending, frame: Frame) -> ApiResult<Step> {
        self.light()?;
        let wallet = self.open()?.account.wallet;
        let wanted = || Step::Wants(vec![Account::key(&wallet)]);
        let Some(account) = self.core.money.leaf::<Account>(&wallet, frame.least) else {
            return Ok(wanted());
        };
        let Some(key) = of.key.take() else { return Ok(Step::Waits) };
        let rules = self.rules()?;
        let leaf = account.leaf.unwrap_or_default();
        let (mut sequence, mut left) = (leaf.sequence, Some(leaf.balance));
        let waiting = self.waiting_payments(wallet, leaf.sequence, &rules);
        // The lowest that is free: those above one that was never used wait for it.
        while waiting.contains_key(&sequence) {
            sequence = sequence.saturating_add(1);
        }
        for cost in waiting.into_values() {
            left = left.and_then(|left| left.checked_sub(cost));
        }
        let cost = of.amount.checked_add(of.fee(&rules));
        if left.zip(cost).and_then(|(left, cost)| left.checked_sub(cost)).is_none() {
            return Ok(Step::Ends(Err(ErrorCode::BalanceTooSmall.into())));
        }
        // The ledger's clock counts; this node's is believed as far as a fresh header may be old.
        let latest_ms = account.time_ms.saturating_add(SETTLED_MS);
        let begun_ms = self.now.clamp(account.time_ms, latest_ms);
        let payment = Payment {
            wallet,
            sequence,
            // Half of what is allowed: clocks differ, and a caller learns sooner that nothing moved.
            valid_until_ms: begun_ms.saturating_add(rules.lifetimes.entry / 2),
            gas: of.gas,
        };
        self.sign_payment(of, payment, &key, &rules, frame)
    }

    fn sign_payment(
        &mut self,
        of: &Spending,
        payment: Payment,
        key: &SigningKey,
        rules: &Rules,
        frame: Frame,
    ) -> ApiResult<Step> {
        let (amount, receive) = (of.amount, self.receive_key()?);
        let instruction: Instruction = match &of.purchase {
            Purchase::Transfer { payee, .. } => Transfer { payment, amount, payee: *payee }.into(),
            Purchase::Packet { kind, count, .. } => {
                let lifetime_ms = rules.lifetimes.packet;
                CreatePacket {
                    payment,
                    kind: *kind,
                    amount,
                    count: *count,
                    lifetime_ms,
                    receive,
                    members: None,
                }
                .into()
            }
        };
        let chain = self.chain()?;
        let (id, entry) = signed(&instruction, chain, key)?;
        // What the card says may be refused, so it is first: nothing of that was written then.
        let then = match &of.purchase {
            Purchase::Transfer { to, payee } => {
                self.keep_transfer(id, of, (*to, *payee), rules)?;
                Then::Transfer(id)
            }
            Purchase::Packet { kind, count, group, cover } => {
                self.keep_packet(id, of, (*kind, *count, *cover), *group, rules)?;
                if group.is_some() { Then::Open } else { Then::Packet(id) }
            }
        };
        self.keep_entry(id, &entry)?;
        self.name_entry(of.named, id)?;
        let settling = Settling::kept(id, entry, instruction, then);
        Ok(frame.becomes(Work::Settle(Box::new(settling))))
    }

    /// Returns what the wallet's entries that wait will take: their numbers and what they cost.
    fn waiting_payments(&self, wallet: Address, from: u64, rules: &Rules) -> BTreeMap<u64, Amount> {
        let errands = self.core.money.errands.values();
        let entries = errands.filter_map(|errand| match &errand.work {
            Work::Settle(settling) => Some(&settling.instruction),
            _ => None,
        });
        let ours = entries.filter_map(|instruction| {
            let payment = instruction.payment().filter(|it| it.wallet == wallet)?;
            let cost = instruction.amount().checked_add(instruction.fee(rules))?;
            (payment.sequence >= from).then_some((payment.sequence, cost))
        });
        ours.collect()
    }

    /// Returns the digest of a call's key, and of what it asks.
    pub(super) fn name_of(&self, what: &[u8]) -> CallName {
        let key = self.key.as_ref()?;
        Some((digest(CALL_KEY, key.as_bytes()), digest(CALL_KEY, what)))
    }

    /// Remembers which entry a call's key stands for, and forgets old keys.
    pub(super) fn name_entry(&mut self, named: CallName, id: EntryId) -> ApiResult<()> {
        let Some((key, request)) = named else { return Ok(()) };
        let now = self.now;
        self.write(&NAMED, &(), &key, &Named { entry: id, request, at_ms: now })?;
        self.write(&NAMED_ORDER, &(), &(now, key), &Mark)?;
        let rows = self.rows()?;
        let old = Keys::all().below(&(now.saturating_sub(IDEMPOTENT_MS), [0; 32]));
        let old = NAMED_ORDER.scan(&self.tx, &rows, &(), &old, Order::Ascending, FORGOTTEN);
        for (order, _) in self.stored(old)? {
            self.delete(&NAMED_ORDER, &(), &order)?;
            // The key may stand for a later entry by now.
            if self.read(&NAMED, &(), &order.1)?.is_some_and(|named| named.at_ms == order.0) {
                self.delete(&NAMED, &(), &order.1)?;
            }
        }
        Ok(())
    }
}
