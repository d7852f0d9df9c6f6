//! Validators as processes of a build with a planted bug: they leave their own votes out of the log, and
//! so contradict themselves after a kill. Whoever looks at all stores sees it.
//!
//! The processes are this test binary, told by its environment to be a super node; nothing of the bug
//! is in any other build.

use super::{
    NetworkConfig, NewNetwork, Node, NodeConfig, look_at, net::Role, new_network, read_network,
};
use crate::ledger::{
    order::plant_forgetting,
    witness::{Finding, Witness},
};
use magpie_wallet::kdf::KdfParams;
use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// Which data directory a process of ours is to be the super node of.
const DATA: &str = "MAGPIE_TEST_SUPER_NODE";
/// Whether it is to forget its own votes.
const FORGETS: &str = "MAGPIE_TEST_FORGETS";
/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long who was killed has to contradict itself.
const AGAIN: Duration = Duration::from_secs(1);
/// Between two looks.
const LOOK: Duration = Duration::from_millis(50);
/// Who is killed in a height that stays open, in turn. Who forgot contradicts itself when it proposes that
/// height; heights go round the validators one by one, and with every pair in turn the two do not go
/// round in step, which would leave each proposer out for ever.
const PAIRS: [[usize; 2]; 6] = [[0, 1], [2, 3], [0, 2], [1, 3], [0, 3], [1, 2]];
/// How often at most, where something is to be found: a proposer is among two of four in half of the
/// rounds.
const ROUNDS_TO_FIND: usize = 4 * PAIRS.len();

/// Not a test: the process that the tests beside it start.
#[test]
#[ignore = "a process of the tests beside it"]
fn a_super_node() {
    let Some(data_dir) = env::var_os(DATA).map(PathBuf::from) else { return };
    if env::var_os(FORGETS).is_some() {
        plant_forgetting();
    }
    let (network, bootstrap) = read_network(&data_dir.with_file_name("network.toml")).unwrap();
    let network = NetworkConfig { network, bootstrap, role: Role::Super, listen: vec![] };
    let api = Some("127.0.0.1:0".parse().unwrap());
    let config = NodeConfig { data_dir, api, kdf: KdfParams::TEST, network: Some(network) };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let fatal = runtime.block_on(async { Node::start(config).await.unwrap().broken().await });
    panic!("{fatal}");
}

/// Four processes, and copies of what they had on disk.
struct Four {
    dir: TempDir,
    made: NewNetwork,
    forgets: bool,
    running: Vec<Child>,
    copies: usize,
}

impl Drop for Four {
    fn drop(&mut self) {
        for child in &mut self.running {
            let _ended = child.kill();
            let _ended = child.wait();
        }
    }
}

impl Four {
    /// Starts the validators of a network in which a block is due every second.
    fn start(forgets: bool) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let made = new_network(&dir.path().join("net"), 4, None).unwrap();
        let text = fs::read_to_string(&made.file).unwrap();
        let often = text.replace("heartbeat_ms = 10000", "heartbeat_ms = 1000");
        assert_ne!(text, often);
        fs::write(&made.file, often).unwrap();
        let mut four = Self { dir, made, forgets, running: vec![], copies: 0 };
        for at in 0..4 {
            let child = four.spawn(at);
            four.running.push(child);
        }
        (0..4).for_each(|at| four.ready(at));
        four
    }

    fn witness(&self) -> Witness {
        Witness::new(&read_network(&self.made.file).unwrap().0)
    }

    fn spawn(&self, at: usize) -> Child {
        let mut command = Command::new(env::current_exe().unwrap());
        command.args(["--exact", "--ignored", "--nocapture", "host::planted::a_super_node"]);
        command.env(DATA, &self.made.supers[at]).stdin(Stdio::null());
        command.stdout(Stdio::null()).stderr(Stdio::null());
        if self.forgets {
            command.env(FORGETS, "1");
        }
        command.spawn().unwrap()
    }

    /// Waits until a process is ready, or has ended.
    fn ready(&mut self, at: usize) {
        let path = self.made.supers[at].join("api.json");
        let child = &mut self.running[at];
        let pid = format!("\"pid\":{}", child.id());
        eventually("a super node is ready", || {
            let text = fs::read_to_string(&path).unwrap_or_default();
            let text: String = text.split_whitespace().collect();
            (text.contains(&pid) || child.try_wait().unwrap().is_some()).then_some(())
        });
    }

    fn signal(&self, at: usize, signal: &str) {
        let pid = self.running[at].id().to_string();
        // Who contradicts its own log ends by itself.
        let _sent = Command::new("kill").args(["-s", signal, &pid]).stderr(Stdio::null()).status();
    }

    /// Kills a validator in whatever it does, and starts it again.
    fn kill(&mut self, at: usize) {
        let child = &mut self.running[at];
        child.kill().unwrap();
        child.wait().unwrap();
        self.running[at] = self.spawn(at);
        self.ready(at);
    }

    /// Looks at all disks of one moment; returns the greatest height, and of each node how much was
    /// said about the height after its own. `frozen` are still before and after.
    fn look(&mut self, witness: &mut Witness, frozen: &[usize]) -> (u64, Vec<usize>) {
        (0..4).for_each(|at| self.signal(at, "STOP"));
        self.copies += 1;
        let copy = self.dir.path().join(format!("copy{}", self.copies));
        for (at, data) in self.made.supers.iter().enumerate() {
            copy_tree(&data.join("store"), &copy.join(format!("{at}/store")));
        }
        (0..4).filter(|at| !frozen.contains(at)).for_each(|at| self.signal(at, "CONT"));
        let looked: Vec<_> =
            (0..4).map(|at| look_at(witness, &copy.join(at.to_string())).unwrap()).collect();
        fs::remove_dir_all(&copy).unwrap();
        let height = looked.iter().map(|it| it.height).max().unwrap();
        (height, looked.iter().map(|it| it.open).collect())
    }
}

fn copy_tree(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_tree(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

#[track_caller]
fn eventually<T>(what: &str, mut probe: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = probe() {
            return found;
        }
        assert!(Instant::now() < end, "not within {PATIENCE:?}: {what}");
        thread::sleep(LOOK);
    }
}

/// Lets two of four stand still, so that a height stays open; kills the other two in it, one after
/// the other; lets it be decided; and again, until a witness found something or for so many rounds.
fn told(forgets: bool, rounds: usize) -> (Witness, usize) {
    let mut four = Four::start(forgets);
    let mut witness = four.witness();
    let mut height = eventually("a block is decided", || {
        let (height, _) = four.look(&mut witness, &[]);
        (height > 0).then_some(height)
    });
    for round in 0..rounds {
        let live = PAIRS[round % PAIRS.len()];
        let frozen: Vec<_> = (0..4).filter(|at| !live.contains(at)).collect();
        frozen.iter().for_each(|at| four.signal(*at, "STOP"));
        eventually("both say something about an open height", || {
            let (_, open) = four.look(&mut witness, &frozen);
            live.iter().all(|at| open[*at] > 0).then_some(())
        });
        for at in live {
            four.kill(at);
            let end = Instant::now() + AGAIN;
            while witness.found().is_empty() && Instant::now() < end {
                four.look(&mut witness, &frozen);
                thread::sleep(LOOK);
            }
        }
        frozen.iter().for_each(|at| four.signal(*at, "CONT"));
        if !witness.found().is_empty() {
            return (witness, round + 1);
        }
        height = eventually("the chain goes on", || {
            let (now, _) = four.look(&mut witness, &[]);
            (now > height).then_some(now)
        });
    }
    (witness, rounds)
}

#[test]
fn validators_that_are_killed_in_an_open_height_say_nothing_else_about_it() {
    let (witness, rounds) = told(false, PAIRS.len());
    assert_eq!(witness.found(), &BTreeSet::new());
    assert_eq!(rounds, PAIRS.len());
    let heard = witness.heard();
    assert!(heard.len() == 4 && heard.values().all(|said| *said > PAIRS.len()), "{heard:?}");
}

#[test]
fn validators_that_forget_what_they_said_are_found_out() {
    let (witness, rounds) = told(true, ROUNDS_TO_FIND);
    let is_double = |found: &Finding| matches!(found, Finding::TwoStatements { .. });
    assert!(witness.found().iter().any(is_double), "not in {rounds} rounds: {:?}", witness.found());
}
