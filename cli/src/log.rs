//! The log of a running node, on stderr: for people, or one JSON object a line.

use crate::{error::Error, settings::LogFormat};
use std::{env, io};
use tracing_subscriber::{EnvFilter, fmt};

/// Chooses what is logged, in the form that tracing's filters have.
const VARIABLE: &str = "MAGPIE_LOG";
/// What is logged unless the variable says otherwise. Gossip has a line for
/// each frame that a slow peer did not take, with its bytes, and for whatever a peer may send that is
/// none; what matters of that is in our own log.
const FILTER: &str = "warn,libp2p_gossipsub=off,magpie=info";
/// What is logged beside talk that is for people, unless the variable says otherwise.
const QUIET: &str = "error,libp2p_gossipsub=off";

/// Starts the log. Error: the variable is no filter.
pub(crate) fn start(format: LogFormat, color: bool) -> Result<(), Error> {
    start_from(FILTER, format, color)
}

/// Starts a log for people that tells of errors alone, unless the variable says otherwise. Error:
/// the variable is no filter.
pub(crate) fn start_quiet(color: bool) -> Result<(), Error> {
    start_from(QUIET, LogFormat::Text, color)
}

fn start_from(filter: &str, format: LogFormat, color: bool) -> Result<(), Error> {
    // An empty variable counts as absent, as every MAGPIE_ variable's does.
    let directives = env::var(VARIABLE).ok().filter(|text| !text.is_empty());
    let filter = EnvFilter::try_new(directives.as_deref().unwrap_or(filter))
        .map_err(|error| Error::Usage(format!("{VARIABLE}: {error}")))?;
    let log = fmt().with_env_filter(filter).with_writer(io::stderr).with_ansi(color);
    let started = match format {
        LogFormat::Text => log.try_init(),
        LogFormat::Json => log.json().try_init(),
    };
    started.map_err(|error| Error::Failed(format!("the log cannot be started: {error}")))
}
