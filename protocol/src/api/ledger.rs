//! The ledger as this node has verified it, and entries for it that were signed elsewhere.

use super::{
    ApiError, ErrorCode,
    field::{Millis, SignedEntry},
    methods::methods,
    shape::Empty,
};
use crate::{
    beacon::Proof,
    codec::encode,
    ids::NetworkId,
    keys::{ConsensusKey, IssuerKey},
    ledger::{
        BlockHash, Certificate, CommitSignature, EntriesRoot, EntryId, Header, StateRoot,
        ValidatorsHash,
    },
    sign::Signature,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

methods! {
    /// The ledger as this node has verified it.
    pub trait Ledger = "ledger" {
        /// Shows the newest header that this node has verified, and whether and why it believes nothing of the ledger now.
        "status" ledger_status(Empty) -> LedgerStatus, read open;
        /// Shows the decided header of a height with its certificate. 1004 for a height that is not decided or not kept, 20000 if no super node answers.
        "header" ledger_header(OneHeight) -> DecidedHeaderRow, read open later;
        /// Hands an entry that was signed elsewhere to the ledger and waits until it is final. 600 for an entry of another chain or one that the rules forbid, 21009 with its uid if the ledger has not decided in time.
        "submit" submit_entry(SubmitEntry) -> Submitted, wallet open later;
        /// Shows the next sequence number of an issuer's key. 1004 for a key that is no issuer's.
        "issuer" ledger_issuer(OneIssuer) -> IssuerRow, read open later;
    }
}

/// The newest header that this node has verified; all zero before the first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LedgerStatus {
    /// Its height.
    pub height: u64,
    /// The root of the state after it: 64 hex digits.
    pub state_root: StateRoot,
    /// How many validators vote on it.
    pub validators: u32,
    /// Whether this node has verified it and goes by it; if not, nothing is spent.
    pub verified: bool,
    /// How many of the validators signed its certificate.
    pub verified_by: u32,
    /// Its time.
    pub time: Millis,
    /// Whether it is fresh enough for what it shows to be called settled.
    pub settled: bool,
    /// This node in the transport: its libp2p PeerId.
    pub peer_id: String,
    /// The chain's id, which is the network's.
    pub chain: NetworkId,
    /// Why the network is unconfirmed, in words: the checkpoint of its file was not shown yet, or the newest header is over 30 days old. Null if it is confirmed.
    pub unconfirmed: Option<String>,
    /// What ended this node's belief in the ledger, if anything did.
    pub breach: Option<LedgerBreach>,
}

/// What a ledger did that no signature makes right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum BreachKind {
    /// Two certified headers cannot both be.
    Fork,
    /// A packet's shares are not those that its beacons draw.
    Draw,
    /// A certified header is not the checkpoint of the network file.
    Checkpoint,
}

/// Why this node believes nothing of the ledger any more, with what shows it to others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LedgerBreach {
    /// What it was.
    pub kind: BreachKind,
    /// The height at which it showed.
    pub height: u64,
    /// What is wrong, in words.
    pub why: String,
    /// The packet with the wrong shares; null for other breaches.
    pub red_packet_id: Option<EntryId>,
    /// The certified headers that show it, as far as this node has them with their certificates.
    pub headers: Vec<DecidedHeaderRow>,
}

/// One height of the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OneHeight {
    /// The height, from 1.
    pub height: u64,
}

/// A block's header. The names are those of its format, in its order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HeaderRow {
    /// The chain.
    pub chain: NetworkId,
    /// The version of the rules.
    pub rules: u16,
    /// The height.
    pub height: u64,
    /// The round in which the block was proposed first.
    pub round: u32,
    /// Who proposed it then.
    pub proposer: ConsensusKey,
    /// The block before; of height 1, the chain's id.
    pub parent: BlockHash,
    /// When, in milliseconds.
    pub time_ms: Millis,
    /// The root of the entries.
    pub entries: EntriesRoot,
    /// The root of the state after them.
    pub state: StateRoot,
    /// Who votes on this block.
    pub validators: ValidatorsHash,
    /// Who votes on the next.
    pub next_validators: ValidatorsHash,
    /// The proof of what the proposer adds to the beacon.
    pub beacon: Proof,
}

/// One validator's precommit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SignatureRow {
    /// Whose.
    pub validator: ConsensusKey,
    /// Under the precommit for the block: 128 hex digits.
    pub signature: Signature,
}

/// The precommits by which a block was decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CertificateRow {
    /// The height.
    pub height: u64,
    /// The round in which it was decided.
    pub round: u32,
    /// The block.
    pub block: BlockHash,
    /// The precommits, ascending by validator.
    pub signatures: Vec<SignatureRow>,
}

/// A header with what decided it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DecidedHeaderRow {
    /// The height.
    pub height: u64,
    /// The block's hash: BLAKE3 of the header's bytes under its domain.
    pub hash: BlockHash,
    /// The header.
    pub header: HeaderRow,
    /// The header's bytes, in hex.
    pub bytes: String,
    /// The certificate.
    pub certificate: CertificateRow,
}

impl DecidedHeaderRow {
    /// Returns the row of a header and its certificate. Fails with 500 if the header does not fit
    /// its format, as one from the wire always does.
    pub fn of(header: &Header, certificate: &Certificate) -> Result<Self, ApiError> {
        let unfit = |e: crate::codec::EncodeError| ApiError::new(ErrorCode::Failed, e.to_string());
        Ok(Self {
            height: header.height,
            hash: header.hash().map_err(unfit)?,
            header: header.into(),
            bytes: hex::encode(encode(header).map_err(unfit)?),
            certificate: certificate.into(),
        })
    }
}

impl From<&Header> for HeaderRow {
    fn from(header: &Header) -> Self {
        let Header { chain, rules, height, round, proposer, parent, time_ms, .. } = *header;
        let Header { entries, state, validators, next_validators, beacon, .. } = *header;
        Self {
            chain,
            rules,
            height,
            round,
            proposer,
            parent,
            time_ms,
            entries,
            state,
            validators,
            next_validators,
            beacon,
        }
    }
}

impl From<&Certificate> for CertificateRow {
    fn from(certificate: &Certificate) -> Self {
        let Certificate { height, round, block, ref signatures } = *certificate;
        let signatures = signatures
            .iter()
            .map(|CommitSignature { validator, signature }| SignatureRow {
                validator: *validator,
                signature: *signature,
            })
            .collect();
        Self { height, round, block, signatures }
    }
}

/// An entry for the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SubmitEntry {
    /// The signed entry's bytes, in hex.
    pub entry: SignedEntry,
}

/// How far an entry has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum EntryState {
    /// It stands in a block.
    Final,
}

/// What became of an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Submitted {
    /// The entry's id.
    pub uid: EntryId,
    /// How far it has come.
    pub state: EntryState,
    /// The height of a verified header under which it is so; that of its block, where this node
    /// knows it.
    pub height: u64,
}

/// One issuer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OneIssuer {
    /// The issuer's public key: 64 hex digits.
    pub key: IssuerKey,
}

/// An issuer as the ledger has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct IssuerRow {
    /// The sequence number of its next mint or burn.
    pub sequence: u64,
    /// The time of the verified header under which it is so; entries are valid by header time.
    pub time: Millis,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{codec::decode, ledger::exchange::DecidedHeader};
    use serde_json::{Value, json, to_value};

    /// The golden bytes of a decided header.
    const DECIDED: &str = include_str!("../../golden/ledger_exchange_decided_header.hex");

    #[test]
    fn a_row_shows_all_of_a_header_and_its_certificate() {
        let bytes = hex::decode(DECIDED.replace('\n', "")).unwrap();
        let DecidedHeader { header, certificate } = decode(&bytes).unwrap();
        let row = DecidedHeaderRow::of(&header, &certificate).unwrap();
        assert_eq!(to_value(&row.header).unwrap(), to_value(&header).unwrap());
        assert_eq!(to_value(&row.certificate).unwrap(), to_value(&certificate).unwrap());
        assert_eq!((row.height, row.hash), (header.height, certificate.block));
        assert_eq!(decode::<Header>(&hex::decode(&row.bytes).unwrap()).unwrap(), header);
        let shown = to_value(&row).unwrap();
        assert_eq!(serde_json::from_value::<DecidedHeaderRow>(shown).unwrap(), row);
    }

    #[test]
    fn an_entry_that_is_in_a_block_is_final() {
        let row = Submitted { uid: EntryId([0xab; 32]), state: EntryState::Final, height: 7 };
        let Value::Object(shown) = to_value(&row).unwrap() else { panic!("an object") };
        assert_eq!(shown["uid"], json!("ab".repeat(32)));
        assert_eq!((&shown["state"], &shown["height"]), (&json!("final"), &json!(7)));
    }
}
