//! The bounds of the wire: the most of everything that a peer or a caller may make a node hold.
//!
//! Sizes are bytes, times are milliseconds, unless the name says otherwise.

/// One call's JSON body over the local API (page 9).
pub const API_BODY: usize = 8 << 20;
/// How deep objects and arrays of one call may nest.
pub const API_NESTING: usize = 32;
/// Characters in one text message.
pub const MESSAGE_TEXT_CHARS: usize = 10_000;
/// Characters in a nickname.
pub const NICKNAME_CHARS: usize = 64;
/// Characters in a remark on a contact.
pub const REMARK_CHARS: usize = 256;
/// Characters in the greeting of a friend request.
pub const GREETING_CHARS: usize = 512;
/// Characters in an avatar's URL.
pub const AVATAR_URL_CHARS: usize = 512;
/// Characters in the identifier of an event registration.
pub const EVENT_IDENTIFIER_CHARS: usize = 128;
/// Event registrations kept for each kind of event.
pub const EVENT_IDENTIFIERS: usize = 16;
/// Events kept for a listener that comes back.
pub const EVENTS_KEPT: u64 = 10_000;
/// How long events are kept for a listener that comes back.
pub const EVENTS_KEPT_MS: u64 = 7 * DAY_MS;
/// One event as it is kept.
pub const EVENT_BYTES: usize = 256 << 10;
/// Characters in a password, at least.
pub const PASSWORD_CHARS_MIN: usize = 6;
/// Characters in a password, at most.
pub const PASSWORD_CHARS_MAX: usize = 128;
/// Rows one page of a listing may hold.
pub const PAGE_ROWS: u32 = 1_000;
/// The largest logical clock; what is over it is malformed (page 3).
pub const CLOCK_MAX: u64 = 1 << 53;
/// One day.
pub const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

/// One encoded genesis.
pub const GENESIS: usize = 32 << 10;
/// Super nodes that a genesis may name.
pub const GENESIS_SUPERS: usize = 64;
/// Characters in a network's name.
pub const NETWORK_NAME_CHARS: usize = 64;
/// Bootstrap addresses in a network file.
pub const BOOTSTRAP_ADDRESSES: usize = 64;
/// The shortest retention of mail that a genesis may set.
pub const MAIL_RETENTION_MS_MIN: u64 = DAY_MS;
/// The longest retention of mail that a genesis may set.
pub const MAIL_RETENTION_MS_MAX: u64 = 365 * DAY_MS;

/// One encoded public record.
pub const RECORD: usize = 8 << 10;
/// Devices of one account.
pub const DEVICES: usize = 32;
/// The largest term of a device list: terms are hardened derivation indices.
pub const DEVICE_LIST_TERM_MAX: u32 = (1 << 31) - 1;
/// Addresses that a node may publish.
pub const NODE_ADDRESSES: usize = 16;
/// Characters in one multiaddr.
pub const MULTIADDR_CHARS: usize = 256;
/// Characters in an account's reverse name.
pub const REVERSE_NAME_CHARS: usize = 64;

/// The plaintext of the largest envelope bucket.
pub const ENVELOPE_BUCKET: usize = 64 << 10;
/// One encoded envelope: the largest bucket, its tag, and the header.
pub const ENVELOPE: usize = ENVELOPE_BUCKET + 256;
/// One Olm message inside an envelope.
pub const OLM_MESSAGE: usize = ENVELOPE_BUCKET - 512;
/// One payload inside an Olm message.
pub const PAYLOAD: usize = OLM_MESSAGE - 512;
/// One message's canonical content.
pub const MESSAGE: usize = PAYLOAD - 64;
/// Messages that one payload brings.
pub const MESSAGES_TOGETHER: usize = 64;
/// The body of one message.
pub const MESSAGE_BODY: usize = MESSAGE - 512;
/// Messages that one receipt, deletion or recall may name.
pub const NAMED_MESSAGES: usize = 1_000;
/// Envelopes that one notice of what could not be read may name.
pub const NAMED_ENVELOPES: usize = 64;
/// How far ahead of the receiver a message's clock may be before it waits (page 3).
pub const CLOCK_AHEAD_MS: u64 = 2 * 60 * 1_000;

/// Leading zero bits that a stamp may be asked for, at most.
pub const STAMP_EFFORT_MAX: u8 = 40;
/// Bits by which the effort that is asked for rises over that of the genesis, at most: a super node that
/// asks for more does not keep the rules, and nobody works for it.
pub const STAMP_RISE_MAX: u8 = 8;
/// Envelopes that one token lets wait (page 5).
pub const TOKEN_ENVELOPES: u32 = 2_000;
/// Bytes that one token lets wait.
pub const TOKEN_BYTES: u64 = 64 << 20;
/// Token hashes that one request sets, and that it withdraws.
pub const TOKENS_PER_REQUEST: usize = 256;

/// One request or answer of `/magpie/mail/1`.
pub const MAIL_FRAME: usize = (1 << 20) + ENVELOPE;
/// Envelopes that one request puts or one answer brings.
pub const MAIL_ENVELOPES: usize = 256;
/// Envelope ids that one request acknowledges.
pub const MAIL_ACKS: usize = 1_000;

/// One request or answer of `/magpie/record/1`.
pub const RECORD_FRAME: usize = 512 << 10;
/// Records that one request puts.
pub const RECORD_PUTS: usize = 32;
/// Accounts that one request asks for.
pub const RECORD_QUERIES: usize = 16;
/// Records of one account: list, profile, and a bundle and addresses of each device.
pub const RECORDS_PER_ACCOUNT: usize = 2 + 2 * DEVICES;

/// One request or answer of `/magpie/direct/1`.
pub const DIRECT_FRAME: usize = 1 << 20;
/// Envelopes in one batch between two devices.
pub const DIRECT_ENVELOPES: usize = 1_000;
/// Vaults of one account, beside the default and the blank one (page 7).
pub const VAULTS: u32 = 24;
/// Members of one group: a design size, not a wall of the wire (page 6).
pub const GROUP_MEMBERS: u32 = 1_000;
/// People in one group call.
pub const CALL_MEMBERS: u32 = 9;

/// One encoded group operation, so that it fits a payload and a gossip frame.
pub const OPERATION: usize = 60 << 10;
/// The body of an operation's action.
pub const ACTION_BODY: usize = OPERATION - 2_048;
/// Parents that one operation names.
pub const OPERATION_PARENTS: usize = 32;
/// Members that one operation adds, or removes.
pub const OPERATION_MEMBERS: usize = 128;
/// Operations that one adoption names.
pub const OPERATION_ADOPTED: usize = 256;
/// Operations of one group that are kept and folded.
pub const GROUP_OPERATIONS: usize = 16_384;
/// Operations of one group that wait for their parents.
pub const GROUP_WAITING: usize = 1_024;
/// Bytes of those that wait for their parents.
pub const GROUP_WAITING_BYTES: usize = 8 << 20;
/// Times that one fold is repeated to settle checkpoints and transfers.
pub const GROUP_TRIALS: usize = 32;
/// Characters in a group's name.
pub const GROUP_NAME_CHARS: usize = 128;
/// Characters in a group's announcement.
pub const ANNOUNCEMENT_CHARS: usize = 4_096;
/// Keywords that a group filters.
pub const GROUP_KEYWORDS: usize = 256;
/// Characters in one keyword.
pub const GROUP_KEYWORD_CHARS: usize = 64;
/// Administrators of one group, at most.
pub const GROUP_ADMINS: u32 = 100;
/// How long a replaced epoch is listened to.
pub const EPOCH_LISTEN_MS: u64 = 30 * DAY_MS;
/// Epochs of one group that are listened to.
pub const EPOCHS_LISTENED: usize = 8;
/// Operations after which a checkpoint is due.
pub const CHECKPOINT_OPERATIONS: usize = 100;
/// Time after which a checkpoint is due.
pub const CHECKPOINT_MS: u64 = 7 * DAY_MS;

/// The padded plaintext of the largest gossip frame.
pub const FRAME_BUCKET: usize = 64 << 10;
/// One encoded gossip frame.
pub const FRAME: usize = FRAME_BUCKET + 256;
/// The coarseness of a gossip frame's time.
pub const FRAME_COARSE_MS: u64 = 10_000;
/// The oldest gossip frame that is forwarded (page 4).
pub const FRAME_OLD_MS: u64 = 2 * 60 * 1_000;
/// How far the time of a wish for frames may be off, either way.
pub const FETCH_SLACK_MS: u64 = 10 * 60 * 1_000;
/// Heads of a group's operations that one message names.
pub const MESSAGE_HEADS: usize = 16;
/// One exported Megolm session key.
pub const MEGOLM_KEY: usize = 320;
/// Sessions that one wish for keys names.
pub const SESSIONS_WANTED: usize = 32;
/// Operations that one payload brings, or one request names or answers.
pub const OPERATIONS_SENT: usize = 256;
/// Envelopes in one gossip frame.
pub const FRAME_LETTERS: usize = 64;
/// One request of `/magpie/group/1`.
pub const GROUP_REQUEST: usize = 64 << 10;
/// One answer of `/magpie/group/1`.
pub const GROUP_ANSWER: usize = (1 << 20) + (64 << 10);
/// Ranges of messages that one request compares.
pub const RANGES_COMPARED: usize = 256;
/// Messages that one answer lists for a range, or one request asks for.
pub const MESSAGES_WANTED: usize = 256;
/// How far ahead a gossip frame's time may be.
pub const FRAME_AHEAD_MS: u64 = 60 * 1_000;

/// Characters in the remark on a packet or a transfer.
pub const MONEY_REMARK_CHARS: usize = 256;
/// Characters in the key by which a call that moves money is told from its repetition.
pub const IDEMPOTENCY_KEY_CHARS: usize = 128;
/// Memory that the word of a packet may cost, in KiB.
pub const WORD_MEMORY_KIB: u32 = 256 << 10;
/// Passes over that memory, at most.
pub const WORD_PASSES: u32 = 16;
/// Lanes of that memory, at most.
pub const WORD_LANES: u32 = 16;
/// How deep a packet's or transfer's uid may lie in what a caller sends.
pub const MONEY_UID_NESTING: usize = 8;

/// One encoded entry of the ledger.
pub const ENTRY: usize = 2 << 10;
/// The body of one entry.
pub const ENTRY_BODY: usize = ENTRY - 160;
/// Levels of a Merkle tree over entries or members.
pub const MERKLE_DEPTH: usize = 16;
/// People who may claim from one packet, at most: what a path of [`MERKLE_DEPTH`] reaches.
pub const PACKET_MEMBERS: usize = 1 << MERKLE_DEPTH;
/// Shares of one packet that a genesis may allow.
pub const PACKET_SHARES: u32 = 1_000;
/// Characters in a registered name.
pub const LEDGER_NAME_CHARS: usize = 64;
/// Kinds of entries that a genesis may enable.
pub const ENTRY_KINDS: usize = 64;
/// Validators of one height.
pub const VALIDATORS: usize = 64;
/// The voting power of all validators together: tripled, it still fits 64 bits with room.
pub const VOTING_POWER: u64 = 1 << 48;
/// Entries of one block.
pub const BLOCK_ENTRIES: usize = 4_096;
/// One encoded block.
pub const BLOCK: usize = 1 << 20;
/// One leaf of the ledger's state.
pub const STATE_LEAF: usize = 64 << 10;
/// Siblings in one proof of state: a leaf's place has 256 bits.
pub const STATE_DEPTH: usize = 256;
/// One encoded proof of state.
pub const STATE_PROOF: usize = STATE_LEAF + 33 * STATE_DEPTH + 64;
/// Bytes of what a wallet keeps of the headers it follows, most of them who voted.
pub const LIGHT_BYTES: usize = 512 << 10;
/// Leaves that are proven in one answer.
pub const PROVEN_LEAVES: usize = 16;
/// Headers that a wallet keeps to compare others with.
pub const LIGHT_HEADERS: usize = 16;
/// How old the newest header may be for what it shows to be called settled.
pub const SETTLED_MS: u64 = 60 * 1_000;
/// Headers that one audit of a packet takes: those of a thousand claims that each stand at another
/// height, with the fold of the largest set.
pub const AUDIT_HEADERS: usize = 1 << 15;
/// Sets of validators that one audit of a packet takes.
pub const AUDIT_VALIDATOR_SETS: usize = 64;
/// Heights of one fold that an audit asks for at a time: what the largest set of equal powers takes.
pub const AUDIT_FOLD_HEIGHTS: u64 = VALIDATORS as u64 / 3 + 1;
/// How far it may be ahead of the wallet's clock then: what clocks and blocks usually differ by.
pub const SETTLED_AHEAD_MS: u64 = 2 * 1_000;
/// How old the newest header may be for a wallet to go on from it. Past that, who voted then may
/// have left and lost its key, and the wallet needs a header that others vouch for.
pub const LIGHT_AGE_MS: u64 = 30 * DAY_MS;
/// Heights that one fold of beacons looks at.
pub const FOLD_HEIGHTS: u64 = 1_024;
/// Steps that one block spends on draws at most: one a share cut, [`DRAW_CLAIM_STEPS`] a claim dealt,
/// [`DRAW_PACKET_STEPS`] a packet. A packet's claims of one height are dealt together or in a later
/// block, so the most there can be must fit.
pub const DRAW_STEPS: u32 = 1 << 17;
/// Steps that a packet costs at each draw, besides its claims.
pub const DRAW_PACKET_STEPS: u32 = 32;
/// Steps that a claim costs when it is dealt: it writes two leaves, where a share cut is but a hash.
pub const DRAW_CLAIM_STEPS: u32 = 32;
const _: () = assert!(DRAW_PACKET_STEPS + PACKET_SHARES * (DRAW_CLAIM_STEPS + 1) <= DRAW_STEPS);
/// Proposers that share the fees of one period.
pub const FEE_PROPOSERS: usize = 1_024;
/// Issuers of one network.
pub const ISSUERS: usize = 64;
/// Decided blocks in one answer to a validator that lags behind.
pub const SYNC_BLOCKS: usize = 64;
/// One message between validators: a block or several, and the certificates around them.
pub const CONSENSUS_MESSAGE: usize = BLOCK + (64 << 10);
