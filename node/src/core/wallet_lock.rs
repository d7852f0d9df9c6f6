//! Changing the wallet password.

use crate::core::{input::CallId, jobs::Job, login::Lock, turn::Turn};
use magpie_protocol::api::{ApiError, ApiResult, ErrorCode};
use magpie_wallet::{
    kdf::{Password, PasswordKey, Salt},
    mnemonic::Entropy,
};
use serde_json::json;

impl Turn<'_> {
    /// Goes on with a change of the wallet password if the old one is right, or counts it as wrong.
    pub(crate) fn try_old_wallet(
        &mut self,
        call: CallId,
        key: &PasswordKey,
        new: Password,
    ) -> ApiResult<()> {
        let keys = self.core.keys.as_mut().ok_or(ErrorCode::NotRegistered)?;
        match keys.open_wallet(key) {
            Some(entropy) => {
                keys.wallet_right();
                let salt = Salt::random(self.rng);
                self.derive(Job::NewWallet { call, entropy }, new, salt);
            }
            None => self.wrong_password_as(Lock::Wallet, call, ErrorCode::WrongOldWalletPassword),
        }
        self.write_keys();
        Ok(())
    }

    /// Puts the wallet behind a new password.
    pub(crate) fn set_new_wallet(
        &mut self,
        call: CallId,
        key: &PasswordKey,
        entropy: &Entropy,
    ) -> ApiResult<()> {
        let keys = self.core.keys.as_mut().ok_or(ErrorCode::NotRegistered)?;
        let set = keys.set_wallet(key, entropy, self.rng);
        set.map_err(|e| ApiError::new(ErrorCode::Failed, e.to_string()))?;
        self.write_keys();
        self.answer(call, Ok(json!({ "status": true }).into()));
        Ok(())
    }
}
