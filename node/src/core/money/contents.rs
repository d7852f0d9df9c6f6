//! Messages about money, as their content is shown.

use super::{rows::TRANSFERS, showing::tree};
use crate::core::{chat::rows::Room, turn::Turn};
use magpie_protocol::{
    address::Address,
    api::{ApiResult, money::MoneyNotice},
    content::{PacketMessage, TransferMessage},
};
use serde_json::{Value, json};

impl Turn<'_> {
    /// Returns what a message about a packet says: the card as its author wrote it.
    pub(crate) fn packet_content(
        &mut self,
        room: Room,
        author: Address,
        about: &PacketMessage,
    ) -> ApiResult<Value> {
        let group = match room {
            Room::Group(group) => Some(group),
            Room::Direct(_) => None,
        };
        match about {
            PacketMessage::Card(card) => {
                tree(&self.packet_data(card, author, group, MoneyNotice::Card)?)
            }
            PacketMessage::Notice(notice) => match self.find_packet(notice.packet)? {
                Some(row) => {
                    let kind = MoneyNotice::Notice;
                    let mut shown = self.packet_data(&row.card, row.sender, row.group, kind)?;
                    shown.msg_content = "took a share".to_owned();
                    tree(&shown)
                }
                None => Ok(json!({ "uid": notice.packet, "msgType": MoneyNotice::Notice })),
            },
        }
    }

    /// Returns what a message about a transfer says: the card as its author wrote it.
    pub(crate) fn transfer_content(
        &mut self,
        author: Address,
        about: &TransferMessage,
    ) -> ApiResult<Value> {
        match about {
            TransferMessage::Card(card) => {
                tree(&self.transfer_data(card, author, MoneyNotice::Card)?)
            }
            TransferMessage::Notice(notice) => {
                match self.read(&TRANSFERS, &(), &notice.transfer)? {
                    Some(row) => {
                        let mut shown =
                            self.transfer_data(&row.card, row.sender, MoneyNotice::Notice)?;
                        let said = if notice.accepted { "accepted" } else { "declined" };
                        shown.msg_content = said.to_owned();
                        tree(&shown)
                    }
                    None => Ok(json!({ "uid": notice.transfer, "msgType": MoneyNotice::Notice })),
                }
            }
        }
    }
}
