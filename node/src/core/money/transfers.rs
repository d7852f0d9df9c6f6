//! Transfers that this account made or got a card of.

use super::{
    packets::shortened,
    rows::{TRANSFERS, TransferRow},
    spend::Spending,
};
use crate::core::{chat::rows::Room, turn::Turn};
use magpie_protocol::{
    address::Address,
    api::{ApiError, ApiResult, ErrorCode, chat::MessageRow},
    content::{Content, TransferCard, TransferMessage, TransferNotice},
    ids::MessageId,
    ledger::{
        EntryId, Payee, Rules,
        state::{Transfer as Leaf, TransferState},
    },
};

impl Turn<'_> {
    /// Keeps what the card of a new transfer will say.
    pub(super) fn keep_transfer(
        &mut self,
        transfer: EntryId,
        of: &Spending,
        (to, _payee): (Address, Payee),
        rules: &Rules,
    ) -> ApiResult<()> {
        let open = self.open()?;
        let (sender, from) = (open.account.address, open.account.wallet);
        let nickname = open.profile.nickname.clone();
        let card = TransferCard {
            transfer,
            amount: of.amount,
            from,
            to,
            expires_ms: self.now.saturating_add(rules.lifetimes.transfer),
            remark: shortened(&of.remark),
            nickname: shortened(&nickname),
        };
        let row = TransferRow { card, sender, message: None, made_ms: self.now };
        self.write(&TRANSFERS, &(), &transfer, &row)
    }

    /// Returns a transfer that this node knows of. Error: 21006.
    pub(super) fn transfer_row(&mut self, transfer: EntryId) -> ApiResult<TransferRow> {
        let row = self.read(&TRANSFERS, &(), &transfer)?;
        row.ok_or_else(|| ErrorCode::PacketUnknown.into())
    }

    /// Sends the card of one's own transfer to its payee. Errors: 21006, 21005 for a transfer of or
    /// to somebody else, and those of writing there.
    pub(crate) fn send_transfer_card(
        &mut self,
        room: Room,
        transfer: EntryId,
    ) -> ApiResult<MessageRow> {
        let mut row = self.transfer_row(transfer)?;
        if !self.is_own(row.sender)? || room != Room::Direct(row.card.to) {
            return Err(ApiError::new(
                ErrorCode::NotEligible,
                "the transfer is not this account's, or for somebody else",
            ));
        }
        self.check_writable(room)?;
        if self.is_never(transfer)? {
            return Err(ErrorCode::PacketUnknown.into());
        }
        let card = Content::Transfer(TransferMessage::Card(Box::new(row.card.clone())));
        let id = self.say(room, &card)?;
        row.message = Some(id);
        self.write(&TRANSFERS, &(), &transfer, &row)?;
        let (room, order, stored) = self.message(id)?;
        self.message_row(room, order, &stored)
    }

    /// Tells the payer what one decided about a transfer. Errors: 21006 before that, 20091, and those of writing there.
    pub(crate) fn send_transfer_notice(
        &mut self,
        room: Room,
        transfer: EntryId,
        card: MessageId,
    ) -> ApiResult<MessageRow> {
        self.transfer_row(transfer)?;
        let seen = self.core.money.leaf::<Leaf>(&transfer, 0);
        let accepted = match seen.and_then(|seen| seen.leaf).map(|leaf| leaf.state) {
            Some(TransferState::Accepted { .. }) => true,
            Some(TransferState::Declined { .. }) => false,
            _ => {
                let why = "the transfer is not decided, as far as this node knows";
                return Err(ApiError::new(ErrorCode::PacketUnknown, why));
            }
        };
        self.message(card)?;
        self.check_writable(room)?;
        let notice = TransferMessage::Notice(TransferNotice { transfer, card, accepted });
        let id = self.say(room, &Content::Transfer(notice))?;
        let (room, order, stored) = self.message(id)?;
        self.message_row(room, order, &stored)
    }

    /// Notes the card of a transfer that a message brought; the first one counts.
    pub(crate) fn note_transfer_card(
        &mut self,
        message: MessageId,
        sender: Address,
        card: &TransferCard,
    ) -> ApiResult<()> {
        if let Some(mut known) = self.read(&TRANSFERS, &(), &card.transfer)? {
            if known.message.is_none() && known.sender == sender {
                known.message = Some(message);
                self.write(&TRANSFERS, &(), &card.transfer, &known)?;
            }
            return Ok(());
        }
        let transfer = card.transfer;
        let row =
            TransferRow { card: card.clone(), sender, message: Some(message), made_ms: self.now };
        self.write(&TRANSFERS, &(), &transfer, &row)
    }
}
