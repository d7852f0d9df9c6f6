//! What a group's rules have against something, as a code and a message.

use magpie_protocol::{
    api::{ApiError, ErrorCode},
    group::{Role, Void},
};

/// Returns the documents' code for an operation that would have no effect.
pub(super) fn refusal(void: Void) -> ApiError {
    let code = match void {
        Void::Role(Role::Owner) | Void::NotPrimary => ErrorCode::NotOwner,
        Void::Role(_) | Void::Protected(_) => ErrorCode::NotAdmin,
        Void::Absent(_) => ErrorCode::NotMember,
        Void::Already(_) => ErrorCode::AlreadyMember,
        Void::Full => ErrorCode::GroupFull,
        Void::Owner => ErrorCode::OwnerCannotLeave,
        Void::NotMember(_) => ErrorCode::GroupGone,
        Void::Dissolved => ErrorCode::GroupDissolved,
        Void::Banned(_) | Void::NoQr => ErrorCode::GroupRestricted,
        _ => ErrorCode::StoreGroup,
    };
    ApiError::new(code, void.to_string())
}
