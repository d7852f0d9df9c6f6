//! How another account stands to this one, and how this one shows itself.

use super::rows::{FRIENDS, FRIENDS_MAX};
use crate::core::turn::Turn;
use magpie_protocol::{
    address::Address,
    api::{ApiError, ApiResult, ErrorCode},
    bounded::{Text, TooMany},
    content::Payload,
    record::{Avatar, Card},
};
use magpie_storage::{engine::Order, table::Keys};

/// How an account stands to this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It is a friend.
    Friend,
    /// This account asked it to become one.
    Asked,
    /// It is nobody in particular.
    Stranger,
    /// This account blocked it.
    Blocked,
}

impl Standing {
    /// Returns whether devices of the account may hand over envelopes directly (page 4).
    pub(crate) const fn comes_directly(self) -> bool {
        matches!(self, Self::Friend | Self::Asked)
    }
}

impl Turn<'_> {
    /// Returns how an account stands to this one.
    pub(crate) fn standing(&mut self, account: Address) -> ApiResult<Standing> {
        let person = self.known_person(account)?;
        Ok(match () {
            () if person.is_blocked() => Standing::Blocked,
            () if person.is_friend() => Standing::Friend,
            () if person.asked.is_some() => Standing::Asked,
            () => Standing::Stranger,
        })
    }

    /// Returns the friends, ascending by address.
    pub(crate) fn friends(&mut self) -> ApiResult<Vec<Address>> {
        let rows = self.rows()?;
        let most = usize::try_from(FRIENDS_MAX).unwrap_or(usize::MAX);
        let found = FRIENDS.scan(&self.tx, &rows, &(), &Keys::all(), Order::Ascending, most);
        Ok(self.stored(found)?.into_iter().map(|(who, _)| who).collect())
    }

    /// Returns how this account shows itself to contacts.
    pub(crate) fn own_card(&self) -> ApiResult<Card> {
        let open = self.open()?;
        let (account, profile) = (&open.account, &open.profile);
        let odd = |e: TooMany| ApiError::new(ErrorCode::ReadUser, e.to_string());
        Ok(Card {
            nickname: Text::new(profile.nickname.clone()).map_err(odd)?,
            avatar: Avatar {
                id: i32::try_from(profile.pfp_id).unwrap_or(-1),
                url: Text::new(profile.pfp_url.clone()).map_err(odd)?,
                hash: None,
            },
            reverse_name: None,
            keys: account.key_part.clone(),
        })
    }

    /// Tells all friends how this account shows itself now.
    pub(crate) fn post_card(&mut self) -> ApiResult<()> {
        let card = Payload::Card(Box::new(self.own_card()?));
        for friend in self.friends()? {
            self.post(friend, &card, None)?;
        }
        Ok(())
    }
}
