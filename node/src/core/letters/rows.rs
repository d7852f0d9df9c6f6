//! The rows of letters on their way.

use crate::core::secret_bytes;
use magpie_protocol::{
    address::{Address, NodeId},
    bounded::{Blob, List},
    codec::Format,
    ids::{DeviceId, EnvelopeId, MessageId},
    limits::{DEVICES, ENVELOPE, MESSAGES_TOGETHER, PAYLOAD},
    record::{Addresses, DeviceList, KeyBundle, Profile},
    stamp::Stamp,
    token::Token,
};
use magpie_storage::{personal::PersonalTable, table::Table, tag};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

macro_rules! format {
    ($row:ty, $name:literal, $limit:expr) => {
        impl Format for $row {
            const NAME: &'static str = $name;
            const VERSION: u8 = 1;
            const LIMIT: usize = $limit;
        }
    };
}

/// A payload that no device's keys are known for yet, or whose turn has not come.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Waiting {
    /// The encoded payload.
    pub(crate) payload: Blob<PAYLOAD>,
    /// The message whose progress it decides.
    pub(crate) about: Option<MessageId>,
    /// Since when it waits, milliseconds since the Unix epoch.
    pub(crate) since_ms: u64,
}
format!(Waiting, "waiting payload row", PAYLOAD + 256);

/// The messages whose progress an envelope decides. None and one have the bytes of the option that
/// stood here before version 3 of the store.
pub(crate) type About = List<MessageId, MESSAGES_TOGETHER>;

/// A finished envelope: a retry sends the same bytes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Outgoing {
    /// For whom.
    pub(crate) to: Address,
    /// For which device.
    pub(crate) device: DeviceId,
    /// The envelope's id.
    pub(crate) id: EnvelopeId,
    /// The envelope.
    pub(crate) envelope: Blob<ENVELOPE>,
    /// The messages whose progress it decides.
    pub(crate) about: About,
    /// Since when it is on its way, milliseconds since the Unix epoch.
    pub(crate) since_ms: u64,
    /// The super nodes that have it: a bit for each, in the order of the genesis.
    pub(crate) stored: u64,
    /// The work that lets it in without a token.
    pub(crate) stamp: Option<Stamp>,
}
impl Outgoing {
    /// Returns how much it counts among what is on its way: as much as its messages did before.
    pub(crate) fn weight(&self) -> usize {
        self.about.len().max(1)
    }
}
format!(Outgoing, "outgoing envelope row", ENVELOPE + 512 + 32 * MESSAGES_TOGETHER);

/// What an envelope brings, until its device has read it: if it cannot, the payload is sent again.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Kept {
    /// For whom.
    pub(crate) to: Address,
    /// For which device.
    pub(crate) device: DeviceId,
    /// The envelope's id.
    pub(crate) id: EnvelopeId,
    /// The encoded payload.
    pub(crate) payload: Blob<PAYLOAD>,
    /// The messages whose progress it decides.
    pub(crate) about: About,
    /// Since when it is on its way, milliseconds since the Unix epoch.
    pub(crate) since_ms: u64,
    /// How often the device could not read it.
    pub(crate) unread: u8,
}
format!(Kept, "kept payload row", PAYLOAD + 256 + 32 * MESSAGES_TOGETHER);

/// Where an envelope was put: its device and number.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct SentAs {
    pub(crate) node: NodeId,
    pub(crate) number: u64,
}
format!(SentAs, "sent envelope row", 64);

/// The delivery tokens between this account and another.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct TokenPair {
    /// Lets their mail in; given to them.
    pub(crate) given: Option<Token>,
    /// Whether enough super nodes know the one given.
    pub(crate) registered: bool,
    /// Tokens given before that the super nodes have to forget.
    pub(crate) withdrawn: List<Token, WITHDRAWN>,
    /// Lets our mail in; given by them.
    pub(crate) taken: Option<Token>,
}
format!(TokenPair, "token row", 256);

/// Tokens of one contact that wait to be withdrawn; the oldest is forgotten first.
pub(crate) const WITHDRAWN: usize = 8;

/// What the directory, or they themselves, told of another account.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct CorrespondentRow {
    pub(crate) list: DeviceList,
    pub(crate) bundles: List<KeyBundle, DEVICES>,
    pub(crate) profile: Option<Box<Profile>>,
    pub(crate) addresses: List<Addresses, DEVICES>,
    /// When the directory was last asked, milliseconds since the Unix epoch; 0 for never.
    pub(crate) asked_ms: u64,
}
format!(CorrespondentRow, "person row", 256 << 10);

/// One Olm session with another device.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SessionRow {
    #[serde(with = "secret_bytes")]
    pub(crate) pickle: Zeroizing<Vec<u8>>,
    /// Whether it was opened on a one-time key; such a session replaces one on the fallback key.
    pub(crate) on_one_time_key: bool,
    /// When it last decrypted or was opened, milliseconds since the Unix epoch.
    pub(crate) used_ms: u64,
}
format!(SessionRow, "session row", 64 << 10);

/// What is kept beside the sessions with one device.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Offers {
    /// A one-time key of theirs that no session of ours uses yet.
    pub(crate) theirs: Option<[u8; 32]>,
    /// The one-time key of ours that our introductions carry.
    pub(crate) ours: Option<[u8; 32]>,
    /// When their sessions were last given up, milliseconds since the Unix epoch.
    pub(crate) renewed_ms: u64,
}
format!(Offers, "offered keys row", 128);

/// This vault's Olm account.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct IdentityRow {
    #[serde(with = "secret_bytes")]
    pub(crate) pickle: Zeroizing<Vec<u8>>,
    /// The fallback key that the bundle names.
    pub(crate) fallback: [u8; 32],
    /// Its number.
    pub(crate) fallback_id: u64,
    /// When it was made, milliseconds since the Unix epoch.
    pub(crate) fallback_ms: u64,
}
format!(IdentityRow, "olm identity row", 2 << 20);

/// An envelope that was taken: a second copy does nothing.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Seen;
format!(Seen, "seen envelope row", 1);

/// The first message that an envelope brought, and from whom: who hears of it knows that the device
/// has all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Brought {
    /// Who wrote it.
    pub(crate) account: Address,
    /// The message.
    pub(crate) message: MessageId,
}
format!(Brought, "brought message row", 72);

/// An envelope's number on its way.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Number(pub(crate) u64);
format!(Number, "envelope number row", 16);

/// Mail that came while the node was locked, as it came.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Held(pub(crate) Blob<ENVELOPE>);
format!(Held, "held envelope row", ENVELOPE + 16);

/// The id of an envelope.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct HeldId(pub(crate) EnvelopeId);
format!(HeldId, "held envelope id row", 40);

/// The account whose mail this device fetches, also before login.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct MailboxOf(pub(crate) Address);
format!(MailboxOf, "mailbox row", 40);

/// Payloads that wait, by account and number: in the order they were posted.
pub(crate) const WAITING: PersonalTable<(), (Address, u64), Waiting> =
    PersonalTable::new("waiting payloads");
/// Envelopes on their way, by device and number.
pub(crate) const OUTBOX: PersonalTable<(), (NodeId, u64), Outgoing> = PersonalTable::new("outbox");
/// Envelopes that super nodes store and no device has acknowledged yet, by device and number: if the
/// device connects before it says that it has them, they go to it ahead of what is newer.
pub(crate) const STORED: PersonalTable<(), (NodeId, u64), Outgoing> =
    PersonalTable::new("stored envelopes");
/// The number of the envelope that brings a message to a mailbox, by message and device.
pub(crate) const ON_WAY: PersonalTable<(), (MessageId, NodeId), Number> =
    PersonalTable::new("envelopes on their way");
/// Payloads of envelopes that their device has not acknowledged, by device and number.
pub(crate) const KEPT: PersonalTable<(), (NodeId, u64), Kept> = PersonalTable::new("kept payloads");
/// Where each of those envelopes was put, by its id.
pub(crate) const SENT_AS: PersonalTable<(), EnvelopeId, SentAs> =
    PersonalTable::new("sent envelopes");
/// Tokens, by the other account.
pub(crate) const TOKENS: PersonalTable<(), Address, TokenPair> = PersonalTable::new("tokens");
/// What is known of other accounts.
pub(crate) const CORRESPONDENTS: PersonalTable<(), Address, CorrespondentRow> =
    PersonalTable::new("correspondents");
/// Which account a node belongs to.
pub(crate) const NODES: PersonalTable<(), NodeId, MailboxOf> = PersonalTable::new("nodes");
/// Olm sessions, by device and session id.
pub(crate) const SESSIONS: PersonalTable<DeviceId, String, SessionRow> =
    PersonalTable::new("sessions");
/// Keys offered beside the sessions, by device.
pub(crate) const OFFERS: PersonalTable<(), DeviceId, Offers> = PersonalTable::new("offered keys");
/// This vault's Olm account; one row.
pub(crate) const IDENTITY: PersonalTable<(), (), IdentityRow> = PersonalTable::new("olm identity");
/// Envelopes taken, by expiry and id: kept as long as a copy may come.
pub(crate) const SEEN: PersonalTable<(), (u64, EnvelopeId), Seen> =
    PersonalTable::new("seen envelopes");
/// Messages that envelopes brought directly, by expiry and id: if the acknowledgement was lost, the same
/// envelope comes by mail, and is receipted then.
pub(crate) const BROUGHT: PersonalTable<(), (u64, EnvelopeId), Brought> =
    PersonalTable::new("directly brought messages");
/// Envelopes that could not be read and whose sender was told, by expiry and id.
pub(crate) const NAMED: PersonalTable<(), (u64, EnvelopeId), Seen> =
    PersonalTable::new("unread envelopes");
/// Envelopes whose payload was refused, by expiry and id: a second copy is refused as well.
pub(crate) const REFUSED: PersonalTable<(), (u64, EnvelopeId), Seen> =
    PersonalTable::new("refused envelopes");
/// Mail held while locked, by id.
pub(crate) const HELD: Table<EnvelopeId, Held> = Table::new("held mail", tag::PUBLIC + 1);
/// The account whose mail is fetched; one row.
pub(crate) const MAILBOX_OF: Table<(), MailboxOf> = Table::new("mailbox", tag::PUBLIC + 2);
/// The ids of held mail, in the order it came.
pub(crate) const HELD_ORDER: Table<u64, HeldId> = Table::new("held mail order", tag::PUBLIC + 3);
