//! What a new network is made of, and in which order it is written.

use crate::host::{
    network_file::{network_text, write_network},
    ports::Ports,
    private_files,
};
use magpie_protocol::{
    bounded::{List, Text},
    ids::NetworkId,
    ledger::Rules,
    limits::{BOOTSTRAP_ADDRESSES, DAY_MS},
    network::{Genesis, GenesisError, KdfFloor, NetworkFile, SuperNode},
};
use magpie_storage::private_file::{self, DirectoryError, PrivateFileError};
use magpie_wallet::{
    device::DeviceSecrets,
    kdf::KdfParams,
    super_keys::{FeesSecret, IssuerSecret, SuperSecrets},
};
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use rand_core::CryptoRng;
use std::{
    io,
    net::{Ipv4Addr, TcpListener, UdpSocket},
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};
use zeroize::Zeroizing;

/// Most super nodes of one new network: each takes two addresses of the bootstrap list.
pub const NEW_SUPERS: usize = BOOTSTRAP_ADDRESSES / 2;
/// The network file's name.
const FILE: &str = "network.toml";
/// The issuer key's name.
const ISSUER: &str = "issuer.key";
/// The name of the key of a super node's wallet, beside the node's own files.
const FEES: &str = "fees.key";
/// What the network is called.
const NAME: &str = "local test network";
/// How long mail is kept there.
const MAIL_RETENTION_MS: u64 = 30 * DAY_MS;
/// Leading zero bits of a stamp there: a few milliseconds of work.
const STAMP_EFFORT: u8 = 14;
/// How often the system is asked for a port that is free for TCP and UDP alike.
const PORT_TRIES: usize = 64;

/// Why no network was made. What was there before is as it was.
#[derive(Debug, thiserror::Error)]
pub enum NewNetworkError {
    /// There is a network already, or a part of one.
    #[error("{} exists already", .0.display())]
    Exists(PathBuf),
    /// The number of super nodes is out of range.
    #[error("{0} super nodes, a new network has 1 to {NEW_SUPERS}")]
    Supers(usize),
    /// The ports from the base port on leave the range of ports.
    #[error("no {supers} ports from {base} on, ports are 1 to 65535")]
    BasePort {
        /// The base port.
        base: u16,
        /// How many are needed.
        supers: usize,
    },
    /// The system gave no port that is free for TCP and UDP alike.
    #[error("no free ports: {0}")]
    Ports(io::Error),
    /// The system gave no randomness.
    #[error("no randomness: {0}")]
    Randomness(getrandom::Error),
    /// The genesis is refused, which is a bug.
    #[error(transparent)]
    Genesis(#[from] GenesisError),
    /// A directory cannot be made.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// A private file cannot be written.
    #[error(transparent)]
    Private(#[from] PrivateFileError),
    /// A file of a super node cannot be written.
    #[error(transparent)]
    File(#[from] private_files::FileError),
    /// The network file cannot be written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the file system said.
        source: io::Error,
    },
}

/// A network that was made, and where its parts are.
#[derive(Debug)]
pub struct NewNetwork {
    /// Its id.
    pub id: NetworkId,
    /// The network file.
    pub file: PathBuf,
    /// The data directories of the super nodes.
    pub supers: Vec<PathBuf>,
    /// The issuer's key, a 0600 file.
    pub issuer: PathBuf,
}

/// One super node before it is written.
pub(super) struct Draft {
    pub(super) device: DeviceSecrets,
    pub(super) secrets: SuperSecrets,
    pub(super) fees: FeesSecret,
    pub(super) port: u16,
}

/// Makes a network of `supers` super nodes on loopback below `dir`: super node i listens on TCP and
/// UDP port `base_port` + i − 1, without a base port on free ones.
pub fn new_network(
    dir: &Path,
    supers: usize,
    base_port: Option<u16>,
) -> Result<NewNetwork, NewNetworkError> {
    if !(1..=NEW_SUPERS).contains(&supers) {
        return Err(NewNetworkError::Supers(supers));
    }
    for part in [FILE, ISSUER, "super1"] {
        let path = dir.join(part);
        if path.symlink_metadata().is_ok() {
            return Err(NewNetworkError::Exists(path));
        }
    }
    let ports = ports(supers, base_port)?;
    let mut seed = Zeroizing::new([0; 32]);
    getrandom::fill(&mut *seed).map_err(NewNetworkError::Randomness)?;
    let mut rng = ChaCha20Rng::from_seed(*seed);
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let now_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
    let issuer = IssuerSecret::generate(&mut rng);
    let drafts = drafts(&ports, &mut rng);
    let file = network_file(&drafts, &issuer, now_ms)?;
    write(dir, &drafts, &issuer, file)
}

pub(super) fn ports(supers: usize, base_port: Option<u16>) -> Result<Vec<u16>, NewNetworkError> {
    match base_port {
        Some(base) => {
            let last = u16::try_from(supers - 1).ok().and_then(|more| base.checked_add(more));
            match last {
                Some(last) if base > 0 => Ok((base..=last).collect()),
                _ => Err(NewNetworkError::BasePort { base, supers }),
            }
        }
        None => free_ports(supers).map_err(NewNetworkError::Ports),
    }
}

/// Returns ports that are free for TCP and UDP; all are held until the last is found, so that they
/// differ.
fn free_ports(count: usize) -> io::Result<Vec<u16>> {
    let mut held = Vec::new();
    let mut last = io::Error::from(io::ErrorKind::AddrInUse);
    for _ in 0..count + PORT_TRIES {
        if held.len() == count {
            break;
        }
        let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = tcp.local_addr()?.port();
        match UdpSocket::bind((Ipv4Addr::LOCALHOST, port)) {
            Ok(udp) => held.push((tcp, udp, port)),
            Err(error) => last = error,
        }
    }
    if held.len() < count {
        return Err(last);
    }
    Ok(held.into_iter().map(|(_, _, port)| port).collect())
}

pub(super) fn drafts(ports: &[u16], rng: &mut impl CryptoRng) -> Vec<Draft> {
    let draft = |port: &u16| Draft {
        device: DeviceSecrets::generate(rng),
        secrets: SuperSecrets::generate(rng),
        fees: FeesSecret::generate(rng),
        port: *port,
    };
    ports.iter().map(draft).collect()
}

pub(super) fn network_file(
    drafts: &[Draft],
    issuer: &IssuerSecret,
    created_ms: u64,
) -> Result<NetworkFile, GenesisError> {
    let keys = |draft: &Draft| SuperNode {
        node: draft.device.node_id(),
        receipts: draft.secrets.receipts_public(),
        consensus: draft.secrets.consensus_public(),
        beacon: draft.secrets.beacon_public(),
        wallet: draft.fees.address(),
    };
    let KdfParams { memory_kib, passes, lanes } = KdfParams::TEST;
    let genesis = Genesis {
        test_network: true,
        name: Text::new(NAME).expect("a short name"),
        created_ms,
        issuer: issuer.public(),
        mail_retention_ms: MAIL_RETENTION_MS,
        stamp_effort: STAMP_EFFORT,
        kdf: KdfFloor { memory_kib, passes, lanes },
        supers: List::new(drafts.iter().map(keys).collect()).expect("at most NEW_SUPERS"),
        money: Rules::usual(),
    };
    genesis.clone().verify()?;
    let places = |draft: &Draft| {
        let (port, node) = (draft.port, draft.device.node_id());
        [
            format!("/ip4/127.0.0.1/tcp/{port}/p2p/{node}"),
            format!("/ip4/127.0.0.1/udp/{port}/quic-v1/p2p/{node}"),
        ]
        .map(|text| Text::new(text).expect("a short address"))
    };
    let bootstrap = drafts.iter().flat_map(places).collect();
    let bootstrap = List::new(bootstrap).expect("two for each of at most NEW_SUPERS");
    Ok(NetworkFile::new(genesis, bootstrap, None))
}

/// Writes everything, the network file last: where it stands, the network is whole.
fn write(
    dir: &Path,
    drafts: &[Draft],
    issuer: &IssuerSecret,
    file: NetworkFile,
) -> Result<NewNetwork, NewNetworkError> {
    private_file::create_directory(dir)?;
    let mut supers = Vec::new();
    for (n, draft) in (1..).zip(drafts) {
        let data = dir.join(format!("super{n}"));
        private_file::create_directory(&data)?;
        private_files::write_super(&data, &draft.device, &draft.secrets)?;
        // The node never reads it: its operator takes it to where the fees are to be spent.
        private_file::write(&data.join(FEES), &draft.fees.to_bytes())?;
        Ports { tcp: draft.port, udp: draft.port }.write(&data)?;
        supers.push(data);
    }
    let issuer_file = dir.join(ISSUER);
    private_file::write(&issuer_file, &issuer.to_bytes())?;
    let path = dir.join(FILE);
    write_network(&path, &network_text(&file))
        .map_err(|source| NewNetworkError::Io { path: path.clone(), source })?;
    let id = file.genesis.verify()?.id();
    Ok(NewNetwork { id, file: path, supers, issuer: issuer_file })
}
