//! What a conversation asks of its group: who may write, how it looks, and to be heard there.
//!
//! No group is served yet, so none is known. Tests make some known with [`stand`](tests::stand).

use crate::core::turn::Turn;
use magpie_protocol::{
    address::Address,
    api::{ApiResult, ErrorCode},
    content::VerifiedMessage,
    ids::GroupId,
};

/// A group, as its conversation shows it to this account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Glance {
    /// Its name.
    pub(crate) name: String,
    /// Its built-in avatar; -1 for none.
    pub(crate) avatar_id: i64,
    /// Where its avatar's picture is.
    pub(crate) avatar_url: String,
    /// Whether this account is a member.
    pub(crate) is_member: bool,
    /// Whether this account is an administrator.
    pub(crate) is_admin: bool,
    /// Whether this account owns it.
    pub(crate) is_owner: bool,
    /// Whether it protects its members.
    pub(crate) members_protected: bool,
}

/// Who wrote in a group, as the group knows them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct GroupAuthor {
    /// The name chosen in the group, or nothing.
    pub(crate) nickname: String,
    /// Whether they are an administrator.
    pub(crate) is_admin: bool,
    /// Whether they own it.
    pub(crate) is_owner: bool,
}

impl Turn<'_> {
    /// Checks that this account may write in a group. Errors: 20043 if it is not known, 20047 if this
    /// account is no member.
    pub(crate) fn check_group_writable(&mut self, group: GroupId) -> ApiResult<()> {
        match self.group_glance(group)? {
            Some(glance) if glance.is_member => Ok(()),
            Some(_) => Err(ErrorCode::GroupGone.into()),
            None => Err(ErrorCode::GroupUnknown.into()),
        }
    }

    /// Returns how a group looks, if it is known.
    #[cfg(not(test))]
    #[expect(clippy::unnecessary_wraps, reason = "groups are read from the store")]
    pub(crate) const fn group_glance(&mut self, _: GroupId) -> ApiResult<Option<Glance>> {
        Ok(None)
    }

    /// Returns how a group knows somebody.
    #[cfg(not(test))]
    #[expect(clippy::unnecessary_wraps, reason = "groups are read from the store")]
    pub(crate) fn group_author(&mut self, _: GroupId, _: Address) -> ApiResult<GroupAuthor> {
        Ok(GroupAuthor::default())
    }

    /// Sends a message to a group. Errors: those of [`check_group_writable`](Self::check_group_writable).
    #[cfg(not(test))]
    pub(crate) fn speak(&mut self, group: GroupId, _: &VerifiedMessage) -> ApiResult<()> {
        self.check_group_writable(group)
    }

    /// Tells a group that this account is writing, or no longer. Errors: those of
    /// [`check_group_writable`](Self::check_group_writable).
    #[cfg(not(test))]
    pub(crate) fn speak_typing(&mut self, group: GroupId, _: bool) -> ApiResult<()> {
        self.check_group_writable(group)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    //! Groups as rows that a test writes.

    use super::*;
    use magpie_protocol::{bounded::Blob, codec::Format, content::Message, ids::MessageId};
    use magpie_storage::personal::PersonalTable;
    use serde::{Deserialize, Serialize};

    #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
    struct Stand {
        is_member: bool,
        owner: Address,
    }

    impl Format for Stand {
        const NAME: &'static str = "test group row";
        const VERSION: u8 = 1;
        const LIMIT: usize = 64;
    }

    #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
    struct Spoken(Blob<{ magpie_protocol::limits::MESSAGE }>);

    impl Format for Spoken {
        const NAME: &'static str = "test spoken row";
        const VERSION: u8 = 1;
        const LIMIT: usize = magpie_protocol::limits::MESSAGE + 16;
    }

    const STANDS: PersonalTable<(), GroupId, Stand> = PersonalTable::new("test groups");
    const SPOKEN: PersonalTable<GroupId, MessageId, Spoken> = PersonalTable::new("test spoken");

    /// Makes a group known, with its owner, and this account a member of it or not.
    pub(crate) fn stand(turn: &mut Turn<'_>, group: GroupId, owner: Address, is_member: bool) {
        turn.write(&STANDS, &(), &group, &Stand { is_member, owner }).unwrap();
    }

    /// Takes what was sent to a group.
    pub(crate) fn spoken(turn: &mut Turn<'_>, group: GroupId) -> Vec<Message> {
        let rows = turn.rows().unwrap();
        let order = magpie_storage::engine::Order::Ascending;
        let all = magpie_storage::table::Keys::all();
        let found = SPOKEN.scan(&turn.tx, &rows, &group, &all, order, usize::MAX).unwrap();
        let mut messages = Vec::new();
        for (id, Spoken(bytes)) in found {
            turn.delete(&SPOKEN, &group, &id).unwrap();
            messages.push(VerifiedMessage::from_store(&bytes).unwrap().message().clone());
        }
        messages
    }

    impl Turn<'_> {
        pub(crate) fn group_glance(&mut self, group: GroupId) -> ApiResult<Option<Glance>> {
            let me = self.open()?.account.address;
            Ok(self.read(&STANDS, &(), &group)?.map(|stand| Glance {
                name: "家".into(),
                avatar_id: 7,
                avatar_url: "avatar".into(),
                is_member: stand.is_member,
                is_admin: false,
                is_owner: stand.owner == me,
                members_protected: true,
            }))
        }

        pub(crate) fn group_author(
            &mut self,
            group: GroupId,
            who: Address,
        ) -> ApiResult<GroupAuthor> {
            let stand = self.read(&STANDS, &(), &group)?;
            let is_owner = stand.is_some_and(|stand| stand.owner == who);
            let nickname = if is_owner { "boss".into() } else { String::new() };
            Ok(GroupAuthor { nickname, is_admin: false, is_owner })
        }

        pub(crate) fn speak(&mut self, group: GroupId, message: &VerifiedMessage) -> ApiResult<()> {
            let bytes = Blob::new(message.bytes().to_vec()).unwrap();
            self.write(&SPOKEN, &group, &message.id(), &Spoken(bytes))
        }

        pub(crate) fn speak_typing(&mut self, group: GroupId, _: bool) -> ApiResult<()> {
            self.check_group_writable(group)
        }
    }
}
