//! What is wrong with a scenario file, and where.

use std::fmt;

/// A mistake in a scenario, by its line and key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The line, from 1; none where a whole key is missing from the file's top.
    pub line: Option<usize>,
    /// The key, with the tables it stands in; empty where the file is no TOML.
    pub key: String,
    /// What is wrong with it.
    pub reason: String,
}

impl Mistake {
    /// Reads a mistake out of what the TOML reader says of a text.
    pub(super) fn read(text: &str, error: &toml::de::Error) -> Self {
        let start = error.span().map(|span| span.start);
        let line = start.map(|at| line_of(text, at));
        let key = start.map(|at| key_at(text, at)).unwrap_or_default();
        Self { line, key, reason: error.message().to_owned() }
    }

    /// Says that the value of `key` makes no sense, and finds the line that it stands in.
    pub(super) fn of(text: &str, key: &str, reason: impl Into<String>) -> Self {
        Self { line: find(text, key), key: key.to_owned(), reason: reason.into() }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        f.write_str(&self.reason)
    }
}

impl std::error::Error for Mistake {}

fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}

/// One line that names a key or opens a table.
enum Named<'a> {
    Table(&'a str),
    Key(&'a str),
}

fn named(line: &str) -> Option<Named<'_>> {
    let line = line.trim();
    if let Some(rest) = line.strip_prefix('[') {
        let name = rest.trim_start_matches('[').split(']').next()?;
        return Some(Named::Table(name.trim()));
    }
    let (key, _) = line.split_once('=')?;
    (!line.starts_with('#')).then_some(Named::Key(key.trim()))
}

/// Names the key whose line holds the byte at `at`, with the table it stands in.
fn key_at(text: &str, at: usize) -> String {
    let wanted = line_of(text, at);
    let mut table = "";
    for (number, line) in text.lines().enumerate() {
        match named(line) {
            Some(Named::Table(name)) => table = name,
            Some(Named::Key(key)) if number + 1 == wanted => return joined(table, key),
            _ => {}
        }
        if number + 1 == wanted {
            break;
        }
    }
    table.to_owned()
}

fn joined(table: &str, key: &str) -> String {
    if table.is_empty() { key.to_owned() } else { format!("{table}.{key}") }
}

/// Finds the line of a key; `[[table]]`s are counted as `table[0]` and so on.
fn find(text: &str, key: &str) -> Option<usize> {
    let mut table = String::new();
    let mut seen: Vec<&str> = Vec::new();
    for (number, line) in text.lines().enumerate() {
        match named(line) {
            Some(Named::Table(name)) => {
                let is_list = line.trim().starts_with("[[");
                let before = seen.iter().filter(|it| **it == name).count();
                seen.push(name);
                table = if is_list { format!("{name}[{before}]") } else { name.to_owned() };
                if table == key {
                    return Some(number + 1);
                }
            }
            Some(Named::Key(name)) if joined(&table, name) == key => return Some(number + 1),
            _ => {}
        }
    }
    None
}
