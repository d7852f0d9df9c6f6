//! A connection between two hosts: a pipe each way.

use super::{
    network::{End, Network, Way},
    pipe::{Found, SharedPipe, lock},
};
use futures::{AsyncRead, AsyncWrite};
use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::time::{Instant, Sleep, sleep_until};

/// One end of a connection.
#[derive(Debug)]
pub struct LinkStream {
    network: Network,
    local: End,
    remote: End,
    /// How long the way is.
    base: Duration,
    inward: SharedPipe,
    outward: SharedPipe,
    /// Wakes the reader when what is on its way arrives.
    arrival: Option<Pin<Box<Sleep>>>,
}

impl LinkStream {
    pub(super) fn new(
        network: Network,
        (local, remote): (End, End),
        base: Duration,
        (inward, outward): (SharedPipe, SharedPipe),
    ) -> Self {
        Self { network, local, remote, base, inward, outward, arrival: None }
    }

    fn way(&self) -> Way {
        self.network.lock().way(self.local, self.remote)
    }

    fn poll_arrival(&mut self, at: Instant, cx: &mut Context<'_>) -> Poll<()> {
        let arrival = self.arrival.get_or_insert_with(|| Box::pin(sleep_until(at)));
        if arrival.deadline() != at {
            arrival.as_mut().reset(at);
        }
        arrival.as_mut().poll(cx)
    }
}

impl AsyncRead for LinkStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        loop {
            match this.way() {
                Way::Open => {}
                Way::Cut => {
                    lock(&this.inward).wait_to_read(cx.waker());
                    return Poll::Pending;
                }
                Way::Reset => return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into())),
            }
            let found = {
                let mut inward = lock(&this.inward);
                let found = inward.read(Instant::now(), into);
                if matches!(found, Found::Nothing(_)) {
                    inward.wait_to_read(cx.waker());
                }
                found
            };
            match found {
                Found::Bytes(taken) => return Poll::Ready(Ok(taken)),
                Found::End => return Poll::Ready(Ok(0)),
                Found::Nothing(None) => return Poll::Pending,
                Found::Nothing(Some(at)) => ready!(this.poll_arrival(at, cx)),
            }
        }
    }
}

impl AsyncWrite for LinkStream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let mut world = self.network.lock();
        let mut outward = lock(&self.outward);
        let Some(room) = outward.room() else {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        };
        if room == 0 {
            outward.wait_to_write(cx.waker());
            return Poll::Pending;
        }
        let bytes = &bytes[..bytes.len().min(room)];
        let ends = (self.local.host, self.remote.host);
        let arrives = world.send(ends, self.base, bytes, outward.last);
        outward.push(arrives, bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        lock(&self.outward).close(Instant::now() + self.base);
        Poll::Ready(Ok(()))
    }
}

impl Drop for LinkStream {
    fn drop(&mut self) {
        let has_power = {
            let world = self.network.lock();
            let is_same = world.end(self.local.host).is_some_and(|e| e.boot == self.local.boot);
            is_same && world.is_up(self.local.host)
        };
        // Without power there is nobody who could tell the other side.
        if has_power {
            lock(&self.outward).close(Instant::now() + self.base);
        }
        lock(&self.inward).abandon();
    }
}
