//! The account's own profile, and the state of this node.

use crate::core::{
    Turn,
    rows::{PROFILE, Profile as Row},
};
use magpie_protocol::{
    api::{
        ApiError, ApiResult, ErrorCode,
        event::Event,
        field::Bit,
        shape::{Empty, Word},
        user::{Connection, Link, Profile, UpdateProfile, User, Versions},
    },
    limits,
};

impl User for Turn<'_> {
    fn get_user_single_info(&mut self, _: Empty) -> ApiResult<Profile> {
        self.own_profile()
    }

    fn update_user_single_info(&mut self, request: UpdateProfile) -> ApiResult<Profile> {
        if request.m_domain.is_some_and(|name| !name.into_string().is_empty()) {
            return Err(ApiError::new(ErrorCode::Domain, "this account owns no such name"));
        }
        let old = &self.open()?.profile;
        let shown = |row: &Row| (row.nickname.clone(), row.pfp_id, row.pfp_url.clone());
        let mut new = Row {
            nickname: request.nickname.map_or(old.nickname.clone(), |t| t.into_string()),
            pfp_id: request.pfp_id.map_or(old.pfp_id, |id| id.get()),
            pfp_url: request.pfp_url.map_or(old.pfp_url.clone(), |t| t.into_string()),
            back_up: request.back_up.unwrap_or(old.back_up),
            ..old.clone()
        };
        if new == *old {
            return self.own_profile();
        }
        let is_shown = shown(&new) != shown(old);
        new.version += 1;
        new.updated_ms = self.now;
        self.write(&PROFILE, &(), &(), &new)?;
        self.open_mut()?.profile = new;
        if is_shown {
            self.post_card()?;
            self.publish_anew()?;
        }
        let profile = self.own_profile()?;
        self.emit(Event::ProfileChanged(profile.clone()))?;
        Ok(profile)
    }

    fn connection_state(&mut self, _: Empty) -> ApiResult<Connection> {
        let value = match (self.core.net.supers_connected(), self.core.net.is_configured()) {
            (1.., _) => Link::Connected,
            (0, true) => Link::Connecting,
            (0, false) => Link::Disconnected,
        };
        Ok(Connection { value })
    }

    fn get_machine_id(&mut self, _: Empty) -> ApiResult<Word> {
        Ok(Word { value: self.core.machine_id() })
    }

    fn get_version(&mut self, _: Empty) -> ApiResult<Versions> {
        let people = self.people_counts()?;
        Ok(Versions {
            contact_version: people.contact_version,
            user_version: self.open()?.profile.version,
            blocked_version: people.blocked_version,
            group_message: self.group_changes()?,
            user_message: self.chat_counts()?.version,
            ..Versions::default()
        })
    }

    fn get_session_num(&mut self, _: Empty) -> ApiResult<Word> {
        Ok(Word { value: self.core.net.peers_connected().to_string() })
    }
}

impl Turn<'_> {
    fn own_profile(&mut self) -> ApiResult<Profile> {
        let list_version = self.people_counts()?.contact_version;
        let open = self.open()?;
        let (account, profile) = (&open.account, &open.profile);
        Ok(Profile {
            id: account.address.to_string(),
            nickname: profile.nickname.clone(),
            address: account.address,
            avatar_id: profile.pfp_id,
            avatar_url: profile.pfp_url.clone(),
            wipe_password: String::new(),
            ip: String::new(),
            public_key: hex::encode(account.address.as_bytes()),
            curve_key: hex::encode(account.curve),
            anonymous_password: String::new(),
            max_vaults: limits::VAULTS,
            max_group_members: limits::GROUP_MEMBERS,
            version: profile.version,
            list_version,
            max_call_members: limits::CALL_MEMBERS,
            created_time: account.created_ms,
            updated_time: profile.updated_ms,
            domain: String::new(),
            backup: Bit(profile.back_up),
        })
    }
}
