//! The request-response protocols of page 4, and what one request of each may take.

use crate::core::net::Protocol;
use magpie_protocol::limits;
use std::time::Duration;

/// What one request of a protocol may take. Sizes are bytes of the body, without its frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProtocolLimits {
    /// Most bytes of a request.
    pub request: usize,
    /// Most bytes of an answer.
    pub response: usize,
    /// From handing the request over until its answer, dialling included.
    pub timeout: Duration,
    /// Requests under way to one peer, and from one peer, at a time.
    pub streams: usize,
}

/// All that waits for a device travels in one batch, up to the format's own limit.
const DIRECT: ProtocolLimits = ProtocolLimits {
    request: limits::DIRECT_FRAME,
    response: 64 << 10,
    timeout: Duration::from_secs(10),
    streams: 64,
};
/// All private records of an account are 512 KiB (page 5), with signatures a little more.
const RECORD: ProtocolLimits = ProtocolLimits {
    request: 1 << 20,
    response: 1 << 20,
    timeout: Duration::from_secs(15),
    streams: 16,
};
/// A put carries many envelopes, a get brings a page of them.
const MAIL: ProtocolLimits = ProtocolLimits {
    request: limits::MAIL_FRAME,
    response: limits::MAIL_FRAME,
    timeout: Duration::from_secs(20),
    streams: 16,
};
/// A request says what is known, an answer brings a page of what is missing.
const GROUP: ProtocolLimits = ProtocolLimits {
    request: 64 << 10,
    response: (1 << 20) + (64 << 10),
    timeout: Duration::from_secs(15),
    streams: 16,
};
/// A validator's message may carry a block, an answer a page of proofs.
const LEDGER: ProtocolLimits = ProtocolLimits {
    request: limits::CONSENSUS_MESSAGE + (64 << 10),
    response: 2 << 20,
    timeout: Duration::from_secs(10),
    streams: 64,
};

impl Protocol {
    /// Returns the name that is negotiated on a stream.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Direct => "/magpie/direct/1",
            Self::Record => "/magpie/record/1",
            Self::Mail => "/magpie/mail/1",
            Self::Group => "/magpie/group/1",
            Self::Ledger => "/magpie/ledger/1",
        }
    }

    /// Returns what one request may take.
    pub const fn limits(self) -> ProtocolLimits {
        match self {
            Self::Direct => DIRECT,
            Self::Record => RECORD,
            Self::Mail => MAIL,
            Self::Group => GROUP,
            Self::Ledger => LEDGER,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use magpie_protocol::{codec::Format, direct, directory, ledger::exchange, mail};

    #[test]
    fn every_frame_that_a_format_allows_may_travel() {
        let fits = |protocol: Protocol, request: usize, answer: usize| {
            let limits = protocol.limits();
            assert!(limits.request >= request && limits.response >= answer, "{protocol:?}");
        };
        fits(Protocol::Direct, direct::Request::LIMIT, direct::Answer::LIMIT);
        fits(Protocol::Record, directory::Request::LIMIT, directory::Answer::LIMIT);
        fits(Protocol::Mail, mail::Request::LIMIT, mail::Answer::LIMIT);
        fits(Protocol::Ledger, exchange::Request::LIMIT, exchange::Answer::LIMIT);
    }
}
