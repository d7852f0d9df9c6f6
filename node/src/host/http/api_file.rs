//! `api.json`: where programs on this machine find the local API, and the token that opens it.

use super::token::ApiToken;
use serde::Serialize;
use std::{
    fs, io,
    io::Write,
    path::{Path, PathBuf},
};
use zeroize::Zeroizing;

const NAME: &str = "api.json";
const TEMPORARY: &str = ".api.json.new";

/// Why the file is not written or removed.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {source}")]
pub struct ApiFileError {
    path: PathBuf,
    source: io::Error,
}

/// What the file says.
#[derive(Debug)]
pub struct ApiInfo<'a> {
    /// The URL that calls start with ([`super::Server::url`]).
    pub url: &'a str,
    /// The URL of the events ([`super::Server::ws`]).
    pub ws: &'a str,
    /// The token that may do all.
    pub token: &'a ApiToken,
    /// The node's libp2p peer id.
    pub peer_id: &'a str,
    /// The multiaddresses that the node listens on.
    pub listen: &'a [String],
}

#[derive(Serialize)]
struct Contents<'a> {
    url: &'a str,
    ws: &'a str,
    token: &'a str,
    pid: u32,
    peer_id: &'a str,
    listen: &'a [String],
}

/// The file of a node that is ready; a clean exit removes it.
#[derive(Debug)]
pub struct ApiFile {
    path: PathBuf,
}

impl ApiFile {
    /// Removes what a node that was killed left behind in `dir`, so that nobody takes it for this one's.
    pub fn clear(dir: &Path) -> Result<(), ApiFileError> {
        remove(&dir.join(NAME))
    }

    /// Writes `dir/api.json` for this process, readable by its user alone; it appears whole or not at
    /// all, and replaces an older one.
    pub fn write(dir: &Path, info: &ApiInfo<'_>) -> Result<Self, ApiFileError> {
        let (path, temporary) = (dir.join(NAME), dir.join(TEMPORARY));
        let contents = Contents {
            url: info.url,
            ws: info.ws,
            token: info.token.expose(),
            pid: std::process::id(),
            peer_id: info.peer_id,
            listen: info.listen,
        };
        let fail = |path: &Path, source| ApiFileError { path: path.to_owned(), source };
        // Room for all of it, so that the token leaves no copy behind in a smaller buffer.
        let room = 1024 + info.listen.iter().map(|address| address.len() + 8).sum::<usize>();
        let mut bytes = Zeroizing::new(Vec::with_capacity(room));
        serde_json::to_writer(&mut *bytes, &contents).map_err(|error| fail(&path, error.into()))?;
        remove(&temporary)?;
        let written = private(&temporary).and_then(|mut file| {
            file.write_all(&bytes)?;
            file.sync_all()?;
            fs::rename(&temporary, &path)
        });
        if let Err(source) = written {
            // The first error is the one to tell; a rest is removed by the next write.
            let _rest = fs::remove_file(&temporary);
            return Err(fail(&path, source));
        }
        Ok(Self { path })
    }

    /// Removes the file: the node stops.
    pub fn remove(self) -> Result<(), ApiFileError> {
        remove(&self.path)
    }
}

fn remove(path: &Path) -> Result<(), ApiFileError> {
    match fs::remove_file(path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => {
            Err(ApiFileError { path: path.to_owned(), source })
        }
        _ => Ok(()),
    }
}

/// Creates a file that only this user reads, from its first moment on; follows no link.
fn private(path: &Path) -> io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn names(dir: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(dir)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn it_is_whole_private_and_gone_after_a_clean_exit() {
        let (dir, token) = (tempfile::tempdir().unwrap(), ApiToken::generate().unwrap());
        // Left over from a node that was killed half-way.
        fs::write(dir.path().join(NAME), "old").unwrap();
        fs::write(dir.path().join(TEMPORARY), "older").unwrap();
        let listen = ["/ip4/127.0.0.1/tcp/4001".to_owned()];
        let info = ApiInfo {
            url: "http://127.0.0.1:1",
            ws: "ws://127.0.0.1:1/events",
            token: &token,
            peer_id: "12D3",
            listen: &listen,
        };
        let file = ApiFile::write(dir.path(), &info).unwrap();
        assert_eq!(names(dir.path()), [NAME]);
        let path = dir.path().join(NAME);
        let read: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let want = json!({
            "url": "http://127.0.0.1:1", "ws": "ws://127.0.0.1:1/events", "token": token.expose(),
            "pid": std::process::id(), "peer_id": "12D3", "listen": ["/ip4/127.0.0.1/tcp/4001"],
        });
        assert_eq!(read, want);
        #[cfg(unix)]
        {
            let mode = std::os::unix::fs::MetadataExt::mode(&fs::metadata(&path).unwrap());
            assert_eq!(mode & 0o777, 0o600);
        }
        file.remove().unwrap();
        assert!(names(dir.path()).is_empty());
        ApiFile::clear(dir.path()).unwrap();
        fs::write(&path, "stale").unwrap();
        ApiFile::clear(dir.path()).unwrap();
        assert!(names(dir.path()).is_empty());
    }

    #[test]
    fn a_directory_that_is_not_there_is_an_error_with_its_path() {
        let (dir, token) = (tempfile::tempdir().unwrap(), ApiToken::generate().unwrap());
        let info = ApiInfo { url: "", ws: "", token: &token, peer_id: "", listen: &[] };
        let error = ApiFile::write(&dir.path().join("none"), &info).unwrap_err().to_string();
        assert!(error.contains(NAME) && !error.contains(token.expose()), "{error}");
    }
}
