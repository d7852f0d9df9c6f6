//! Learning something of the ledger for a caller.

use super::{
    errand::{Frame, Step, unreached},
    rows::{Change, Record, WAITING},
};
use crate::core::{effect::Answer, turn::Turn};
use magpie_protocol::{
    api::{ApiError, ApiResult, ErrorCode},
    keys::IssuerKey,
    ledger::{
        Amount, EntryId,
        state::{Account, Claim, Issuer, Leaf, Packet, Transfer},
    },
};
use serde_json::json;

/// What is to be learned.
#[derive(Debug)]
pub(super) enum Look {
    /// What the account's wallet has.
    Wallet,
    /// What became of a packet, share by share.
    Packet(EntryId),
    /// What became of a transfer.
    Transfer(EntryId),
    /// The data of a packet that was made or claimed from before, for who asks with the same key.
    MadePacket(EntryId),
    /// The data of a transfer that was made or accepted before, likewise.
    MadeTransfer(EntryId),
    /// What this account got of a packet, for its records.
    Share {
        /// The packet.
        packet: EntryId,
        /// The entry that claimed, which waits for this.
        claim: EntryId,
    },
    /// What came back of this account's transfer or packet, for its records.
    Back(EntryId),
    /// The next sequence number of an issuer.
    Issuer(IssuerKey),
    /// The header of a height with its certificate.
    Header(u64),
}

impl Look {
    /// Tells whether only the account's person may learn it.
    pub(super) const fn is_personal(&self) -> bool {
        !matches!(self, Self::Issuer(_) | Self::Header(_))
    }
}

impl Turn<'_> {
    /// Answers if what is needed was shown.
    pub(super) fn try_look(&mut self, look: &mut Look, frame: Frame) -> ApiResult<Step> {
        match look {
            Look::Wallet => {
                let wallet = self.open()?.account.wallet;
                match self.core.money.leaf::<Account>(&wallet, frame.least) {
                    Some(seen) => Ok(Step::Ends(self.wallet_answer(&seen))),
                    None => Ok(Step::Wants(vec![Account::key(&wallet)])),
                }
            }
            Look::Packet(packet) => {
                let packet = *packet;
                self.try_detail(packet, frame)
            }
            Look::Transfer(transfer) => {
                let transfer = *transfer;
                if self.core.money.leaf::<Transfer>(&transfer, frame.least).is_none() {
                    return Ok(Step::Wants(vec![Transfer::key(&transfer)]));
                }
                self.note_back(transfer)?;
                Ok(Step::Ends(self.remittance_answer(transfer)))
            }
            Look::MadePacket(packet) => {
                let mine = (*packet, self.receive_key()?);
                let keys = vec![Packet::key(packet), Claim::key(&mine)];
                let packet = *packet;
                Ok(match keys.iter().all(|key| self.core.money.is_shown(key, 0)) {
                    true => Step::Ends(self.packet_answer(packet)),
                    false => Step::Wants(keys),
                })
            }
            Look::MadeTransfer(transfer) => {
                let transfer = *transfer;
                Ok(match self.core.money.leaf::<Transfer>(&transfer, 0) {
                    Some(_) => Step::Ends(self.transfer_answer(transfer)),
                    None => Step::Wants(vec![Transfer::key(&transfer)]),
                })
            }
            Look::Share { packet, claim } => self.try_share(*packet, *claim),
            Look::Back(id) => self.try_back(*id, frame),
            Look::Issuer(issuer) => Ok(match self.core.money.leaf::<Issuer>(issuer, frame.least) {
                Some(seen) => Step::Ends(match seen.leaf {
                    Some(Issuer { sequence }) => {
                        Ok(json!({ "sequence": sequence, "time": seen.time_ms }).into())
                    }
                    None => Err(ApiError::new(ErrorCode::OutOfRange, "key: is no issuer's")),
                }),
                None => Step::Wants(vec![Issuer::key(issuer)]),
            }),
            Look::Header(height) => {
                let height = *height;
                if let Some(found) = self.core.money.header(height) {
                    return Ok(Step::Ends(self.header_answer(&found.clone())));
                }
                // The genesis has none.
                if !(1..=self.core.money.height()).contains(&height) {
                    let why = "height: no header of this height is believed";
                    return Ok(Step::Ends(Err(ApiError::new(ErrorCode::OutOfRange, why))));
                }
                Ok(Step::WantsHeaders(vec![height]))
            }
        }
    }

    /// Answers who waited too long with what was known before, if that is of use.
    pub(super) fn late_look(&mut self, look: &Look) -> ApiResult<Answer> {
        Ok(match look {
            Look::Wallet => {
                let wallet = self.open()?.account.wallet;
                match self.core.money.leaf::<Account>(&wallet, 0) {
                    Some(seen) => self.wallet_answer(&seen),
                    None => Err(unreached()),
                }
            }
            Look::Packet(packet) => match self.core.money.leaf::<Packet>(packet, 0) {
                Some(_) => self.detail_answer(*packet, None),
                None => Err(unreached()),
            },
            Look::Transfer(transfer) => match self.core.money.leaf::<Transfer>(transfer, 0) {
                Some(_) => self.remittance_answer(*transfer),
                None => Err(unreached()),
            },
            Look::Header(_) => Err(ErrorCode::Network.into()),
            Look::MadePacket(_)
            | Look::MadeTransfer(_)
            | Look::Share { .. }
            | Look::Back(_)
            | Look::Issuer(_) => Err(unreached()),
        })
    }

    /// Learns what this account got of a packet, and records it.
    fn try_share(&mut self, packet: EntryId, entry: EntryId) -> ApiResult<Step> {
        let id = (packet, self.receive_key()?);
        let height = self.core.money.height();
        let key = vec![Claim::key(&id)];
        let Some(seen) = self.core.money.leaf::<Claim>(&id, 0) else { return Ok(Step::Wants(key)) };
        match seen.leaf.map(|claim| claim.paid) {
            Some(Some(paid)) => {
                let remark = self.packet_row(packet)?.card.remark.to_string();
                self.record(Record {
                    change: Change::Share,
                    amount: paid.amount,
                    fee: Amount::ZERO,
                    height: paid.height,
                    remark,
                    uid: packet,
                    at_ms: self.now,
                })?;
                self.delete(&WAITING, &(), &entry)?;
                Ok(Step::Ends(Ok(json!({}).into())))
            }
            Some(None) if seen.height >= height => Ok(Step::Waits),
            Some(None) => Ok(Step::WantsUnder(key, height)),
            None => Ok(Step::Ends(Err(ErrorCode::PacketUnknown.into()))),
        }
    }
}
