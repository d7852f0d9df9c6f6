//! A node as a process: started, asked, killed, told to end.

use crate::{
    http::{Reply, post},
    socket::Socket,
};
use serde_json::{Value, json};
use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Output, Stdio},
    thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;

pub(crate) const LOGIN: &str = "im-1111111111";
pub(crate) const WALLET: &str = "wallet-1111111111";

/// How long a node may take to be ready.
const READY_TIME: Duration = Duration::from_secs(30);
/// How long a node may take to end after SIGTERM.
const END_TIME: Duration = Duration::from_secs(10);

/// Returns the first thing that `probe` finds, or fails after the deadline.
#[track_caller]
pub(crate) fn eventually<T>(what: &str, time: Duration, mut probe: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + time;
    while Instant::now() < end {
        if let Some(found) = probe() {
            return found;
        }
        thread::sleep(Duration::from_millis(5));
    }
    panic!("not within {time:?}: {what}");
}

/// A place for a data directory, its files and its log; removed at the end.
pub(crate) struct Place {
    dir: TempDir,
    data: PathBuf,
}

impl Place {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("data");
        Self { dir, data }
    }

    /// A place whose data directory somebody else made, and keeps.
    pub(crate) fn at(data: PathBuf) -> Self {
        Self { dir: tempfile::tempdir().unwrap(), data }
    }

    /// The data directory; a node or `init` makes it.
    pub(crate) fn data(&self) -> PathBuf {
        self.data.clone()
    }

    fn log(&self) -> PathBuf {
        self.dir.path().join("log")
    }

    /// Everything that nodes of this place have logged.
    pub(crate) fn logged(&self) -> String {
        fs::read_to_string(self.log()).unwrap_or_default()
    }

    /// Writes a file beside the data directory and returns its path.
    pub(crate) fn file(&self, name: &str, text: &str) -> String {
        let path = self.dir.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_magpie"));
        command.env_clear().arg("--data-dir").arg(self.data()).args(args).stdin(Stdio::null());
        command
    }

    /// Runs a command to its end.
    pub(crate) fn magpie(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// Runs a command that reads stdin to its end.
    pub(crate) fn magpie_with(&self, args: &[&str], stdin: &str) -> Output {
        let given = self.file("stdin", stdin);
        self.command(args).stdin(File::open(given).unwrap()).output().unwrap()
    }

    /// Starts a node and does not wait for it.
    pub(crate) fn spawn(&self, args: &[&str]) -> Child {
        let log = File::options().create(true).append(true).open(self.log()).unwrap();
        let args = [&["run", "--api", "127.0.0.1:0"], args].concat();
        self.command(&args).stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap()
    }

    /// Starts a node and waits until it is ready.
    pub(crate) fn start(&self, args: &[&str]) -> Node {
        let mut child = self.spawn(args);
        let path = self.data().join("api.json");
        let api = eventually("api.json of this process", READY_TIME, || {
            let ended = child.try_wait().unwrap();
            assert!(ended.is_none(), "ended with {ended:?} before it was ready: {}", self.logged());
            let api: Value = serde_json::from_str(&fs::read_to_string(&path).ok()?).ok()?;
            (api["pid"] == child.id()).then_some(api)
        });
        Node { data: self.data(), child, api }
    }

    /// Starts a node with an account that is signed in.
    pub(crate) fn start_signed_in(&self) -> Node {
        let node = self.start(&[]);
        node.ok("login", "register", json!({"imPwd": LOGIN, "walletPwd": WALLET, "type": "text"}));
        node.login();
        node
    }
}

/// A node that was ready; dropping it kills it.
pub(crate) struct Node {
    pub(crate) data: PathBuf,
    child: Child,
    pub(crate) api: Value,
}

impl Node {
    /// The address of the local API, as the header `Host` has it.
    pub(crate) fn host(&self) -> &str {
        self.api["url"].as_str().unwrap().strip_prefix("http://").unwrap().trim_end_matches('/')
    }

    pub(crate) fn bearer(&self) -> String {
        format!("Bearer {}", self.api["token"].as_str().unwrap())
    }

    /// Posts JSON with the token; nothing when the node is gone.
    pub(crate) fn post(&self, path: &str, body: &Value) -> Option<Reply> {
        let bearer = self.bearer();
        let headers = [("Authorization", &*bearer), ("Content-Type", "application/json")];
        post(self.host(), path, &headers, body.to_string().as_bytes())
    }

    /// Calls a method; returns the envelope, or nothing when the node is gone.
    pub(crate) fn try_call(&self, module: &str, method: &str, params: &Value) -> Option<Value> {
        let reply = self.post(&format!("/api/{module}/{method}"), params)?;
        assert_eq!(reply.status, 200, "{reply:?}");
        Some(reply.json())
    }

    /// Calls a method; returns its code and its data.
    #[track_caller]
    pub(crate) fn call(&self, module: &str, method: &str, params: Value) -> (u64, Value) {
        let mut answer = self.try_call(module, method, &params).expect("the node answers");
        (answer["code"].as_u64().unwrap(), answer["data"].take())
    }

    /// Calls a method that succeeds; returns its data.
    #[track_caller]
    pub(crate) fn ok(&self, module: &str, method: &str, params: Value) -> Value {
        let (code, data) = self.call(module, method, params);
        assert_eq!(code, 200, "{module}.{method}");
        data
    }

    #[track_caller]
    pub(crate) fn login(&self) {
        self.ok("login", "exportLogin", json!({"password": LOGIN, "loginType": "text"}));
    }

    #[track_caller]
    pub(crate) fn profile(&self) -> Value {
        self.ok("user", "getUserSingleInfo", json!({}))
    }

    /// Opens the events, those after `from` first where it is given.
    pub(crate) fn listen(&self, from: Option<u64>) -> Socket {
        let ws = self.api["ws"].as_str().unwrap();
        let path =
            ws.strip_prefix("ws://").and_then(|rest| rest.strip_prefix(self.host())).unwrap();
        let path = from.map_or_else(|| path.to_owned(), |seq| format!("{path}?from={seq}"));
        let (status, socket) =
            Socket::open(self.host(), &path, &[("Authorization", &self.bearer())]);
        assert_eq!(status, 101);
        socket
    }

    /// Kills the process and does not wait for its end.
    pub(crate) fn signal_kill(&self) {
        self.signal("KILL");
    }

    /// Sends the process a signal by name.
    pub(crate) fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", signal, &pid]).status().unwrap().success());
    }

    /// Cuts the process off in whatever it does.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Sends a signal by name and waits for the end.
    pub(crate) fn end(mut self, signal: &str) -> ExitStatus {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", signal, &pid]).status().unwrap().success());
        eventually("the node ends", END_TIME, || self.child.try_wait().unwrap())
    }

    /// Tells the node to end and expects it to do so in order.
    #[track_caller]
    pub(crate) fn stop(self) {
        let data = self.data.clone();
        assert_eq!(self.end("TERM").code(), Some(0));
        assert!(!data.join("api.json").exists(), "api.json is removed");
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // It may have ended, which is what a drop is for.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Returns stdout of a command that ended with 0.
#[track_caller]
pub(crate) fn said(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// Expects a command to end with this code, to say this on stderr and nothing on stdout.
#[track_caller]
pub(crate) fn failed(output: &Output, code: i32, with: &str) {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{stderr}");
    assert!(stderr.contains(with), "{with:?} is not in {stderr}");
    assert_eq!(output.stdout, b"");
}

/// Returns everything below a directory: paths and contents.
pub(crate) fn tree(at: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(at).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(tree(&path));
        } else {
            found.push((path.clone(), fs::read(&path).unwrap()));
        }
    }
    found
}
