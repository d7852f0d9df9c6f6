//! The client of a running node: finds it by `api.json` in the data directory, calls its methods.
//!
//! In go a module, a method and a JSON object; out comes `data`, or why not. Start at
//! [`Client::open`].

use crate::exit::Exit;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use std::{
    fmt,
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
    time::Duration,
};
use zeroize::Zeroizing;

/// The largest `api.json` that is read, in bytes.
const API_FILE_BYTES_MAX: u64 = 64 * 1024;
/// The largest answer that is read, in bytes: a page of 1,000 messages fits.
const ANSWER_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// How long a node on this machine may take to accept a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long one call may take; methods that wait for the network have shorter deadlines.
const CALL_TIMEOUT: Duration = Duration::from_secs(120);

/// What a ready node writes to `api.json`.
#[derive(Deserialize)]
pub(crate) struct ApiFile {
    /// Base of the API's URLs.
    pub(crate) url: String,
    token: Zeroizing<String>,
    /// The node's process.
    pub(crate) pid: u32,
    /// The node's name in the transport.
    pub(crate) peer_id: String,
    /// Multiaddrs at which peers reach it.
    pub(crate) listen: Vec<String>,
}

impl fmt::Debug for ApiFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiFile")
            .field("url", &self.url)
            .field("pid", &self.pid)
            .finish_non_exhaustive()
    }
}

/// A running node, as far as this machine's files tell.
#[derive(Debug)]
pub(crate) struct Client {
    agent: ureq::Agent,
    api: ApiFile,
    data_dir: PathBuf,
}

/// Why a call has no data.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ClientError {
    /// No `api.json`.
    #[error("no node runs on {}; `magpie run` starts one, --data-dir names another directory", data_dir.display())]
    NotRunning { data_dir: PathBuf },
    /// `api.json` names a node that is gone.
    #[error("the node of {} (process {pid}, {url}) does not answer: {reason}; if it has ended, `magpie run` starts it again", data_dir.display())]
    Gone { data_dir: PathBuf, pid: u32, url: String, reason: String },
    /// `api.json` is there and cannot be used.
    #[error("cannot use {}: {reason}", path.display())]
    BadApiFile { path: PathBuf, reason: String },
    /// The node does not accept the token.
    #[error("the node refuses the token of {}", data_dir.join("api.json").display())]
    Unauthorized { data_dir: PathBuf },
    /// The node took too long.
    #[error("no answer within {} s", CALL_TIMEOUT.as_secs())]
    TimedOut,
    /// An API code other than 200.
    #[error("{code}: {message}{}", hint(*.code))]
    Refused { code: i64, message: String },
    /// The body is larger than the node takes.
    #[error("the request is larger than the node accepts")]
    TooLarge,
    /// What answers does not speak this API.
    #[error("the answer is not of this API: {0}")]
    Foreign(String),
    /// A name that cannot be one of a module or method.
    #[error("no module or method is called {0:?}")]
    BadName(String),
    /// The parameters cannot be written as JSON.
    #[error("the parameters are no JSON: {0}")]
    BadBody(serde_json::Error),
}

const fn hint(code: i64) -> &'static str {
    match code {
        20061 => " (sign in with `magpie login`)",
        _ => "",
    }
}

impl ClientError {
    /// Returns the exit code of this failure.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::NotRunning { .. } | Self::Gone { .. } | Self::BadApiFile { .. } => {
                Exit::Unreachable
            }
            Self::Unauthorized { .. } => Exit::Unauthorized,
            Self::TimedOut => Exit::Conflict,
            Self::Refused { code, .. } => Exit::of_code(*code),
            Self::TooLarge | Self::BadName(_) | Self::BadBody(_) => Exit::Usage,
            Self::Foreign(_) => Exit::Failed,
        }
    }

    /// Says whether the node answered with this code.
    pub(crate) fn is_code(&self, wanted: i64) -> bool {
        matches!(self, Self::Refused { code, .. } if *code == wanted)
    }
}

#[derive(Deserialize)]
struct Envelope {
    code: i64,
    message: Option<String>,
    #[serde(default)]
    data: Value,
}

impl Client {
    /// Reads `api.json` of the data directory; nothing is sent yet.
    pub(crate) fn open(data_dir: &Path) -> Result<Self, ClientError> {
        let path = data_dir.join("api.json");
        let bad = |reason: String| ClientError::BadApiFile { path: path.clone(), reason };
        let mut text = Zeroizing::new(Vec::new());
        let read =
            File::open(&path).and_then(|file| file.take(API_FILE_BYTES_MAX).read_to_end(&mut text));
        match read {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(ClientError::NotRunning { data_dir: data_dir.to_owned() });
            }
            Err(error) => return Err(bad(error.to_string())),
            Ok(_) => {}
        }
        // The parser's own words could quote the token.
        let api: ApiFile = serde_json::from_slice(&text)
            .map_err(|error| bad(format!("line {} is not as a node writes it", error.line())))?;
        if !api.url.starts_with("http://") {
            return Err(bad("its url is not http".into()));
        }
        let agent = ureq::Agent::config_builder()
            .proxy(None)
            .max_redirects(0)
            .http_status_as_error(false)
            .timeout_connect(Some(CONNECT_TIMEOUT))
            .timeout_global(Some(CALL_TIMEOUT))
            .build()
            .new_agent();
        Ok(Self { agent, api, data_dir: data_dir.to_owned() })
    }

    /// Returns what the node wrote about itself.
    pub(crate) const fn api(&self) -> &ApiFile {
        &self.api
    }

    /// Calls a method and returns its `data`.
    pub(crate) fn call(
        &self,
        module: &str,
        method: &str,
        body: &impl Serialize,
    ) -> Result<Value, ClientError> {
        for name in [module, method] {
            if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
                return Err(ClientError::BadName(name.to_owned()));
            }
        }
        let url = format!("{}/api/{module}/{method}", self.api.url.trim_end_matches('/'));
        let bearer = Zeroizing::new(format!("Bearer {}", self.api.token.as_str()));
        let body = Zeroizing::new(serde_json::to_vec(body).map_err(ClientError::BadBody)?);
        let mut answer = self
            .agent
            .post(&url)
            .header("Authorization", bearer.as_str())
            .header("Content-Type", "application/json")
            .send(body.as_slice())
            .map_err(|error| self.fault(error))?;
        match answer.status().as_u16() {
            200 => {}
            401 | 403 => return Err(ClientError::Unauthorized { data_dir: self.data_dir.clone() }),
            413 => return Err(ClientError::TooLarge),
            status => return Err(ClientError::Foreign(format!("HTTP status {status}"))),
        }
        let bytes = answer
            .body_mut()
            .with_config()
            .limit(ANSWER_BYTES_MAX)
            .read_to_vec()
            .map(Zeroizing::new)
            .map_err(|error| self.fault(error))?;
        let envelope: Envelope = serde_json::from_slice(&bytes)
            .map_err(|error| ClientError::Foreign(error.to_string()))?;
        match envelope.code {
            200 => Ok(envelope.data),
            code => {
                Err(ClientError::Refused { code, message: envelope.message.unwrap_or_default() })
            }
        }
    }

    /// Calls a method and returns its `data` as a type of the contract.
    pub(crate) fn ask<T: DeserializeOwned>(
        &self,
        module: &str,
        method: &str,
        body: &impl Serialize,
    ) -> Result<T, ClientError> {
        Self::read(&self.call(module, method, body)?)
    }

    /// Returns an answer's `data` as a type of the contract. A caller may get more than is
    /// documented, never less.
    pub(crate) fn read<T: DeserializeOwned>(data: &Value) -> Result<T, ClientError> {
        T::deserialize(data).map_err(|error| ClientError::Foreign(error.to_string()))
    }

    fn fault(&self, error: ureq::Error) -> ClientError {
        match error {
            ureq::Error::Timeout(ureq::Timeout::Connect | ureq::Timeout::Resolve)
            | ureq::Error::Io(_)
            | ureq::Error::HostNotFound
            | ureq::Error::ConnectionFailed => ClientError::Gone {
                data_dir: self.data_dir.clone(),
                pid: self.api.pid,
                url: self.api.url.clone(),
                reason: error.to_string(),
            },
            ureq::Error::Timeout(_) => ClientError::TimedOut,
            other => ClientError::Foreign(other.to_string()),
        }
    }
}
