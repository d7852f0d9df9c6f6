//! The account on this node: made once, opened by a login, closed by a logout.

use crate::core::{
    chat::KeptChat,
    effect::FileChange,
    events::Events,
    groups::kept::Groups,
    input::{CallId, Register},
    jobs::{Draft, Job},
    letters::Letters,
    login::busy,
    open::Open,
    rows::{
        ACCOUNT, Account, EVENT_LOG, PROFILE, Profile, REGISTERED, REGISTRATIONS, ReceiveSecret,
        Registered, SealedEntropy,
    },
    turn::Turn,
};
use magpie_protocol::{
    address::Address,
    api::{ApiError, ApiResult, ErrorCode, event::EventClass},
    bounded::List,
    codec::EncodeError,
    keys::{CurveKey, ReceiveKey},
    record::{Device, DeviceList, Entry, KeyPart, ListVersion},
};
use magpie_storage::personal::RowKeys;
use magpie_wallet::{
    device::DeviceKey,
    fast_login::FastLogin,
    kdf::{Password, PasswordKey, Salt},
    keystore::{Contents, KeyStore, Slot},
    mnemonic::{Entropy, Language},
    secret::{LoginKey, VaultKey},
};
use serde_json::json;
use std::sync::Arc;
use x25519_dalek::PublicKey;

/// The classes of events that a caller can register for.
const REGISTRABLE: [EventClass; 3] = [EventClass::Receive, EventClass::Contact, EventClass::Group];

/// The number of the default vault, as the documents call it.
const DEFAULT_VAULT: u32 = 1;

/// The term that a new account's device list opens.
const FIRST_TERM: u32 = 0;

impl Turn<'_> {
    /// Begins a registration. Both passwords, or neither for an anonymous account.
    pub(crate) fn register(&mut self, register: Register) {
        if let Err(error) =
            self.begin_registration(register.call, register.entropy, register.passwords)
        {
            self.answer(register.call, Err(error));
        }
    }

    pub(crate) fn begin_registration(
        &mut self,
        call: CallId,
        entropy: Option<Entropy>,
        passwords: Option<(Password, Password)>,
    ) -> ApiResult<()> {
        if self.core.keys.is_some() || self.core.jobs.is_registering() {
            return Err(ApiError::new(
                ErrorCode::PasswordExists,
                "this node has an account already",
            ));
        }
        if !self.core.jobs.has_room() {
            return Err(busy());
        }
        let entropy = entropy.unwrap_or_else(|| Entropy::generate(self.rng));
        let keys = KeyStore::create(self.rng, self.core.config.kdf)
            .map_err(|e| ApiError::new(ErrorCode::Failed, e.to_string()))?;
        let draft = Box::new(Draft { entropy, keys });
        match passwords {
            None => self.complete_registration(call, *draft, None),
            Some((login, wallet)) => {
                let salt = draft.keys.login_salt();
                self.derive(Job::RegisterLogin { call, draft, wallet }, login, salt);
                Ok(())
            }
        }
    }

    /// Asks for the second key of a registration.
    pub(crate) fn registration_goes_on(
        &mut self,
        call: CallId,
        draft: Box<Draft>,
        login: PasswordKey,
        wallet: Password,
    ) {
        let salt = Salt::random(self.rng);
        self.derive(Job::RegisterWallet { call, draft, login }, wallet, salt);
    }

    /// Makes the account: slots, device key, first rows, all in one outcome.
    pub(crate) fn complete_registration(
        &mut self,
        call: CallId,
        draft: Draft,
        locks: Option<(PasswordKey, PasswordKey)>,
    ) -> ApiResult<()> {
        let Draft { entropy, mut keys } = draft;
        let account_keys = entropy.keys();
        let address = account_keys.address();
        let wallet = account_keys
            .wallet(0)
            .ok()
            .and_then(|key| Address::of(&key.verifying_key()).ok())
            .ok_or_else(|| ApiError::new(ErrorCode::Failed, "the wallet key is unusable"))?;
        let login_key = LoginKey::random(self.rng);
        let vault_key = VaultKey::random(self.rng);
        let failed = |e: magpie_wallet::keystore::KeyStoreError| {
            ApiError::new(ErrorCode::Failed, e.to_string())
        };
        let mut sealed_entropy = None;
        match locks {
            Some((login, lock)) => {
                let contents = Contents {
                    vault: DEFAULT_VAULT,
                    vault_key: vault_key.clone(),
                    login_key: Some(login_key.clone()),
                };
                keys.set(Slot::DEFAULT, &login, &contents, self.rng).map_err(failed)?;
                keys.set_wallet(&lock, &entropy, self.rng).map_err(failed)?;
                // A registration that a crash cut off may have left one.
                self.files.push(FileChange::FastLogin(None));
            }
            None => {
                let fast = FastLogin::new(login_key.clone(), vault_key.clone());
                self.files.push(FileChange::FastLogin(Some(fast.to_bytes())));
                self.core.fast = Some(fast);
                sealed_entropy = Some(SealedEntropy::new(&entropy));
            }
        }
        let device_key = DeviceKey::generate(self.rng);
        let receive = account_keys
            .receive(FIRST_TERM)
            .map_err(|e| ApiError::new(ErrorCode::Failed, e.to_string()))?;
        let curve = PublicKey::from(&account_keys.curve()).to_bytes();
        let unsigned = |e: EncodeError| ApiError::new(ErrorCode::Failed, e.to_string());
        let key_part = KeyPart {
            account: address,
            term: FIRST_TERM,
            curve: CurveKey(curve),
            receive: ReceiveKey(receive.verifying_key().to_bytes()),
            wallet,
        };
        let key_part = key_part.sign(&account_keys.account()).map_err(unsigned)?;
        let device =
            Device { device: device_key.id(), node: self.core.node_id(), added_ms: self.now };
        let opening = Entry {
            account: address,
            at: ListVersion { term: FIRST_TERM, version: 0 },
            previous: None,
            primary: device.device,
            devices: List::new(vec![device])
                .map_err(|e| ApiError::new(ErrorCode::Failed, e.to_string()))?,
        };
        let opening = opening.sign_opening(&account_keys.account()).map_err(unsigned)?;
        let account = Account {
            address,
            device_key,
            curve,
            wallet,
            receive: ReceiveSecret::new(&receive),
            key_part,
            device_list: DeviceList { opening, later: None },
            entropy: sealed_entropy,
            created_ms: self.now,
        };
        let profile = Profile {
            nickname: address.to_string().chars().take(8).collect(),
            pfp_id: 1,
            pfp_url: String::new(),
            back_up: false,
            version: 1,
            updated_ms: self.now,
        };
        let login_rows = RowKeys::derive(login_key.as_bytes());
        let rows = RowKeys::derive(vault_key.as_bytes());
        let now = self.now;
        let put = ACCOUNT.put(&mut self.tx, &login_rows, (&(), &()), &account, self.rng);
        self.stored(put)?;
        let put = PROFILE.put(&mut self.tx, &rows, (&(), &()), &profile, self.rng);
        self.stored(put)?;
        let put = REGISTERED.put(&mut self.tx, &(), &Registered { at_ms: now });
        self.stored(put)?;
        self.core.keys = Some(keys);
        self.write_keys();
        self.answer(call, Ok(json!([]).into()));
        Ok(())
    }

    /// Opens the default vault, and tells listeners if another one, or none, was open before.
    pub(crate) fn open_vault(&mut self, login: &LoginKey, vault: &VaultKey) -> ApiResult<()> {
        let login_rows = RowKeys::derive(login.as_bytes());
        let rows = Arc::new(RowKeys::derive(vault.as_bytes()));
        let account = ACCOUNT.get(&self.tx, &login_rows, &(), &());
        let account = self.stored(account)?.ok_or(ErrorCode::ReadUser)?;
        let profile = PROFILE.get(&self.tx, &rows, &(), &());
        let profile = self.stored(profile)?.ok_or(ErrorCode::ReadUser)?;
        if self.core.open.is_some() {
            // Only the default vault can be opened so far: it stays open, nobody is disturbed.
            return Ok(());
        }
        let log = EVENT_LOG.get(&self.tx, &rows, &(), &());
        let log = self.stored(log)?.unwrap_or_default();
        let mut registrations = std::collections::BTreeMap::new();
        for class in REGISTRABLE {
            let found = REGISTRATIONS.get(&self.tx, &rows, &(), &(class as u8));
            if let Some(found) = self.stored(found)? {
                registrations.insert(class, found.0);
            }
        }
        let list = account.device_list.clone().verify();
        let list = list.map_err(|e| ApiError::new(ErrorCode::ReadUser, e.to_string()))?;
        self.core.open = Some(Open {
            rows,
            device: account.device_key.id(),
            account,
            profile,
            events: Events::new(log),
            registrations,
            due: None,
            list,
            chat: KeptChat::default(),
            people: std::collections::BTreeMap::new(),
            letters: Letters::default(),
            groups: Groups::default(),
        });
        self.page_old_events()?;
        self.next_due()?;
        self.start_letters()?;
        self.resume_entries()?;
        self.login_state(true)
    }

    /// Closes the open vault and drops its replay buffer.
    pub(crate) fn close_vault(&mut self) -> ApiResult<()> {
        self.write_back()?;
        self.login_state(false)?;
        self.drop_events()?;
        self.stop_letters();
        self.stop_errands();
        self.core.open = None;
        Ok(())
    }

    /// Answers a call with the mnemonic if the wallet key opens it, or counts it as wrong.
    pub(crate) fn try_mnemonic(
        &mut self,
        call: CallId,
        key: &PasswordKey,
        language: Language,
    ) -> ApiResult<()> {
        let keys = self.core.keys.as_mut().ok_or(ErrorCode::NotRegistered)?;
        match keys.open_wallet(key) {
            Some(entropy) => {
                keys.wallet_right();
                self.answer(call, Ok(json!({ "mnemonic": *entropy.spell(language) }).into()));
            }
            None => self.wrong_password(crate::core::login::Lock::Wallet, call),
        }
        self.write_keys();
        Ok(())
    }
}
