//! People as the local API shows them.

use super::rows::{Answered, Person};
use crate::core::turn::Turn;
use magpie_protocol::{
    address::Address,
    api::{
        ApiResult,
        contact::{
            ApplyRow, ApplySource, ApplyState, BlockedRow, ContactRow, FriendState, UserInfo,
        },
        field::Bit,
    },
    limits::CALL_MEMBERS,
    record::Card,
};

/// The open vault, as rows name it: the default one.
pub(crate) const DEFAULT_VAULT: &str = "1";

impl Person {
    /// Returns the nickname they gave themselves; before it is known, the start of the address.
    pub(crate) fn nickname(&self, who: Address) -> String {
        self.card.as_ref().map_or_else(
            || who.to_string().chars().take(8).collect(),
            |card| card.nickname.to_string(),
        )
    }

    /// Returns the name to show: the remark, or the nickname.
    pub(crate) fn name(&self, who: Address) -> String {
        if self.remark.is_empty() { self.nickname(who) } else { self.remark.clone() }
    }

    /// Returns the number of the built-in avatar; -1 while it is not known.
    pub(crate) fn avatar_id(&self) -> i64 {
        self.card.as_ref().map_or(-1, |card| card.avatar.id.into())
    }

    /// Returns where the avatar's picture is.
    pub(crate) fn avatar_url(&self) -> String {
        self.card.as_ref().map_or_else(String::new, |card| card.avatar.url.to_string())
    }

    /// Returns the key that the documents seal to, in hex; nothing while it is not known.
    pub(crate) fn curve_key(&self) -> String {
        self.card.as_ref().map_or_else(String::new, |card| card.keys.keys.curve.to_string())
    }
}

impl Turn<'_> {
    /// Shows a person as a contact.
    pub(crate) fn contact_row(&mut self, who: Address, person: &Person) -> ApiResult<ContactRow> {
        let wallet = person.card.as_ref().map(|card| card.keys.keys.wallet);
        Ok(ContactRow {
            id: who,
            address: who,
            nickname: person.nickname(who),
            avatar_id: person.avatar_id(),
            curve_key: person.curve_key(),
            public_key: hex::encode(who.as_bytes()),
            version: person.version,
            state: if person.is_friend() { FriendState::Friend } else { FriendState::NoFriend },
            blocked: Bit(person.is_blocked()),
            blocked_by: Bit(person.blocked_by),
            avatar_url: person.avatar_url(),
            remark: person.remark.clone(),
            number_id: String::new(),
            created_time: person.friend_ms.unwrap_or_default(),
            updated_time: person.updated_ms,
            top: Bit(false),
            muted: Bit(false),
            vault: DEFAULT_VAULT.to_owned(),
            hidden: 0,
            is_group: Bit(false),
            domain: String::new(),
            burn: Bit(false),
            burn_after: 0,
            mark_unread: Bit(self.is_marked_unread(who)?),
            wallet_address: wallet.map(|wallet| wallet.to_string()),
            wallet_key: wallet.map(|wallet| hex::encode(wallet.as_bytes())),
            wallet_index: wallet.map(|_| 0),
        })
    }

    /// Shows a person's request, if there is one.
    pub(super) fn apply_row(&self, who: Address, person: &Person) -> Option<ApplyRow> {
        let request = person.request.as_ref()?;
        Some(ApplyRow {
            id: who,
            pfp_id: person.avatar_id(),
            pfp_url: person.avatar_url(),
            nickname: person.nickname(who),
            node_id: who,
            remark: person.remark.clone(),
            pub_curve: person.curve_key(),
            apply_id: format!("{who}-{}", request.since_ms),
            apply_state: match request.state {
                Answered::Waiting => ApplyState::Waiting,
                Answered::Accepted => ApplyState::Accepted,
            },
            apply_count: request.again,
            apply_remark: request.greeting.clone(),
            apply_src: ApplySource::Address,
            domain: String::new(),
        })
    }

    /// Shows what is known about a person here: oneself, or who has shown a card.
    pub(crate) fn known_info(&mut self, who: Address) -> ApiResult<Option<UserInfo>> {
        if who == self.open()?.account.address {
            let (version, list) =
                (self.open()?.profile.version, self.people_counts()?.contact_version);
            return Ok(Some(user_info(who, &self.own_card()?, version, list)));
        }
        let person = self.person(who)?;
        Ok(person.card.as_ref().map(|card| user_info(who, card, person.version, 0)))
    }
}

/// Shows someone on the blacklist.
pub(super) fn blocked_row(who: Address, person: &Person) -> BlockedRow {
    BlockedRow {
        pfp_id: person.avatar_id(),
        pfp_url: person.avatar_url(),
        nickname: person.name(who),
        address: who,
        pub_curve: person.curve_key(),
        black_state: person.is_blocked().into(),
        be_black_state: person.blocked_by.into(),
        domain: String::new(),
    }
}

/// Shows what a card says.
pub(crate) fn user_info(who: Address, card: &Card, version: u64, list_version: u64) -> UserInfo {
    UserInfo {
        nickname: card.nickname.to_string(),
        pfp_id: card.avatar.id.into(),
        pfp_url: card.avatar.url.to_string(),
        pub_key: hex::encode(who.as_bytes()),
        pub_curve: card.keys.keys.curve.to_string(),
        version,
        list_version,
        max_call_members: CALL_MEMBERS,
        domain_list: String::new(),
    }
}
