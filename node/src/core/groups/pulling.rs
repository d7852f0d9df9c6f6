//! TEMP
use crate::core::turn::Turn;
use magpie_protocol::{api::ApiResult, ids::GroupId};
impl Turn<'_> {
    pub(crate) fn pull(&mut self, _: GroupId) -> ApiResult<()> {
        Ok(())
    }
}
