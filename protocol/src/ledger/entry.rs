//! The signed entry: the one thing that moves money.
//!
//! In: bytes from anybody. Out: a [`VerifiedEntry`], which is valid on its chain and under its
//! rules whatever the state; what it meets there is for the execution to say. All signatures are
//! checked here, once: who has the entry's id from here need not check them again.

use super::{
    EntryError, EntryId, HeightError, Instruction, Rules, SignError, TimeError, UnknownKind,
    VerifyError,
};
use crate::{
    bounded::Blob,
    codec::{Format, decode, encode},
    digest::digest,
    domain::ENTRY_ID,
    ids::NetworkId,
    limits::{ENTRY, ENTRY_BODY},
    sign::{Signature, sign, verify},
};
use ed25519_dalek::SigningKey;
use serde::{Deserialize, Serialize};

/// What an entry's signature is made over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Unsigned {
    chain: NetworkId,
    kind: u16,
    body: Blob<ENTRY_BODY>,
}

impl Format for Unsigned {
    const NAME: &'static str = "entry";
    const VERSION: u8 = 1;
    const LIMIT: usize = ENTRY - 64;
}

/// An entry as it travels, with a signature that nobody has checked yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    unsigned: Unsigned,
    signature: Signature,
}

impl Format for Entry {
    const NAME: &'static str = "signed entry";
    const VERSION: u8 = 1;
    const LIMIT: usize = ENTRY;
}

impl Instruction {
    /// Signs the instruction for a chain with the key that it names. Errors: [`SignError`].
    pub fn sign(&self, chain: NetworkId, key: &SigningKey) -> Result<Entry, SignError> {
        let facts = self.facts().ok_or(SignError::Unknown(self.number()))?;
        SignError::check_key(self.name(), facts.signer, key)?;
        let (kind, body) = self.to_parts()?;
        let unsigned = Unsigned { chain, kind, body: Blob::new(body)? };
        let signature = sign(facts.domain, key, &encode(&unsigned)?);
        Ok(Entry { unsigned, signature })
    }
}

fn check_chain(found: NetworkId, expected: NetworkId) -> Result<(), EntryError> {
    if found == expected { Ok(()) } else { Err(EntryError::Chain { expected, found }) }
}

impl Instruction {
    /// Checks all that costs no curve arithmetic: that the kind is enabled, shape, limits and fee.
    fn check_rules(&self, rules: &Rules) -> Result<(), EntryError> {
        let kind = self.name();
        let facts = self.facts().filter(|_| rules.enables(self.number()));
        let facts = facts.ok_or(EntryError::Disabled(kind))?;
        self.check_limits(rules)?;
        match facts.payment {
            Some(payment) => payment.check(kind, self.fee(rules), facts.amount),
            None => Ok(()),
        }
    }
}

impl Entry {
    /// Reads an entry; it is still unverified, and of any kind.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, EntryError> {
        Ok(decode(bytes)?)
    }

    /// Returns the entry's bytes.
    pub fn to_bytes(&self) -> Result<Vec<u8>, EntryError> {
        Ok(encode(self)?)
    }

    /// Returns the id: the hash of all bytes, signature included, so that what was checked under
    /// an id is what has it.
    pub fn id(&self) -> Result<EntryId, EntryError> {
        Ok(EntryId(digest(ENTRY_ID, &self.to_bytes()?)))
    }

    /// Returns the number of the kind.
    pub const fn kind(&self) -> u16 {
        self.unsigned.kind
    }

    /// Reads what it does, unverified. Errors: [`EntryError`].
    pub fn instruction(&self) -> Result<Instruction, EntryError> {
        Ok(Instruction::from_parts(self.unsigned.kind, &self.unsigned.body)?)
    }

    /// Checks chain, kind, shape, limits and fee, then every signature.
    ///
    /// Costs one signature check; two for names and for claims of packets with a word, three for
    /// evidence. Errors: [`VerifyError`].
    pub fn verify(self, chain: NetworkId, rules: &Rules) -> Result<VerifiedEntry, VerifyError> {
        let Unsigned { chain: found, kind: number, ref body } = self.unsigned;
        check_chain(found, chain)?;
        let instruction = Instruction::from_parts(number, body)?;
        let facts = instruction.facts().ok_or(UnknownKind(number))?;
        instruction.check_rules(rules)?;
        let kind = instruction.name();
        verify(facts.domain, facts.signer, &encode(&self.unsigned)?, &self.signature)
            .map_err(|_| EntryError::Signature { kind, key: *facts.signer })?;
        instruction.check_proofs(chain)?;
        let id = self.id()?;
        Ok(VerifiedEntry { entry: self, id, instruction })
    }
}

/// An entry that is valid on its chain as far as its own bytes go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedEntry {
    entry: Entry,
    id: EntryId,
    instruction: Instruction,
}

impl VerifiedEntry {
    /// Returns the entry's id.
    pub const fn id(&self) -> EntryId {
        self.id
    }

    /// Returns what it does.
    pub const fn instruction(&self) -> &Instruction {
        &self.instruction
    }

    /// Returns the entry as it travels.
    pub const fn entry(&self) -> &Entry {
        &self.entry
    }

    /// Checks again what may have changed since it was verified: that it is of this chain, and
    /// within these rules. The signatures need no second look. Errors: [`EntryError`].
    pub fn check_rules(&self, chain: NetworkId, rules: &Rules) -> Result<(), EntryError> {
        check_chain(self.entry.unsigned.chain, chain)?;
        self.instruction.check_rules(rules)
    }

    /// Checks that a block of this time may hold it. Errors: [`TimeError`].
    pub fn check_time(&self, time_ms: u64, rules: &Rules) -> Result<(), TimeError> {
        match self.instruction.valid_until_ms() {
            Some(until) => rules.check_valid_until(until, time_ms),
            None => Ok(()),
        }
    }

    /// Checks that a block of this height may hold it. Errors: [`HeightError`].
    pub fn check_height(&self, height: u64, rules: &Rules) -> Result<(), HeightError> {
        self.instruction.check_height(height, rules)
    }
}
