//! Asking super nodes for headers of the past.

use super::memory::HeaderAsked;
use crate::core::{
    agenda::Task,
    net::{Fault, NetCommand},
    requests::Purpose,
    turn::Turn,
};
use magpie_protocol::{
    address::NodeId,
    api::ApiResult,
    codec::{DecodeError, decode, encode},
    ledger::exchange::{Answer, DecidedHeader, Request},
};

/// Requests for headers that are under way at once, at most.
const UNDER_WAY: usize = 8;
/// Super nodes that are asked for one header before it is given up.
const TRIES: usize = 8;
/// The wait before another super node is asked, milliseconds.
const AGAIN_MS: u64 = 500;

impl Turn<'_> {
    /// Asks for headers that are wanted, a few at a time.
    pub(super) fn ask_headers(&mut self) {
        let wanted = &self.core.money.headers_wanted;
        let now = self.now;
        let under_way = wanted.values().filter(|it| it.is_under_way(now)).count();
        let is_due = |it: &HeaderAsked| !it.is_under_way(now) && it.again_ms <= now;
        let waiting = wanted.iter().filter(|(_, it)| is_due(it)).map(|it| *it.0);
        let next: Vec<u64> = waiting.take(UNDER_WAY.saturating_sub(under_way)).collect();
        for height in next {
            let Some(to) = self.next_super() else { return };
            let Ok(bytes) = encode(&Request::Header(height)) else { return };
            let asked = self.ask_super(to, bytes, Purpose::Header(height));
            if let Some(state) = self.core.money.headers_wanted.get_mut(&height) {
                state.asked_ms = asked.then_some(now);
            }
        }
    }

    /// Takes a super node's answer to who asked for a header.
    pub(crate) fn header_shown(
        &mut self,
        from: NodeId,
        height: u64,
        answer: Option<&[u8]>,
    ) -> ApiResult<()> {
        self.core.money.silence.over(from, self.now);
        let (shown, is_garbage) = match answer.map(decode::<Answer>) {
            Some(Ok(Answer::Header(shown))) => (Some(*shown), false),
            // It may be honest, and newer than this node.
            None | Some(Ok(Answer::Refused(_)) | Err(DecodeError::Version { .. })) => (None, false),
            Some(Ok(_) | Err(_)) => (None, true),
        };
        let holds = |shown: &DecidedHeader| {
            let light = self.core.money.light.as_ref();
            shown.header.height == height
                && light
                    .is_some_and(|it| it.vouches(shown.header.clone(), shown.certificate.clone()))
        };
        match shown {
            Some(shown) if holds(&shown) => self.core.money.note_header(shown),
            other => {
                // After a fork nothing is vouched for: who answered is not at fault.
                if (is_garbage || other.is_some()) && !self.core.money.is_stopped() {
                    let fault = Fault::Forged;
                    self.command(NetCommand::Misbehaved { peer: from, fault });
                }
                let wanted = &mut self.core.money.headers_wanted;
                let mut is_over = false;
                if let Some(state) = wanted.get_mut(&height) {
                    state.asked_ms = None;
                    state.again_ms = self.now.saturating_add(AGAIN_MS);
                    state.tries = state.tries.saturating_add(1);
                    is_over = state.tries >= TRIES;
                }
                // Another super node is asked, but not at once: this one may just be busy.
                self.core.agenda.plan(Task::Ledger, self.now.saturating_add(AGAIN_MS));
                if is_over {
                    wanted.remove(&height);
                    // Who still needs it says so again.
                    return self.run_headed(height);
                }
                return Ok(());
            }
        }
        self.ask_headers();
        self.run_headed(height)
    }
}
