//! Why a command failed, and the exit code that says so.

use crate::{client::ClientError, exit::Exit, secrets::SecretError, settings::Mistake};
use magpie_node::host::{Fatal, JoinError, StartError, http::BindError};
use std::{fmt, io};

/// The end of a command that did not do what it was told.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// No node, no right, or a refusal by the node.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// Nobody knows yet what became of a payment, or what follows it was not done.
    #[error(
        "{error}; the same order with --key {key} goes on with this payment and does not pay twice"
    )]
    Unfinished { error: ClientError, key: String },
    /// A password could not be read.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The settings have mistakes.
    #[error("{}", Lines(.0))]
    Settings(Vec<Mistake>),
    /// A node does not start.
    #[error("{0}")]
    Start(Box<StartError>),
    /// A running node stopped by itself.
    #[error("the node stopped: {0}")]
    Broken(#[from] Fatal),
    /// The order is wrong.
    #[error("{0}")]
    Usage(String),
    /// The thing named does not exist.
    #[error("{0}")]
    NotFound(String),
    /// It is so already.
    #[error("{0}")]
    Conflict(String),
    /// The node answered, and the answer is no.
    #[error("{0}")]
    Failed(String),
    /// The simulator ended with this exit code, or by a signal, and said why.
    #[error("the simulator found something, or failed")]
    Simulator(Option<i32>),
    /// Stdin could not be read.
    #[error("cannot read stdin: {0}")]
    Stdin(io::Error),
    /// Stdout could not be written.
    #[error("cannot write: {0}")]
    Stdout(io::Error),
}

impl Error {
    /// Returns the exit code of this end.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Client(error) | Self::Unfinished { error, .. } => error.exit(),
            Self::Secret(error) => error.exit(),
            Self::Settings(_) | Self::Usage(_) | Self::Simulator(Some(2)) => Exit::Usage,
            Self::NotFound(_) => Exit::NotFound,
            Self::Start(error) => of_start(error),
            Self::Conflict(_) => Exit::Conflict,
            // A reader that has seen enough (`magpie ... | head`) is no failure.
            Self::Stdout(error) if error.kind() == io::ErrorKind::BrokenPipe => Exit::Ok,
            Self::Broken(_)
            | Self::Failed(_)
            | Self::Stdin(_)
            | Self::Stdout(_)
            | Self::Simulator(_) => Exit::Failed,
        }
    }
}

/// Returns the exit code of a node that does not start.
fn of_start(error: &StartError) -> Exit {
    match error {
        StartError::InUse(_) => Exit::Conflict,
        StartError::Bind(BindError::Io(_, error))
        | StartError::Network(JoinError::Port { source: error, .. })
            if error.kind() == io::ErrorKind::AddrInUse =>
        {
            Exit::Conflict
        }
        StartError::Bind(BindError::Remote(_))
        | StartError::Kdf(_)
        | StartError::Network(
            JoinError::Bootstrap(_)
            | JoinError::Listen(_)
            | JoinError::Weak { .. }
            | JoinError::NotSuper(_),
        ) => Exit::Usage,
        _ => Exit::Failed,
    }
}

impl From<StartError> for Error {
    fn from(error: StartError) -> Self {
        Self::Start(Box::new(error))
    }
}

struct Lines<'a>(&'a [Mistake]);

impl fmt::Display for Lines<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, mistake) in self.0.iter().enumerate() {
            write!(f, "{}{mistake}", if i > 0 { "\n" } else { "" })?;
        }
        Ok(())
    }
}
