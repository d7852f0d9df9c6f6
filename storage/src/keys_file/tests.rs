use super::*;
use crate::private_file::PrivateFileError;
use proptest::prelude::*;
use std::{cell::RefCell, fs, io, rc::Rc};

const N: usize = 40;
const COPY: usize = N + COPY_OVERHEAD;
const OLD: [u8; N] = [0x0d; N];
const NEW: [u8; N] = [0xee; N];

/// How a write that the power was cut in leaves the bytes it was to write.
#[derive(Debug, Clone, Copy)]
enum Tear {
    /// The first bytes are new, the others old.
    Start,
    /// The last bytes are new, the others old.
    End,
    /// The first bytes are new, the others neither.
    Garble,
}

/// A file that loses its power in its `at`th write, after `offset` bytes of it.
#[derive(Clone)]
struct Torn {
    bytes: Rc<RefCell<Vec<u8>>>,
    at: usize,
    offset: usize,
    tear: Tear,
}

impl Torn {
    fn new(bytes: Vec<u8>, at: usize, offset: usize, tear: Tear) -> Self {
        Self { bytes: Rc::new(RefCell::new(bytes)), at, offset, tear }
    }

    fn whole(bytes: Vec<u8>) -> Self {
        Self::new(bytes, usize::MAX, 0, Tear::Start)
    }

    fn bytes(&self) -> Vec<u8> {
        self.bytes.borrow().clone()
    }
}

impl Region for Torn {
    fn read(&mut self, limit: u64) -> io::Result<Vec<u8>> {
        Ok(self.bytes().into_iter().take(limit as usize + 1).collect())
    }

    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let mut file = self.bytes.borrow_mut();
        let place = &mut file[offset as usize..][..bytes.len()];
        if self.at > 0 {
            self.at -= 1;
            place.copy_from_slice(bytes);
            return Ok(());
        }
        let cut = self.offset.min(bytes.len());
        match self.tear {
            Tear::Start => place[..cut].copy_from_slice(&bytes[..cut]),
            Tear::End => place[cut..].copy_from_slice(&bytes[cut..]),
            Tear::Garble => {
                place[..cut].copy_from_slice(&bytes[..cut]);
                place[cut..].iter_mut().enumerate().for_each(|(at, byte)| *byte ^= at as u8 | 1);
            }
        }
        Err(io::Error::other("power cut"))
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A file as `create` makes it.
fn fresh(body: &[u8; N]) -> Vec<u8> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("keys");
    KeysFile::create(&path, body).unwrap();
    fs::read(path).unwrap()
}

fn open(region: Torn) -> Result<KeysFile<N, Torn>, KeysFileError> {
    KeysFile::open_region(region)
}

fn has_part_of(file: &[u8], body: &[u8; N]) -> bool {
    file.windows(8).any(|window| window == &body[..8])
}

#[test]
fn golden_bytes_of_a_file() {
    let file = fresh(&OLD);
    let copy = concat!("4d41475049454b31", "0000000000000001");
    let copy = format!(
        "{copy}{}{}",
        "0d".repeat(N),
        "126e7aa0872f4514b061d516eafa17c52151ce210039a93d929df35c4ee16590"
    );
    assert_eq!(hex::encode(file), copy.repeat(2));
}

#[test]
fn a_tear_at_any_byte_of_a_write_and_of_the_repair_loses_nothing() {
    let before = fresh(&OLD);
    let tears = [Tear::Start, Tear::End, Tear::Garble];
    let (mut kept_old, mut became_new) = (0, 0);
    for (at, offset, tear) in (0..2)
        .flat_map(|at| (0..=COPY).map(move |offset| (at, offset)))
        .flat_map(|(at, offset)| tears.map(|tear| (at, offset, tear)))
    {
        let region = Torn::new(before.clone(), at, offset, tear);
        let mut keys = open(region.clone()).unwrap();
        assert!(matches!(keys.write(&NEW), Err(KeysFileError::Io { operation: "write", .. })));
        assert_eq!(keys.body(), &OLD);
        assert!(matches!(keys.write(&NEW), Err(KeysFileError::Broken)));
        let torn = region.bytes();

        for again in 0..=COPY {
            let region = Torn::new(torn.clone(), 0, again, tear);
            let repaired = open(region.clone());
            let after = Torn::whole(region.bytes());
            let body = *open(after.clone()).unwrap().body();
            assert!(body == OLD || body == NEW);
            // The second copy is only touched once the first is new.
            assert!(at == 0 || body == NEW, "write {at} torn at {offset}: went back");
            if let Ok(repaired) = repaired {
                assert_eq!(repaired.body(), &body);
            }
            let file = after.bytes();
            assert_eq!(file[..COPY], file[COPY..]);
            assert!(body == OLD || !has_part_of(&file, &OLD));
            if body == OLD { kept_old += 1 } else { became_new += 1 }
        }
    }
    assert!(kept_old > 10_000 && became_new > 10_000, "{kept_old} {became_new}");
}

/// Writes down what happens to it, and fails at one operation.
struct Logged {
    file: Torn,
    log: Rc<RefCell<Vec<String>>>,
    fails: Option<usize>,
}

impl Logged {
    fn operate(&self, what: String) -> io::Result<()> {
        let mut log = self.log.borrow_mut();
        log.push(what);
        if self.fails == Some(log.len() - 1) { Err(io::Error::other("full")) } else { Ok(()) }
    }
}

impl Region for Logged {
    fn read(&mut self, limit: u64) -> io::Result<Vec<u8>> {
        self.operate("read".to_owned())?;
        self.file.read(limit)
    }

    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.operate(format!("write {offset}"))?;
        self.file.write_at(offset, bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.operate("sync".to_owned())
    }
}

#[test]
fn each_copy_is_synced_before_the_other_is_touched() {
    let second = format!("write {COPY}");
    let steps = ["sync", "read", "write 0", "sync", second.as_str(), "sync"];
    for fails in (0..steps.len()).map(Some).chain([None]) {
        let file = Torn::whole(fresh(&OLD));
        let log = Rc::new(RefCell::new(Vec::new()));
        let region = Logged { file: file.clone(), log: log.clone(), fails };
        let written = KeysFile::<N, _>::open_region(region).and_then(|mut keys| {
            let written = keys.write(&NEW);
            assert_eq!(keys.body(), if written.is_ok() { &NEW } else { &OLD });
            written
        });
        assert_eq!(written.is_ok(), fails.is_none());
        assert_eq!(*log.borrow(), steps[..fails.map_or(steps.len(), |at| at + 1)]);
        // Nothing is lost: whatever failed, the file opens as one or the other.
        let body = *open(file).unwrap().body();
        assert_eq!(body, if fails.is_some_and(|at| at <= 2) { OLD } else { NEW });
    }
}

#[test]
fn after_a_change_the_old_body_is_nowhere() {
    let region = Torn::whole(fresh(&OLD));
    let mut keys = open(region.clone()).unwrap();
    keys.write(&NEW).unwrap();
    assert_eq!(keys.body(), &NEW);
    let file = region.bytes();
    assert_eq!(file.len(), 2 * COPY);
    assert_eq!(file[..COPY], file[COPY..]);
    assert!(!has_part_of(&file, &OLD));
    assert_eq!(open(region).unwrap().body(), &NEW);
}

#[test]
fn damage_to_one_copy_is_repaired_and_to_both_is_an_error() {
    for at in 0..COPY {
        let mut file = fresh(&OLD);
        file[at] ^= 1;
        let region = Torn::whole(file.clone());
        assert_eq!(open(region.clone()).unwrap().body(), &OLD);
        assert_eq!(region.bytes(), fresh(&OLD));
        file[COPY + at] ^= 0x80;
        assert!(matches!(open(Torn::whole(file)), Err(KeysFileError::Damaged)));
    }
}

#[test]
fn a_file_of_another_length_is_refused() {
    for change in [-1_isize, 1, -(COPY as isize)] {
        let mut file = fresh(&OLD);
        file.resize(file.len().checked_add_signed(change).unwrap(), 0);
        let opened = open(Torn::whole(file.clone()));
        let expected = 2 * COPY;
        assert!(matches!(
            opened,
            Err(KeysFileError::Length { found, expected: e }) if found == file.len() && e == expected
        ));
    }
}

#[test]
fn the_file_on_disk_is_private_and_never_made_twice() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("keys");
    let missing = KeysFile::<N>::open(&path);
    assert!(matches!(missing, Err(KeysFileError::File(PrivateFileError::Missing(_)))));
    let mut keys = KeysFile::create(&path, &OLD).unwrap();
    assert!(matches!(KeysFile::create(&path, &NEW), Err(KeysFileError::Exists(_))));
    for round in 0..5 {
        keys.write(&[round; N]).unwrap();
        let file = fs::read(&path).unwrap();
        assert_eq!(file[..COPY], file[COPY..]);
        assert_eq!(KeysFile::<N>::open(&path).unwrap().body(), &[round; N]);
    }
    assert_eq!(format!("{keys:?}"), "KeysFile { broken: false, .. }");
}

#[cfg(unix)]
#[test]
fn links_and_exposed_files_are_refused() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("keys");
    KeysFile::create(&path, &OLD).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let link = directory.path().join("link");
    symlink(&path, &link).unwrap();
    let opened = KeysFile::<N>::open(&link);
    assert!(matches!(opened, Err(KeysFileError::File(PrivateFileError::NotPlain(_)))));
    symlink(directory.path().join("nowhere"), directory.path().join("dangling")).unwrap();
    let created = KeysFile::create(&directory.path().join("dangling"), &NEW);
    assert!(matches!(created, Err(KeysFileError::Exists(_))));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let opened = KeysFile::<N>::open(&path);
    assert!(matches!(opened, Err(KeysFileError::File(PrivateFileError::Exposed { .. }))));
}

proptest! {
    #[test]
    fn random_bytes_are_damage(file in prop::collection::vec(any::<u8>(), 2 * COPY)) {
        prop_assert!(matches!(open(Torn::whole(file)), Err(KeysFileError::Damaged)));
    }

    #[test]
    fn any_series_of_bodies_ends_in_the_last(
        bodies in prop::collection::vec(prop::array::uniform32(any::<u8>()), 1..8)
    ) {
        let widen = |body: &[u8; 32]| {
            let mut wide = [0; N];
            wide[..32].copy_from_slice(body);
            wide
        };
        let region = Torn::whole(fresh(&OLD));
        let mut keys = open(region.clone()).unwrap();
        for body in &bodies {
            keys.write(&widen(body)).unwrap();
        }
        let last = *open(region).unwrap().body();
        prop_assert_eq!(last, widen(bodies.last().unwrap()));
    }
}
