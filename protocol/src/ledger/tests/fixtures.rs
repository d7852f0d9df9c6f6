//! Fixed values of every kind, from keys of one repeated byte.

use crate::{
    address::{Address, NodeId},
    bounded::{List, Text},
    ids::NetworkId,
    keys::{BeaconKey, ClaimKey, ConsensusKey, IssuerKey, ReceiptsKey, ReceiveKey},
    ledger::{
        Accept, Amount, BlockHash, Burn, ClaimPacket, CommitName, Conflict, CreatePacket, Decline,
        Entry, EntryError, EntryId, Evidence, Instruction, Members, Mint, MoneyLimits, Notarize,
        OpenPacket, PacketKind, Payee, Payment, Proposal, RegisterName, RenewName, Rules, Step,
        Transfer, TransferName, UpdateValidators, ValidatorChange, VerifiedEntry, VerifyError,
        Vote, name_commitment,
    },
    network::SuperKeys,
    sign::Signature,
};
use ed25519_dalek::SigningKey;

pub(super) const CHAIN: NetworkId = NetworkId([0xc4; 32]);
pub(super) const NOW: u64 = 1_700_000_000_000;
pub(super) const WALLET: u8 = 1;
pub(super) const RECEIVE: u8 = 2;
pub(super) const ACCOUNT: u8 = 3;
pub(super) const VALIDATOR: u8 = 4;
pub(super) const ISSUER: u8 = 5;
pub(super) const WORD: u8 = 6;
pub(super) const ACCUSED: u8 = 7;

pub(super) fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

pub(super) fn public(seed: u8) -> [u8; 32] {
    key(seed).verifying_key().to_bytes()
}

pub(super) fn address(seed: u8) -> Address {
    Address::from_bytes(public(seed)).unwrap()
}

/// The usual rules with every kind enabled, and amounts down to a unit.
pub(super) fn rules() -> Rules {
    let kinds = List::new(Instruction::KINDS.to_vec()).unwrap();
    let usual = Rules::usual();
    let unit = Amount(1);
    let share_most = usual.limits.packet;
    let limits =
        MoneyLimits { transfer_least: unit, share_least: unit, share_most, ..usual.limits };
    Rules { kinds, limits, ..usual }
}

pub(super) fn payment() -> Payment {
    let valid_until_ms = NOW + 60_000;
    Payment { wallet: address(WALLET), sequence: 7, valid_until_ms, gas: Amount(200_000_000) }
}

pub(super) fn payee() -> Payee {
    Payee { receive: ReceiveKey(public(RECEIVE)), wallet: address(0x21) }
}

pub(super) fn transfer() -> Transfer {
    Transfer { payment: payment(), amount: Amount(1_234), payee: payee() }
}

pub(super) fn packet() -> CreatePacket {
    CreatePacket {
        payment: payment(),
        kind: PacketKind::PasswordFortune,
        amount: Amount(10_000),
        count: 10,
        lifetime_ms: 24 * 60 * 60 * 1_000,
        receive: ReceiveKey(public(RECEIVE)),
        members: None,
    }
}

pub(super) fn members() -> Members {
    let other = |seed| Payee { receive: ReceiveKey(public(seed)), wallet: address(seed) };
    Members::new(&[other(0x31), payee(), other(0x32), other(0x33), other(0x34)]).unwrap()
}

pub(super) fn opening() -> OpenPacket {
    OpenPacket {
        packet: EntryId([0x41; 32]),
        receive: ReceiveKey(public(RECEIVE)),
        members: members().root(),
        count: members().count(),
        word: Some(ClaimKey(public(WORD))),
    }
}

pub(super) fn claim() -> ClaimPacket {
    let path = members().path(&payee()).unwrap();
    let claim = ClaimPacket { packet: EntryId([0x41; 32]), payee: payee(), path, word: None };
    claim.with_word(CHAIN, &key(WORD)).unwrap()
}

pub(super) fn name() -> Text<64> {
    Text::new("鹊桥").unwrap()
}

pub(super) fn registration() -> RegisterName {
    let unsigned = RegisterName {
        payment: payment(),
        name: name(),
        account: address(ACCOUNT),
        salt: [0x51; 32],
        consent: Signature([0; 64]),
    };
    unsigned.consent(CHAIN, &key(ACCOUNT)).unwrap()
}

pub(super) fn name_transfer() -> TransferName {
    let unsigned = TransferName {
        payment: payment(),
        name: name(),
        from: address(ACCOUNT),
        to: address(0x52),
        consent: Signature([0; 64]),
    };
    unsigned.consent(CHAIN, &key(ACCOUNT)).unwrap()
}

pub(super) fn admission() -> UpdateValidators {
    let keys = SuperKeys {
        node: NodeId(public(0x61)),
        receipts: ReceiptsKey(public(0x62)),
        consensus: ConsensusKey(public(0x63)),
    };
    let (beacon, wallet) = (BeaconKey(public(0x64)), address(0x65));
    let change = ValidatorChange::Admit { keys, beacon, power: 1, wallet };
    let voter = ConsensusKey(public(VALIDATOR));
    UpdateValidators { voter, number: 3, until_height: 2_000, change }
}

pub(super) fn mint() -> Mint {
    Mint {
        issuer: IssuerKey(public(ISSUER)),
        sequence: 3,
        valid_until_ms: NOW + 60_000,
        wallet: address(WALLET),
        amount: Amount(500),
        reference: [0x71; 32],
    }
}

pub(super) fn vote(block: u8) -> Vote {
    let block = Some(BlockHash([block; 32]));
    Vote { chain: CHAIN, height: 9, round: 1, step: Step::Precommit, block }
}

pub(super) fn evidence_of(conflict: Conflict) -> Evidence {
    let key = key(ACCUSED);
    let (first, second) = match &conflict {
        Conflict::Votes(a, b) => (a.sign(&key).unwrap(), b.sign(&key).unwrap()),
        Conflict::Proposals(a, b) => (a.sign(&key).unwrap(), b.sign(&key).unwrap()),
    };
    Evidence {
        reporter: ConsensusKey(public(VALIDATOR)),
        accused: ConsensusKey(public(ACCUSED)),
        conflict,
        first,
        second,
    }
}

pub(super) fn evidence() -> Evidence {
    evidence_of(Conflict::Votes(vote(0x81), vote(0x82)))
}

pub(super) fn proposals() -> Evidence {
    let block = BlockHash([0x81; 32]);
    let first = Proposal { chain: CHAIN, height: 9, round: 1, block, polka_round: None };
    let second = Proposal { polka_round: Some(0), ..first };
    evidence_of(Conflict::Proposals(first, second))
}

/// One of each kind, with the seed of the key that signs it.
pub(super) fn instructions() -> Vec<(Instruction, u8)> {
    let transfer_id = EntryId([0x11; 32]);
    let receive = ReceiveKey(public(RECEIVE));
    let commitment = name_commitment(CHAIN, &name(), address(ACCOUNT), [0x51; 32]).unwrap();
    let Mint { issuer, sequence, valid_until_ms, amount, reference, .. } = mint();
    vec![
        (transfer().into(), WALLET),
        (Accept { transfer: transfer_id, receive }.into(), RECEIVE),
        (Decline { transfer: transfer_id, receive }.into(), RECEIVE),
        (packet().into(), WALLET),
        (opening().into(), RECEIVE),
        (claim().into(), RECEIVE),
        (CommitName { payment: payment(), commitment }.into(), WALLET),
        (registration().into(), WALLET),
        (RenewName { payment: payment(), name: name(), account: address(ACCOUNT) }.into(), WALLET),
        (name_transfer().into(), WALLET),
        (Notarize { payment: payment(), digest: [0x91; 32] }.into(), WALLET),
        (admission().into(), VALIDATOR),
        (mint().into(), ISSUER),
        (Burn { issuer, sequence, valid_until_ms, amount, reference }.into(), ISSUER),
        (evidence().into(), VALIDATOR),
    ]
}

pub(in crate::ledger) fn entries() -> Vec<Entry> {
    let signed = |(instruction, seed): (Instruction, u8)| instruction.sign(CHAIN, &key(seed));
    instructions().into_iter().map(|each| signed(each).unwrap()).collect()
}

/// Signs and verifies, as on the way from a wallet to a block.
pub(super) fn judged(
    instruction: impl Into<Instruction>,
    seed: u8,
) -> Result<VerifiedEntry, EntryError> {
    judge(instruction.into().sign(CHAIN, &key(seed)).unwrap(), CHAIN, &rules())
}

/// Verifies an entry of a kind that this build knows.
pub(super) fn judge(
    entry: Entry,
    chain: NetworkId,
    rules: &Rules,
) -> Result<VerifiedEntry, EntryError> {
    match entry.verify(chain, rules) {
        Ok(verified) => Ok(verified),
        Err(VerifyError::Entry(error)) => Err(error),
        Err(VerifyError::Unknown(error)) => panic!("{error}"),
    }
}
