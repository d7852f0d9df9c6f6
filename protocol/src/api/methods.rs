//! One row of a `methods!` table is one method of the local API.
//!
//! A row names the method on the wire and in Rust, its request and response, who may call it, and
//! what it does. From it come a trait method (the node fills it in; a missing body does not
//! compile), an arm of the module's `dispatch`, a typed client call and an entry of the catalogue.

/// Writes a module's trait, dispatch, client calls and catalogue from its table.
///
/// A row is `"wireName" rust_name(Request) -> Response, scope [open] [later];`: signed-in is the
/// default, `open` must be written; `later` makes the body return an [`Answer`].
macro_rules! methods {
    (
        $(#[doc = $about:literal])+
        pub trait $Trait:ident = $module:literal {$(
            $(#[doc = $doc:literal])+
            $name:literal $fn:ident($Req:ty) -> $Resp:ty, $scope:ident $($flag:ident)*;
        )*}
    ) => {
        $(#[doc = $about])+
        pub trait $Trait {$(
            $(#[doc = $doc])+
            fn $fn(
                &mut self,
                request: $Req,
            ) -> $crate::api::ApiResult<$crate::api::methods::methods!(@answer $Resp [$($flag)*])>;
        )*}

        /// The module's name on the wire.
        pub const MODULE: &str = $module;

        /// The module's methods, in the document's order.
        pub const METHODS: &[$crate::api::MethodInfo] = &[$(
            $crate::api::MethodInfo {
                module: $module,
                method: $name,
                auth: $crate::api::methods::methods!(@auth [$($flag)*]),
                scope: $crate::api::methods::methods!(@scope $scope),
                later: $crate::api::methods::methods!(@later [$($flag)*]),
                doc: concat!($($doc),+),
                request_schema: $crate::api::contract::schema_of::<$Req>,
                response_schema: $crate::api::contract::schema_of::<$Resp>,
            },
        )*];

        /// Decodes the parameters of one of the module's methods and runs its body.
        pub fn dispatch<S: $Trait + ?Sized>(
            api: &mut S,
            method: &str,
            params: serde_json::Value,
        ) -> $crate::api::Dispatched {
            match method {
                $($name => match $crate::api::params::decode::<$Req>(params) {
                    Err(bad) => $crate::api::Dispatched::Err(bad.into()),
                    Ok(request) => {
                        let answer = api.$fn(request);
                        $crate::api::contract::dispatched(
                            $crate::api::methods::methods!(@wrap answer [$($flag)*]),
                        )
                    }
                },)*
                _ => $crate::api::Dispatched::Err(
                    $crate::api::ApiError::unknown_method(MODULE, method),
                ),
            }
        }

        /// Decodes the parameters of one of the module's methods and does nothing with them.
        #[cfg(test)]
        pub(crate) fn check(
            method: &str,
            params: serde_json::Value,
        ) -> Option<Result<(), $crate::api::params::BadParams>> {
            match method {
                $($name => Some($crate::api::params::decode::<$Req>(params).map(drop)),)*
                _ => None,
            }
        }

        /// The module's methods as typed calls over any client.
        pub trait Calls: $crate::api::Client {$(
            $(#[doc = $doc])+
            fn $fn(&self, request: &$Req) -> Result<$Resp, $crate::api::Failure> {
                self.call_typed($module, $name, request)
            }
        )*}

        impl<C: $crate::api::Client + ?Sized> Calls for C {}
    };

    (@answer $Resp:ty []) => { $Resp };
    (@answer $Resp:ty [later $($rest:ident)*]) => { $crate::api::Answer<$Resp> };
    (@answer $Resp:ty [open $($rest:ident)*]) => {
        $crate::api::methods::methods!(@answer $Resp [$($rest)*])
    };

    (@wrap $answer:ident []) => { $answer.map($crate::api::Answer::Now) };
    (@wrap $answer:ident [later $($rest:ident)*]) => { $answer };
    (@wrap $answer:ident [open $($rest:ident)*]) => {
        $crate::api::methods::methods!(@wrap $answer [$($rest)*])
    };

    (@auth []) => { $crate::api::Auth::SignedIn };
    (@auth [open $($rest:ident)*]) => { $crate::api::Auth::Open };
    (@auth [later $($rest:ident)*]) => { $crate::api::methods::methods!(@auth [$($rest)*]) };

    (@later []) => { false };
    (@later [later $($rest:ident)*]) => { true };
    (@later [open $($rest:ident)*]) => { $crate::api::methods::methods!(@later [$($rest)*]) };

    (@scope read) => { $crate::api::Scope::Read };
    (@scope chat) => { $crate::api::Scope::Chat };
    (@scope wallet) => { $crate::api::Scope::Wallet };
    (@scope admin) => { $crate::api::Scope::Admin };
}
pub(super) use methods;

#[cfg(test)]
mod tests {
    #![expect(unreachable_pub, reason = "a table is written for a public module")]

    use crate::api::{
        Answer, ApiResult, Auth, Client, Dispatched, ErrorCode, Failure, Scope, shape::Number,
    };
    use serde_json::{Value, json};
    use std::cell::RefCell;

    methods! {
        /// A module of two methods.
        pub trait Counter = "counter" {
            /// Adds to the count.
            "addTo" add_to(Number) -> Number, chat;
            /// Counts when there is time.
            "countSlowly" count_slowly(Number) -> Number, wallet open later;
        }
    }

    #[derive(Default)]
    struct Count(u64);

    impl Counter for Count {
        fn add_to(&mut self, request: Number) -> ApiResult<Number> {
            let sum = self.0.checked_add(request.value).ok_or(ErrorCode::OutOfRange)?;
            self.0 = sum;
            Ok(Number { value: sum })
        }

        fn count_slowly(&mut self, request: Number) -> ApiResult<Answer<Number>> {
            if request.value > 9 { Ok(Answer::Later) } else { Ok(Answer::Now(request)) }
        }
    }

    impl Client for RefCell<Count> {
        fn call_raw(&self, module: &str, method: &str, params: Value) -> Result<Value, Failure> {
            assert_eq!(module, MODULE);
            match dispatch(&mut *self.borrow_mut(), method, params) {
                Dispatched::Now(data) => Ok(data.value()),
                Dispatched::Later => Err(Failure::Unreachable("later".into())),
                Dispatched::Err(error) => Err(Failure::Refused(error)),
            }
        }
    }

    #[test]
    fn a_typed_call_reaches_the_body_and_comes_back() {
        let client = RefCell::new(Count(1));
        assert_eq!(client.add_to(&Number { value: 2 }), Ok(Number { value: 3 }));
        assert_eq!(client.count_slowly(&Number { value: 2 }), Ok(Number { value: 2 }));
        assert_eq!(
            client.count_slowly(&Number { value: 10 }),
            Err(Failure::Unreachable("later".into()))
        );
        let Err(Failure::Refused(error)) = client.add_to(&Number { value: u64::MAX }) else {
            panic!("an overflow is refused")
        };
        assert_eq!(error.code, ErrorCode::OutOfRange);
    }

    #[test]
    fn bad_parameters_and_unknown_methods_never_reach_a_body() {
        let mut count = Count(1);
        let Dispatched::Err(bad) = dispatch(&mut count, "addTo", json!({ "value": "x" })) else {
            panic!("refused")
        };
        assert_eq!((bad.code, &bad.data), (ErrorCode::WrongType, &json!({ "field": "value" })));
        let Dispatched::Err(bad) = dispatch(&mut count, "add_to", json!({ "value": 1 })) else {
            panic!("the Rust name is no method")
        };
        assert_eq!((bad.code, count.0), (ErrorCode::NotImplemented, 1));
    }

    #[test]
    fn the_catalogue_says_what_the_row_says() {
        let [add, slow] = METHODS else { panic!("two rows") };
        assert_eq!((add.module, add.method, add.doc), ("counter", "addTo", " Adds to the count."));
        assert_eq!((add.auth, add.scope, add.later), (Auth::SignedIn, Scope::Chat, false));
        assert_eq!((slow.auth, slow.scope, slow.later), (Auth::Open, Scope::Wallet, true));
        assert_eq!(check("addTo", json!({ "value": 1 })), Some(Ok(())));
    }
}
