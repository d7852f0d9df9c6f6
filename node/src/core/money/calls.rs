//! The calls that move money, as the bodies of the API make them.

use super::{
    errand::{Errand, Work},
    look::Look,
    rows::{Fate, NAMED, OPERATIONS},
    settle::Settling,
    sign::Signing,
    spend::{Purchase, Spending},
};
use crate::core::{chat::rows::Room, input::CallId, jobs::Job, login::Lock, turn::Turn};
use magpie_protocol::{
    address::Address,
    api::{ApiError, ApiResult, ErrorCode},
    ids::GroupId,
    keys::IssuerKey,
    ledger::{Amount, Entry, EntryId, PacketKind},
};
use magpie_wallet::kdf::PasswordKey;

/// What pays, and how much at most.
#[derive(Debug, Clone)]
pub(crate) struct Paying<'a> {
    /// The amount.
    pub(crate) amount: Amount,
    /// The most that the caller pays as a fee.
    pub(crate) gas: Amount,
    /// The wallet that pays, as the caller names it.
    pub(crate) from: Address,
    /// The wallet's password.
    pub(crate) password: &'a str,
    /// What it is for.
    pub(crate) remark: &'a str,
}

/// Whether a call with a key of its own was made before.
enum Made {
    /// It was not; what to remember if it succeeds.
    New(Option<([u8; 32], [u8; 32])>),
    /// It was, and this came of it.
    Before(EntryId, Fate),
}

impl Turn<'_> {
    /// Funds a packet for a group, which may be named when its card is sent. The answer comes through
    /// an effect. Errors: those of the checks in `spend`, 20043 and what speaking there needs.
    pub(crate) fn fund_packet(
        &mut self,
        kind: PacketKind,
        group: Option<GroupId>,
        (count, cover): (u32, u8),
        paying: &Paying<'_>,
    ) -> ApiResult<()> {
        if let Some(group) = group {
            self.check_writable(Room::Group(group))?;
        }
        let purchase = Purchase::Packet { kind, count, group, cover };
        self.pay(purchase, paying)
    }

    /// Pays a transfer to a friend. The answer comes through an effect. Errors: 20074, 20075, 21010,
    /// and those of the checks in `spend`.
    pub(crate) fn fund_transfer(&mut self, to: Address, paying: &Paying<'_>) -> ApiResult<()> {
        self.check_writable(Room::Direct(to))?;
        let payee = self.payee_of(to)?;
        self.pay(Purchase::Transfer { to, payee }, paying)
    }

    fn pay(&mut self, purchase: Purchase, paying: &Paying<'_>) -> ApiResult<()> {
        let wallet = self.open()?.account.wallet;
        if paying.from != wallet {
            return Err(ApiError::new(
                ErrorCode::BadParameter,
                "srcAddress: is not this account's wallet",
            ));
        }
        let Paying { amount, gas, remark, .. } = paying;
        let asked = format!("{} {} {} {remark}", purchase.asked(), amount.0, gas.0);
        let named = match self.made_before(asked.as_bytes())? {
            Made::New(named) => named,
            Made::Before(id, fate) => return self.answer_again(id, fate),
        };
        let spending = Spending {
            purchase,
            amount: *amount,
            gas: *gas,
            remark: (*remark).to_owned(),
            named,
            key: None,
        };
        self.begin_spending(spending, paying.password)
    }

    /// Tells whether the call's key stands for an entry already. Errors: 600 for a key that stands for
    /// another call, 21009 for one whose call is under way.
    fn made_before(&mut self, asked: &[u8]) -> ApiResult<Made> {
        let Some((key, request)) = self.name_of(asked) else { return Ok(Made::New(None)) };
        let is_other = || {
            ApiError::new(ErrorCode::BadParameter, "the idempotency key was used for another call")
        };
        let errands = self.core.money.errands.values();
        let mut under_way = errands.filter_map(|errand| match &errand.work {
            Work::Spend(spending) => spending.named.filter(|(it, _)| *it == key),
            _ => None,
        });
        if let Some((_, asked)) = under_way.next() {
            return Err(if asked == request { ErrorCode::Pending.into() } else { is_other() });
        }
        let Some(named) = self.read(&NAMED, &(), &key)? else {
            return Ok(Made::New(Some((key, request))));
        };
        if named.request != request {
            return Err(is_other());
        }
        let row = self.read(&OPERATIONS, &(), &named.entry)?;
        Ok(match row.map(|row| row.fate) {
            // It is proven that nothing moved, and nothing will: it may be signed again.
            Some(Fate::Never) | None => Made::New(Some((key, request))),
            Some(fate) => Made::Before(named.entry, fate),
        })
    }

    /// Answers a call that was made before with what came of it, or lets it wait for that.
    fn answer_again(&mut self, id: EntryId, fate: Fate) -> ApiResult<()> {
        let call = self.call.ok_or(ErrorCode::Unexpected)?;
        if let Fate::Final { .. } = fate {
            let answer = match self.read(&super::rows::PACKETS, &(), &id)? {
                Some(_) => self.packet_answer(id),
                None => self.transfer_answer(id),
            };
            self.answer(call, answer);
            return Ok(());
        }
        let deadline_ms = self.now.saturating_add(super::errand::ANSWER_MS);
        for errand in self.core.money.errands.values_mut() {
            let Errand { work: Work::Settle(settling), .. } = errand else { continue };
            if settling.id == id && errand.call.is_none() {
                (errand.call, errand.deadline_ms) = (Some(call), deadline_ms);
                return Ok(());
            }
        }
        let mut pending = ApiError::from(ErrorCode::Pending);
        pending.data = serde_json::json!({ "uid": id.to_string() });
        Err(pending)
    }

    /// Opens one's own packet for whom its card names, with nobody waiting.
    pub(super) fn begin_opening(&mut self, packet: EntryId) -> ApiResult<()> {
        let (call, deadline_ms, least) = (None, self.now, self.core.money.height());
        let work = Work::Sign(Signing::Open { packet });
        let id = self.add_errand(Errand { call, deadline_ms, least, work })?;
        self.run_errand(id)
    }

    /// Takes a share of a packet. The answer comes through an effect. Error: 21006 for a packet
    /// without a card here.
    pub(crate) fn claim_packet(&mut self, packet: EntryId) -> ApiResult<()> {
        self.packet_row(packet)?;
        self.sign_now(Signing::Claim { packet })
    }

    /// Accepts a transfer. A wallet password that is given is checked, where the account has one. The
    /// answer comes through an effect. Error: 21006 for a transfer without a card here.
    pub(crate) fn accept_transfer(
        &mut self,
        transfer: EntryId,
        password: Option<&str>,
    ) -> ApiResult<()> {
        self.transfer_row(transfer)?;
        self.begin_signing(Signing::Decide { transfer, accepts: true }, password)
    }

    /// Sends a transfer back to who paid it. The answer comes through an effect. Errors: 21006 for a
    /// transfer without a card here, and 400 for one that is another's.
    pub(crate) fn refund_transfer(&mut self, transfer: EntryId) -> ApiResult<()> {
        let row = self.transfer_row(transfer)?;
        if !self.is_own(row.card.to)? {
            return Err(ApiError::new(ErrorCode::Cause400, "you are not the payee"));
        }
        self.begin_signing(Signing::Decide { transfer, accepts: false }, None)
    }

    /// Signs with the receive key, after a wallet password that was given turned out to be right.
    fn begin_signing(&mut self, signing: Signing, password: Option<&str>) -> ApiResult<()> {
        self.light()?;
        let has_lock = self.open()?.account.entropy.is_none();
        match password.filter(|_| has_lock) {
            Some(password) => {
                self.attempt(Lock::Wallet, password, |call| Job::Allow { call, signing })
            }
            None => self.sign_now(signing),
        }
    }

    /// Signs with the receive key for the call of this step.
    fn sign_now(&mut self, signing: Signing) -> ApiResult<()> {
        let id = self.begin_errand(Work::Sign(signing))?;
        self.run_errand(id)
    }

    /// Signs if a wallet password was right, or counts it as wrong.
    pub(crate) fn allow_signing(
        &mut self,
        call: CallId,
        key: &PasswordKey,
        signing: Signing,
    ) -> ApiResult<()> {
        let keys = self.core.keys.as_mut().ok_or(ErrorCode::NotRegistered)?;
        if keys.open_wallet(key).is_none() {
            self.wrong_password(Lock::Wallet, call);
            self.write_keys();
            return Ok(());
        }
        keys.wallet_right();
        self.write_keys();
        self.sign_now(signing)
    }

    /// Answers with what the wallet has.
    pub(crate) fn ask_wallet(&mut self) -> ApiResult<()> {
        self.look_for(Look::Wallet)
    }

    /// Answers with what became of a packet. Error: 21006.
    pub(crate) fn ask_packet(&mut self, packet: EntryId) -> ApiResult<()> {
        self.packet_row(packet)?;
        self.look_for(Look::Packet(packet))
    }

    /// Answers with what became of a transfer. Error: 21006.
    pub(crate) fn ask_transfer(&mut self, transfer: EntryId) -> ApiResult<()> {
        self.transfer_row(transfer)?;
        self.look_for(Look::Transfer(transfer))
    }

    /// Answers with the next sequence number of an issuer.
    pub(crate) fn ask_issuer(&mut self, issuer: IssuerKey) -> ApiResult<()> {
        self.look_for(Look::Issuer(issuer))
    }

    /// Answers with the header of a height.
    pub(crate) fn ask_header(&mut self, height: u64) -> ApiResult<()> {
        self.look_for(Look::Header { height, asked: false, found: None })
    }

    fn look_for(&mut self, look: Look) -> ApiResult<()> {
        let id = self.begin_errand(Work::Look(look))?;
        self.run_errand(id)
    }

    /// Hands on an entry that somebody else signed, and answers when the ledger has decided. Errors:
    /// 600 for an entry that is valid nowhere.
    pub(crate) fn hand_on_foreign(&mut self, entry: Entry) -> ApiResult<()> {
        let wrong =
            |error: String| ApiError::new(ErrorCode::BadParameter, format!("entry: {error}"));
        let (chain, rules) = (self.chain()?, self.rules()?);
        let verified = entry.verify(chain, &rules).map_err(|error| wrong(error.to_string()))?;
        let (id, instruction) = (verified.id(), verified.instruction().clone());
        let settling = Settling::foreign(id, verified.entry().clone(), instruction);
        let id = self.begin_errand(Work::Settle(Box::new(settling)))?;
        self.run_errand(id)
    }
}
