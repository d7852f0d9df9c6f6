//! The frame on a stream: bytes in, bytes out, lengths never trusted.
//!
//! A request is its length (u32, big endian) and its body. An answer is a status byte, and if that
//! is [`ANSWERED`], length and body as well. What is wrong with a request is *answered* with a
//! status; room for a body grows with the bytes that came, not with the length that was claimed.

use super::{
    budget::{Budget, Lease},
    protocol::ProtocolLimits,
};
use futures::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use libp2p::{StreamProtocol, request_response};
use std::io;

/// Status byte of an answer that has a body.
const ANSWERED: u8 = 0;
/// Room made for a body before its first byte came.
const FIRST_ROOM: usize = 4 << 10;
/// Bytes of an over-limit body that are read away, so that its sender comes to read the refusal,
/// as a multiple of the request limit.
const DRAINED_LIMITS: usize = 2;

/// Why a request was answered without a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The core of the asked node refused it.
    Refused = 1,
    /// It is longer than the protocol allows.
    TooLarge = 2,
    /// It ended before its length.
    Malformed = 3,
    /// The asked node has no room for it now.
    Busy = 4,
}

impl Refusal {
    const fn from_status(status: u8) -> Option<Self> {
        match status {
            1 => Some(Self::Refused),
            2 => Some(Self::TooLarge),
            3 => Some(Self::Malformed),
            4 => Some(Self::Busy),
            _ => None,
        }
    }
}

/// A request: its bytes, or what was wrong with it.
#[derive(Debug)]
pub(super) enum Request {
    /// All of it, with what it takes of the budget.
    Whole(Vec<u8>, Lease),
    /// To be answered with this.
    Bad(Refusal),
}

/// An answer: its bytes, or why there are none.
#[derive(Debug)]
pub(super) enum Answer {
    /// All of it, with what it takes of the budget.
    Whole(Vec<u8>, #[expect(dead_code, reason = "gives its bytes back when dropped")] Lease),
    /// A status alone.
    Refusal(Refusal),
}

/// Reads and writes the frames of one protocol.
#[derive(Debug, Clone)]
pub(super) struct FrameCodec {
    /// Of the protocol.
    pub(super) limits: ProtocolLimits,
    /// For requests of peers and the answers to them.
    pub(super) inbound: Budget,
    /// For the answers of peers.
    pub(super) outbound: Budget,
}

/// Why a body could not be read.
enum BodyError {
    Budget,
    Short,
    Io(io::Error),
}

async fn read_len<T: AsyncRead + Unpin + Send>(io: &mut T) -> io::Result<usize> {
    let mut len = [0; 4];
    io.read_exact(&mut len).await?;
    // u32 fits usize on every target that has libp2p.
    Ok(u32::from_be_bytes(len) as usize)
}

/// Reads `len` bytes, making room as they come: at most twice what came, and never over `len`.
async fn read_body<T: AsyncRead + Unpin + Send>(
    io: &mut T,
    len: usize,
    lease: &mut Lease,
) -> Result<Vec<u8>, BodyError> {
    let mut body = Vec::new();
    let mut filled = 0;
    while filled < len {
        if filled == body.len() {
            let room = (body.len() * 2).max(FIRST_ROOM).min(len);
            if !lease.grow(room - body.len()) {
                return Err(BodyError::Budget);
            }
            body.reserve_exact(room - body.len());
            body.resize(room, 0);
        }
        match io.read(&mut body[filled..]).await.map_err(BodyError::Io)? {
            0 => return Err(BodyError::Short),
            read => filled += read,
        }
    }
    Ok(body)
}

/// Reads away up to `len` bytes, as far as they come.
async fn drain<T: AsyncRead + Unpin + Send>(io: &mut T, len: usize) -> io::Result<()> {
    let mut scratch = [0; 4 << 10];
    let mut left = len;
    while left > 0 {
        let room = scratch.len().min(left);
        match io.read(&mut scratch[..room]).await? {
            0 => break,
            read => left -= read,
        }
    }
    Ok(())
}

async fn write_body<T: AsyncWrite + Unpin + Send>(io: &mut T, body: &[u8]) -> io::Result<()> {
    let len = u32::try_from(body.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
    io.write_all(&len.to_be_bytes()).await?;
    io.write_all(body).await
}

impl request_response::Codec for FrameCodec {
    type Protocol = StreamProtocol;
    type Request = Request;
    type Response = Answer;

    async fn read_request<T>(&mut self, _: &StreamProtocol, io: &mut T) -> io::Result<Request>
    where
        T: AsyncRead + Unpin + Send,
    {
        let len = match read_len(io).await {
            Ok(len) => len,
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                return Ok(Request::Bad(Refusal::Malformed));
            }
            Err(error) => return Err(error),
        };
        if len > self.limits.request {
            if len <= self.limits.request * DRAINED_LIMITS {
                drain(io, len).await?;
            }
            return Ok(Request::Bad(Refusal::TooLarge));
        }
        let mut lease = self.inbound.lease();
        match read_body(io, len, &mut lease).await {
            Ok(body) => Ok(Request::Whole(body, lease)),
            Err(BodyError::Short) => Ok(Request::Bad(Refusal::Malformed)),
            Err(BodyError::Budget) => {
                drop(lease);
                drain(io, len).await?;
                Ok(Request::Bad(Refusal::Busy))
            }
            Err(BodyError::Io(error)) => Err(error),
        }
    }

    async fn read_response<T>(&mut self, _: &StreamProtocol, io: &mut T) -> io::Result<Answer>
    where
        T: AsyncRead + Unpin + Send,
    {
        let mut status = [0];
        io.read_exact(&mut status).await?;
        if status[0] != ANSWERED {
            return Refusal::from_status(status[0])
                .map(Answer::Refusal)
                .ok_or_else(|| io::ErrorKind::InvalidData.into());
        }
        let len = read_len(io).await?;
        if len > self.limits.response {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let mut lease = self.outbound.lease();
        match read_body(io, len, &mut lease).await {
            Ok(body) => Ok(Answer::Whole(body, lease)),
            Err(BodyError::Budget) => Err(io::ErrorKind::OutOfMemory.into()),
            Err(BodyError::Short) => Err(io::ErrorKind::UnexpectedEof.into()),
            Err(BodyError::Io(error)) => Err(error),
        }
    }

    async fn write_request<T>(
        &mut self,
        _: &StreamProtocol,
        io: &mut T,
        request: Request,
    ) -> io::Result<()>
    where
        T: AsyncWrite + Unpin + Send,
    {
        match request {
            Request::Whole(body, _) => write_body(io, &body).await,
            Request::Bad(_) => Err(io::ErrorKind::InvalidInput.into()),
        }
    }

    async fn write_response<T>(
        &mut self,
        _: &StreamProtocol,
        io: &mut T,
        answer: Answer,
    ) -> io::Result<()>
    where
        T: AsyncWrite + Unpin + Send,
    {
        match answer {
            Answer::Whole(body, _) => {
                io.write_all(&[ANSWERED]).await?;
                write_body(io, &body).await
            }
            Answer::Refusal(refusal) => io.write_all(&[refusal as u8]).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::net::Protocol;
    use futures::{FutureExt, io::Cursor};
    use libp2p::request_response::Codec as _;
    use proptest::prelude::*;

    const NAME: StreamProtocol = StreamProtocol::new("/test");

    fn at_once<F: Future>(future: F) -> F::Output {
        future.now_or_never().expect("a cursor never waits")
    }

    fn codec(budget: usize) -> FrameCodec {
        FrameCodec {
            limits: Protocol::Direct.limits(),
            inbound: Budget::new(budget),
            outbound: Budget::new(budget),
        }
    }

    fn read_request(codec: &mut FrameCodec, bytes: &[u8]) -> Request {
        at_once(codec.read_request(&NAME, &mut Cursor::new(bytes))).unwrap()
    }

    fn framed(len: u32, body: &[u8]) -> Vec<u8> {
        [&len.to_be_bytes(), body].concat()
    }

    #[test]
    fn golden_frames() {
        let mut codec = codec(100);
        let mut request = Vec::new();
        let body = Request::Whole(b"hi".to_vec(), codec.inbound.lease());
        at_once(codec.write_request(&NAME, &mut request, body)).unwrap();
        assert_eq!(request, [0, 0, 0, 2, b'h', b'i']);
        let mut answer = Vec::new();
        let body = Answer::Whole(b"yo".to_vec(), codec.inbound.lease());
        at_once(codec.write_response(&NAME, &mut answer, body)).unwrap();
        assert_eq!(answer, [0, 0, 0, 0, 2, b'y', b'o']);
        for (refusal, status) in [
            (Refusal::Refused, 1),
            (Refusal::TooLarge, 2),
            (Refusal::Malformed, 3),
            (Refusal::Busy, 4),
        ] {
            let mut bytes = Vec::new();
            at_once(codec.write_response(&NAME, &mut bytes, Answer::Refusal(refusal))).unwrap();
            assert_eq!(bytes, [status]);
            let read = at_once(codec.read_response(&NAME, &mut Cursor::new(bytes))).unwrap();
            assert!(matches!(read, Answer::Refusal(found) if found == refusal));
        }
    }

    #[test]
    fn bad_requests_become_refusals_and_give_their_room_back() {
        let mut codec = codec(8 << 10);
        let limit = u32::try_from(codec.limits.request).unwrap();
        for (bytes, refusal) in [
            (vec![], Refusal::Malformed),
            (vec![0, 0], Refusal::Malformed),
            (framed(3, b"ab"), Refusal::Malformed),
            (framed(limit, b"ab"), Refusal::Malformed),
            (framed(limit + 1, b"ab"), Refusal::TooLarge),
            (framed(u32::MAX, b""), Refusal::TooLarge),
            (framed(9 << 10, &[1; 9 << 10]), Refusal::Busy),
        ] {
            let read = read_request(&mut codec, &bytes);
            assert!(matches!(read, Request::Bad(found) if found == refusal), "{read:?}");
            assert_eq!(codec.inbound.left(), 8 << 10);
        }
    }

    #[test]
    fn a_claimed_length_makes_no_room() {
        let mut codec = codec(FIRST_ROOM);
        let limit = u32::try_from(codec.limits.request).unwrap();
        // A budget of the first room alone is enough for a short body behind the longest claim.
        let read = read_request(&mut codec, &framed(limit, &[7; FIRST_ROOM - 1]));
        assert!(matches!(read, Request::Bad(Refusal::Malformed)), "{read:?}");
    }

    #[test]
    fn a_request_holds_its_lease_until_dropped() {
        let mut codec = codec(5000);
        let read = read_request(&mut codec, &framed(5000, &[9; 5000]));
        assert!(matches!(&read, Request::Whole(body, _) if *body == [9; 5000]));
        assert_eq!(codec.inbound.left(), 0);
        drop(read);
        assert_eq!(codec.inbound.left(), 5000);
    }

    #[test]
    fn over_limit_and_unknown_answers_are_errors() {
        let mut codec = codec(1 << 20);
        let over = u32::try_from(codec.limits.response + 1).unwrap();
        for bytes in [[&[ANSWERED], &framed(over, b"x")[..]].concat(), vec![9], vec![], vec![0, 0]]
        {
            assert!(at_once(codec.read_response(&NAME, &mut Cursor::new(bytes))).is_err());
        }
    }

    proptest! {
        #[test]
        fn bodies_survive(body in proptest::collection::vec(any::<u8>(), 0..20_000)) {
            let mut codec = codec(20_000);
            let bytes = framed(u32::try_from(body.len()).unwrap(), &body);
            let read = read_request(&mut codec, &bytes);
            prop_assert!(matches!(read, Request::Whole(found, _) if found == body));
        }

        #[test]
        fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let mut codec = codec(1 << 20);
            let _ = at_once(codec.read_request(&NAME, &mut Cursor::new(&bytes)));
            let _ = at_once(codec.read_response(&NAME, &mut Cursor::new(&bytes)));
            prop_assert_eq!(codec.inbound.left(), 1 << 20);
            prop_assert_eq!(codec.outbound.left(), 1 << 20);
        }
    }
}
