//! Packets, transfers and the wallet as the API shows them.

use super::{memory::Seen, rows::PacketRow};
use crate::core::{effect::Answer, turn::Turn};
use magpie_protocol::{
    address::Address,
    api::{
        ApiError, ApiResult, Data, ErrorCode,
        field::OneOrGroup12,
        ledger::DecidedHeaderRow,
        money::{MoneyNotice, MoneyStatus, PacketData, PacketType, PacketUser, TransferData},
        remittance::{RemittanceRecord, RemittanceStatus},
        wallet::WalletInfo,
    },
    content::{Audience, PacketCard, TransferCard},
    ids::GroupId,
    keys::ReceiveKey,
    ledger::{
        EntryId,
        exchange::DecidedHeader,
        state::{Account, Claim, Packet, Transfer, TransferState},
    },
};
use magpie_wallet::light::Freshness;
use serde::Serialize;
use serde_json::Value;

/// Returns an answer's data as JSON. Error: 500, which no type of the contract leads to.
pub(super) fn data<T: Serialize>(data: &T) -> Answer {
    Data::of(data).map_err(|e| ApiError::new(ErrorCode::Failed, e.to_string()))
}

/// Returns data that becomes a part of a larger answer.
pub(super) fn tree<T: Serialize>(data: &T) -> ApiResult<Value> {
    serde_json::to_value(data).map_err(|e| ApiError::new(ErrorCode::Failed, e.to_string()))
}

impl Turn<'_> {
    /// Returns the data of a packet that this account made or claimed from.
    pub(super) fn packet_answer(&mut self, packet: EntryId) -> Answer {
        let row = self.packet_row(packet)?;
        let mut shown = self.packet_data(&row.card, row.sender, row.group, MoneyNotice::Card)?;
        shown.receives = self.packet_users(&row)?;
        shown.status = self.packet_status(&row)?;
        // The card is its author's word; once the ledger has spoken, that counts.
        if let Some(leaf) = self.core.money.leaf::<Packet>(&packet, 0).and_then(|seen| seen.leaf) {
            (shown.amount, shown.count) = (leaf.amount, leaf.count);
            (shown.kind, shown.from_address) = (PacketType::from(leaf.kind), leaf.from);
            shown.expiration_time = leaf.expires_ms;
        }
        data(&shown)
    }

    /// Returns the data of a packet as its card says them.
    pub(crate) fn packet_data(
        &mut self,
        card: &PacketCard,
        sender: Address,
        group: Option<GroupId>,
        msg_type: MoneyNotice,
    ) -> ApiResult<PacketData> {
        let one = match &card.audience {
            Audience::One(who) => Some(*who),
            Audience::Members { .. } => None,
        };
        let (to_address, to_address_public_key, to_nic) = match one {
            Some(who) => self.paid_face(who)?,
            None => Default::default(),
        };
        let conversation_type = match (group, one) {
            (None, Some(_)) => OneOrGroup12::One,
            _ => OneOrGroup12::Group,
        };
        Ok(PacketData {
            uid: card.packet,
            hash: card.packet,
            amount: card.amount,
            count: card.count,
            from_address: card.from,
            expiration_time: card.expires_ms,
            sender_nickname: card.nickname.to_string(),
            sender_node_address: sender,
            to_address,
            password: String::new(),
            msg_content: String::new(),
            to_address_public_key,
            to_node_addr: one.map_or_else(String::new, |who| who.to_string()),
            to_nic,
            remark: card.remark.to_string(),
            is_expire: self.now >= card.expires_ms,
            receives: vec![],
            kind: PacketType::from(card.kind),
            cover: card.cover.into(),
            status: MoneyStatus::Unclaimed,
            conversation_type,
            msg_type,
        })
    }

    /// Returns the wallet, the curve key and the nickname of somebody, as far as they are known.
    fn paid_face(&mut self, who: Address) -> ApiResult<(String, String, String)> {
        if self.is_own(who)? {
            let open = self.open()?;
            let keys = &open.account.key_part.keys;
            let nickname = open.profile.nickname.clone();
            return Ok((keys.wallet.to_string(), keys.curve.to_string(), nickname));
        }
        let person = self.person(who)?;
        let wallet = person.card.as_ref().map(|card| card.keys.keys.wallet.to_string());
        Ok((wallet.unwrap_or_default(), person.curve_key(), person.nickname(who)))
    }

    /// Returns who took a share of a packet, in the order of the claims' blocks, as far as it was
    /// shown.
    pub(super) fn packet_users(&mut self, row: &PacketRow) -> ApiResult<Vec<PacketUser>> {
        let Ok(payees) = self.audience_payees(row) else { return Ok(vec![]) };
        let packet = row.card.packet;
        let money = &self.core.money;
        let claim = |key: ReceiveKey| money.leaf::<Claim>(&(packet, key), 0)?.leaf;
        let mut users: Vec<_> = payees
            .iter()
            .filter_map(|(who, payee)| Some((*who, payee.receive, claim(payee.receive)?)))
            .collect();
        users.sort_by_key(|(_, key, claim)| (claim.height, *key));
        // An account may stand in the group with a key of somebody else: the key counts, once.
        users.dedup_by_key(|(_, key, _)| *key);
        let user = |(who, receive_key, claim): (Address, ReceiveKey, Claim)| PacketUser {
            user_id: who.to_string(),
            price: claim.paid.map_or_else(Default::default, |paid| paid.amount),
            got_at: money.time_of(claim.height),
            slot: claim.paid.and_then(|paid| paid.slot),
            height: claim.height,
            paid_height: claim.paid.map(|paid| paid.height),
            receive_key,
            wallet: claim.wallet,
        };
        Ok(users.into_iter().map(user).collect())
    }

    /// Tells how a packet stands to this account, as far as it was shown.
    fn packet_status(&mut self, row: &PacketRow) -> ApiResult<MoneyStatus> {
        let mine = (row.card.packet, self.receive_key()?);
        let money = &self.core.money;
        if money.leaf::<Claim>(&mine, 0).is_some_and(|seen| seen.leaf.is_some()) {
            return Ok(MoneyStatus::Received);
        }
        Ok(match money.leaf::<Packet>(&row.card.packet, 0).and_then(|seen| seen.leaf) {
            None => MoneyStatus::Sending,
            Some(leaf) if leaf.over && leaf.rest.0 == 0 => MoneyStatus::Returned,
            Some(leaf) if leaf.over || self.now >= leaf.expires_ms => MoneyStatus::Expired,
            Some(_) => MoneyStatus::Unclaimed,
        })
    }

    /// Returns the data of a transfer that this account made or decided about.
    pub(super) fn transfer_answer(&mut self, transfer: EntryId) -> Answer {
        let row = self.transfer_row(transfer)?;
        let mut shown = self.transfer_data(&row.card, row.sender, MoneyNotice::Card)?;
        let leaf = self.core.money.leaf::<Transfer>(&transfer, 0).and_then(|seen| seen.leaf);
        shown.status = match leaf.map(|leaf| leaf.state) {
            None => MoneyStatus::Sending,
            Some(TransferState::Waiting) => MoneyStatus::Unclaimed,
            Some(TransferState::Accepted { .. }) => MoneyStatus::Received,
            Some(_) => MoneyStatus::Returned,
        };
        if let Some(leaf) = leaf {
            shown.to_address = leaf.payee.wallet.to_string();
            (shown.amount, shown.from_address) = (leaf.amount, leaf.from);
            shown.expiration_time = leaf.expires_ms;
        }
        data(&shown)
    }

    /// Returns the data of a transfer as its card says them.
    pub(crate) fn transfer_data(
        &mut self,
        card: &TransferCard,
        sender: Address,
        msg_type: MoneyNotice,
    ) -> ApiResult<TransferData> {
        let (to_address, to_address_public_key, to_nic) = self.paid_face(card.to)?;
        Ok(TransferData {
            uid: card.transfer,
            hash: card.transfer,
            amount: card.amount,
            count: 1,
            from_address: card.from,
            expiration_time: card.expires_ms,
            sender_nickname: card.nickname.to_string(),
            sender_node_address: sender,
            to_address,
            password: String::new(),
            msg_content: String::new(),
            to_address_public_key,
            to_node_addr: card.to,
            to_nic,
            remark: card.remark.to_string(),
            is_expire: self.now >= card.expires_ms,
            receives: vec![],
            kind: PacketType::Ordinary,
            cover: 1.into(),
            status: MoneyStatus::Unclaimed,
            conversation_type: OneOrGroup12::One,
            msg_type,
        })
    }

    /// Returns what the wallet has.
    pub(super) fn wallet_answer(&self, seen: &Seen<Account>) -> Answer {
        let open = self.open()?;
        let light = self.light()?;
        let is_newest = seen.height == light.tip().height;
        data(&WalletInfo {
            address: open.account.wallet,
            balance: seen.leaf.unwrap_or_default().balance,
            has_payment_password: open.account.entropy.is_none(),
            as_of: seen.time_ms,
            height: seen.height,
            settled: is_newest && light.freshness(self.now) == Freshness::Settled,
        })
    }

    /// Returns what became of a transfer.
    pub(super) fn remittance_answer(&mut self, transfer: EntryId) -> Answer {
        let row = self.transfer_row(transfer)?;
        let seen = self.core.money.leaf::<Transfer>(&transfer, 0);
        let seen = seen.ok_or(ErrorCode::Pending)?;
        let leaf = seen.leaf.ok_or(ErrorCode::PacketUnknown)?;
        let chat_id = self.chat_of(row.sender, row.card.to)?;
        let (status, height) = match leaf.state {
            TransferState::Waiting => (RemittanceStatus::Pending, 0),
            TransferState::Accepted { height } => (RemittanceStatus::Accepted, height),
            TransferState::Declined { height } => (RemittanceStatus::Declined, height),
            TransferState::Returned { height } => (RemittanceStatus::Returned, height),
        };
        let decided_ms = self.core.money.time_of(height);
        let at = |is: bool| if is { decided_ms } else { 0 };
        data(&RemittanceRecord {
            kind: OneOrGroup12::One,
            remittance_id: transfer,
            payer: row.sender.to_string(),
            payee: row.card.to.to_string(),
            remitted_at: row.made_ms,
            received_at: at(status == RemittanceStatus::Accepted),
            refunded_at: at(matches!(
                status,
                RemittanceStatus::Declined | RemittanceStatus::Returned
            )),
            chat_id,
            description: row.card.remark.to_string(),
            amount: leaf.amount,
            status,
            expires_at: leaf.expires_ms,
            from_address: leaf.from,
            to_address: leaf.payee.wallet,
            height,
            as_of_height: seen.height,
        })
    }

    /// Returns a header with its certificate.
    pub(super) fn header_answer(&self, decided: &DecidedHeader) -> Answer {
        data(&DecidedHeaderRow::of(&decided.header, &decided.certificate)?)
    }
}
