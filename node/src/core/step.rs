//! The one entry: an input becomes an outcome.

use crate::core::{
    effect::Outcome,
    input::{Call, Input},
    state::Core,
    turn::{Broken, Turn},
};
use magpie_protocol::api::{self, ApiError, Auth, Dispatched, ErrorCode};
use magpie_storage::overlay::Overlay;
use rand_core::CryptoRng;

impl Core {
    /// Takes one input at the time `now` (milliseconds since the Unix epoch), does what is due, and
    /// returns what both decide. Errors: [`Broken`] when the store fails or the ledger cannot go on;
    /// the node then stops.
    pub fn step(
        &mut self,
        input: Input,
        store: &Overlay,
        now: u64,
        rng: &mut dyn CryptoRng,
    ) -> Result<Outcome, Broken> {
        self.step_in(Some(input), store, now, rng, true)
    }

    /// Takes one of several inputs that are made durable together, and leaves what is due to
    /// [`end_group`](Self::end_group): messages written together travel together, and what many of them
    /// change is written once.
    pub fn step_of_group(
        &mut self,
        input: Input,
        store: &Overlay,
        now: u64,
        rng: &mut dyn CryptoRng,
    ) -> Result<Outcome, Broken> {
        self.step_in(Some(input), store, now, rng, false)
    }

    /// Ends a group of steps: does what is due, and returns what is left of the rows that they changed.
    /// A group is not whole without it.
    pub fn end_group(
        &mut self,
        store: &Overlay,
        now: u64,
        rng: &mut dyn CryptoRng,
    ) -> Result<Outcome, Broken> {
        let is_due = self.wake_at().is_some_and(|at| at <= now);
        self.step_in(is_due.then_some(Input::Tick), store, now, rng, true)
    }

    fn step_in(
        &mut self,
        input: Option<Input>,
        store: &Overlay,
        now: u64,
        rng: &mut dyn CryptoRng,
        is_last: bool,
    ) -> Result<Outcome, Broken> {
        let call = match &input {
            Some(Input::Call(call)) => Some(call.id),
            Some(Input::Register(register)) => Some(register.call),
            _ => None,
        };
        let mut turn = Turn::new(self, store, now, rng, call);
        match input {
            Some(Input::Started) => {
                turn.started();
                turn.start_ordering();
                turn.rejoin_topics();
                turn.start_following();
                turn.attend(Turn::start_mail);
            }
            Some(Input::Call(call)) => turn.call(call),
            Some(Input::Register(register)) => turn.register(register),
            Some(Input::KeyDerived { job, key }) => turn.key_derived(job, key),
            Some(Input::Net(event)) => turn.attend(|turn| turn.net(event)),
            Some(Input::Tick) => {
                turn.tick();
                turn.mesh_tick();
                turn.order_tick();
            }
            None => {}
        }
        // A call that was refused has nothing to add; what is due is done all the same.
        if is_last {
            turn.attend(Turn::work);
            turn.attend(Turn::write_back);
        }
        turn.finish()
    }
}

impl Turn<'_> {
    /// Does what time alone brings about. An error here is a broken store, which
    /// [`finish`](Self::finish) reports.
    fn tick(&mut self) {
        if self.core.open.is_some() {
            let _ = self.place_due();
        }
    }

    /// Runs one API call: known, allowed, decoded, then its body. A refusal changes nothing, except
    /// that an attempt at a password is counted.
    fn call(&mut self, call: Call) {
        let refused = match api::find(&call.module, &call.method) {
            None => Some(ApiError::unknown_method(&call.module, &call.method)),
            Some(method) if !call.scopes.allow(method.scope) => Some(ApiError::new(
                ErrorCode::Failed,
                format!("this token does not have the scope {}", method.scope.name()),
            )),
            Some(method) if method.auth == Auth::SignedIn && self.core.open.is_none() => {
                Some(ErrorCode::NotLoggedIn.into())
            }
            Some(_) => None,
        };
        if let Some(error) = refused {
            return self.answer(call.id, Err(error));
        }
        self.key = call.key;
        match api::dispatch(self, &call.module, &call.method, call.params) {
            Dispatched::Now(data) => self.answer(call.id, Ok(data)),
            Dispatched::Later => {}
            Dispatched::Err(error) => {
                self.forget_writes();
                self.answer(call.id, Err(error));
            }
        }
    }
}
