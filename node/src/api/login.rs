//! Registering, signing in and out, and seeing the mnemonic.

use crate::core::{Turn, jobs::Job, login::Lock};
use magpie_protocol::api::{
    Answer, ApiError, ApiResult, ErrorCode,
    field::Secret,
    login::{
        ChangeWalletPassword, ExportLogin, ExportMnemonic, Language, Login, LoginAnswer, Mnemonic,
        Opened, Register,
    },
    shape::{Empty, Status},
};
use magpie_wallet::{kdf::Password, mnemonic};

impl Login for Turn<'_> {
    fn init(&mut self, _: Empty) -> ApiResult<Empty> {
        Ok(Empty {})
    }

    fn register(&mut self, request: Register) -> ApiResult<Answer<Vec<Empty>>> {
        let call = self.call.ok_or(ErrorCode::Unexpected)?;
        let passwords = match (request.im_pwd, request.wallet_pwd) {
            (None, None) => None,
            (Some(login), Some(wallet)) => {
                Some((password("imPwd", login.expose())?, password("walletPwd", wallet.expose())?))
            }
            (Some(_), None) => return Err(missing("walletPwd")),
            (None, Some(_)) => return Err(missing("imPwd")),
        };
        self.begin_registration(call, None, passwords)?;
        Ok(Answer::Later)
    }

    fn export_login(&mut self, request: ExportLogin) -> ApiResult<Answer<LoginAnswer>> {
        if !self.core.is_registered() {
            return Err(ErrorCode::NotRegistered.into());
        }
        let Some(typed) = request.password else {
            let fast = self.core.fast.clone().ok_or_else(|| missing("password"))?;
            self.open_vault(fast.login_key(), fast.vault_key())?;
            return Ok(Answer::Now(LoginAnswer { value: Opened::Default }));
        };
        self.attempt(Lock::Login, typed.expose(), |call| Job::Login { call })?;
        Ok(Answer::Later)
    }

    fn export_logout(&mut self, _: Empty) -> ApiResult<Status> {
        self.close_vault()?;
        Ok(Status { status: true })
    }

    fn export_change_wallet_pwd(
        &mut self,
        request: ChangeWalletPassword,
    ) -> ApiResult<Answer<Status>> {
        if self.open()?.account.entropy.is_some() {
            // An anonymous account has no wallet password that could be changed.
            return Err(ErrorCode::WrongOldWalletPassword.into());
        }
        let new = password("newPwd", request.new_pwd.expose())?;
        if request.new_pwd.expose() == request.old_wallet.expose() {
            return Err(ErrorCode::SamePassword.into());
        }
        self.attempt(Lock::Wallet, request.old_wallet.expose(), |call| Job::OldWallet {
            call,
            new,
        })?;
        Ok(Answer::Later)
    }

    fn export_is_setting_wallet(&mut self, _: Empty) -> ApiResult<Status> {
        Ok(Status { status: self.open()?.account.entropy.is_none() })
    }

    fn export_mnemonic(&mut self, request: ExportMnemonic) -> ApiResult<Answer<Mnemonic>> {
        let language = match request.lang.unwrap_or_default() {
            Language::English => mnemonic::Language::English,
            Language::ChineseSimplified => mnemonic::Language::SimplifiedChinese,
            Language::ChineseTraditional => mnemonic::Language::TraditionalChinese,
        };
        // An anonymous account has no wallet password; its mnemonic lies under the login key.
        if let Some(entropy) = &self.open()?.account.entropy {
            let words = entropy.entropy().spell(language);
            return Ok(Answer::Now(Mnemonic {
                mnemonic: Secret::new(words).ok_or(ErrorCode::Unexpected)?,
            }));
        }
        self.attempt(Lock::Wallet, request.password.expose(), |call| Job::Mnemonic {
            call,
            language,
        })?;
        Ok(Answer::Later)
    }
}

fn password(field: &str, text: &str) -> ApiResult<Password> {
    Password::new(text.to_owned())
        .map_err(|e| ApiError::new(ErrorCode::PasswordFormat, format!("{field}: {e}")))
}

fn missing(field: &str) -> ApiError {
    ApiError::new(ErrorCode::Missing, format!("{field} is missing"))
}
