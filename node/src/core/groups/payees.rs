//! Who the members of a group were, as those who are paid.

use crate::core::turn::Turn;
use magpie_protocol::{
    address::Address,
    api::{ApiError, ApiResult, ErrorCode},
    group::{Fold, OperationId},
    ids::GroupId,
    ledger::Payee,
};
use std::collections::BTreeSet;

impl Turn<'_> {
    /// Returns the members at these heads of a group's operations, with the keys that they are paid
    /// by. Errors: 20043, and 21005 if an operation of them has not come.
    pub(crate) fn group_payees(
        &self,
        group: GroupId,
        heads: &[OperationId],
    ) -> ApiResult<Vec<(Address, Payee)>> {
        let unknown = || {
            ApiError::new(
                ErrorCode::NotEligible,
                "this node has not heard yet who was in the group then; try again",
            )
        };
        let kept = self.open()?.groups.kept.get(&group).ok_or(ErrorCode::GroupUnknown)?;
        if heads.iter().any(|head| kept.graph.get(*head).is_none()) {
            return Err(unknown());
        }
        let then = Fold::up_to(&kept.graph, heads, &BTreeSet::new()).map_err(|_| unknown())?;
        let members = then.state().members.iter();
        let payee = |keys: &magpie_protocol::record::KeyPart| Payee {
            receive: keys.receive,
            wallet: keys.wallet,
        };
        Ok(members.map(|(who, member)| (*who, payee(&member.keys))).collect())
    }
}
