//! How the house looks: files short and named for what they hold, contents pages without logic,
//! nothing left undone, and no clock, socket or chance in pure code.

use std::collections::BTreeMap;

use super::source::{Source, mentions, root, rust_files};

/// Lines of one file, at most.
const FILE_LINES: usize = 500;

/// Names that say nothing about what is inside, as a whole or as a part between underscores.
const EMPTY_NAMES: &[&str] =
    &["common", "helper", "helpers", "manager", "misc", "util", "utilities", "utils"];

/// Marks of unfinished work. Written apart, so that this file does not hold them.
const UNDONE: &[&str] =
    &[concat!("to", "do!("), concat!("unimple", "mented!("), concat!("db", "g!(")];

/// Paths that pure code may not mention, with where the thing comes from instead.
const IMPURE: &[(&str, &str)] = &[
    ("SystemTime::now", "time comes in with the input, as milliseconds"),
    ("Instant::now", "time comes in with the input, as milliseconds"),
    ("std::net", "sockets are the host's; address types stand in core::net"),
    ("tokio", "the runtime is the host's"),
    ("rand::rng", "randomness comes in as a rand_core::CryptoRng"),
    ("getrandom", "randomness comes in as a rand_core::CryptoRng"),
];

/// Where code is pure: beginnings of paths.
const PURE: &[&str] = &[
    "protocol/src/",
    "storage/src/",
    "wallet/src/",
    "node/src/api/",
    "node/src/core/",
    "node/src/inbound/",
    "node/src/ledger/",
];

/// Files below [`PURE`] that touch the disk, and for that what pure code may not.
const PURE_APART: &[&str] = &[
    "storage/src/engine/sled.rs",
    "storage/src/engine/sled/",
    "storage/src/keys_file.rs",
    "storage/src/keys_file/",
    "storage/src/private_file.rs",
    "storage/src/private_file/",
];

/// Packages that one place alone may mention: unmaintained, young, with its own source of
/// randomness, or with types that are not to spread.
const KEPT: &[(&str, &str)] = &[
    ("bincode", "protocol/src/codec"),
    ("jmt", "protocol/src/ledger/tree"),
    ("malachite", "node/src/ledger/order/machine"),
    ("malachite_types", "node/src/ledger/order/machine"),
    ("vodozemac", "node/src/core/ratchet"),
    ("vrf_rfc9381", "protocol/src/beacon"),
];

/// Returns files that are too long.
fn long(files: &[Source]) -> Vec<String> {
    files
        .iter()
        .filter(|file| !file.is_generated())
        .map(|file| (file.text.lines().count(), file))
        .filter(|(lines, _)| *lines > FILE_LINES)
        .map(|(lines, file)| format!("{} has {lines} lines; split it at {FILE_LINES}", file.path))
        .collect()
}

/// Returns files and folders whose names say nothing.
fn badly_named(files: &[Source]) -> Vec<String> {
    files
        .iter()
        .filter(|file| {
            let mut parts = file.path.trim_end_matches(".rs").split(['/', '_']);
            parts.any(|part| EMPTY_NAMES.contains(&part))
        })
        .map(|file| format!("{}: name it for what it holds", file.path))
        .collect()
}

/// Returns functions with a body in contents pages (`lib.rs`, `mod.rs`).
fn logic_in_contents(files: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    for file in files.iter().filter(|file| matches!(file.name(), "lib.rs" | "mod.rs")) {
        let code: Vec<_> = file.code().collect();
        for (index, (number, line)) in code.iter().enumerate() {
            let Some(at) = line.find("fn ") else { continue };
            let is_word = !line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
            let named = line[at + 3..].starts_with(|c: char| c.is_alphabetic() || c == '_');
            let rest = std::iter::once(&line[at..])
                .chain(code[index + 1..].iter().map(|(_, line)| *line))
                .flat_map(str::chars);
            if is_word && named && opens_body(rest) {
                found.push(format!("{}:{number} has a body: {}", file.path, line.trim()));
            }
        }
    }
    found
}

/// Tells whether a function's signature ends in a body rather than in a semicolon.
fn opens_body(signature: impl Iterator<Item = char>) -> bool {
    let mut depth = 0_i32;
    for c in signature {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            ';' if depth == 0 => return false,
            '{' if depth == 0 => return true,
            _ => {}
        }
    }
    false
}

/// Returns marks of unfinished work, in tests too.
fn undone(files: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    for file in files {
        for (index, line) in file.text.lines().enumerate() {
            found.extend(
                UNDONE
                    .iter()
                    .filter(|mark| line.contains(**mark))
                    .map(|mark| format!("{}:{} {mark}", file.path, index + 1)),
            );
        }
    }
    found
}

/// Returns what pure code mentions and may not.
fn impure(files: &[Source]) -> Vec<String> {
    let begins =
        |file: &Source, with: &[&str]| with.iter().any(|start| file.path.starts_with(start));
    let mut found = Vec::new();
    for file in files.iter().filter(|file| begins(file, PURE) && !file.is_test()) {
        if begins(file, PURE_APART) {
            continue;
        }
        for (number, code) in file.code() {
            for (path, instead) in IMPURE.iter().filter(|(path, _)| mentions(code, path)) {
                found.push(format!("{}:{number} mentions {path}: {instead}", file.path));
            }
        }
    }
    found
}

/// Returns mentions of packages outside the one place that keeps them.
fn unkept(files: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    for file in files.iter().filter(|file| !file.path.starts_with("tests/")) {
        for (number, code) in file.code() {
            for (package, home) in KEPT {
                let as_path = format!("{package}::");
                if code.contains(&as_path) && !file.path.starts_with(home) {
                    found.push(format!("{}:{number} uses {package} outside {home}", file.path));
                }
            }
        }
    }
    found
}

/// Returns crates that hold code and no README.
fn without_readme(files: &[Source], has_readme: impl Fn(&str) -> bool) -> Vec<String> {
    let mut crates = BTreeMap::<&str, bool>::new();
    for file in files {
        let Some((krate, _)) = file.path.split_once("/src/") else { continue };
        *crates.entry(krate).or_default() |= !file.text.trim().is_empty();
    }
    crates
        .into_iter()
        .filter(|(krate, has_code)| *has_code && !has_readme(krate))
        .map(|(krate, _)| format!("{krate} has no README.md"))
        .collect()
}

/// Runs a checker on the workspace and expects it to find nothing.
fn expect_none(check: impl Fn(&[Source]) -> Vec<String>) {
    let files = rust_files();
    for start in
        ["protocol/src/", "storage/src/", "wallet/src/", "node/src/", "netsim/src/", "cli/src/"]
    {
        assert!(files.iter().any(|file| file.path.starts_with(start)), "{start} is read");
    }
    let found = check(&files);
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn files_are_short() {
    expect_none(long);
}

#[test]
fn files_are_named_for_what_they_hold() {
    expect_none(badly_named);
}

#[test]
fn contents_pages_hold_no_logic() {
    expect_none(logic_in_contents);
}

#[test]
fn nothing_is_left_undone() {
    expect_none(undone);
}

#[test]
fn pure_code_has_no_clock_socket_or_chance() {
    expect_none(impure);
}

#[test]
fn some_packages_have_one_home() {
    expect_none(unkept);
}

#[test]
fn every_crate_says_what_it_is() {
    expect_none(|files| {
        without_readme(files, |krate| root().join(krate).join("README.md").is_file())
    });
}

#[test]
fn a_planted_long_file_is_found() {
    let text = "x\n".repeat(FILE_LINES + 1);
    assert_eq!(long(&[Source::planted("node/src/core/step.rs", &text)]).len(), 1);
    assert!(long(&[Source::planted("protocol/src/vectors/mail.rs", &text)]).is_empty());
    let fits = "x\n".repeat(FILE_LINES);
    assert!(long(&[Source::planted("node/src/core/step.rs", &fits)]).is_empty());
}

#[test]
fn a_planted_empty_name_is_found() {
    for path in ["node/src/utils.rs", "node/src/common/mail.rs", "node/src/peer_manager.rs"] {
        assert_eq!(badly_named(&[Source::planted(path, "")]).len(), 1, "{path}");
    }
    assert!(badly_named(&[Source::planted("node/src/utility_bill.rs", "")]).is_empty());
}

#[test]
fn a_planted_body_in_a_contents_page_is_found() {
    let body = "pub fn a(\n    b: [u8; 2],\n) -> u8\nwhere\n    u8: Copy,\n{\n    1\n}\n";
    assert_eq!(logic_in_contents(&[Source::planted("storage/src/lib.rs", body)]).len(), 1);
    assert!(logic_in_contents(&[Source::planted("storage/src/row.rs", body)]).is_empty());
    let contents = "//! fn a() {}\npub mod row;\npub trait T {\n    fn get(&self, k: [u8; 2]);\n}\n\
                    #[cfg(test)]\nmod tests {\n    fn a() {}\n}\n";
    let page = Source::planted("storage/src/engine/mod.rs", contents);
    assert_eq!(logic_in_contents(&[page]), Vec::<String>::new());
}

#[test]
fn a_planted_gap_is_found() {
    for mark in UNDONE {
        let text = format!("fn a() {{\n    {mark})\n}}\n");
        assert_eq!(undone(&[Source::planted("wallet/src/a.rs", &text)]).len(), 1, "{mark}");
    }
    assert!(undone(&[Source::planted("wallet/src/a.rs", "fn todo() {}\n")]).is_empty());
}

#[test]
fn a_planted_impurity_is_found() {
    for (path, _) in IMPURE {
        let text = format!("fn a() {{\n    let x = {path}();\n}}\n");
        for pure in PURE {
            let file = Source::planted(&format!("{pure}a.rs"), &text);
            assert_eq!(impure(&[file]).len(), 1, "{path} below {pure}");
        }
        for free in ["node/src/host/run.rs", "storage/src/keys_file.rs", "wallet/src/tests.rs"] {
            assert!(impure(&[Source::planted(free, &text)]).is_empty(), "{path} in {free}");
        }
    }
    let comment = "// tokio is the host's\n";
    assert!(impure(&[Source::planted("wallet/src/a.rs", comment)]).is_empty());
}

#[test]
fn a_planted_stray_package_is_found() {
    let text = "use bincode::config;\nuse vodozemac::olm::Session;\n";
    assert_eq!(unkept(&[Source::planted("node/src/core/mail.rs", text)]).len(), 2);
    assert_eq!(unkept(&[Source::planted("node/src/core/ratchet/olm.rs", text)]).len(), 1);
    assert_eq!(unkept(&[Source::planted("protocol/src/codec/mod.rs", text)]).len(), 1);
}

#[test]
fn a_planted_crate_without_readme_is_found() {
    let files = [
        Source::planted("wallet/src/lib.rs", "pub mod a;\n"),
        Source::planted("node/src/lib.rs", "pub mod a;\n"),
        Source::planted("empty/src/lib.rs", "\n"),
    ];
    assert_eq!(without_readme(&files, |krate| krate == "node"), ["wallet has no README.md"]);
}
