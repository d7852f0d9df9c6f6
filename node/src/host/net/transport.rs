//! The real transport: TCP with noise and yamux, and QUIC, with names resolved by DNS.

use super::secured::{STREAMS, secured};
use libp2p::multiaddr::{Multiaddr, Protocol};
use libp2p::{
    PeerId, Transport as _,
    core::{muxing::StreamMuxerBox, transport::Boxed},
    dns,
    identity::Keypair,
    noise, quic, tcp,
};
use std::{
    io,
    net::{IpAddr, TcpListener, UdpSocket},
};

/// Why there is no transport.
#[derive(Debug, thiserror::Error)]
#[error("the node's key makes no noise identity")]
pub struct RealTransportError(#[from] noise::Error);

/// Returns the transport of real networks for a node's key; called inside a tokio runtime.
///
/// Where the system names no DNS server, only addresses with IP numbers can be dialled.
/// (A QUIC connect over loopback took 43 ms where TCP took 1.4; the cause is not known.)
pub fn real_transport(
    key: &Keypair,
) -> Result<Boxed<(PeerId, StreamMuxerBox)>, RealTransportError> {
    let without_dns = sockets(key)?;
    match dns::tokio::Transport::system(sockets(key)?) {
        Ok(with_dns) => Ok(with_dns.boxed()),
        Err(error) => {
            tracing::warn!(%error, "no DNS: only addresses with IP numbers can be dialled");
            Ok(without_dns)
        }
    }
}

/// Returns TCP and QUIC, which know IP numbers only.
fn sockets(key: &Keypair) -> Result<Boxed<(PeerId, StreamMuxerBox)>, RealTransportError> {
    let tcp = secured(tcp::tokio::Transport::new(tcp::Config::default().nodelay(true)), key)?;
    let mut config = quic::Config::new(key);
    config.max_concurrent_stream_limit = u32::from(STREAMS);
    let quic = quic::tokio::Transport::new(config)
        .map(|(peer, muxer), _| (peer, StreamMuxerBox::new(muxer)));
    Ok(quic.or_transport(tcp).map(|either, _| either.into_inner()).boxed())
}

/// Fails if another program listens on an address, or nobody may.
///
/// libp2p shares TCP ports (it dials from the one it listens on), so two nodes on one port would
/// both start and each get some of the other's connections: a host asks here before it listens on
/// a port that it was told or that it kept. Addresses without IP number and port pass.
pub fn port_is_free(addr: &Multiaddr) -> io::Result<()> {
    let mut parts = addr.iter();
    let ip: IpAddr = match parts.next() {
        Some(Protocol::Ip4(ip)) => ip.into(),
        Some(Protocol::Ip6(ip)) => ip.into(),
        _ => return Ok(()),
    };
    match parts.next() {
        Some(Protocol::Tcp(port)) => TcpListener::bind((ip, port)).map(drop),
        Some(Protocol::Udp(port)) => UdpSocket::bind((ip, port)).map(drop),
        _ => Ok(()),
    }
}
