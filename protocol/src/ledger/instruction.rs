//! What an entry does: the kinds with their numbers, which stand in the bytes for good.
//!
//! A body has a version of its own, so that an older build tells what a newer one reads from what
//! is malformed. No rule lets in what it does not know.

use super::{
    Accept, Amount, Burn, ClaimPacket, CommitName, CreatePacket, Decline, EntryError, Evidence,
    HeightError, Mint, Notarize, OpenPacket, Payment, RegisterName, RenewName, Rules, Transfer,
    TransferName, UpdateValidators,
};
use crate::{
    codec::{DecodeError, EncodeError, Format, decode, encode},
    domain::Domain,
    ids::NetworkId,
};

/// What every kind of entry says of itself; its [`Format::NAME`] is what an error calls it.
pub(super) trait Kind: Format {
    /// What its signature is bound to.
    const DOMAIN: Domain;

    /// Returns the key that signs the entry.
    fn signer(&self) -> &[u8; 32];

    /// Returns who pays, if anybody does.
    fn payment(&self) -> Option<&Payment> {
        None
    }

    /// Returns until when the entry may stand in a block, if it says so.
    fn valid_until_ms(&self) -> Option<u64> {
        self.payment().map(|payment| payment.valid_until_ms)
    }

    /// Returns what it costs under these rules.
    fn fee(&self, _rules: &Rules) -> Amount {
        Amount::ZERO
    }

    /// Returns what it takes from the wallet that pays, besides the fee.
    fn amount(&self) -> Amount {
        Amount::ZERO
    }

    /// Checks shape and limits.
    fn check_limits(&self, _rules: &Rules) -> Result<(), EntryError> {
        Ok(())
    }

    /// Checks that a block of this height may hold it.
    fn check_height(&self, _height: u64, _rules: &Rules) -> Result<(), HeightError> {
        Ok(())
    }

    /// Checks the signatures that stand inside the body, made for this chain.
    fn check_proofs(&self, _chain: NetworkId) -> Result<(), EntryError> {
        Ok(())
    }
}

macro_rules! kinds {
    ($( $(#[$doc:meta])* $number:literal $name:ident up to $limit:expr, $text:literal; )*) => {
        /// What an entry does.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Instruction {
            $( $(#[$doc])* $name(Box<$name>), )*
            /// What a newer Magpie reads: another number, or another version of one. Refused.
            Unknown {
                /// The number.
                number: u16,
                /// The body as it came.
                body: Vec<u8>,
            },
        }

        $(
            impl Format for $name {
                const NAME: &'static str = $text;
                const VERSION: u8 = 1;
                const LIMIT: usize = $limit;
            }

            impl From<$name> for Instruction {
                fn from(instruction: $name) -> Self {
                    Self::$name(Box::new(instruction))
                }
            }
        )*

        impl Instruction {
            /// The numbers of all kinds that this build knows, ascending.
            pub const KINDS: &[u16] = &[$($number),*];

            /// Returns number and body as they stand in an entry.
            pub fn to_parts(&self) -> Result<(u16, Vec<u8>), EncodeError> {
                Ok(match self {
                    $( Self::$name(body) => ($number, encode(&**body)?), )*
                    Self::Unknown { number, body } => (*number, body.clone()),
                })
            }

            /// Reads an instruction; a number or version that this build does not know is kept.
            pub fn from_parts(number: u16, body: &[u8]) -> Result<Self, DecodeError> {
                let read = match number {
                    $( $number => decode(body).map(|body| Self::$name(Box::new(body))), )*
                    _ => return Ok(Self::Unknown { number, body: body.to_vec() }),
                };
                match read {
                    Err(DecodeError::Version { .. }) => {
                        Ok(Self::Unknown { number, body: body.to_vec() })
                    }
                    read => read,
                }
            }

            /// Returns the kind's number.
            pub const fn number(&self) -> u16 {
                match self {
                    $( Self::$name(_) => $number, )*
                    Self::Unknown { number, .. } => *number,
                }
            }

            /// Returns what the kind is called in an error.
            pub const fn name(&self) -> &'static str {
                match self {
                    $( Self::$name(_) => $text, )*
                    Self::Unknown { .. } => "entry of a newer Magpie",
                }
            }

            /// Returns what the kind says of itself, or nothing if this build does not know it.
            pub(super) fn facts(&self) -> Option<Facts<'_>> {
                match self {
                    $( Self::$name(body) => Some(Facts {
                        domain: <$name as Kind>::DOMAIN,
                        signer: body.signer(),
                        payment: body.payment(),
                        valid_until_ms: body.valid_until_ms(),
                        amount: body.amount(),
                    }), )*
                    Self::Unknown { .. } => None,
                }
            }

            /// Returns the fee under these rules.
            pub fn fee(&self, rules: &Rules) -> Amount {
                match self {
                    $( Self::$name(body) => body.fee(rules), )*
                    Self::Unknown { .. } => Amount::ZERO,
                }
            }

            pub(super) fn check_limits(&self, rules: &Rules) -> Result<(), EntryError> {
                match self {
                    $( Self::$name(body) => body.check_limits(rules), )*
                    Self::Unknown { .. } => Err(EntryError::Disabled(self.name())),
                }
            }

            pub(super) fn check_height(
                &self,
                height: u64,
                rules: &Rules,
            ) -> Result<(), HeightError> {
                match self {
                    $( Self::$name(body) => body.check_height(height, rules), )*
                    Self::Unknown { .. } => Ok(()),
                }
            }

            pub(super) fn check_proofs(&self, chain: NetworkId) -> Result<(), EntryError> {
                match self {
                    $( Self::$name(body) => body.check_proofs(chain), )*
                    Self::Unknown { .. } => Err(EntryError::Disabled(self.name())),
                }
            }
        }
    };
}

/// What one instruction's kind says of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Facts<'a> {
    /// What its signature is bound to.
    pub(super) domain: Domain,
    /// Whose signature it is.
    pub(super) signer: &'a [u8; 32],
    /// Who pays.
    pub(super) payment: Option<&'a Payment>,
    /// Until when it may stand in a block.
    pub(super) valid_until_ms: Option<u64>,
    /// What it takes besides the fee.
    pub(super) amount: Amount,
}

impl Instruction {
    /// Tells whether this build knows a kind of this number.
    pub fn is_known(number: u16) -> bool {
        Self::KINDS.binary_search(&number).is_ok()
    }

    /// Returns who pays, if anybody does.
    pub fn payment(&self) -> Option<&Payment> {
        self.facts()?.payment
    }

    /// Returns what it takes from the wallet that pays, besides the fee.
    pub fn amount(&self) -> Amount {
        self.facts().map_or(Amount::ZERO, |facts| facts.amount)
    }

    /// Returns until when it may stand in a block, in milliseconds, if it says so.
    pub fn valid_until_ms(&self) -> Option<u64> {
        self.facts()?.valid_until_ms
    }
}

kinds! {
    /// Sends money.
    1 Transfer up to 192, "transfer";
    /// Takes it.
    2 Accept up to 80, "acceptance";
    /// Sends it back.
    3 Decline up to 80, "refusal";
    /// Puts money into a packet.
    4 CreatePacket up to 192, "new packet";
    /// Makes a packet claimable.
    5 OpenPacket up to 192, "packet opening";
    /// Takes a share.
    6 ClaimPacket up to 1_024, "packet claim";
    /// Commits to a name.
    7 CommitName up to 128, "name commitment";
    /// Registers it.
    8 RegisterName up to 640, "name registration";
    /// Keeps it for another period.
    9 RenewName up to 384, "name renewal";
    /// Gives it away.
    10 TransferName up to 640, "name transfer";
    /// Fixes a digest in time.
    11 Notarize up to 128, "notarized digest";
    /// Votes for other validators.
    12 UpdateValidators up to 320, "validator update";
    /// Makes units.
    13 Mint up to 192, "mint";
    /// Withdraws units.
    14 Burn up to 192, "burn";
    /// Shows that a validator said two things.
    15 Evidence up to 1_024, "evidence";
}
