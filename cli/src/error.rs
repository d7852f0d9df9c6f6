//! Why a command failed, and the exit code that says so.

use crate::{client::ClientError, exit::Exit, secrets::SecretError, settings::Mistake};
use std::{fmt, io};

/// The end of a command that did not do what it was told.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// No node, no right, or a refusal by the node.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// A password could not be read.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The settings have mistakes.
    #[error("{}", Lines(.0))]
    Settings(Vec<Mistake>),
    /// The order is wrong.
    #[error("{0}")]
    Usage(String),
    /// The thing named is not there.
    #[error("{0}")]
    NotFound(String),
    /// The node answered, and the answer is no.
    #[error("{0}")]
    Failed(String),
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
            Self::Client(error) => error.exit(),
            Self::Secret(error) => error.exit(),
            Self::Settings(_) | Self::Usage(_) => Exit::Usage,
            Self::NotFound(_) => Exit::NotFound,
            // A reader that has seen enough (`magpie ... | head`) is no failure.
            Self::Stdout(error) if error.kind() == io::ErrorKind::BrokenPipe => Exit::Ok,
            Self::Failed(_) | Self::Stdin(_) | Self::Stdout(_) => Exit::Failed,
        }
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
