//! Packets that this account made or got a card of.

use super::{
    rows::{Fate, OPERATIONS, PACKETS, PacketRow},
    spend::Spending,
};
use crate::core::{chat::rows::Room, turn::Turn};
use magpie_protocol::{
    address::Address,
    api::{ApiError, ApiResult, ErrorCode, chat::MessageRow},
    bounded::{List, Text},
    content::{Audience, Content, PacketCard, PacketMessage, PacketNotice},
    group::OperationId,
    ids::{GroupId, MessageId},
    ledger::{
        EntryId, PacketKind, Payee, Rules,
        state::{Claim, Packet},
    },
    limits::OPERATION_PARENTS,
};

impl Turn<'_> {
    /// Keeps what the card of a new packet will say.
    pub(super) fn keep_packet(
        &mut self,
        packet: EntryId,
        of: &Spending,
        (kind, count, cover): (PacketKind, u32, u8),
        group: Option<GroupId>,
        rules: &Rules,
    ) -> ApiResult<()> {
        let open = self.open()?;
        let (sender, from) = (open.account.address, open.account.wallet);
        let nickname = open.profile.nickname.clone();
        let audience = match group {
            Some(group) => Audience::Members { heads: self.group_heads(group)? },
            // Sending the card says for whom it is.
            None => Audience::One(sender),
        };
        let card = PacketCard {
            packet,
            kind,
            amount: of.amount,
            count,
            from,
            expires_ms: self.now.saturating_add(rules.lifetimes.packet),
            remark: shortened(&of.remark),
            cover,
            nickname: shortened(&nickname),
            audience,
            word: None,
        };
        let made_ms = self.now;
        let row = PacketRow { card, sender, group, message: None, made_ms };
        self.write(&PACKETS, &(), &packet, &row)
    }

    /// Returns a packet that this node knows of. Error: 21006.
    pub(super) fn packet_row(&mut self, packet: EntryId) -> ApiResult<PacketRow> {
        let row = self.read(&PACKETS, &(), &packet)?;
        row.ok_or_else(|| ErrorCode::PacketUnknown.into())
    }

    /// Returns who may claim from a packet. Errors: 21005 if this node cannot tell.
    pub(super) fn audience_payees(&mut self, row: &PacketRow) -> ApiResult<Vec<(Address, Payee)>> {
        match (&row.card.audience, row.group) {
            (Audience::Members { heads }, Some(group)) => self.group_payees(group, heads),
            (Audience::One(who), _) => Ok(vec![(*who, self.payee_of(*who)?)]),
            (Audience::Members { .. }, None) => Err(ErrorCode::NotEligible.into()),
        }
    }

    /// Returns an account as it is paid. Error: 21010 if its keys are not known.
    pub(super) fn payee_of(&mut self, who: Address) -> ApiResult<Payee> {
        if self.is_own(who)? {
            return self.payee();
        }
        let person = self.person(who)?;
        let keys = person.card.map(|card| card.keys.keys);
        let keys = keys.ok_or_else(|| ApiError::from(ErrorCode::NotFriend))?;
        Ok(Payee { receive: keys.receive, wallet: keys.wallet })
    }

    /// Returns the conversation of two accounts of which one is this one, as calls name it.
    pub(super) fn chat_of(&self, one: Address, other: Address) -> ApiResult<String> {
        Ok(if self.is_own(one)? { other } else { one }.to_string())
    }

    /// Tells whether an entry of this account is proven to stand in no block, ever.
    pub(super) fn is_never(&mut self, entry: EntryId) -> ApiResult<bool> {
        let row = self.read(&OPERATIONS, &(), &entry)?;
        Ok(row.is_some_and(|row| row.fate == Fate::Never))
    }

    /// Sends the card of one's own packet to the group or friend that it is for, and opens it for
    /// them if that was not done. Errors: 21006, 21005 for a packet of somebody else or of another
    /// group, and those of writing there.
    pub(crate) fn send_packet_card(
        &mut self,
        room: Room,
        packet: EntryId,
    ) -> ApiResult<MessageRow> {
        let mut row = self.packet_row(packet)?;
        if !self.is_own(row.sender)? {
            return Err(ErrorCode::NotEligible.into());
        }
        self.check_writable(room)?;
        if self.is_never(packet)? {
            return Err(ErrorCode::PacketUnknown.into());
        }
        match (room, row.group) {
            (Room::Group(group), None) if row.message.is_none() => {
                row.card.audience = Audience::Members { heads: self.group_heads(group)? };
                row.group = Some(group);
                self.audience_payees(&row)?;
                self.check_waiting()?;
                self.write(&PACKETS, &(), &packet, &row)?;
                self.begin_opening(packet)?;
            }
            (Room::Group(group), Some(known)) if group == known => {
                // It was opened when it was made, unless that did not come about.
                let seen = self.core.money.leaf::<Packet>(&packet, 0).and_then(|seen| seen.leaf);
                if seen.is_some_and(|leaf| leaf.opening.is_none() && !leaf.over) {
                    self.begin_opening(packet)?;
                }
            }
            _ => {
                return Err(ApiError::new(
                    ErrorCode::NotEligible,
                    "the packet is for another conversation",
                ));
            }
        }
        let card = Content::RedPacket(PacketMessage::Card(Box::new(row.card.clone())));
        let id = self.say(room, &card)?;
        row.message = Some(id);
        self.write(&PACKETS, &(), &packet, &row)?;
        let (room, order, stored) = self.message(id)?;
        self.message_row(room, order, &stored)
    }

    /// Tells a conversation that one took a share of a packet. Errors: 21006 before that, 20091, and
    /// those of writing there.
    pub(crate) fn send_packet_notice(
        &mut self,
        room: Room,
        packet: EntryId,
        card: MessageId,
    ) -> ApiResult<MessageRow> {
        self.packet_row(packet)?;
        let mine = (packet, self.receive_key()?);
        let claim = self.core.money.leaf::<Claim>(&mine, 0).and_then(|seen| seen.leaf);
        claim.ok_or(ErrorCode::PacketUnknown)?;
        self.message(card)?;
        self.check_writable(room)?;
        let notice = PacketMessage::Notice(PacketNotice { packet, card });
        let id = self.say(room, &Content::RedPacket(notice))?;
        let (room, order, stored) = self.message(id)?;
        self.message_row(room, order, &stored)
    }

    /// Notes the card of a packet that a message brought. The first card of a packet counts: another
    /// cannot say for whom it is.
    pub(crate) fn note_packet_card(
        &mut self,
        room: Room,
        message: MessageId,
        sender: Address,
        card: &PacketCard,
    ) -> ApiResult<()> {
        if let Some(mut known) = self.read(&PACKETS, &(), &card.packet)? {
            if known.message.is_none() && known.sender == sender {
                known.message = Some(message);
                self.write(&PACKETS, &(), &card.packet, &known)?;
            }
            return Ok(());
        }
        let group = match room {
            Room::Group(group) => Some(group),
            Room::Direct(_) => None,
        };
        let (card, made_ms) = (card.clone(), self.now);
        let packet = card.packet;
        let row = PacketRow { card, sender, group, message: Some(message), made_ms };
        self.write(&PACKETS, &(), &packet, &row)
    }

    /// Returns the heads of a group's operations as this node knows them. Errors: 20043 and those of
    /// a group with more heads than a card may name.
    fn group_heads(&mut self, group: GroupId) -> ApiResult<List<OperationId, OPERATION_PARENTS>> {
        let kept = self.open()?.groups.kept.get(&group);
        let kept = kept.ok_or(ErrorCode::GroupUnknown)?;
        let heads = kept.graph.heads().iter().copied().collect();
        List::new(heads).map_err(|e| ApiError::new(ErrorCode::Failed, e.to_string()))
    }
}

/// Returns as much of a text as fits.
pub(super) fn shortened<const MAX: usize>(text: &str) -> Text<MAX> {
    Text::new(text.chars().take(MAX).collect::<String>()).unwrap_or_default()
}
