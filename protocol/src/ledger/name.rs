//! Names that lead to an account: committed to first, so that nobody who sees one registered can
//! be faster.
//!
//! A wallet pays and signs; what a name leads to, and who it is given to, its account consents to
//! inside. Which letters a name may have is not judged here yet: no network enables these kinds.

use super::{Amount, EntryError, NameCommitment, Payment, Rules, SignError, instruction::Kind};
use crate::{
    address::Address,
    bounded::Text,
    codec::{EncodeError, Format, encode},
    digest::digest,
    domain::{
        Domain, LEDGER_CONSENT_REGISTER, LEDGER_CONSENT_TRANSFER, LEDGER_NAME_COMMIT,
        LEDGER_NAME_REGISTER, LEDGER_NAME_RENEW, LEDGER_NAME_SEALED, LEDGER_NAME_TRANSFER,
    },
    ids::NetworkId,
    limits::LEDGER_NAME_CHARS,
    sign::{Signature, sign, verify},
};
use ed25519_dalek::SigningKey;
use serde::{Deserialize, Serialize};

/// A registered name, unjudged.
pub type Name = Text<LEDGER_NAME_CHARS>;

/// Commits to a name without telling it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommitName {
    /// Who pays.
    pub payment: Payment,
    /// The commitment, [`name_commitment`].
    pub commitment: NameCommitment,
}

/// Registers a name that was committed to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisterName {
    /// Who pays.
    pub payment: Payment,
    /// The name.
    pub name: Name,
    /// The account it leads to.
    pub account: Address,
    /// What kept the commitment secret.
    pub salt: [u8; 32],
    /// By the account, over chain and all above.
    pub consent: Signature,
}

/// Keeps a name for another period; anybody may pay for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RenewName {
    /// Who pays.
    pub payment: Payment,
    /// The name.
    pub name: Name,
    /// The account that it is kept for: nobody pays for a name that went to another meanwhile.
    pub account: Address,
}

/// Gives a name to another account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransferName {
    /// Who pays.
    pub payment: Payment,
    /// The name.
    pub name: Name,
    /// The account that has it.
    pub from: Address,
    /// The account that gets it.
    pub to: Address,
    /// By the account that has it, over chain and all above.
    pub consent: Signature,
}

/// What the account of a new name signs. The payment is in it, so that it counts once.
#[derive(Debug, Serialize, Deserialize)]
struct RegisterConsent {
    chain: NetworkId,
    payment: Payment,
    name: Name,
    account: Address,
    salt: [u8; 32],
}

/// What the account of a name signs to give it away, once.
#[derive(Debug, Serialize, Deserialize)]
struct TransferConsent {
    chain: NetworkId,
    payment: Payment,
    name: Name,
    from: Address,
    to: Address,
}

/// What is committed to.
#[derive(Debug, Serialize, Deserialize)]
struct Sealed {
    chain: NetworkId,
    name: Name,
    account: Address,
    salt: [u8; 32],
}

macro_rules! formats {
    ($( $name:ident, $text:literal; )*) => {$(
        impl Format for $name {
            const NAME: &'static str = $text;
            const VERSION: u8 = 1;
            const LIMIT: usize = 640;
        }
    )*};
}

formats! {
    RegisterConsent, "consent to a name";
    TransferConsent, "consent to giving a name";
    Sealed, "sealed name";
}

/// Returns the commitment to a name for an account, which 32 random bytes of salt keep secret.
pub fn name_commitment(
    chain: NetworkId,
    name: &Name,
    account: Address,
    salt: [u8; 32],
) -> Result<NameCommitment, EncodeError> {
    let sealed = Sealed { chain, name: name.clone(), account, salt };
    Ok(NameCommitment(digest(LEDGER_NAME_SEALED, &encode(&sealed)?)))
}

impl RegisterName {
    fn consented(&self, chain: NetworkId) -> Result<Vec<u8>, EncodeError> {
        let Self { payment, ref name, account, salt, .. } = *self;
        encode(&RegisterConsent { chain, payment, name: name.clone(), account, salt })
    }

    /// Sets the account's consent. Errors: [`SignError`].
    pub fn consent(mut self, chain: NetworkId, key: &SigningKey) -> Result<Self, SignError> {
        SignError::check_key(Self::NAME, self.account.as_bytes(), key)?;
        self.consent = sign(LEDGER_CONSENT_REGISTER, key, &self.consented(chain)?);
        Ok(self)
    }

    /// Returns the commitment that this reveals.
    pub fn commitment(&self, chain: NetworkId) -> Result<NameCommitment, EncodeError> {
        name_commitment(chain, &self.name, self.account, self.salt)
    }
}

impl TransferName {
    fn consented(&self, chain: NetworkId) -> Result<Vec<u8>, EncodeError> {
        let Self { payment, ref name, from, to, .. } = *self;
        encode(&TransferConsent { chain, payment, name: name.clone(), from, to })
    }

    /// Sets the consent of the account that has the name. Errors: [`SignError`].
    pub fn consent(mut self, chain: NetworkId, key: &SigningKey) -> Result<Self, SignError> {
        SignError::check_key(Self::NAME, self.from.as_bytes(), key)?;
        self.consent = sign(LEDGER_CONSENT_TRANSFER, key, &self.consented(chain)?);
        Ok(self)
    }
}

fn check_name(kind: &'static str, name: &Name) -> Result<(), EntryError> {
    let seen = |c: char| !c.is_control() && !c.is_whitespace();
    if name.is_empty() || !name.chars().all(seen) {
        return Err(EntryError::Shape { kind, rule: "a name is visible text without spaces" });
    }
    Ok(())
}

impl Kind for CommitName {
    const DOMAIN: Domain = LEDGER_NAME_COMMIT;

    fn signer(&self) -> &[u8; 32] {
        self.payment.wallet.as_bytes()
    }

    fn payment(&self) -> Option<&Payment> {
        Some(&self.payment)
    }

    fn fee(&self, rules: &Rules) -> Amount {
        rules.fees.name_commit
    }
}

impl Kind for RegisterName {
    const DOMAIN: Domain = LEDGER_NAME_REGISTER;

    fn signer(&self) -> &[u8; 32] {
        self.payment.wallet.as_bytes()
    }

    fn payment(&self) -> Option<&Payment> {
        Some(&self.payment)
    }

    fn fee(&self, rules: &Rules) -> Amount {
        rules.fees.name
    }

    fn check_limits(&self, _rules: &Rules) -> Result<(), EntryError> {
        check_name(Self::NAME, &self.name)
    }

    fn check_proofs(&self, chain: NetworkId) -> Result<(), EntryError> {
        let key = self.account.as_bytes();
        verify(LEDGER_CONSENT_REGISTER, key, &self.consented(chain)?, &self.consent)
            .map_err(|_| EntryError::Signature { kind: Self::NAME, key: *key })
    }
}

impl Kind for RenewName {
    const DOMAIN: Domain = LEDGER_NAME_RENEW;

    fn signer(&self) -> &[u8; 32] {
        self.payment.wallet.as_bytes()
    }

    fn payment(&self) -> Option<&Payment> {
        Some(&self.payment)
    }

    fn fee(&self, rules: &Rules) -> Amount {
        rules.fees.name
    }

    fn check_limits(&self, _rules: &Rules) -> Result<(), EntryError> {
        check_name(Self::NAME, &self.name)
    }
}

impl Kind for TransferName {
    const DOMAIN: Domain = LEDGER_NAME_TRANSFER;

    fn signer(&self) -> &[u8; 32] {
        self.payment.wallet.as_bytes()
    }

    fn payment(&self) -> Option<&Payment> {
        Some(&self.payment)
    }

    fn fee(&self, rules: &Rules) -> Amount {
        rules.fees.name_transfer
    }

    fn check_limits(&self, _rules: &Rules) -> Result<(), EntryError> {
        check_name(Self::NAME, &self.name)
    }

    fn check_proofs(&self, chain: NetworkId) -> Result<(), EntryError> {
        let key = self.from.as_bytes();
        verify(LEDGER_CONSENT_TRANSFER, key, &self.consented(chain)?, &self.consent)
            .map_err(|_| EntryError::Signature { kind: Self::NAME, key: *key })
    }
}
