//! What the guards read: the source files of the workspace, and their code without comments and tests.

use std::fs;
use std::path::{Path, PathBuf};

/// One file of the workspace.
#[derive(Debug, Clone)]
pub(super) struct Source {
    /// Its path below the root, with `/` on every platform.
    pub(super) path: String,
    /// All of its text.
    pub(super) text: String,
}

impl Source {
    /// Makes a file that stands on no disk, to plant a violation in.
    pub(super) fn planted(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned() }
    }

    /// Returns the last part of the path.
    pub(super) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// Tells whether the file was generated or holds vectors: such files may be as long as they are.
    pub(super) fn is_generated(&self) -> bool {
        self.path
            .split('/')
            .any(|part| matches!(part.strip_suffix(".rs").unwrap_or(part), "vectors" | "generated"))
    }

    /// Tells whether the whole file is tests.
    pub(super) fn is_test(&self) -> bool {
        self.path.split('/').any(|part| {
            let stem = part.strip_suffix(".rs").unwrap_or(part);
            stem == "tests" || stem.ends_with("_tests")
        })
    }

    /// Returns the lines of code with their numbers from 1: without line comments, up to an inline
    /// test module, which by habit ends the file.
    pub(super) fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let mut lines = self.text.lines().enumerate().peekable();
        std::iter::from_fn(move || {
            let (index, line) = lines.next()?;
            let opens_tests = line.trim() == "#[cfg(test)]"
                && lines.peek().is_some_and(|(_, next)| {
                    next.trim().starts_with("mod ") && next.trim().ends_with('{')
                });
            if opens_tests {
                return None;
            }
            Some((index + 1, without_comment(line)))
        })
    }
}

/// Cuts a line at its `//`, unless that is the inside of an address such as `https://`.
fn without_comment(line: &str) -> &str {
    let mut from = 0;
    while let Some(at) = line[from..].find("//").map(|at| at + from) {
        if !line[..at].ends_with(':') {
            return &line[..at];
        }
        from = at + 2;
    }
    line
}

/// Tells whether `code` mentions `path` as whole identifiers: `rand::rng` is not in `rand::rngs`.
pub(super) fn mentions(code: &str, path: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(path).any(|(at, _)| {
        !code[..at].ends_with(is_part) && !code[at + path.len()..].starts_with(is_part)
    })
}

/// Returns the workspace's root.
pub(super) fn root() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().expect("the tests crate stands in the workspace").to_owned()
}

/// Returns every Rust file of the workspace, sorted by path.
pub(super) fn rust_files() -> Vec<Source> {
    let mut files = Vec::new();
    collect(&root(), "", &mut files);
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

/// Adds the Rust files of one folder, passing by hidden ones and what cargo built.
fn collect(folder: &Path, prefix: &str, files: &mut Vec<Source>) {
    if folder.join("CACHEDIR.TAG").exists() {
        return;
    }
    for entry in fs::read_dir(folder).expect("a folder of the workspace can be listed") {
        let entry = entry.expect("an entry can be read");
        let name = entry.file_name().to_string_lossy().into_owned();
        let kind = entry.file_type().expect("an entry has a type");
        if name.starts_with('.') {
            continue;
        }
        let path = format!("{prefix}{name}");
        if kind.is_dir() {
            collect(&entry.path(), &format!("{path}/"), files);
        } else if kind.is_file() && name.ends_with(".rs") {
            let text = fs::read_to_string(entry.path()).expect("a source file is UTF-8");
            files.push(Source { path, text });
        }
    }
}

#[test]
fn code_is_read_without_comments_and_tests() {
    let file = Source::planted(
        "a.rs",
        "//! doc\nlet a = \"https://b\"; // why\n#[cfg(test)]\nmod tests;\nlet c;\n\
         #[cfg(test)]\nmod tests {\n    let d;\n}\n",
    );
    let code: Vec<_> = file.code().filter(|(_, line)| !line.trim().is_empty()).collect();
    assert_eq!(
        code,
        [(2, "let a = \"https://b\"; "), (3, "#[cfg(test)]"), (4, "mod tests;"), (5, "let c;"),]
    );
}

#[test]
fn a_mention_is_of_whole_identifiers() {
    assert!(mentions("let x = rand::rng();", "rand::rng"));
    assert!(mentions("use tokio;", "tokio"));
    assert!(!mentions("use rand::rngs::Mock;", "rand::rng"));
    assert!(!mentions("let my_tokio = 1;", "tokio"));
}
