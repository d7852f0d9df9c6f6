//! Golden vectors: the bytes of fixed values, in `protocol/golden/`, which no change may alter.
//!
//! `MAGPIE_GOLDEN=write` writes the files of vectors that are new; a vector that exists is only
//! ever compared. To change one is to break every node that is running.

use std::{env, fs, path::Path};

/// Compares `bytes` with the vector of this name, and returns them for further use.
#[expect(clippy::disallowed_methods, reason = "tests alone read and write the vectors")]
pub(crate) fn check(name: &str, bytes: Vec<u8>) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden").join(format!("{name}.hex"));
    let found: String = hex::encode(&bytes)
        .as_bytes()
        .chunks(96)
        .flat_map(|line| [line, b"\n"])
        .flatten()
        .copied()
        .map(char::from)
        .collect();
    if env::var("MAGPIE_GOLDEN").as_deref() == Ok("write") && !path.exists() {
        fs::write(&path, &found).unwrap();
    }
    let expected = fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{name}: no golden vector: {error}"));
    assert_eq!(expected, found, "{name} changed on the wire");
    bytes
}
