//! Every module's methods together: looking one up, and running a call.
//!
//! [`CONTRACT`] is what the contract has, [`CATALOG`] what this version of the node serves. A
//! module moves from the second list of `modules!` to the first when the node has its bodies.

use super::{
    ApiError, Dispatched, MethodInfo, chat, contact, group, ledger, login, redpacket, remittance,
    socket_event, sync, user, wallet,
};
use serde_json::Value;

macro_rules! modules {
    (serves { $($module:ident: $Trait:ident,)* } waits { $($waiting:ident,)* }) => {
        /// Everything that the node serves: one trait a module.
        pub trait Api: $($module::$Trait +)* {}

        impl<S: $($module::$Trait +)* ?Sized> Api for S {}

        /// The methods that the node serves, module by module.
        pub const CATALOG: &[&[MethodInfo]] = &[$($module::METHODS),*];

        /// The methods that the contract has, module by module.
        pub const CONTRACT: &[&[MethodInfo]] = &[$($module::METHODS,)* $($waiting::METHODS),*];

        /// Decodes a call's parameters and runs its body; an unknown module or method is 300.
        ///
        /// Who may call is checked before, by [`find`].
        pub fn dispatch<S: Api + ?Sized>(
            api: &mut S,
            module: &str,
            method: &str,
            params: Value,
        ) -> Dispatched {
            match module {
                $($module::MODULE => $module::dispatch(api, method, params),)*
                _ => Dispatched::Err(ApiError::unknown_method(module, method)),
            }
        }

        /// Decodes a call's parameters as [`dispatch`] does, for all of the contract.
        #[cfg(test)]
        pub(crate) fn check(
            module: &str,
            method: &str,
            params: Value,
        ) -> Option<Result<(), super::params::BadParams>> {
            match module {
                $($module::MODULE => $module::check(method, params),)*
                $($waiting::MODULE => $waiting::check(method, params),)*
                _ => None,
            }
        }
    };
}

modules! {
    serves {
        login: Login,
        user: User,
        socket_event: SocketEvent,
        contact: Contact,
        chat: Chat,
        group: Group,
        sync: GroupSync,
        wallet: Wallet,
        redpacket: RedPacket,
        remittance: Remittance,
        ledger: Ledger,
    }
    waits {}
}

/// Returns what is known about a method that the node serves, so that the caller's right to it is
/// checked before anything of the call is decoded.
pub fn find(module: &str, method: &str) -> Option<&'static MethodInfo> {
    CATALOG.iter().copied().flatten().find(|m| m.module == module && m.method == method)
}
