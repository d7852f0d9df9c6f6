//! Following the ledger's headers, by gossip and by answers.

use super::{
    rows::{LIGHT, LightRow},
    wake::Idle,
};
use crate::core::{
    agenda::Task,
    net::{NetCommand, Verdict},
    turn::Turn,
};
use magpie_protocol::{
    address::NodeId,
    api::{ApiError, ApiResult, ErrorCode},
    bounded::Blob,
    codec::{DecodeError, decode},
    group::Topic,
    ids::NetworkId,
    ledger::{
        HeaderError, Rules, Validators,
        exchange::{DecidedHeader, topic},
    },
    limits::{FRAME_AHEAD_MS, FRAME_OLD_MS},
};
use magpie_wallet::light::{FollowError, Followed, Freshness, Light};

/// What a header was worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Heard {
    /// It is believed; it may have been before.
    Believed,
    /// Nothing can be said of it: it is old, or who voted on it is not known here.
    Unknown,
    /// Who handed it over made it up.
    Forged,
    /// It contradicts what is believed: nothing is believed any more.
    Forked,
}

impl Turn<'_> {
    /// Takes the headers of the network, as a person's node: at its start.
    pub(crate) fn start_following(&mut self) {
        if let Some(topic) = self.ledger_topic()
            && self.core.money.light.is_some()
        {
            self.command(NetCommand::Subscribe { topic });
            self.core.agenda.plan(Task::Ledger, self.now);
            self.core.money.header_wanted = self.core.money.height().saturating_add(1);
        }
    }

    /// Returns the topic of the network's headers.
    pub(crate) fn ledger_topic(&self) -> Option<Topic> {
        self.core.config.network.as_ref().map(|membership| topic(membership.network.id()))
    }

    /// Judges a header that a peer passed on, and follows it: cheap checks first, signatures last.
    pub(crate) fn hear_header(&mut self, from: NodeId, bytes: &[u8]) -> ApiResult<Verdict> {
        // Too many is nobody's fault: whoever passes them on did not make them.
        if !self.core.mesh.admit_relayed(from, self.now, bytes.len()) {
            return Ok(Verdict::Ignore);
        }
        let decided: DecidedHeader = match decode(bytes) {
            Ok(decided) => decided,
            // It may be honest, and newer than this node.
            Err(DecodeError::Version { .. }) => return Ok(Verdict::Ignore),
            Err(_) => return Ok(Verdict::Reject),
        };
        let Some(light) = &self.core.money.light else { return Ok(Verdict::Ignore) };
        let header = &decided.header;
        // Of one that is believed already the certificate is not looked at, so it is not passed on;
        // nor is one that came late.
        let is_known = self.core.money.is_stopped()
            || light
                .believed(header.height, self.now)
                .is_some_and(|known| known.header() == header)
            || self.now > header.time_ms.saturating_add(FRAME_OLD_MS)
            || header.time_ms > self.now.saturating_add(FRAME_AHEAD_MS);
        if is_known {
            return Ok(Verdict::Ignore);
        }
        Ok(match self.follow(decided, None)? {
            Heard::Believed | Heard::Forked => Verdict::Accept,
            Heard::Unknown => Verdict::Ignore,
            Heard::Forged => Verdict::Reject,
        })
    }

    /// Follows a header that came from anybody, and goes on with what waited for one.
    pub(super) fn follow(
        &mut self,
        decided: DecidedHeader,
        next: Option<Validators>,
    ) -> ApiResult<Heard> {
        let now = self.now;
        let money = &self.core.money;
        if money.breach.is_some() || money.confirming.contradiction.is_some() {
            return Ok(Heard::Unknown);
        }
        if money.confirming.checkpoint.is_some() {
            self.core.agenda.nudge(Task::Ledger, now);
            return Ok(Heard::Unknown);
        }
        let Some(light) = &mut self.core.money.light else { return Ok(Heard::Unknown) };
        let newest = decided.clone();
        let DecidedHeader { header, certificate } = decided;
        let followed = light.follow(header, certificate, next, now);
        Ok(match followed {
            Ok(Followed::Newest) => {
                self.save_light()?;
                self.core.money.note_header(newest);
                self.tell_news();
                Heard::Believed
            }
            Ok(Followed::Forked) => {
                self.save_light()?;
                Heard::Forked
            }
            Ok(Followed::Known) => Heard::Believed,
            Ok(Followed::Between) => {
                self.save_light()?;
                self.core.money.note_header(newest);
                Heard::Believed
            }
            Err(FollowError::NextValidators { height, .. }) => {
                self.core.money.header_wanted = height.max(self.core.money.header_wanted);
                self.core.agenda.plan(Task::Ledger, self.now);
                Heard::Unknown
            }
            // Nobody lied: this node was away too long, or is older than the network's rules.
            Err(FollowError::TooOld { .. }) => {
                self.core.agenda.nudge(Task::Ledger, now);
                Heard::Unknown
            }
            Ok(Followed::Old) | Err(FollowError::Header(HeaderError::Rules { .. })) => {
                Heard::Unknown
            }
            Err(_) => Heard::Forged,
        })
    }

    /// Keeps what is followed: before anything is said under it.
    pub(super) fn save_light(&mut self) -> ApiResult<()> {
        let bytes = self.core.money.light.as_ref().map(Light::to_bytes);
        let Some(Ok(bytes)) = bytes else { return Ok(()) };
        let Ok(row) = Blob::new(bytes) else { return Ok(()) };
        let put = LIGHT.put(&mut self.tx, &(), &LightRow(row));
        self.stored(put)
    }

    /// Returns the headers that are followed, believed or not. Error: 500 without a network.
    pub(super) fn followed(&self) -> ApiResult<&Light> {
        let none = || ApiError::new(ErrorCode::Failed, "this node follows no ledger");
        self.core.money.light.as_ref().ok_or_else(none)
    }

    /// Returns what is believed of the ledger, or why nothing is. Errors: 500 without a network, before
    /// it is confirmed by its file's checkpoint or after 30 days by its super nodes, after a fork, and
    /// once the ledger broke its own rules.
    pub(super) fn light(&self) -> ApiResult<&Light> {
        let light = self.followed()?;
        if let Some(error) = self.breach_error() {
            return Err(error);
        }
        match self.core.money.confirming.doubt(light.is_too_old(self.now)) {
            Some(doubt) => Err(ApiError::new(ErrorCode::Failed, doubt)),
            None => Ok(light),
        }
    }

    /// Returns the height from which on a header is fresh enough to act by: the newest's, if it is
    /// under a minute old, else the next one's.
    pub(super) fn fresh_height(&self) -> ApiResult<u64> {
        let light = self.light()?;
        let height = light.tip().height;
        Ok(match light.freshness(self.now) {
            Freshness::Settled => height,
            _ => height.saturating_add(1),
        })
    }

    /// Returns the network's ledger. Error: 500 without a network.
    pub(super) fn chain(&self) -> ApiResult<NetworkId> {
        let network = self.core.config.network.as_ref();
        let network = network.ok_or(ErrorCode::Failed)?;
        Ok(network.network.id())
    }

    /// Returns the rules of money. Error: 500 without a network.
    pub(super) fn rules(&self) -> ApiResult<Rules> {
        let network = self.core.config.network.as_ref();
        let network = network.ok_or(ErrorCode::Failed)?;
        Ok(network.network.genesis().money.clone())
    }

    /// Forgets the account's errands, and answers who waits for them: it signs out.
    pub(crate) fn stop_errands(&mut self) {
        let errands = self.core.money.errands.values();
        let calls: Vec<_> =
            errands.filter(|it| it.is_personal()).filter_map(|it| it.call).collect();
        self.core.money.forget_account();
        if self.core.money.light.is_some() {
            self.core.agenda.plan(Task::Ledger, self.now);
            // What was wanted is forgotten: those that stay name it again.
            self.core.money.errands.values_mut().for_each(|errand| errand.idle = Idle::Header);
            self.tell_news();
        }
        for call in calls {
            self.answer(call, Err(ErrorCode::NotLoggedIn.into()));
        }
    }
}
