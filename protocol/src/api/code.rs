//! The one list of the codes that the local API answers with.
//!
//! 106 are the SDK document's, number for number; 400 to 404 and 501 are the older document's, for
//! the modules that are its own, where the call says what the number means; those from 21001 on are
//! ours, for what the documents have no code for. `200` is success and the only one that is no error.

use serde::Serialize;
use std::fmt;

macro_rules! codes {
    ($( $name:ident = $number:literal, $message:literal; )*) => {
        /// What became of a call, as the number in the answer's `code`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u16)]
        pub enum ErrorCode {
            $( #[doc = $message] $name = $number, )*
        }

        impl ErrorCode {
            /// Every code, by rising number.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Returns what the code says when nothing more precise is known, in plain English.
            pub const fn default_message(self) -> &'static str {
                match self {
                    $( Self::$name => $message, )*
                }
            }

            /// Returns the code of a number, or nothing if no code has it.
            pub const fn from_number(number: u16) -> Option<Self> {
                match number {
                    $( $number => Some(Self::$name), )*
                    _ => None,
                }
            }

            /// Returns the code's name, as logs and metrics spell it.
            pub const fn name(self) -> &'static str {
                match self {
                    $( Self::$name => stringify!($name), )*
                }
            }
        }
    };
}

codes! {
    Ok = 200, "The call succeeded.";
    NotImplemented = 300, "There is no such module or method.";
    Cause400 = 400, "The call was refused for the cause that it names 400.";
    Cause401 = 401, "The call was refused for the cause that it names 401.";
    Cause402 = 402, "The call was refused for the cause that it names 402.";
    Cause403 = 403, "The call was refused for the cause that it names 403.";
    Cause404 = 404, "The call was refused for the cause that it names 404.";
    Failed = 500, "The call failed.";
    Blacklisted = 501, "You are on this person's blacklist.";
    BadParameter = 600, "A parameter is wrong.";
    Unexpected = 700, "Something unexpected happened inside the node.";
    Missing = 1000, "A required parameter is missing or null.";
    EmptyText = 1001, "A parameter is an empty text.";
    WrongType = 1002, "A parameter has the wrong type.";
    Duplicate = 1003, "A list holds the same element twice.";
    OutOfRange = 1004, "A parameter is not one of its allowed values.";
    EmptyArray = 1005, "A parameter is an empty array.";
    Network = 20000, "The network did not answer as it should.";
    MnemonicImport = 20001, "The mnemonic could not be imported.";
    Mnemonic = 20002, "The mnemonic is wrong.";
    ConnectTimeout = 20003, "Connecting to the network took too long.";
    RestoreUser = 20004, "The account's information could not be restored.";
    UpdateUser = 20005, "The account's information could not be updated.";
    RestoreContacts = 20006, "The contacts could not be restored.";
    RestoreGroups = 20007, "The groups could not be restored.";
    NotRegistered = 20008, "There is no account on this node; register first.";
    NoDefaultVault = 20009, "The default vault does not exist yet.";
    WrongPassword = 20010, "The password is wrong.";
    WrongPasswordFiveTimes = 20011, "The password was wrong five times; wait before you try again.";
    WrongPasswordTenTimes = 20012, "The password was wrong ten times; wait before you try again.";
    StoreOperation = 20013, "An operation on the store failed.";
    PasswordExists = 20014, "The password is already set.";
    Store = 20015, "The store failed.";
    ReadUser = 20016, "The user's information could not be read.";
    QrCodeExpired = 20017, "The QR code is no longer valid.";
    VaultName = 20018, "The vault's name is not allowed.";
    TooManyVaults = 20019, "There are as many vaults as one account may have.";
    VaultPasswordTaken = 20020, "Another vault has this password.";
    WrongOldPassword = 20021, "The old password is wrong.";
    VaultPasswordLength = 20022, "The vault's password is too short or too long.";
    VaultUnknown = 20023, "There is no such vault.";
    VaultSettingsUnknown = 20024, "The vault has no settings.";
    VaultMemberUnknown = 20025, "The contact or group is not assigned to a vault.";
    VaultMemberExists = 20026, "The contact or group is already in this vault.";
    GroupInOtherVault = 20027, "The group is already in another vault.";
    ContactInOtherVault = 20028, "The contact is already in another vault.";
    VaultNotDeletable = 20029, "The default vault and the blank vault cannot be deleted.";
    VaultInit = 20030, "The vault could not be prepared.";
    UpdatePassword = 20031, "The password could not be changed.";
    NoData = 20032, "The call lacks its data field.";
    PeerInfo = 20033, "The information could not be got from the network.";
    GroupSize = 20034, "The group would have more members than a group may have.";
    NoMembers = 20035, "Choose at least one member.";
    GroupRename = 20036, "The group's name could not be changed.";
    MemberRename = 20037, "The member's name could not be changed.";
    Announcement = 20038, "The group's announcement is not allowed.";
    OwnerCannotLeave = 20039, "The owner cannot leave the group; transfer or dissolve it.";
    GroupName = 20040, "The group's name is not allowed.";
    GroupDomain = 20041, "The group's domain could not be updated.";
    NotAdmin = 20042, "Only an administrator of the group may do this.";
    GroupUnknown = 20043, "There is no such group.";
    TooManyAdmins = 20044, "The group has as many administrators as it may have.";
    GroupFull = 20045, "The group has as many members as it may have.";
    GroupApplicationState = 20046, "The application to the group is not in a state for this.";
    GroupGone = 20047, "You were removed from the group, or it was dissolved.";
    NotMember = 20048, "This person is not a member of the group.";
    AlreadyMember = 20049, "This person is already a member of the group.";
    GroupRestricted = 20050, "The group does not let people join.";
    GroupNeedsApproval = 20051, "An administrator has to approve who joins the group.";
    GroupTimeout = 20052, "The group's answer took too long.";
    GroupMessage = 20053, "The message about the group could not be sent.";
    GroupDissolved = 20054, "The group was dissolved.";
    StoreGroup = 20055, "The group could not be stored.";
    EncodeGroup = 20056, "The group could not be encoded.";
    ContactVersion = 20057, "The contacts' newest version could not be got.";
    ContactUnknown = 20058, "There is no such contact.";
    SendMessage = 20059, "The message could not be sent.";
    CreateMessage = 20060, "The message could not be made.";
    NotLoggedIn = 20061, "Log in first.";
    Key = 20062, "The key is wrong.";
    AlreadyFriends = 20063, "You are friends already.";
    NotOwner = 20064, "Only the group's owner may do this.";
    PasswordFormat = 20065, "The password does not have the required form.";
    NoFile = 20066, "There is no file, or it is empty.";
    FileTooLarge = 20067, "The file is too large.";
    CreateConversation = 20068, "The conversation could not be made.";
    CallOngoing = 20069, "A call is being made already.";
    TextEmpty = 20070, "The text is empty.";
    KeyCheck = 20071, "The key could not be verified.";
    MessageState = 20072, "The message is not in a state for this.";
    NoMessageId = 20073, "There is no message id.";
    Blocked = 20074, "You blocked this person.";
    BlockedByPeer = 20075, "This person blocked you.";
    SameAsVaultPassword = 20076, "The password is the same as a vault's password.";
    SameAsLoginPassword = 20077, "The password is the same as the login password.";
    SameAsWipePassword = 20078, "The password is the same as the wipe password.";
    NoCamera = 20079, "The camera may not be used.";
    NoMicrophone = 20080, "The microphone may not be used.";
    Download = 20081, "The file could not be downloaded.";
    FileInfo = 20082, "The file's information could not be got.";
    Domain = 20083, "The domain could not be got.";
    TooManyContacts = 20084, "There are as many contacts as one account may have.";
    StorageFull = 20085, "There is not enough storage space.";
    OwnerOnly = 20086, "This is for the group's owner alone.";
    NotAuthorizing = 20087, "No authorization has been asked for.";
    NoWipePassword = 20088, "There is no wipe password.";
    WrongOldWipePassword = 20089, "The old wipe password is wrong.";
    SamePassword = 20090, "The new password is the same as the old one.";
    MessageUnknown = 20091, "There is no such message.";
    WrongOldWalletPassword = 20092, "The old wallet password is wrong.";
    AlreadyFavorite = 20093, "It is a favorite already.";
    DeviceUnknown = 20094, "There is no such device.";
    // Ours: what the documents have no code for.
    BalanceTooSmall = 21001, "The balance is too small.";
    PacketEmpty = 21002, "The red packet is empty.";
    AlreadyOpened = 21003, "You opened this red packet already.";
    Expired = 21004, "The red packet or transfer has expired.";
    NotEligible = 21005, "This red packet or transfer is not for you, or the word is wrong.";
    PacketUnknown = 21006, "There is no such red packet or transfer.";
    AmountLimits = 21007, "The amount or count is outside the network's limits.";
    AlreadyDecided = 21008, "The transfer was accepted, declined or returned already.";
    Pending = 21009, "The ledger has not decided yet; ask again later.";
    NotFriend = 21010, "You are not friends.";
    RateLimited = 21011, "That was too often; wait and try again.";
}

impl ErrorCode {
    /// The first number of our own codes; those below are the documents'.
    pub const OURS: u16 = 21_001;

    /// Returns the number that stands in the answer's `code`.
    pub const fn number(self) -> u16 {
        self as u16
    }

    /// Returns whether the code is one of the older document's modules (`wallet`, `redpacket`,
    /// `remittance`).
    pub const fn is_of_older_document(self) -> bool {
        matches!(self.number(), 400..=404 | 501)
    }

    /// Returns whether the code is ours, one that the documents lack.
    pub const fn is_ours(self) -> bool {
        self.number() >= Self::OURS
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.number(), self.default_message())
    }
}

impl Serialize for ErrorCode {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u16(self.number())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The numbers of the SDK document's table, in its order.
    #[rustfmt::skip]
    const DOCUMENTED: [u16; 106] = [
        200, 300, 500, 600, 700, 1000, 1001, 1002, 1003, 1004, 1005, 20000,
        20001, 20002, 20003, 20004, 20005, 20006, 20007, 20008, 20009, 20010, 20011, 20012,
        20013, 20014, 20015, 20016, 20017, 20018, 20019, 20020, 20021, 20022, 20023, 20024,
        20025, 20026, 20027, 20028, 20029, 20030, 20031, 20032, 20033, 20034, 20035, 20036,
        20037, 20038, 20039, 20040, 20041, 20042, 20043, 20044, 20045, 20046, 20047, 20048,
        20049, 20050, 20051, 20052, 20053, 20054, 20055, 20056, 20057, 20058, 20059, 20060,
        20061, 20062, 20063, 20064, 20065, 20066, 20067, 20068, 20069, 20070, 20071, 20072,
        20073, 20074, 20075, 20076, 20077, 20078, 20079, 20080, 20081, 20082, 20083, 20084,
        20085, 20086, 20087, 20088, 20089, 20090, 20091, 20092, 20093, 20094,
    ];

    #[test]
    fn the_codes_are_the_documents_and_then_ours() {
        let numbers: Vec<u16> = ErrorCode::ALL.iter().map(|c| c.number()).collect();
        assert!(numbers.is_sorted());
        let older = |n: &u16| ErrorCode::from_number(*n).is_some_and(|c| c.is_of_older_document());
        let (older, rest): (Vec<u16>, Vec<u16>) = numbers.into_iter().partition(older);
        assert_eq!(older, [400, 401, 402, 403, 404, 501]);
        let (theirs, ours) = rest.split_at(DOCUMENTED.len());
        assert_eq!(theirs, DOCUMENTED);
        assert_eq!(ours, (21_001..=21_011).collect::<Vec<_>>());
        assert!(ErrorCode::ALL.iter().all(|c| c.is_ours() == (c.number() > 21_000)));
    }

    #[test]
    fn every_number_leads_back_to_its_code_and_every_message_is_a_sentence() {
        for code in ErrorCode::ALL {
            assert_eq!(ErrorCode::from_number(code.number()), Some(*code));
            assert!(code.default_message().ends_with('.'), "{code:?}");
        }
        assert_eq!(ErrorCode::from_number(201), None);
        assert_eq!(ErrorCode::NotLoggedIn.to_string(), "20061 Log in first.");
    }
}
