//! What became of a red packet, share by share.

use super::showing::data;
use crate::core::{effect::Answer, turn::Turn};
use magpie_protocol::{
    api::{
        ErrorCode,
        money::PacketType,
        redpacket::{OldPacketType, PacketDetail},
    },
    content::Audience,
    ledger::{Amount, EntryId, state::Packet},
};

impl Turn<'_> {
    /// Returns what became of a packet as it was shown.
    pub(super) fn detail_answer(&mut self, packet: EntryId) -> Answer {
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
            slots: vec![],
            beacon: None,
            draws: vec![],
            beacons: vec![],
            chain: self.chain()?,
            as_of_height: seen.height,
        })
    }
}
