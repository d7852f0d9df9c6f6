//! What the transport alone does: libp2p's request-response over the node's own transport, the bytes
//! of the text in clear, nothing kept, one byte answered a message.

use crate::world::{Failed, place::Transport};
use futures::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, StreamExt};
use libp2p::{
    Multiaddr, PeerId, StreamProtocol, Swarm,
    identity::Keypair,
    multiaddr,
    request_response::{self, Behaviour, Event, Message, ProtocolSupport},
    swarm::{self, SwarmEvent},
};
use magpie_node::host::net::real_transport;
use std::{
    io,
    time::{Duration, Instant},
};
use tokio::time::timeout;

/// Most bytes of a request: as much as `/magpie/direct/1` takes.
const REQUEST_BYTES: usize = 1 << 20;
/// How long a connection or an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Frames of a length (u32, big endian) and a body.
#[derive(Debug, Clone, Default)]
struct Frames;

impl request_response::Codec for Frames {
    type Protocol = StreamProtocol;
    type Request = Vec<u8>;
    type Response = Vec<u8>;

    async fn read_request<T>(&mut self, _: &StreamProtocol, io: &mut T) -> io::Result<Vec<u8>>
    where
        T: AsyncRead + Unpin + Send,
    {
        read(io).await
    }

    async fn read_response<T>(&mut self, _: &StreamProtocol, io: &mut T) -> io::Result<Vec<u8>>
    where
        T: AsyncRead + Unpin + Send,
    {
        read(io).await
    }

    async fn write_request<T>(
        &mut self,
        _: &StreamProtocol,
        io: &mut T,
        body: Vec<u8>,
    ) -> io::Result<()>
    where
        T: AsyncWrite + Unpin + Send,
    {
        write(io, &body).await
    }

    async fn write_response<T>(
        &mut self,
        _: &StreamProtocol,
        io: &mut T,
        body: Vec<u8>,
    ) -> io::Result<()>
    where
        T: AsyncWrite + Unpin + Send,
    {
        write(io, &body).await
    }
}

async fn read<T: AsyncRead + Unpin + Send>(io: &mut T) -> io::Result<Vec<u8>> {
    let mut len = [0; 4];
    io.read_exact(&mut len).await?;
    let len = u32::from_be_bytes(len) as usize;
    if len > REQUEST_BYTES {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut body = vec![0; len];
    io.read_exact(&mut body).await?;
    Ok(body)
}

async fn write<T: AsyncWrite + Unpin + Send>(io: &mut T, body: &[u8]) -> io::Result<()> {
    let len = u32::try_from(body.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
    io.write_all(&len.to_be_bytes()).await?;
    io.write_all(body).await
}

fn swarm() -> Result<Swarm<Behaviour<Frames>>, Failed> {
    let key = Keypair::generate_ed25519();
    let protocol = (StreamProtocol::new("/bench/1"), ProtocolSupport::Full);
    let behaviour = Behaviour::<Frames>::new([protocol], request_response::Config::default());
    let config = swarm::Config::with_tokio_executor().with_idle_connection_timeout(PATIENCE);
    Ok(Swarm::new(real_transport(&key)?, behaviour, key.public().to_peer_id(), config))
}

/// A swarm that answers every request with one byte for each message in it, at its address.
pub(crate) async fn serve(transport: Transport, message: usize) -> Result<String, Failed> {
    let mut swarm = swarm()?;
    swarm.listen_on(transport.place().parse()?)?;
    let address = loop {
        if let SwarmEvent::NewListenAddr { address, .. } = swarm.select_next_some().await {
            break address.with(multiaddr::Protocol::P2p(*swarm.local_peer_id()));
        }
    };
    tokio::spawn(async move {
        loop {
            let event = swarm.select_next_some().await;
            if let SwarmEvent::Behaviour(Event::Message { message: heard, .. }) = event
                && let Message::Request { request, channel, .. } = heard
            {
                // One who asked and left needs no answer.
                let _ =
                    swarm.behaviour_mut().send_response(channel, vec![0; request.len() / message]);
            }
        }
    });
    Ok(address.to_string())
}

/// A swarm connected with one that serves.
pub(crate) struct Client {
    swarm: Swarm<Behaviour<Frames>>,
    peer: PeerId,
}

impl Client {
    /// Connects.
    pub(crate) async fn connect(address: &str) -> Result<Self, Failed> {
        let mut swarm = swarm()?;
        let address: Multiaddr = address.parse()?;
        let Some(multiaddr::Protocol::P2p(peer)) = address.iter().last() else {
            return Err(format!("{address} names no peer").into());
        };
        swarm.dial(address)?;
        let connected = async {
            loop {
                match swarm.select_next_some().await {
                    SwarmEvent::ConnectionEstablished { .. } => return Ok::<(), Failed>(()),
                    SwarmEvent::OutgoingConnectionError { error, .. } => return Err(error.into()),
                    _ => {}
                }
            }
        };
        timeout(PATIENCE, connected).await??;
        Ok(Self { swarm, peer })
    }

    /// Sends requests of `bytes`, so many of them not answered at any time, and returns how long it
    /// took until all were answered.
    pub(crate) async fn run(
        &mut self,
        requests: usize,
        in_flight: usize,
        bytes: usize,
    ) -> Result<Duration, Failed> {
        let begun = Instant::now();
        let (mut asked, mut answered) = (0, 0);
        while answered < requests {
            while asked < requests && asked - answered < in_flight {
                self.swarm.behaviour_mut().send_request(&self.peer, vec![7; bytes]);
                asked += 1;
            }
            match timeout(PATIENCE, self.swarm.select_next_some()).await? {
                SwarmEvent::Behaviour(Event::Message {
                    message: Message::Response { .. }, ..
                }) => answered += 1,
                SwarmEvent::Behaviour(Event::OutboundFailure { error, .. }) => {
                    return Err(error.into());
                }
                _ => {}
            }
        }
        Ok(begun.elapsed())
    }
}
