//! Learning something of the ledger for a caller.

use super::{
    errand::{Frame, Step, Work, unreached},
    rows::{Change, Record, WAITING},
};
use crate::core::{
    agenda::Task,
    effect::Answer,
    net::{Fault, NetCommand, Protocol},
    requests::Purpose,
    turn::Turn,
};
use magpie_protocol::{
    address::NodeId,
    api::{ApiError, ApiResult, ErrorCode},
    codec::{DecodeError, decode, encode},
    keys::IssuerKey,
    ledger::{
        Amount, EntryId,
        exchange::{self, DecidedHeader, Request},
        state::{Account, Claim, Issuer, Leaf, LeafKey, Packet, Transfer},
    },
};
use serde_json::json;

/// The wait before another super node is asked for a header, milliseconds.
const HEADER_AGAIN_MS: u64 = 500;

/// What is to be learned.
#[derive(Debug)]
pub(super) enum Look {
    /// What the account's wallet has.
    Wallet,
    /// What became of a packet, share by share.
    Packet(EntryId),
    /// What became of a transfer.
    Transfer(EntryId),
    /// What this account got of a packet, for its records.
    Share {
        /// The packet.
        packet: EntryId,
        /// The entry that claimed, which waits for this.
        claim: EntryId,
    },
    /// The next sequence number of an issuer.
    Issuer(IssuerKey),
    /// The header of a height with its certificate.
    Header {
        /// The height.
        height: u64,
        /// Whether a super node was asked.
        asked: bool,
        /// What it answered, verified.
        found: Option<Box<DecidedHeader>>,
    },
}

impl Look {
    /// Tells whether only the account's person may learn it.
    pub(super) const fn is_personal(&self) -> bool {
        !matches!(self, Self::Issuer(_) | Self::Header { .. })
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
                let keys = self.packet_keys(packet)?;
                Ok(match self.missing(&keys, frame.least) {
                    missing if missing.is_empty() => Step::Ends(self.detail_answer(packet)),
                    missing => Step::Wants(missing),
                })
            }
            Look::Transfer(transfer) => {
                let transfer = *transfer;
                Ok(match self.core.money.leaf::<Transfer>(&transfer, frame.least) {
                    Some(_) => Step::Ends(self.remittance_answer(transfer)),
                    None => Step::Wants(vec![Transfer::key(&transfer)]),
                })
            }
            Look::Share { packet, claim } => self.try_share(*packet, *claim),
            Look::Issuer(issuer) => Ok(match self.core.money.leaf::<Issuer>(issuer, frame.least) {
                Some(seen) => Step::Ends(match seen.leaf {
                    Some(Issuer { sequence }) => {
                        Ok(json!({ "sequence": sequence, "time": seen.time_ms }))
                    }
                    None => Err(ApiError::new(ErrorCode::OutOfRange, "key: is no issuer's")),
                }),
                None => Step::Wants(vec![Issuer::key(issuer)]),
            }),
            Look::Header { height, asked, found } => {
                if let Some(found) = found.take() {
                    return Ok(Step::Ends(self.header_answer(&found)));
                }
                // The genesis has none.
                if !(1..=self.core.money.height()).contains(height) {
                    let why = "height: no header of this height is believed";
                    return Ok(Step::Ends(Err(ApiError::new(ErrorCode::OutOfRange, why))));
                }
                if !*asked
                    && let Some(to) = self.next_super()
                    && let Ok(bytes) = encode(&Request::Header(*height))
                {
                    *asked = self.ask_peer(to, Protocol::Ledger, bytes, Purpose::Header(frame.id));
                }
                Ok(Step::Waits)
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
                Some(_) => self.detail_answer(*packet),
                None => Err(unreached()),
            },
            Look::Transfer(transfer) => match self.core.money.leaf::<Transfer>(transfer, 0) {
                Some(_) => self.remittance_answer(*transfer),
                None => Err(unreached()),
            },
            Look::Header { .. } => Err(ErrorCode::Network.into()),
            Look::Share { .. } | Look::Issuer(_) => Err(unreached()),
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
                Ok(Step::Ends(Ok(json!({}))))
            }
            Some(None) if seen.height >= height => Ok(Step::Waits),
            Some(None) => {
                self.core.money.want(Claim::key(&id), height);
                Ok(Step::Waits)
            }
            None => Ok(Step::Ends(Err(ErrorCode::PacketUnknown.into()))),
        }
    }

    /// Returns the leaves that a packet's story is in: its own, and the claims of all who may claim.
    fn packet_keys(&mut self, packet: EntryId) -> ApiResult<Vec<LeafKey>> {
        let payees = self.packet_payees(packet)?;
        let claims = payees.iter().map(|(_, payee)| Claim::key(&(packet, payee.receive)));
        Ok([Packet::key(&packet)].into_iter().chain(claims).collect())
    }

    /// Returns those leaves that were not shown under a header of at least this height.
    fn missing(&self, keys: &[LeafKey], least: u64) -> Vec<LeafKey> {
        let missing = keys.iter().filter(|key| !self.core.money.is_shown(key, least));
        missing.copied().collect()
    }

    /// Takes a super node's answer to who asked for a header.
    pub(crate) fn header_told(
        &mut self,
        from: NodeId,
        id: super::ErrandId,
        answer: Option<&[u8]>,
    ) -> ApiResult<()> {
        let (told, is_garbage) = match answer.map(decode::<exchange::Answer>) {
            Some(Ok(exchange::Answer::Header(told))) => (Some(*told), false),
            // It may be honest, and newer than this node.
            None | Some(Ok(exchange::Answer::Refused(_)) | Err(DecodeError::Version { .. })) => {
                (None, false)
            }
            Some(Ok(_) | Err(_)) => (None, true),
        };
        let Some(light) = self.core.money.light.as_ref().filter(|it| it.fork().is_none()) else {
            return Ok(());
        };
        let wanted = match self.core.money.errands.get(&id).map(|errand| &errand.work) {
            Some(Work::Look(Look::Header { height, .. })) => Some(*height),
            _ => None,
        };
        let holds = |told: &DecidedHeader| {
            wanted.is_none_or(|height| told.header.height == height)
                && light.vouches(told.header.clone(), told.certificate.clone())
        };
        if is_garbage || told.as_ref().is_some_and(|told| !holds(told)) {
            self.command(NetCommand::Misbehaved { peer: from, fault: Fault::Forged });
            return self.ask_header_again(id, None);
        }
        self.ask_header_again(id, told)
    }

    /// Goes on with who asked for a header: with the one that was told, or with another super node.
    fn ask_header_again(
        &mut self,
        id: super::ErrandId,
        told: Option<DecidedHeader>,
    ) -> ApiResult<()> {
        let Some(errand) = self.core.money.errands.get_mut(&id) else { return Ok(()) };
        let Work::Look(Look::Header { asked, found, .. }) = &mut errand.work else {
            return Ok(());
        };
        (*asked, *found) = (false, told.map(Box::new));
        if found.is_some() {
            return self.run_errand(id);
        }
        self.core.agenda.plan(Task::Errands, self.now.saturating_add(HEADER_AGAIN_MS));
        Ok(())
    }
}
