//! What an operation does: a number and a body with a version of its own, so that an older build
//! keeps what a newer one wrote, and folds it to nothing.

use super::{
    config::{Config, Keywords, Switch},
    id::{EpochKey, OperationId, StateHash},
};
use crate::{
    address::Address,
    bounded::{List, Text},
    codec::{DecodeError, EncodeError, Format, decode, encode},
    limits::{
        ACTION_BODY, ANNOUNCEMENT_CHARS, GROUP_NAME_CHARS, NICKNAME_CHARS, OPERATION_ADOPTED,
        OPERATION_MEMBERS, RECORD,
    },
    record::{Avatar, DeviceList, SignedKeyPart},
};
use serde::{Deserialize, Serialize};

/// A person to become a member, with the account's signatures that prove keys and devices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewMember {
    /// The account's keys.
    pub keys: SignedKeyPart,
    /// The account's devices.
    pub devices: DeviceList,
}

/// People to become members.
pub type NewMembers = List<NewMember, OPERATION_MEMBERS>;

/// The first operation: who signs it is the owner and the first of the members.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Create {
    /// Random, so that no two groups are one.
    pub nonce: [u8; 32],
    /// The name.
    pub name: Text<GROUP_NAME_CHARS>,
    /// The avatar.
    pub avatar: Avatar,
    /// The switches.
    pub config: Config,
    /// The members, the creator among them; further ones are added.
    pub members: NewMembers,
    /// The first epoch.
    pub epoch: EpochKey,
}

/// How people come to be added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Via {
    /// Somebody chose them.
    Invitation,
    /// They showed the group's QR code.
    Qr,
}

/// Adds members; who is one already is passed over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Add {
    /// How they come.
    pub via: Via,
    /// The people.
    pub members: NewMembers,
}

/// Removes members and opens an epoch without them; who is none is passed over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remove {
    /// The members.
    pub members: List<Address, OPERATION_MEMBERS>,
    /// The fresh epoch.
    pub epoch: EpochKey,
}

/// Leaves the group; somebody else opens the epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leave;

/// Makes a member an administrator, or a plain member again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetRole {
    /// The member.
    pub account: Address,
    /// Whether an administrator.
    pub admin: bool,
}

/// Offers the group to a member; takes back an earlier offer. To oneself, it only takes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transfer {
    /// The member.
    pub to: Address,
}

/// Takes the group over. Its author is who was offered it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcceptTransfer {
    /// The offer.
    pub transfer: OperationId,
}

/// Ends the group. Signed by the owner's primary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dissolve;

/// Changes the name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rename {
    /// The name.
    pub name: Text<GROUP_NAME_CHARS>,
}

/// Changes the avatar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetAvatar {
    /// The avatar.
    pub avatar: Avatar,
}

/// Changes the announcement; empty takes it down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetAnnouncement {
    /// The announcement.
    pub text: Text<ANNOUNCEMENT_CHARS>,
}

/// Changes one's own name in the group; nothing for the profile's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetNickname {
    /// The name.
    pub nickname: Option<Text<NICKNAME_CHARS>>,
}

/// Sets a switch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetConfig {
    /// The switch.
    pub switch: Switch,
}

/// Sets the words to filter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetKeywords {
    /// The words.
    pub keywords: Keywords,
}

/// Bans a person, a member or not; of a member it is a removal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ban {
    /// The person.
    pub account: Address,
    /// The fresh epoch, if the author saw a member.
    pub epoch: Option<EpochKey>,
}

/// Ends a ban.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unban {
    /// The person.
    pub account: Address,
}

/// Brings in a member's newer device list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewDeviceList {
    /// The list, of any member.
    pub list: DeviceList,
    /// The fresh epoch, if the list lacks a device that was in the last.
    pub epoch: Option<EpochKey>,
}

/// Opens an epoch after a leave, or after removals that did not see each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenEpoch {
    /// The fresh epoch.
    pub epoch: EpochKey,
}

/// Settles all that its parents and their ancestors say, and nothing beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// The hash of the state at the operation's parents, which are the heads.
    pub state: StateHash,
}

/// Lets operations count that a checkpoint passed over; they take effect here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adopt {
    /// The operations, ascending by id.
    pub operations: List<OperationId, OPERATION_ADOPTED>,
}

macro_rules! actions {
    ($( $(#[$doc:meta])* $number:literal $name:ident up to $limit:expr, $text:literal; )*) => {
        /// What an operation does.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Action {
            $( $(#[$doc])* $name(Box<$name>), )*
            /// What a newer Magpie reads: another number, or a newer version of one. No effect.
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

            impl From<$name> for Action {
                fn from(action: $name) -> Self {
                    Self::$name(Box::new(action))
                }
            }
        )*

        impl Action {
            /// Returns number and body as they stand in an operation.
            pub fn to_parts(&self) -> Result<(u16, Vec<u8>), EncodeError> {
                Ok(match self {
                    $( Self::$name(action) => ($number, encode(&**action)?), )*
                    Self::Unknown { number, body } => (*number, body.clone()),
                })
            }

            /// Reads an action; a number or version that this build does not know is kept.
            pub fn from_parts(number: u16, body: &[u8]) -> Result<Self, DecodeError> {
                let read = match number {
                    $( $number => decode(body).map(|action| Self::$name(Box::new(action))), )*
                    _ => return Ok(Self::Unknown { number, body: body.to_vec() }),
                };
                match read {
                    Err(DecodeError::Version { .. }) => {
                        Ok(Self::Unknown { number, body: body.to_vec() })
                    }
                    read => read,
                }
            }

            /// Returns what the action is called in an error.
            pub const fn name(&self) -> &'static str {
                match self {
                    $( Self::$name(_) => $text, )*
                    Self::Unknown { .. } => "action of a newer Magpie",
                }
            }
        }
    };
}

actions! {
    /// The first operation.
    1 Create up to ACTION_BODY, "creation";
    /// Adds members.
    2 Add up to ACTION_BODY, "addition";
    /// Removes members.
    3 Remove up to 8 << 10, "removal";
    /// Leaves.
    4 Leave up to 8, "leave";
    /// Makes an administrator, or no longer.
    5 SetRole up to 64, "role";
    /// Offers the group.
    6 Transfer up to 64, "transfer";
    /// Takes it over.
    7 AcceptTransfer up to 64, "acceptance";
    /// Ends the group.
    8 Dissolve up to 8, "dissolution";
    /// Changes the name.
    9 Rename up to 1 << 10, "rename";
    /// Changes the avatar.
    10 SetAvatar up to 4 << 10, "avatar";
    /// Changes the announcement.
    11 SetAnnouncement up to 20 << 10, "announcement";
    /// Changes one's own name.
    12 SetNickname up to 512, "nickname";
    /// Sets a switch.
    13 SetConfig up to 16, "switch";
    /// Sets the words to filter.
    14 SetKeywords up to ACTION_BODY, "keywords";
    /// Bans.
    15 Ban up to 128, "ban";
    /// Ends a ban.
    16 Unban up to 64, "unban";
    /// Brings in a newer device list.
    17 NewDeviceList up to RECORD, "newer device list";
    /// Opens an epoch.
    18 OpenEpoch up to 64, "epoch";
    /// Settles.
    19 Checkpoint up to 64, "checkpoint";
    /// Lets passed-over operations count.
    20 Adopt up to 16 << 10, "adoption";
}
