//! Malachite's state machine for one height, and the only place that knows its types.
//!
//! In: a [`Feed`], which is a message or a timer of this height. Out: [`Act`]s in the order in
//! which malachite asked for them. Malachite runs as a coroutine that stops for every effect; here
//! each is answered at once, and the first that cannot be ends the machine.

mod attend;
mod context;
mod convert;
mod drive;
mod wire;

pub(super) use drive::{Act, Feed, Machine};
