//! Calls that wait for Argon2id.

use crate::core::{
    input::{CallId, JobId},
    money::{CallName, ErrandId, Signing},
};
use magpie_protocol::api::ErrorCode;
use magpie_wallet::{
    kdf::{Password, PasswordKey},
    keystore::KeyStore,
    mnemonic::{Entropy, Language},
};
use std::collections::BTreeMap;

/// Jobs that may wait at once; each holds the memory of one Argon2id run.
pub(crate) const JOBS: usize = 16;

/// Why a password is being turned into a key.
#[derive(Debug)]
pub(crate) enum Job {
    /// A registration, at its login password.
    RegisterLogin { call: CallId, draft: Box<Draft>, wallet: Password },
    /// A registration, at its wallet password.
    RegisterWallet { call: CallId, draft: Box<Draft>, login: PasswordKey },
    /// A login.
    Login { call: CallId },
    /// An export of the mnemonic.
    Mnemonic { call: CallId, language: Language },
    /// Signing with the receive key, which a password was given for.
    Allow { call: CallId, signing: Signing, named: CallName },
    /// A new wallet password, at the old one.
    OldWallet { call: CallId, new: Password },
    /// A new wallet password, at the new one.
    NewWallet { call: CallId, entropy: Entropy },
    /// A payment.
    Spend { call: CallId, errand: ErrandId },
}

impl Job {
    /// Returns the call that waits for the job.
    pub(crate) const fn call(&self) -> CallId {
        match self {
            Self::RegisterLogin { call, .. }
            | Self::RegisterWallet { call, .. }
            | Self::Login { call }
            | Self::Mnemonic { call, .. }
            | Self::Allow { call, .. }
            | Self::OldWallet { call, .. }
            | Self::NewWallet { call, .. }
            | Self::Spend { call, .. } => *call,
        }
    }
}

impl Job {
    /// Returns what a wrong password is called where the job is refused for it.
    pub(crate) const fn wrong(&self) -> ErrorCode {
        match self {
            Self::OldWallet { .. } => ErrorCode::WrongOldWalletPassword,
            _ => ErrorCode::WrongPassword,
        }
    }
}

/// An account that is being registered.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) entropy: Entropy,
    pub(crate) keys: KeyStore,
}

/// The jobs that wait.
#[derive(Debug, Default)]
pub(crate) struct Jobs {
    waiting: BTreeMap<JobId, Job>,
    last: u64,
}

impl Jobs {
    /// Returns whether one more job may wait.
    pub(crate) fn has_room(&self) -> bool {
        self.waiting.len() < JOBS
    }

    /// Returns how many jobs wait.
    pub(crate) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Returns whether a registration is under way.
    pub(crate) fn is_registering(&self) -> bool {
        self.waiting
            .values()
            .any(|job| matches!(job, Job::RegisterLogin { .. } | Job::RegisterWallet { .. }))
    }

    /// Returns whether a password is being tried for this payment.
    pub(crate) fn is_spending(&self, of: ErrandId) -> bool {
        let mut jobs = self.waiting.values();
        jobs.any(|job| matches!(job, Job::Spend { errand, .. } if *errand == of))
    }

    /// Keeps a job and returns its number.
    pub(crate) fn add(&mut self, job: Job) -> JobId {
        self.last += 1;
        self.waiting.insert(JobId(self.last), job);
        JobId(self.last)
    }

    /// Takes a job out.
    pub(crate) fn take(&mut self, id: JobId) -> Option<Job> {
        self.waiting.remove(&id)
    }
}
