//! `magpie run`: a node in the foreground, from its settings to its end. The log goes to stderr,
//! stdout stays empty; what programs need of a ready node stands in `api.json`.

use crate::{
    context::Context,
    error::Error,
    log,
    node_config::node_config_from,
    runtime::runtime,
    secrets::Source,
    settings::{Loaded, Mistake, SettingsFlags, load},
    signals::Signals,
};
use magpie_node::{
    core::Scopes,
    host::{
        Node, NodeConfig,
        mailbox::{CODE_OK, CoreHandle},
    },
};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::timeout;
use zeroize::Zeroizing;

/// How long a node may take to end, so that the whole process ends within ten seconds.
const END_TIME: Duration = Duration::from_secs(9);

#[derive(Debug, clap::Args)]
#[command(after_help = "SIGTERM or SIGINT ends the node. MAGPIE_LOG chooses what is logged, \
    such as debug or warn,magpie=debug.")]
pub(crate) struct Run {
    #[command(flatten)]
    flags: SettingsFlags,
}

impl Run {
    pub(crate) fn run(self, at: &Context) -> Result<(), Error> {
        let loaded = load(&at.data_dir, &self.flags).map_err(Error::Settings)?;
        refuse_unserved(&loaded)?;
        let settings = loaded.settings;
        let file = settings.password_file.as_deref();
        let password = file.map(|file| Source::of(Some(file)).read("password")).transpose()?;
        log::start(settings.log_format, at.output.has_color())?;
        let config = node_config_from(&at.data_dir, &settings)?;
        let runtime = runtime()?;
        let ended = runtime.block_on(serve(config, password));
        // A password that is being tried at this moment is not waited for.
        runtime.shutdown_background();
        ended
    }
}

/// Refuses settings that ask for what this version cannot do: ignored, they would seem to work.
fn refuse_unserved(loaded: &Loaded) -> Result<(), Error> {
    let settings = &loaded.settings;
    let asked = [
        ("metrics", settings.metrics.is_some()),
        ("allow_password_export", settings.allow_password_export),
    ];
    let mistakes: Vec<Mistake> = loaded
        .origins
        .iter()
        .filter(|(key, _)| asked.iter().any(|(name, is_asked)| *is_asked && name == key))
        .map(|(key, origin)| Mistake {
            origin: origin.clone(),
            key: Some(key.clone()),
            message: "this version cannot do that yet".into(),
        })
        .collect();
    if mistakes.is_empty() { Ok(()) } else { Err(Error::Settings(mistakes)) }
}

/// Runs a node until a signal asks for the end, or until it breaks.
async fn serve(config: NodeConfig, password: Option<Zeroizing<String>>) -> Result<(), Error> {
    // Before the start, so that a signal in the middle of it ends the node in order too.
    let mut signals = Signals::new()?;
    let mut node = Node::start(config).await?;
    tracing::info!(url = node.url(), peer_id = %node.node_id(), "ready");
    if let Some(password) = password {
        tokio::spawn(sign_in(node.handle().clone(), password));
    }
    let broken = tokio::select! {
        name = signals.next() => {
            tracing::info!(signal = name, "ending");
            None
        }
        fatal = node.broken() => Some(fatal),
    };
    let stopped = timeout(END_TIME, node.stop()).await;
    match (broken, stopped) {
        (Some(fatal), _) => Err(fatal.into()),
        (None, Ok(stopped)) => Ok(stopped?),
        (None, Err(_)) => {
            Err(Error::Failed(format!("the node did not end within {} s", END_TIME.as_secs())))
        }
    }
}

/// Signs in once. A wrong password is logged and leaves the node running and locked: it still
/// fetches mail, and another try would only count towards the waits.
async fn sign_in(core: CoreHandle, password: Zeroizing<String>) {
    let call = |method: &str, params: Value| {
        core.call("login".into(), method.into(), params, Scopes::ALL, None)
    };
    let mut answer = call("init", json!({})).await;
    if answer.code == CODE_OK {
        let params = json!({"password": password.as_str(), "loginType": "text"});
        answer = call("exportLogin", params).await;
    }
    if answer.code == CODE_OK {
        tracing::info!("signed in");
    } else {
        let (code, message) = (answer.code, answer.message);
        tracing::error!(code, message, "not signed in, the node is locked");
    }
}
