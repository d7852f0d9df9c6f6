//! Red packets: money put in by one, opened for the members of a conversation, claimed by them.
//!
//! A packet is made by a wallet, opened by its creator's receive key without a password, and
//! claimed by receive keys. Whether there is such a packet, with something left, is for the
//! execution to say.

use super::{
    Amount, EntryError, EntryId, MembersHead, MembersRoot, MerklePath, Payee, Payment, Rules,
    SignError, instruction::Kind,
};
use crate::{
    address::Address,
    codec::{EncodeError, Format, encode},
    domain::{
        Domain, LEDGER_PACKET_CLAIM, LEDGER_PACKET_CREATE, LEDGER_PACKET_OPEN, LEDGER_PACKET_WORD,
    },
    ids::NetworkId,
    keys::{ClaimKey, ReceiveKey},
    limits::PACKET_MEMBERS,
    sign::{Signature, sign, verify},
};
use ed25519_dalek::SigningKey;
use serde::{Deserialize, Serialize};

/// How a packet is divided, and among whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PacketKind {
    /// In equal shares.
    Ordinary,
    /// By the draw (拼手气).
    Fortune,
    /// To one person.
    Exclusive,
    /// In equal shares, to members who know the word.
    Password,
    /// By the draw, to members who know the word.
    PasswordFortune,
}

impl PacketKind {
    /// Tells whether a claim needs the word.
    pub const fn has_word(self) -> bool {
        matches!(self, Self::Password | Self::PasswordFortune)
    }

    /// Tells whether the shares are drawn.
    pub const fn is_drawn(self) -> bool {
        matches!(self, Self::Fortune | Self::PasswordFortune)
    }
}

/// Puts money into a packet, which nobody can claim from before it is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreatePacket {
    /// Who pays, and gets back what is left.
    pub payment: Payment,
    /// How it is divided.
    pub kind: PacketKind,
    /// How much, all shares together.
    pub amount: Amount,
    /// How many shares.
    pub count: u32,
    /// How long it lives after its block, in milliseconds by header time.
    pub lifetime_ms: u64,
    /// The creator's key, which opens it.
    pub receive: ReceiveKey,
    /// Who may claim, if that is known already: the opening, which takes no password, can name
    /// nobody else then.
    pub members: Option<MembersHead>,
}

/// Says who may claim from a packet; once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenPacket {
    /// The packet.
    pub packet: EntryId,
    /// The creator's key, which signs.
    pub receive: ReceiveKey,
    /// The root of who may claim.
    pub members: MembersRoot,
    /// How many they are.
    pub count: u32,
    /// What the word's key is, for the kinds that have one.
    pub word: Option<ClaimKey>,
}

/// The proof that a claim's maker knew the word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct WordProof {
    /// The word's key, which the packet's opening names.
    pub key: ClaimKey,
    /// By that key, over chain, packet, payee and path.
    pub signature: Signature,
}

/// Takes a share; it is paid to the wallet in the member's leaf.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimPacket {
    /// The packet.
    pub packet: EntryId,
    /// Whose receive key signs, and the wallet that is paid.
    pub payee: Payee,
    /// The payee's way to the packet's members.
    pub path: MerklePath,
    /// That the word was known, for the kinds that have one.
    pub word: Option<WordProof>,
}

/// What a word's key signs: of no use to another payee, packet or chain.
#[derive(Debug, Serialize, Deserialize)]
struct Word {
    chain: NetworkId,
    packet: EntryId,
    payee: Payee,
    path: MerklePath,
}

impl Format for Word {
    const NAME: &'static str = "word of a packet";
    const VERSION: u8 = 1;
    const LIMIT: usize = 768;
}

impl OpenPacket {
    /// Returns who may claim.
    pub const fn head(&self) -> MembersHead {
        MembersHead { root: self.members, count: self.count }
    }

    /// Tells whether a packet of this kind can be opened so: with a word's key if and only if it
    /// asks for a word, and for one person if it is exclusive.
    pub fn suits(&self, kind: PacketKind) -> bool {
        self.word.is_some() == kind.has_word() && (kind != PacketKind::Exclusive || self.count == 1)
    }
}

impl ClaimPacket {
    fn word(&self, chain: NetworkId) -> Result<Vec<u8>, EncodeError> {
        let Self { packet, payee, ref path, .. } = *self;
        encode(&Word { chain, packet, payee, path: path.clone() })
    }

    /// Adds the proof that the word is known, with the key derived from it.
    pub fn with_word(mut self, chain: NetworkId, key: &SigningKey) -> Result<Self, SignError> {
        let signature = sign(LEDGER_PACKET_WORD, key, &self.word(chain)?);
        let key = ClaimKey(key.verifying_key().to_bytes());
        self.word = Some(WordProof { key, signature });
        Ok(self)
    }

    /// Tells whether the payee is one of `count` members under `root`, as the packet's opening
    /// names them.
    pub fn is_of_member(&self, count: u32, root: MembersRoot) -> bool {
        self.path.leads_to_member(&self.payee, count, root)
    }

    /// Tells whether the claim proves the word that the opening asks for, and none if it asks for
    /// none; of a verified claim.
    pub fn answers(&self, word: Option<ClaimKey>) -> bool {
        self.word.map(|proof| proof.key) == word
    }
}

impl Kind for CreatePacket {
    const DOMAIN: Domain = LEDGER_PACKET_CREATE;

    fn signer(&self) -> &[u8; 32] {
        self.payment.wallet.as_bytes()
    }

    fn payment(&self) -> Option<&Payment> {
        Some(&self.payment)
    }

    fn fee(&self, rules: &Rules) -> Amount {
        rules.packet_fee(self.count)
    }

    fn amount(&self) -> Amount {
        self.amount
    }

    fn check_limits(&self, rules: &Rules) -> Result<(), EntryError> {
        let limits = &rules.limits;
        let most = if self.kind == PacketKind::Exclusive { 1 } else { limits.packet_shares };
        let count = u64::from(self.count);
        EntryError::limit(Self::NAME, "the number of shares", count, 1, most.into())?;
        // The rules are sound: the least of a share is a unit or more, so no share is nothing.
        let least = limits.share_least.0.saturating_mul(count);
        let most = limits.share_most.0.saturating_mul(count).min(limits.packet.0);
        EntryError::limit(Self::NAME, "the amount", self.amount.0, least.max(count), most)?;
        let most = rules.lifetimes.packet;
        EntryError::limit(Self::NAME, "the lifetime", self.lifetime_ms, 1, most)?;
        let Some(members) = self.members else { return Ok(()) };
        let most = if self.kind == PacketKind::Exclusive { 1 } else { PACKET_MEMBERS as u64 };
        EntryError::limit(Self::NAME, "the number of members", members.count.into(), 1, most)
    }
}

impl Kind for OpenPacket {
    const DOMAIN: Domain = LEDGER_PACKET_OPEN;

    fn signer(&self) -> &[u8; 32] {
        self.receive.as_bytes()
    }

    fn check_limits(&self, _rules: &Rules) -> Result<(), EntryError> {
        let (count, most) = (self.count.into(), PACKET_MEMBERS as u64);
        EntryError::limit(Self::NAME, "the number of members", count, 1, most)?;
        // A key that nobody can sign for, or anybody, would take the packet from its members.
        match self.word.map(|key| Address::from_bytes(key.0)) {
            Some(Err(_)) => {
                Err(EntryError::Shape { kind: Self::NAME, rule: "a word's key is a canonical key" })
            }
            None | Some(Ok(_)) => Ok(()),
        }
    }
}

impl Kind for ClaimPacket {
    const DOMAIN: Domain = LEDGER_PACKET_CLAIM;

    fn signer(&self) -> &[u8; 32] {
        self.payee.receive.as_bytes()
    }

    fn check_proofs(&self, chain: NetworkId) -> Result<(), EntryError> {
        let Some(WordProof { key, signature }) = self.word else { return Ok(()) };
        verify(LEDGER_PACKET_WORD, key.as_bytes(), &self.word(chain)?, &signature)
            .map_err(|_| EntryError::Signature { kind: Self::NAME, key: key.0 })
    }
}
