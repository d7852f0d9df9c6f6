//! The two password locks at work: attempts are counted on disk before they are tried.

use crate::core::{
    effect::{Effect, FileChange},
    input::{CallId, JobId},
    jobs::Job,
    turn::Turn,
};
use magpie_protocol::api::{ApiError, ApiResult, ErrorCode};
use magpie_wallet::{
    kdf::{KdfError, Password, PasswordKey, Salt},
    keystore::{KeyStore, Role, Tier, Wait},
};
use serde_json::json;

/// One of the two locks of page 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lock {
    /// The login password's, and every vault's.
    Login,
    /// The wallet password's.
    Wallet,
}

impl Turn<'_> {
    /// Begins an attempt at a lock: counts it, and asks for the key unless a wait is running. The
    /// call is answered now or when the key is there; it never returns a refusal, because the
    /// count has to reach the disk either way.
    pub(crate) fn attempt(
        &mut self,
        lock: Lock,
        password: &str,
        job: impl FnOnce(CallId) -> Job,
    ) -> ApiResult<()> {
        let call = self.call.ok_or(ErrorCode::Unexpected)?;
        if !self.core.jobs.has_room() {
            return Err(busy());
        }
        let now = self.now;
        let keys = self.core.keys.as_mut().ok_or(ErrorCode::NotRegistered)?;
        let begun = match lock {
            Lock::Login => keys.begin_attempt(now),
            Lock::Wallet => keys.begin_wallet_attempt(now),
        };
        // What cannot be a password is wrong without being tried, and counts like any other.
        let password = begun.map(|()| Password::new(password.to_owned()));
        let salt = match lock {
            Lock::Login => keys.login_salt(),
            Lock::Wallet => keys.wallet_salt(),
        };
        match password {
            Err(wait) => self.answer(call, Err(must_wait(&wait))),
            Ok(Err(_)) => self.wrong_password_as(lock, call, job(call).wrong()),
            Ok(Ok(password)) => self.derive(job(call), password, salt),
        }
        self.write_keys();
        Ok(())
    }

    /// Asks the host to turn a password into a key for this job.
    pub(crate) fn derive(&mut self, job: Job, password: Password, salt: Salt) {
        let params = self.core.keys.as_ref().map_or(self.core.config.kdf, KeyStore::params);
        let job = self.core.jobs.add(job);
        self.effects.push(Effect::Derive { job, password, salt, params });
    }

    /// Goes on with the call that waited for this key.
    pub(crate) fn key_derived(&mut self, id: JobId, key: Result<PasswordKey, KdfError>) {
        let Some(job) = self.core.jobs.take(id) else { return };
        let call = job.call();
        self.call = Some(call);
        let key = match key {
            Ok(key) => key,
            Err(error) => {
                if let Job::Spend { errand, .. } = job {
                    self.drop_spending(errand);
                }
                return self.answer(call, Err(ApiError::new(ErrorCode::Failed, error.to_string())));
            }
        };
        let refused = match job {
            Job::RegisterLogin { draft, wallet, .. } => {
                self.registration_goes_on(call, draft, key, wallet);
                Ok(())
            }
            Job::RegisterWallet { draft, login, .. } => {
                self.complete_registration(call, *draft, Some((login, key)))
            }
            Job::Login { .. } => self.try_login(call, &key),
            Job::Allow { signing, named, .. } => self.allow_signing(call, &key, (signing, named)),
            Job::OldWallet { new, .. } => self.try_old_wallet(call, &key, new),
            Job::NewWallet { entropy, .. } => self.set_new_wallet(call, &key, &entropy),
            Job::Spend { errand, .. } => self.try_wallet_key(call, &key, errand),
            Job::Mnemonic { language, .. } => self.try_mnemonic(call, &key, language),
        };
        if let Err(error) = refused {
            self.answer(call, Err(error));
        }
    }

    /// Opens what a login key opens, or counts it as wrong.
    fn try_login(&mut self, call: CallId, key: &PasswordKey) -> ApiResult<()> {
        let keys = self.core.keys.as_mut().ok_or(ErrorCode::NotRegistered)?;
        let opened = keys.open(key).filter(|opened| opened.role == Role::Default);
        let Some((opened, login_key)) = opened.and_then(|o| o.login_key.clone().map(|l| (o, l)))
        else {
            self.wrong_password(Lock::Login, call);
            self.write_keys();
            return Ok(());
        };
        keys.right();
        self.write_keys();
        self.open_vault(&login_key, &opened.vault_key)?;
        self.answer(call, Ok(json!({ "value": -2 }).into()));
        Ok(())
    }

    /// Counts a wrong password and answers the call with what that leads to.
    pub(crate) fn wrong_password(&mut self, lock: Lock, call: CallId) {
        self.wrong_password_as(lock, call, ErrorCode::WrongPassword);
    }

    /// Counts a wrong password and answers the call with this code, unless the lock has to wait now.
    pub(crate) fn wrong_password_as(&mut self, lock: Lock, call: CallId, code: ErrorCode) {
        let now = self.now;
        let Some(keys) = self.core.keys.as_mut() else { return };
        let wait = match lock {
            Lock::Login => keys.wrong(now),
            Lock::Wallet => keys.wallet_wrong(now),
        };
        let error = wait.map_or_else(|| code.into(), |w| must_wait(&w));
        self.answer(call, Err(error));
    }

    /// Puts the key slots file's new body into the outcome.
    pub(crate) fn write_keys(&mut self) {
        if let Some(keys) = &self.core.keys {
            self.files.push(FileChange::Keys(Box::new(keys.to_bytes())));
        }
    }
}

/// Returns the refusal of a call that found all places for password work taken.
pub(crate) fn busy() -> ApiError {
    ApiError::new(ErrorCode::RateLimited, "too many passwords are being tried at once; try again")
}

fn must_wait(wait: &Wait) -> ApiError {
    let (code, times) = match wait.tier {
        Tier::Five => (ErrorCode::WrongPasswordFiveTimes, "five"),
        Tier::Ten => (ErrorCode::WrongPasswordTenTimes, "ten"),
    };
    let seconds = wait.seconds_left;
    ApiError {
        code,
        message: format!("the password was wrong {times} times; wait {seconds} s"),
        data: json!({ "seconds": seconds }),
    }
}
