//! The request-response protocols of page 4, and what one request of each may take.

use crate::core::net::Protocol;
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

/// Envelopes of at most 64 KiB, several in one batch.
const DIRECT: ProtocolLimits = ProtocolLimits {
    request: 512 << 10,
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
/// A put carries few envelopes, a get brings a page of them.
const MAIL: ProtocolLimits = ProtocolLimits {
    request: 512 << 10,
    response: 1 << 20,
    timeout: Duration::from_secs(20),
    streams: 16,
};

impl Protocol {
    /// Returns the name that is negotiated on a stream.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Direct => "/magpie/direct/1",
            Self::Record => "/magpie/record/1",
            Self::Mail => "/magpie/mail/1",
        }
    }

    /// Returns what one request may take.
    pub const fn limits(self) -> ProtocolLimits {
        match self {
            Self::Direct => DIRECT,
            Self::Record => RECORD,
            Self::Mail => MAIL,
        }
    }
}
