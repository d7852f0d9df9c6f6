//! What makes a stream of bytes a connection: noise proves the peer's key, yamux divides it.

use libp2p::{
    PeerId, Transport,
    core::{muxing::StreamMuxerBox, transport::Boxed, upgrade::Version},
    futures::{AsyncRead, AsyncWrite},
    identity::Keypair,
    noise, yamux,
};
use std::{error::Error, time::Duration};

/// From the first byte of a connection until it is authenticated.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// Streams at one time on one connection, all protocols together.
pub(super) const STREAMS: u16 = 512;

/// Returns a transport whose connections prove both keys and carry many streams, over one that
/// carries bytes. Error: the key makes no noise identity.
pub fn secured<T, C, E>(
    bytes: T,
    key: &Keypair,
) -> Result<Boxed<(PeerId, StreamMuxerBox)>, noise::Error>
where
    T: Transport<Output = C, Error = E> + Send + Unpin + 'static,
    T::Dial: Send,
    T::ListenerUpgrade: Send,
    C: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    E: Error + Send + Sync + 'static,
{
    let mut muxer = yamux::Config::default();
    muxer.set_max_num_streams(usize::from(STREAMS));
    Ok(bytes
        .upgrade(Version::V1Lazy)
        .authenticate(noise::Config::new(key)?)
        .multiplex(muxer)
        .timeout(HANDSHAKE_TIMEOUT)
        .map(|(peer, muxer), _| (peer, StreamMuxerBox::new(muxer)))
        .boxed())
}
