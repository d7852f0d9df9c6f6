//! The libp2p transport of one host: addresses are `/ip4/10.x.y.z/tcp/port`.

use super::{
    network::{Host, Network, Way},
    pipe::Pipe,
    stream::LinkStream,
};
use futures::future::{BoxFuture, Ready, ready};
use libp2p::{
    Multiaddr,
    core::{
        Transport,
        transport::{DialOpts, ListenerId, TransportError, TransportEvent},
    },
    multiaddr::Protocol,
};
use std::{
    collections::VecDeque,
    io,
    pin::Pin,
    task::{Context, Poll, Waker},
    time::Duration,
};
use tokio::{sync::mpsc, time::sleep};

/// Connections that wait to be accepted by one listener.
const BACKLOG: usize = 1_024;
/// How long a dial waits for a host that does not answer.
const NO_ANSWER: Duration = Duration::from_secs(5);

/// Where connections to a listener go.
pub(super) type Backlog = mpsc::Sender<(LinkStream, Multiaddr)>;
type Accepted = mpsc::Receiver<(LinkStream, Multiaddr)>;
type Event = TransportEvent<Ready<io::Result<LinkStream>>, io::Error>;

/// The transport of one host.
#[derive(Debug)]
pub struct LinkTransport {
    network: Network,
    host: Host,
    listeners: Vec<(ListenerId, Multiaddr, Accepted)>,
    events: VecDeque<Event>,
    waker: Option<Waker>,
}

impl LinkTransport {
    pub(super) fn new(network: Network, host: Host) -> Self {
        let (listeners, events) = (Vec::new(), VecDeque::new());
        Self { network, host, listeners, events, waker: None }
    }
}

/// Reads an address of this network.
fn parse(addr: &Multiaddr) -> Option<(Host, u16)> {
    let mut parts = addr.iter();
    match (parts.next(), parts.next()) {
        (Some(Protocol::Ip4(ip)), Some(Protocol::Tcp(port))) => Some((Host::of(ip)?, port)),
        _ => None,
    }
}

fn addr(host: Host, port: u16) -> Multiaddr {
    Multiaddr::empty().with(Protocol::Ip4(host.ip())).with(Protocol::Tcp(port))
}

/// Opens a connection; the way there and back takes its time.
async fn dial(network: Network, from: Host, to: Host, port: u16) -> io::Result<LinkStream> {
    let (base, local) = {
        let mut world = network.lock();
        world.punch(from, to);
        (world.base(from, to), world.end(from))
    };
    let Some(local) = local else { return Err(io::ErrorKind::NetworkUnreachable.into()) };
    sleep(base).await;
    let reached = {
        let world = network.lock();
        world
            .end(to)
            .filter(|remote| world.way(local, *remote) == Way::Open && world.is_reachable(from, to))
            .map(|remote| (remote, world.listeners.get(&(to, port)).cloned()))
    };
    let Some((remote, backlog)) = reached else {
        sleep(NO_ANSWER).await;
        return Err(io::ErrorKind::TimedOut.into());
    };
    let refused = || io::Error::from(io::ErrorKind::ConnectionRefused);
    let Some(backlog) = backlog else {
        sleep(base).await;
        return Err(refused());
    };
    let (there, back) = (Pipe::new(), Pipe::new());
    let own_port = network.lock().connected([&there, &back]);
    let pipes = (there.clone(), back.clone());
    let theirs = LinkStream::new(network.clone(), (remote, local), base, pipes);
    let ours = LinkStream::new(network, (local, remote), base, (back, there));
    backlog.try_send((theirs, addr(from, own_port))).map_err(|_| refused())?;
    sleep(base).await;
    Ok(ours)
}

impl Transport for LinkTransport {
    type Output = LinkStream;
    type Error = io::Error;
    type ListenerUpgrade = Ready<io::Result<LinkStream>>;
    type Dial = BoxFuture<'static, io::Result<LinkStream>>;

    fn listen_on(
        &mut self,
        id: ListenerId,
        at: Multiaddr,
    ) -> Result<(), TransportError<io::Error>> {
        let Some((host, port)) = parse(&at).filter(|(host, _)| *host == self.host) else {
            return Err(TransportError::MultiaddrNotSupported(at));
        };
        let (backlog, accepted) = mpsc::channel(BACKLOG);
        self.network.lock().listeners.insert((host, port), backlog);
        self.listeners.push((id, at.clone(), accepted));
        self.events.push_back(TransportEvent::NewAddress { listener_id: id, listen_addr: at });
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
        Ok(())
    }

    fn remove_listener(&mut self, id: ListenerId) -> bool {
        let before = self.listeners.len();
        self.listeners.retain(|(known, ..)| *known != id);
        self.listeners.len() < before
    }

    fn dial(
        &mut self,
        to: Multiaddr,
        _: DialOpts,
    ) -> Result<Self::Dial, TransportError<io::Error>> {
        let Some((host, port)) = parse(&to) else {
            return Err(TransportError::MultiaddrNotSupported(to));
        };
        Ok(Box::pin(dial(self.network.clone(), self.host, host, port)))
    }

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Event> {
        if let Some(event) = self.events.pop_front() {
            return Poll::Ready(event);
        }
        for (id, local, accepted) in &mut self.listeners {
            if let Poll::Ready(Some((stream, from))) = accepted.poll_recv(cx) {
                return Poll::Ready(TransportEvent::Incoming {
                    listener_id: *id,
                    upgrade: ready(Ok(stream)),
                    local_addr: local.clone(),
                    send_back_addr: from,
                });
            }
        }
        self.waker = Some(cx.waker().clone());
        Poll::Pending
    }
}
