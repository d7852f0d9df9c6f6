//! From settings to what a node is started with: the network file is read, what does not fit
//! together is refused.

use crate::{
    error::Error,
    settings::{Multiaddr, Role, Settings},
};
use magpie_node::host::{self, NetworkConfig, NodeConfig, net, read_network};
use magpie_protocol::network::Network;
use magpie_wallet::kdf::KdfParams;
use std::path::Path;

/// Returns the configuration of the node that runs on `data_dir`.
pub(crate) fn node_config_from(data_dir: &Path, settings: &Settings) -> Result<NodeConfig, Error> {
    let network = network(settings)?;
    let kdf = kdf(settings, network.as_ref().map(|config| &config.network));
    Ok(NodeConfig { data_dir: data_dir.to_owned(), api: Some(settings.api), kdf, network })
}

/// Returns the cost of new password locks: as set, else what every real network asks at least, or
/// the network's own least where that is more.
pub(crate) fn kdf(settings: &Settings, network: Option<&Network>) -> KdfParams {
    let mut least = KdfParams::DEFAULT;
    if let Some(network) = network {
        let floor = network.genesis().kdf;
        least.memory_kib = least.memory_kib.max(floor.memory_kib);
        least.passes = least.passes.max(floor.passes);
    }
    KdfParams {
        memory_kib: settings.kdf_memory_kib.unwrap_or(least.memory_kib),
        passes: settings.kdf_passes.unwrap_or(least.passes),
        lanes: least.lanes,
    }
}

fn network(settings: &Settings) -> Result<Option<NetworkConfig>, Error> {
    let Some(file) = &settings.network else {
        let idle = [
            ("role", settings.role == Role::Super),
            ("listen", !settings.listen.is_empty()),
            ("bootstrap", !settings.bootstrap.is_empty()),
        ];
        return match idle.into_iter().find(|(_, is_set)| *is_set) {
            Some((key, _)) => Err(Error::Usage(format!(
                "{key} means nothing without a network: say --network FILE"
            ))),
            None => Ok(None),
        };
    };
    let (network, mut bootstrap) = read_network(file).map_err(unusable)?;
    bootstrap.extend(texts(&settings.bootstrap));
    let role = match settings.role {
        Role::User => net::Role::User,
        Role::Super => net::Role::Super,
    };
    Ok(Some(NetworkConfig { network, bootstrap, role, listen: texts(&settings.listen).collect() }))
}

fn unusable(error: host::ReadNetworkError) -> Error {
    Error::Usage(error.to_string())
}

fn texts(addresses: &[Multiaddr]) -> impl Iterator<Item = String> {
    addresses.iter().map(|address| address.as_str().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use magpie_node::host::new_network;

    #[test]
    fn settings_become_a_configuration() {
        let dir = tempfile::tempdir().unwrap();
        let made = new_network(dir.path(), 2, None).unwrap();
        let extra = "/ip4/127.0.0.1/tcp/9/p2p/12D3KooWRawPbxPtP1eZaJpumGnyWX2DcUyd3RQnydr3eAto4Az7";
        let settings = Settings {
            network: Some(made.file),
            role: Role::Super,
            listen: vec!["/ip4/127.0.0.1/tcp/0".parse().unwrap()],
            bootstrap: vec![extra.parse().unwrap()],
            ..Settings::default()
        };
        let config = node_config_from(dir.path(), &settings).unwrap();
        assert_eq!((config.kdf, config.api), (KdfParams::DEFAULT, Some(settings.api)));
        let network = config.network.unwrap();
        assert_eq!(network.network.id(), made.id);
        assert_eq!((network.role, network.bootstrap.len()), (net::Role::Super, 5));
        assert_eq!(network.bootstrap[4], extra);
        assert_eq!(network.listen, ["/ip4/127.0.0.1/tcp/0"]);
        let settings = Settings { kdf_memory_kib: Some(64), kdf_passes: Some(1), ..settings };
        let config = node_config_from(dir.path(), &settings).unwrap();
        assert_eq!(config.kdf, KdfParams::TEST);
    }

    #[test]
    fn what_needs_a_network_is_refused_without_one() {
        let refused = |settings: Settings| {
            let refused = node_config_from(Path::new("x"), &settings).unwrap_err();
            assert_eq!(refused.exit(), crate::exit::Exit::Usage);
            refused.to_string()
        };
        let role = Settings { role: Role::Super, ..Settings::default() };
        assert!(refused(role).contains("role"));
        let listen = vec!["/ip4/127.0.0.1/tcp/1".parse().unwrap()];
        assert!(refused(Settings { listen, ..Settings::default() }).contains("listen"));
        let alone = node_config_from(Path::new("x"), &Settings::default()).unwrap();
        assert!(alone.network.is_none() && alone.kdf == KdfParams::DEFAULT);
    }
}
