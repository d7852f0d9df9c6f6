//! Registering, signing in and out, and seeing the mnemonic.

use super::{
    field::{Secret, choices},
    methods::methods,
    shape::{Empty, Status},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

methods! {
    /// The account on this node: making it, opening it, closing it.
    pub trait Login = "login" {
        /// Prepares the node for other calls. Call it first; calling it again does no harm.
        "init" init(Empty) -> Empty, read open;
        /// Makes the account of this node. 20014 if there is one already, 20065 if a password is too short or too long.
        "register" register(Register) -> Vec<Empty>, admin open later;
        /// Opens the vault whose password this is. 20008 without an account, 20010 to 20012 for a wrong password.
        "exportLogin" export_login(ExportLogin) -> LoginAnswer, admin open later;
        /// Closes the open vault and ends every session of a page.
        "exportLogout" export_logout(Empty) -> Status, admin;
        /// Shows the account's mnemonic to who knows the wallet password. 20010 to 20012 for a wrong one.
        "exportMnemonic" export_mnemonic(ExportMnemonic) -> Mnemonic, admin later;
        /// Changes the wallet password. 20092 or 20011 to 20012 for a wrong old one, 20065 if the new one is too short or too long, 20090 if it is the same.
        "exportChangeWalletPwd" export_change_wallet_pwd(ChangeWalletPassword) -> Status, admin later;
        /// Says whether a wallet password is set.
        "exportIsSettingWallet" export_is_setting_wallet(Empty) -> Status, read;
    }
}

/// How a password is entered; Magpie treats them alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum PasswordKind {
    /// A face.
    Face,
    /// A fingerprint.
    Fingerprint,
    /// A voice.
    Voice,
    /// A gesture.
    Gesture,
    /// A text.
    Text,
}

/// What a new account needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Register {
    /// The wallet password.
    pub wallet_pwd: Option<Secret>,
    /// The login password.
    pub im_pwd: Option<Secret>,
    /// How the login password is entered.
    #[serde(rename = "type")]
    pub kind: PasswordKind,
}

/// What opens a vault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExportLogin {
    /// The password of a vault, the login password or the wipe password.
    pub password: Option<Secret>,
    /// How it is entered.
    pub login_type: Option<PasswordKind>,
}

choices! {
    /// Whose password was typed.
    pub enum Opened {
        /// The login password: the default vault is open.
        Default = -2,
        /// A vault's password: that vault is open.
        Vault = -1,
        /// The blank vault's or the wipe password: the blank vault is open.
        Blank = 0,
    }
}

/// Which vault is open now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LoginAnswer {
    /// Whose password was typed.
    pub value: Opened,
}

/// In which language to show the mnemonic, and the password that allows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ExportMnemonic {
    /// The language; English if there is none.
    pub lang: Option<Language>,
    /// The wallet password.
    pub password: Secret,
}

/// The languages of mnemonics.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum Language {
    /// English.
    #[default]
    #[serde(rename = "en")]
    English,
    /// Simplified Chinese.
    #[serde(rename = "zh", alias = "zh-CN", alias = "zh_CN", alias = "cn")]
    ChineseSimplified,
    /// Traditional Chinese.
    #[serde(rename = "zh-TW", alias = "zh_TW", alias = "tw")]
    ChineseTraditional,
}

/// The words that are the account. Never logged, never kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Mnemonic {
    /// The words, separated by spaces.
    pub mnemonic: Secret,
}

/// The wallet password, to be changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChangeWalletPassword {
    /// The new one.
    pub new_pwd: Secret,
    /// The old one.
    pub old_wallet: Secret,
}
