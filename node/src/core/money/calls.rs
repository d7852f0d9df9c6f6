//! The calls that move money, as the bodies of the API make them.

use super::{
    errand::{Errand, Work},
    look::Look,
    rows::{Fate, NAMED, OPERATIONS},
    settle::Settling,
    sign::{CallName, Signing},
    spend::{Purchase, Spending, asked_transfer},
};
use crate::core::{
    agenda::Task, chat::rows::Room, input::CallId, jobs::Job, login::Lock, turn::Turn,
};
use magpie_protocol::{
    address::Address,
    api::{ApiError, ApiResult, ErrorCode},
    ids::GroupId,
    keys::IssuerKey,
    ledger::{Amount, Entry, EntryId, Instruction, PacketKind},
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
    New(CallName),
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
        let purchase = Purchase::Packet { kind, count, group, cover };
        let Some(named) = self.new_payment(&purchase.asked(), paying)? else { return Ok(()) };
        if let Some(group) = group {
            self.check_writable(Room::Group(group))?;
        }
        self.pay(purchase, paying, named)
    }

    /// Pays a transfer to a friend. The answer comes through an effect. Errors: 20074, 20075, 21010,
    /// and those of the checks in `spend`.
    pub(crate) fn fund_transfer(&mut self, to: Address, paying: &Paying<'_>) -> ApiResult<()> {
        let asked = asked_transfer(to);
        let Some(named) = self.new_payment(&asked, paying)? else { return Ok(()) };
        self.check_writable(Room::Direct(to))?;
        let payee = self.payee_of(to)?;
        self.pay(Purchase::Transfer { to, payee }, paying, named)
    }

    /// Tells whether a payment is a new one, and what to remember of its call's key. What was asked
    /// for before is answered again, whatever has become of the friend or group since.
    fn new_payment(&mut self, asked: &str, paying: &Paying<'_>) -> ApiResult<Option<CallName>> {
        let Paying { amount, gas, remark, .. } = paying;
        let asked = format!("{asked} {} {} {remark}", amount.0, gas.0);
        match self.made_before(asked.as_bytes())? {
            Made::New(named) => Ok(Some(named)),
            Made::Before(id, fate) => self.answer_again(id, fate).map(|()| None),
        }
    }

    fn pay(&mut self, purchase: Purchase, paying: &Paying<'_>, named: CallName) -> ApiResult<()> {
        let wallet = self.open()?.account.wallet;
        if paying.from != wallet {
            return Err(ApiError::new(
                ErrorCode::BadParameter,
                "srcAddress: is not this account's wallet",
            ));
        }
        let Paying { amount, gas, remark, .. } = paying;
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
            Work::Sign(_, named) => named.filter(|(it, _)| *it == key),
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
        let row = self.read(&OPERATIONS, &(), &id)?;
        let entry = row.and_then(|row| Entry::from_bytes(&row.entry).ok());
        // What was kept was signed here: it reads back.
        let instruction = entry.and_then(|entry| entry.instruction().ok());
        let (look, uid) = match instruction.ok_or(ErrorCode::Unexpected)? {
            Instruction::CreatePacket(_) => (Look::MadePacket(id), id),
            Instruction::ClaimPacket(body) => (Look::MadePacket(body.packet), body.packet),
            Instruction::Accept(body) => (Look::MadeTransfer(body.transfer), body.transfer),
            Instruction::Decline(body) => (Look::Transfer(body.transfer), body.transfer),
            _ => (Look::MadeTransfer(id), id),
        };
        if let Fate::Final { .. } = fate {
            return self.look_for(look);
        }
        let deadline_ms = self.now.saturating_add(super::errand::ANSWER_MS);
        for errand in self.core.money.errands.values_mut() {
            let Errand { work: Work::Settle(settling), .. } = errand else { continue };
            if settling.id == id && errand.call.is_none() {
                (errand.call, errand.deadline_ms) = (Some(call), deadline_ms);
                self.core.agenda.plan(Task::Errands, deadline_ms);
                return Ok(());
            }
        }
        let mut pending = ApiError::from(ErrorCode::Pending);
        pending.data = serde_json::json!({ "uid": uid.to_string() });
        Err(pending)
    }

    /// Opens one's own packet for whom its card names, with nobody waiting.
    pub(super) fn begin_opening(&mut self, packet: EntryId) -> ApiResult<()> {
        let (call, deadline_ms, least) = (None, self.now, self.core.money.height());
        let work = Work::Sign(Signing::Open { packet }, None);
        let id = self.add_errand(Errand::new(call, deadline_ms, least, work))?;
        self.run_errand(id)
    }

    /// Takes a share of a packet. The answer comes through an effect. Error: 21006 for a packet
    /// without a card here.
    pub(crate) fn claim_packet(&mut self, packet: EntryId) -> ApiResult<()> {
        let signing = Signing::Claim { packet };
        let Some(named) = self.new_signing(signing)? else { return Ok(()) };
        self.packet_row(packet)?;
        self.sign_now(signing, named)
    }

    /// Accepts a transfer. A wallet password that is given is checked, where the account has one. The
    /// answer comes through an effect. Error: 21006 for a transfer without a card here.
    pub(crate) fn accept_transfer(
        &mut self,
        transfer: EntryId,
        password: Option<&str>,
    ) -> ApiResult<()> {
        let signing = Signing::Decide { transfer, accepts: true };
        let Some(named) = self.new_signing(signing)? else { return Ok(()) };
        self.transfer_row(transfer)?;
        self.begin_signing(signing, named, password)
    }

    /// Sends a transfer back to who paid it. The answer comes through an effect. Errors: 21006 for a
    /// transfer without a card here, and 400 for one that is another's.
    pub(crate) fn refund_transfer(&mut self, transfer: EntryId) -> ApiResult<()> {
        let signing = Signing::Decide { transfer, accepts: false };
        let Some(named) = self.new_signing(signing)? else { return Ok(()) };
        let row = self.transfer_row(transfer)?;
        if !self.is_own(row.card.to)? {
            return Err(ApiError::new(ErrorCode::Cause400, "you are not the payee"));
        }
        self.begin_signing(signing, named, None)
    }

    /// Tells whether a call that signs with the receive key is a new one, and what to remember of its
    /// key. What was asked for before is answered again.
    fn new_signing(&mut self, signing: Signing) -> ApiResult<Option<CallName>> {
        match self.made_before(signing.asked().as_bytes())? {
            Made::New(named) => Ok(Some(named)),
            Made::Before(id, fate) => self.answer_again(id, fate).map(|()| None),
        }
    }

    /// Signs with the receive key, after a wallet password that was given turned out to be right.
    fn begin_signing(
        &mut self,
        signing: Signing,
        named: CallName,
        password: Option<&str>,
    ) -> ApiResult<()> {
        self.light()?;
        let has_lock = self.open()?.account.entropy.is_none();
        match password.filter(|_| has_lock) {
            Some(password) => {
                self.attempt(Lock::Wallet, password, |call| Job::Allow { call, signing, named })
            }
            None => self.sign_now(signing, named),
        }
    }

    /// Signs with the receive key for the call of this step.
    fn sign_now(&mut self, signing: Signing, named: CallName) -> ApiResult<()> {
        let id = self.begin_errand(Work::Sign(signing, named))?;
        self.run_errand(id)
    }

    /// Signs if a wallet password was right, or counts it as wrong.
    pub(crate) fn allow_signing(
        &mut self,
        call: CallId,
        key: &PasswordKey,
        (signing, named): (Signing, CallName),
    ) -> ApiResult<()> {
        let keys = self.core.keys.as_mut().ok_or(ErrorCode::NotRegistered)?;
        if keys.open_wallet(key).is_none() {
            self.wrong_password(Lock::Wallet, call);
            self.write_keys();
            return Ok(());
        }
        keys.wallet_right();
        self.write_keys();
        self.sign_now(signing, named)
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
        // A super node has the ledger itself.
        let Some(call) = self.call.filter(|_| self.core.orderer.is_some()) else {
            return self.look_for(Look::Header(height));
        };
        let found = self.decided_header(height);
        let found = found.map_err(|halt| ApiError::new(ErrorCode::Store, halt.to_string()))?;
        let why = "height: no header of this height is decided";
        let found = found.ok_or_else(|| ApiError::new(ErrorCode::OutOfRange, why))?;
        let answer = self.header_answer(&found);
        self.answer(call, answer);
        Ok(())
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
