//! What became of an entry, as the leaves that it would have changed say.

use super::memory::{Money, Seen};
use magpie_protocol::{
    api::ErrorCode,
    ledger::{
        EntryId, Instruction,
        state::{Account, Claim, Issuer, Leaf, LeafKey, Packet, Transfer, TransferState},
    },
};

/// What became of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Nothing yet, or these leaves have to be shown to tell.
    Open(Vec<LeafKey>),
    /// It stands in a block, at the latest of this height.
    Final(u64),
    /// It stands in none and never will.
    Never(ErrorCode, &'static str),
}

/// Says what became of an entry with this id. Leaves are looked at as they were last shown: what an
/// entry does is never undone.
pub(super) fn outcome(money: &Money, id: EntryId, instruction: &Instruction) -> Outcome {
    match instruction {
        Instruction::Transfer(body) => {
            let made = money.leaf::<Transfer>(&id, 0);
            spent(money, made, Transfer::key(&id), &body.payment)
        }
        Instruction::CreatePacket(body) => {
            let made = money.leaf::<Packet>(&id, 0);
            spent(money, made, Packet::key(&id), &body.payment)
        }
        Instruction::Accept(body) => decided(money, body.transfer, true),
        Instruction::Decline(body) => decided(money, body.transfer, false),
        Instruction::OpenPacket(body) => opened(money, body.packet),
        Instruction::ClaimPacket(body) => claimed(money, (body.packet, body.payee.receive)),
        Instruction::Mint(body) => issued(money, (body.issuer, body.sequence, body.valid_until_ms)),
        Instruction::Burn(body) => issued(money, (body.issuer, body.sequence, body.valid_until_ms)),
        _ => Outcome::Never(ErrorCode::NotImplemented, "no ledger of today executes this entry"),
    }
}

/// An entry that a wallet paid for: it left a leaf, or its number or its time is over. As long as
/// others of the wallet come before it, the wallet's leaf alone tells.
fn spent<T>(
    money: &Money,
    made: Option<Seen<T>>,
    key: LeafKey,
    payment: &magpie_protocol::ledger::Payment,
) -> Outcome {
    let over = Outcome::Never(ErrorCode::Expired, "the time of the entry is over; nothing moved");
    if let Some(made) = &made {
        if made.leaf.is_some() {
            return Outcome::Final(made.height);
        }
        if made.time_ms >= payment.valid_until_ms {
            return over;
        }
    }
    let account = money.leaf::<Account>(&payment.wallet, 0);
    let both = || Outcome::Open(vec![key, Account::key(&payment.wallet)]);
    let Some(account) = account else { return both() };
    let next = account.leaf.unwrap_or_default().sequence;
    if next <= payment.sequence && account.time_ms >= payment.valid_until_ms {
        // No block had it, and none of a later time takes it.
        return over;
    }
    if next < payment.sequence {
        return Outcome::Open(vec![Account::key(&payment.wallet)]);
    }
    // Both leaves have to be of one state: the entry may stand in the block between them.
    let is_missing = made.is_some_and(|made| account.height <= made.height);
    if is_missing && next > payment.sequence {
        return Outcome::Never(
            ErrorCode::Failed,
            "another entry has taken its number; nothing moved",
        );
    }
    both()
}

/// An acceptance or a refusal of a transfer, of which only the payee can make either.
fn decided(money: &Money, transfer: EntryId, accepts: bool) -> Outcome {
    let Some(seen) = money.leaf::<Transfer>(&transfer, 0) else {
        return Outcome::Open(vec![Transfer::key(&transfer)]);
    };
    match seen.leaf.map(|leaf| leaf.state) {
        None | Some(TransferState::Waiting) => Outcome::Open(vec![Transfer::key(&transfer)]),
        Some(TransferState::Accepted { .. }) if accepts => Outcome::Final(seen.height),
        Some(TransferState::Declined { .. }) if !accepts => Outcome::Final(seen.height),
        Some(TransferState::Returned { .. }) => {
            Outcome::Never(ErrorCode::Expired, "the transfer went back before")
        }
        Some(_) => Outcome::Never(ErrorCode::AlreadyDecided, "the transfer was decided before"),
    }
}

/// The opening of a packet, which only its maker can sign.
fn opened(money: &Money, packet: EntryId) -> Outcome {
    let key = vec![Packet::key(&packet)];
    let Some(seen) = money.leaf::<Packet>(&packet, 0) else { return Outcome::Open(key) };
    match seen.leaf {
        Some(leaf) if leaf.opening.is_some() => Outcome::Final(seen.height),
        Some(leaf) if leaf.over || seen.time_ms >= leaf.expires_ms => {
            Outcome::Never(ErrorCode::Expired, "the packet went back before it was opened")
        }
        _ => Outcome::Open(key),
    }
}

/// A claim, which only its receive key can sign.
fn claimed(money: &Money, id: (EntryId, magpie_protocol::keys::ReceiveKey)) -> Outcome {
    let keys = vec![Packet::key(&id.0), Claim::key(&id)];
    let (packet, claim) = (money.leaf::<Packet>(&id.0, 0), money.leaf::<Claim>(&id, 0));
    let (Some(packet), Some(claim)) = (packet, claim) else { return Outcome::Open(keys) };
    if claim.leaf.is_some() {
        return Outcome::Final(claim.height);
    }
    // The claim has to be missing where the packet is shown to be over, or later.
    match packet.leaf {
        Some(leaf) if claim.height >= packet.height && leaf.left == 0 => {
            Outcome::Never(ErrorCode::PacketEmpty, "all shares were taken before")
        }
        Some(leaf)
            if claim.height >= packet.height
                && (leaf.over || packet.time_ms >= leaf.expires_ms) =>
        {
            Outcome::Never(ErrorCode::Expired, "the packet's time was over before")
        }
        _ => Outcome::Open(keys),
    }
}

/// An issuer's entry: its number is used, or its time is over.
fn issued(
    money: &Money,
    (issuer, sequence, until_ms): (magpie_protocol::keys::IssuerKey, u64, u64),
) -> Outcome {
    let key = vec![Issuer::key(&issuer)];
    let Some(seen) = money.leaf::<Issuer>(&issuer, 0) else { return Outcome::Open(key) };
    let next = seen.leaf.unwrap_or_default().sequence;
    if next > sequence {
        return Outcome::Final(seen.height);
    }
    if seen.time_ms >= until_ms {
        return Outcome::Never(ErrorCode::Expired, "the time of the entry is over; nothing moved");
    }
    Outcome::Open(key)
}
