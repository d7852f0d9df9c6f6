//! People: the bodies are calls of the rules in `core::people`.

use crate::core::Turn;
use magpie_protocol::{
    api::{
        Answer, ApiError, ApiResult, ErrorCode,
        contact::{
            AddFriend, AgreeApply, ApplyRow, BlockedRow, Contact, ContactRow, GetBlocked,
            GetContacts, UpdateRemark, UserInfo,
        },
        field::VaultRef,
        shape::{Empty, Number, OnePerson, Status},
    },
    bounded::Text,
};

/// Rows of the blacklist in a page, unless the caller says another number.
const BLOCKED_ROWS: i64 = 20;

impl Contact for Turn<'_> {
    fn get_contacts(&mut self, request: GetContacts) -> ApiResult<Vec<ContactRow>> {
        check_vault(request.block_id.as_ref())?;
        self.list_contacts()
    }

    fn add_friend(&mut self, request: AddFriend) -> ApiResult<Empty> {
        let greeting = Text::new(request.content.into_string())
            .map_err(|e| ApiError::new(ErrorCode::BadParameter, format!("content: {e}")))?;
        self.ask(request.node_id, greeting, request.remark.map(|r| r.into_string()))?;
        Ok(Empty {})
    }

    fn agree_apply_sync(&mut self, request: AgreeApply) -> ApiResult<Empty> {
        self.accept(request.node_id, request.remark.map(|remark| remark.into_string()))?;
        Ok(Empty {})
    }

    fn get_contact_by_no_id(&mut self, request: OnePerson) -> ApiResult<ContactRow> {
        let person = self.friend(request.node_id)?;
        self.contact_row(request.node_id, &person)
    }

    fn update_remake(&mut self, request: UpdateRemark) -> ApiResult<Empty> {
        self.remark(request.node_id, request.remark.into_string())?;
        Ok(Empty {})
    }

    fn delete_friend(&mut self, request: OnePerson) -> ApiResult<Empty> {
        self.unfriend(request.node_id)?;
        Ok(Empty {})
    }

    fn get_user_info(&mut self, request: OnePerson) -> ApiResult<Answer<UserInfo>> {
        match self.known_info(request.node_id)? {
            Some(info) => Ok(Answer::Now(info)),
            None => self.info_later(request.node_id),
        }
    }

    fn is_friend(&mut self, request: OnePerson) -> ApiResult<Status> {
        Ok(Status { status: self.person(request.node_id)?.is_friend() })
    }

    fn get_apply_bridge(&mut self, _: Empty) -> ApiResult<Number> {
        Ok(Number { value: self.people_counts()?.unseen.into() })
    }

    fn delete_black(&mut self, request: OnePerson) -> ApiResult<Empty> {
        self.unblock(request.node_id)?;
        Ok(Empty {})
    }

    fn on_black(&mut self, request: OnePerson) -> ApiResult<Empty> {
        self.block(request.node_id)?;
        Ok(Empty {})
    }

    fn get_blacklist(&mut self, request: GetBlocked) -> ApiResult<Vec<BlockedRow>> {
        check_vault(request.block_id.as_ref())?;
        let size = number(request.size.map_or(BLOCKED_ROWS, |size| size.get()));
        let page = number(request.page.map_or(1, |page| page.get()));
        let skip = page.saturating_sub(1).saturating_mul(size);
        let keyword = request.keyword.map_or_else(String::new, |keyword| keyword.into_string());
        self.list_blocked(&keyword, skip, size)
    }

    fn clear_apply_bridge(&mut self, _: Empty) -> ApiResult<Empty> {
        self.see_requests()?;
        Ok(Empty {})
    }

    fn delete_apply(&mut self, request: OnePerson) -> ApiResult<Empty> {
        self.delete_request(request.node_id)?;
        Ok(Empty {})
    }

    fn get_apply_list(&mut self, _: Empty) -> ApiResult<Vec<ApplyRow>> {
        self.list_requests()
    }
}

/// Returns 20023 for a vault other than the open one.
fn check_vault(vault: Option<&VaultRef>) -> ApiResult<()> {
    match vault.map(|vault| &**vault) {
        None | Some("" | crate::core::people::DEFAULT_VAULT) => Ok(()),
        Some(_) => Err(ErrorCode::VaultUnknown.into()),
    }
}

/// Returns a number whose type allows no negative one.
fn number(value: i64) -> usize {
    usize::try_from(value).unwrap_or_default()
}
